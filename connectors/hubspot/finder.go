package hubspot

import (
	"context"
	"maps"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
)

// hit is what the searches for one page found.
type hit struct {
	ids    []string         // in the order of their numbers
	stamps map[string]int64 // when each was modified, as the index knows
	people map[string]bool  // deals that count contacts, as the index knows
	total  int              // of the first search; 0 is unknown
	// nameless is how many rows had no id.
	nameless int
	done     bool // there is no more
	asked    time.Time
	read     bool         // the records that are due were read too, as found and gone:
	found    []row.Record // records that are there, in the order of ids
	gone     []string     // ids that are not there
	mute     []string     // ids of which HubSpot says nothing
}

// readBy reads the records of the ids that were found, without those that all of the
// memories know.
func (h *hit) readBy(ctx context.Context, client *api.Client, object string, names, history []string, of ...*memory) error {
	b, err := client.Read(ctx, object, h.due(object, of...), names, history)
	if err != nil {
		return err
	}
	h.read, h.found, h.gone, h.mute = true, b.Found, b.Gone, b.Silent
	return nil
}

// finder searches for the ids of one kind of object, from where the run stands.
type finder struct {
	api    *api.Client
	object string
	cur    *cursor
	run    *run
	known  *memo // what other streams found so far; nil is nothing
}

// searchesOnce is how many searches make one page where the calls that follow are
// shared by all ids found: one call reads the links of 1,000 records.
const searchesOnce = 5

// search finds the ids after the ids of the pages before, in at most so many searches.
// A search that another stream has made is not made again.
func (f *finder) search(ctx context.Context, times int, filters ...api.Filter) (*hit, error) {
	h := &hit{stamps: map[string]int64{}, people: map[string]bool{}}
	for range times {
		call := func() (*hit, error) {
			found, err := f.api.Search(ctx, f.object, f.run.LastID, filters...)
			if err != nil {
				return nil, err
			}
			return &hit{ids: found.IDs, stamps: found.Stamps, people: found.People, total: found.Total, nameless: found.Nameless, done: found.Done, asked: found.Asked}, nil
		}
		some, err := f.known.once(ctx, spot{lastID: f.run.LastID}, call)
		if some == nil && err == nil {
			some, err = call()
		}
		if err != nil {
			return nil, err
		}
		if h.asked.IsZero() {
			h.asked, h.total = some.asked, some.total
		}
		h.ids, h.done = append(h.ids, some.ids...), some.done
		h.nameless += some.nameless
		maps.Copy(h.stamps, some.stamps)
		maps.Copy(h.people, some.people)
		if n := len(some.ids); n > 0 {
			f.run.LastID = some.ids[n-1]
		}
		if h.done {
			break
		}
	}
	f.cur.began(h.asked)
	f.run.Done += len(h.ids)
	return h, nil
}
