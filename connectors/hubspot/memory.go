package hubspot

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// The window of an increment reaches back behind the last run, because the index lags. So
// each poll finds again what the polls before have read. A record with the stamp that
// was read before needs no call: a memory knows which records of one stream were read, and
// are committed.
//
// What may change without a stamp is not remembered: a record younger than settled, an
// activity without a deal and a deal without a contact (the link comes after the record),
// a meeting that is not over. Nor is what could not be read whole.

// mostRemembered bounds the records that are remembered of one stream. A record beyond is
// read again.
const mostRemembered = 100_000

// settled is the age of a change at which its record is taken to be at rest: HubSpot
// calculates some properties afterwards, and a stamp is no finer than a millisecond.
const settled = time.Minute

// memory remembers the records of one stream. A new process remembers nothing.
type memory struct {
	mu    sync.Mutex
	at    crm.Cursor       // known is committed with this cursor
	known map[string]int64 // stamps, in milliseconds, by portal.Name
	given []given          // since at, in their order
}

// given is a page that was given and may not be committed.
type given struct {
	next crm.Cursor
	read map[string]int64
}

// resume tells the memory where the stream is read from. Whoever begins a run with the
// cursor that ended the last run has committed that run's pages; whoever comes from
// elsewhere (a restart, another cache) may have committed nothing. Stamps before oldest
// are in no window any more.
func (m *memory) resume(at crm.Cursor, begins bool, oldest time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at == m.at {
		m.given = nil
		return
	}
	i := slices.IndexFunc(m.given, func(g given) bool { return g.next == at })
	if i < 0 {
		m.at, m.known, m.given = at, nil, nil
		return
	}
	if m.given = m.given[:i+1]; !begins {
		return
	}
	known := map[string]int64{}
	maps.Copy(known, m.known)
	for _, g := range m.given {
		maps.Copy(known, g.read)
	}
	maps.DeleteFunc(known, func(_ string, stamp int64) bool { return stamp < oldest.UnixMilli() })
	m.at, m.known, m.given = at, known, nil
}

// has reports whether the record was read with the stamp or a later one; the index may be
// behind what was read.
func (m *memory) has(name string, stamp int64) bool {
	if m == nil || stamp == 0 {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.known[name] >= stamp
}

// give notes what the page before the cursor next has read, as far as there is room.
func (m *memory) give(next crm.Cursor, read map[string]int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	held := len(m.known) + len(read)
	for _, g := range m.given {
		held += len(g.read)
	}
	if held > mostRemembered {
		read = nil
	}
	m.given = append(m.given, given{next, read})
}

// forget forgets records that are gone: what comes back has its old stamp.
func (m *memory) forget(names []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, name := range names {
		delete(m.known, name)
		for _, g := range m.given {
			delete(g.read, name)
		}
	}
}

// clear forgets all.
func (m *memory) clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at, m.known, m.given = "", nil, nil
}

// memories are the memories of the streams that are read by their stamps.
type memories map[crm.Stream]*memory

func newMemories() memories {
	m := memories{crm.Activities: {}}
	for _, name := range together {
		m[name] = &memory{}
	}
	return m
}

// resume gives the cursor the memory of its stream. A backfill reads all.
func (m memories) resume(name crm.Stream, at crm.Cursor, begins bool, c *cursor, overlap time.Duration) {
	mem := m[name]
	switch {
	case mem == nil:
	case c.Run.Full && !c.Run.Lap:
		mem.clear()
	default:
		mem.resume(at, begins, time.Unix(c.Since, 0).Add(-max(overlap, deepOverlap)))
		c.memory, c.read = mem, map[string]int64{}
	}
}

// forget forgets what a page says is gone. The deals' other streams forget a deal too.
func (m memories) forget(p *crm.Page) {
	switch p.Stream {
	case crm.Activities:
		m[crm.Activities].forget(p.Deleted)
	case crm.Opportunities:
		for _, name := range together {
			m[name].forget(p.Deleted)
		}
	}
}

// given notes a page that is complete.
func (m memories) given(c *cursor, p *crm.Page) {
	m.forget(p)
	if c.memory != nil {
		for _, id := range p.Deleted {
			delete(c.read, id)
		}
		c.memory.give(p.Next, c.read)
	}
}

// due lists the ids of a hit that not all memories know; a memory may be nil.
func (h *hit) due(object string, of ...*memory) []string {
	return slices.DeleteFunc(slices.Clone(h.ids), func(id string) bool {
		return len(of) > 0 && !slices.ContainsFunc(of, func(m *memory) bool { return !m.has(portal.Name(object, id), h.stamps[id]) })
	})
}

// remember notes that the record was read whole. The page is not committed yet.
func (w *walk) remember(rec *row.Record) { w.rememberAs(string(rec.ID), rec.Modified()) }

// rememberAs notes that all of the record was read that belongs to a stamp.
func (w *walk) rememberAs(id string, stamp int64) {
	if w.cur.read != nil && stamp != 0 && time.Unix(w.run.Began, 0).Sub(time.UnixMilli(stamp)) >= settled {
		w.cur.read[portal.Name(w.object, id)] = stamp
	}
}
