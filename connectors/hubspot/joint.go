package hubspot

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/crm"
)

// Where more deals changed than a poll reads at once, its streams go on side by
// side, and want the same: contacts the ids, opportunities and history the records
// too. Who comes first asks for all of them; the others wait for that answer.

// joint is what the runs that a poll began read together. What it remembers was
// asked for after all of them had begun, so none notes a beginning that is later
// than what it was told.
type joint struct {
	from    time.Time // where the window begins that holds all of theirs
	history bool      // the records are read with their histories

	// Beyond the first page:
	began   int64 // of all the runs
	ids     *memo // what was found, for contacts and for who reads the records
	records *memo // what was read, for opportunities and history
}

// At most 200,000 ids are remembered, and as many records as a poll reads at once.
const (
	idPages     = 1000
	recordPages = searchesOnce
)

// goOn is for those that have read their first page, h; one alone has nobody to share
// with.
func (j *joint) goOn(h *hit, streams []crm.Stream, now func() time.Time) *joint {
	if len(streams) < 2 {
		return nil
	}
	j.began = h.asked.asked.Unix()
	if slices.Contains(streams, crm.Opportunities) && slices.Contains(streams, crm.History) {
		j.records = newMemo(recordPages, now)
	}
	if slices.Contains(streams, crm.Contacts) {
		j.ids = newMemo(idPages, now)
	}
	return j
}

// jointly says what a run shares with others; nil is nothing. One that began at
// another time notes another beginning, and may need a longer window.
func (s *Source) jointly(c *cursor) *joint {
	j := s.joint.Load()
	if j == nil || c.Run.Began != j.began || c.from(s.cfg.Overlap).Before(j.from) {
		return nil
	}
	return j
}

// memo lets two ask for the same page once. What it has lost, or has no room for,
// costs a call and nothing else.
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

// noted is a page that one of the two has asked for and the other has not.
type noted struct {
	since time.Time
	ready chan struct{} // closed when hit is there, or will not come; nil where there was no room
	hit   *hit
}

// remembered is how long a page waits for the other.
const remembered = 10 * time.Minute

func newMemo(room int, now func() time.Time) *memo {
	return &memo{room: room, now: now, pages: map[spot]*noted{}}
}

// once returns the page that was read for both, or reads it; nil without an error
// is that both read it for themselves.
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

// take gives the page to the second who asks for it, and notes the first.
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
