package hubspot

import (
	"context"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
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
	j.began = h.asked.Unix()
	if slices.Contains(streams, crm.Opportunities) && slices.Contains(streams, crm.History) {
		j.records = newMemo(recordPages, now)
	}
	if slices.Contains(streams, crm.Contacts) {
		j.ids = newMemo(idPages, now)
	}
	return j
}

// read searches once for all of them, as far back as the first of them needs, and
// reads the records for those that need them.
func (j *joint) read(ctx context.Context, client *api.Client, v *view, lastID string, times int) (*hit, error) {
	r := &run{LastID: lastID}
	f := &finder{api: client, object: "deals", cur: &cursor{Run: r}, run: r, known: j.ids}
	h, err := f.search(ctx, times, api.Stamped(j.from))
	if err != nil {
		return nil, err
	}
	var history []string
	if j.history {
		history = v.selection(crm.History)
	}
	return h, h.readBy(ctx, client, "deals", v.Schema.Selection(), history)
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
