package hubspot

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// Links come and go without a stamp, so once an hour the links of all open deals are looked
// at, for contacts and for each kind of activity. Which deals are open is searched for once
// in the life of a process: two hundred deals in a call are dear where a call tells the
// links of a thousand. After that the stream of deals says which deals open, close or go,
// and the daily reading says so of all. A deal that is here and is not open any more costs a
// thousandth of a call.

// openDeals are the deals that are not known to be closed. Each takes about 40 bytes.
type openDeals struct {
	searching chan struct{} // holds one who searches

	mu    sync.Mutex
	deals []openDeal // in the order of their numbers
	upTo  string     // searches have found the ids up to this one
	whole bool       // searches have found all
	lacks bool       // but for rows without an id
}

type openDeal struct {
	id     string
	people bool // the deal counts contacts, as far as is known
}

// find finds a deal, or its place. The caller holds the lock.
func (o *openDeals) find(id string) (int, bool) {
	return slices.BinarySearchFunc(o.deals, id, func(d openDeal, id string) int { return row.ByNumber(d.id, id) })
}

func newOpenDeals() *openDeals { return &openDeals{searching: make(chan struct{}, 1)} }

// note notes whether a deal is open.
func (o *openDeals) note(id string, open bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch i, known := o.find(id); {
	case open && !known:
		o.deals = slices.Insert(o.deals, i, openDeal{id: strings.Clone(id)})
	case !open && known:
		o.deals = slices.Delete(o.deals, i, i+1)
	}
}

// count notes whether an open deal counts contacts.
func (o *openDeals) count(id string, people bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if i, known := o.find(id); known {
		o.deals[i].people = people
	}
}

// counting returns those of the deals that count contacts.
func (o *openDeals) counting(ids []string) map[string]bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := map[string]bool{}
	for _, id := range ids {
		if i, known := o.find(id); known && o.deals[i].people {
			out[id] = true
		}
	}
	return out
}

// after gives the first n open deals after an id, and reports whether there are no more. It
// searches for those that are not known yet; two streams that come at the same time share
// the searches.
func (o *openDeals) after(ctx context.Context, id string, n int, search func(lastID string) (*api.Found, error)) (ids []string, done bool, err error) {
	for {
		ids, done, upTo := o.known(id, n)
		if done || len(ids) == n {
			return ids, done, nil
		}
		select {
		case o.searching <- struct{}{}:
		case <-ctx.Done():
			return nil, false, context.Cause(ctx)
		}
		err := o.extend(upTo, search)
		<-o.searching
		if err != nil {
			return nil, false, err
		}
	}
}

// known gives at most n ids after an id, as far as searches have found all, and the id up
// to which they have.
func (o *openDeals) known(id string, n int) (ids []string, done bool, upTo string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	from, found := o.find(id)
	if found {
		from++
	}
	to := min(from+n, len(o.deals))
	for _, d := range o.deals[from:to] {
		if o.whole || !row.ID(d.id).After(o.upTo) {
			ids = append(ids, d.id)
		}
	}
	return ids, o.whole && to == len(o.deals), o.upTo
}

// extend searches for the open deals after upTo, unless somebody has done so meanwhile.
func (o *openDeals) extend(upTo string, search func(string) (*api.Found, error)) error {
	if _, _, now := o.known("", 0); now != upTo {
		return nil
	}
	found, err := search(upTo)
	if err != nil {
		return err
	}
	for _, id := range found.IDs {
		o.note(id, true)
		o.count(id, found.People[id])
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lacks = o.lacks || found.Nameless > 0
	if o.whole = found.Done; len(found.IDs) > 0 {
		o.upTo = found.IDs[len(found.IDs)-1]
	}
	return nil
}

// begin begins a look: what a search gave without its id is searched for again.
func (o *openDeals) begin() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.whole && o.lacks {
		o.upTo, o.whole, o.lacks = "", false, false
	}
}

// isOpen is the condition that a deal is not known to be closed.
var isOpen = api.Filter{Property: "hs_is_closed", Operator: "EQ", Value: "false", OrEmpty: true}

// tally tells on the last page of the hour's reading of deals how many are open, for who
// keeps them to compare: a deal that a list left out, and nobody touches, is in no
// increment. What is not told now is told in an hour.
func (w *walk) tally(ctx context.Context) {
	if w.page.Stream != crm.Opportunities || w.run.Full || !w.run.Deep {
		return
	}
	if found, err := w.api.Count(ctx, "deals", isOpen); err == nil {
		w.page.Open = &found.Total
	}
}

// openAnHour is how many open deals are looked at in an hour at the usual share of the
// portal's calls. Where there are more, the look takes more hours.
const openAnHour = 50_000

// looks is how many open deals are looked at in an hour at a share of the portal's calls.
func (c *Config) looks() int {
	return max(1, int(openAnHour*min(1, c.Budget/DefaultBudget)))
}

// lookOn gives the next open deals of the hour's look, and reports whether the look is over
// for this hour. The cursor says where the look goes on in the next hour.
func (w *walk) lookOn(ctx context.Context) (ids []string, over bool, err error) {
	r := w.run
	if r.LastID == "" {
		if r.LastID = w.cur.Look; r.LastID == "" {
			w.open.begin()
		}
	}
	ids, all, err := w.open.after(ctx, r.LastID, min(api.MaxLinks, w.cfg.looks()-r.Looked), func(lastID string) (*api.Found, error) {
		return w.api.Search(ctx, "deals", lastID, isOpen)
	})
	if err != nil {
		return nil, false, err
	}
	if n := len(ids); n > 0 {
		r.LastID = ids[n-1]
	}
	r.Looked += len(ids)
	switch over = all || r.Looked >= w.cfg.looks(); {
	case all:
		w.cur.Look = ""
	case over:
		w.cur.Look = r.LastID
	}
	return ids, over, nil
}
