package hubspot

import (
	"context"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
)

// memo lets two streams share the calls for the same page. A page that the memo has
// lost, or has no room for, costs calls and nothing else.
type memo struct {
	room  int // pages
	now   func() time.Time
	mu    sync.Mutex
	pages map[spot]*noted
}

// spot is where a page begins, and what its records are read with.
type spot struct {
	lastID string
	schema *portal.Schema // nil without records
}

// noted is a page that one stream has come for and the other has not.
type noted struct {
	since time.Time
	ready chan struct{} // closed when hit is there, or will not come; nil where there was no room
	hit   *hit
}

// remembered is how long a page waits for the other stream.
const remembered = 10 * time.Minute

func newMemo(room int, now func() time.Time) *memo {
	return &memo{room: room, now: now, pages: map[spot]*noted{}}
}

// once returns the page that was read for both streams, or reads the page; nil
// without an error says that each stream reads the page for itself.
func (m *memo) once(ctx context.Context, at spot, read func() (*hit, error)) (*hit, error) {
	for m != nil {
		k, first := m.take(at)
		if k.ready == nil {
			break
		}
		if first {
			h, err := read()
			if err == nil {
				k.hit = h
			}
			close(k.ready)
			return h, err
		}
		select {
		case <-k.ready:
			if k.hit != nil {
				return k.hit, nil
			}
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	return nil, nil
}

// take notes the page for the first stream that comes for the page, and gives the
// second stream what the first has noted.
func (m *memo) take(at spot) (k *noted, first bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now, held := m.now(), 0
	for other, k := range m.pages {
		switch {
		case now.Sub(k.since) >= remembered:
			delete(m.pages, other)
		case k.ready != nil:
			held++
		}
	}
	if k := m.pages[at]; k != nil {
		delete(m.pages, at)
		return k, false
	}
	k = &noted{since: now}
	if held < m.room {
		k.ready = make(chan struct{})
	}
	m.pages[at] = k
	return k, true
}
