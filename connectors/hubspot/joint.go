package hubspot

import (
	"context"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/crm"
)

// Where more deals changed than a poll reads at once, the streams go on side by side
// and require the same pages: contacts the ids, opportunities and history the records
// too. The first stream that requires a page makes the calls; the other streams wait
// for the answer.

// joint is what the runs of one poll read together. Each call of a joint is made after
// all runs have begun, so no run notes a beginning later than the answer.
type joint struct {
	from    time.Time // where the longest window of the runs begins
	history bool      // the records are read with their histories
	readers []*memory // of the streams that require records

	// Beyond the first page:
	began   int64 // when all the runs began
	ids     *memo // ids that were found, for contacts and for whoever reads the records
	records *memo // records that were read, for opportunities and history
}

// At most 200,000 ids are remembered, and as many records as a poll reads at once.
const (
	idPages     = 1000
	recordPages = searchesOnce
)

// goOn returns the joint of the streams whose first page is h; a single stream shares
// with nobody.
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

// read searches once for all streams, as far back as the oldest window, and reads the
// records for the streams that require records.
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
	return h, h.readBy(ctx, client, "deals", v.Schema.Selection(), history, j.readers...)
}

// jointly returns the joint that a run belongs to; nil is none. A run that began at
// another time notes another beginning, and may require a longer window.
func (s *Source) jointly(c *cursor) *joint {
	j := s.joint.Load()
	if j == nil || c.Run.Began != j.began || c.from("deals", s.cfg.Overlap).Before(j.from) {
		return nil
	}
	return j
}
