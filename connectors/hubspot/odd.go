package hubspot

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/crm"
)

// A record that could not be read whole (a value of another form, an entry of its history,
// an answer that leaves out the record or its associations) is read again by its id with the
// next run, and while it stays odd once an hour: no stamp would tell that a fault of the
// server, rather than a person, had made it odd.

// mostOdd is how many odd records of one stream are remembered. What is beyond them waits
// for its next stamp, or for the daily reading.
const mostOdd = api.MaxPage

// noteOdd notes that records could not be read whole.
func (r *run) noteOdd(names ...string) {
	for _, name := range names {
		if len(r.Odd) < mostOdd && !slices.Contains(r.Odd, name) {
			r.Odd = append(r.Odd, name)
		}
	}
}

// odd notes that records of the kind that is read could not be read whole.
func (w *walk) odd(ids ...string) {
	for _, id := range ids {
		w.run.noteOdd(portal.Name(w.object, id))
	}
}

// ask has the run that begins read the odd records of the runs before.
func (c *cursor) ask() {
	if !c.Run.Full && (c.Fresh || c.Run.Deep) {
		c.Run.Ask = c.Odd
	}
}

// keepOdd takes over the odd records of a run that ends, or of an hour of a lap.
func (c *cursor) keepOdd(r *run) {
	before, kept := c.Odd, c.Odd
	if r.Full && !r.Lap || len(r.Ask) > 0 { // these were read again
		kept, c.Fresh = nil, false
	}
	for _, name := range r.Odd {
		c.Fresh = c.Fresh || !slices.Contains(before, name)
	}
	r.noteOdd(kept...)
	c.Odd, r.Odd = r.Odd, nil
}

// asks reports whether the run reads odd records of a kind of object.
func (r *run) asks(object string) bool {
	return slices.ContainsFunc(r.Ask, func(name string) bool { return name == portal.Name(object, idOf(name)) })
}

// idOf is the id in the name of a record.
func idOf(name string) string { return name[strings.LastIndexByte(name, ':')+1:] }

// askAgain reads the odd records of the kind that is read, without those that this run has
// found odd again.
func (w *walk) askAgain(ctx context.Context, names, history []string) (*api.Batch, error) {
	var ids []string
	for _, name := range w.run.Ask {
		if id := idOf(name); name == portal.Name(w.object, id) && !slices.Contains(w.run.Odd, name) {
			ids = append(ids, id)
		}
	}
	return w.api.Read(ctx, w.object, ids, names, history)
}

// links reads associations of records of the kind that is read. Of records that are asked
// for again because HubSpot said nothing of them, it may go on saying nothing: they stay odd,
// and nothing else waits for them.
func (w *walk) links(ctx context.Context, to string, ids []string) (*api.Far, error) {
	far, err := w.api.Links(ctx, w.object, to, ids)
	asked := func(id string) bool { return slices.Contains(w.run.Ask, portal.Name(w.object, id)) }
	if errors.Is(err, api.ErrSilent) && !slices.ContainsFunc(ids, func(id string) bool { return !asked(id) }) {
		return &api.Far{Silent: slices.Clone(ids)}, nil
	}
	return far, err
}

// again reads deals that could not be read whole.
func (d deals) again(ctx context.Context) (bool, error) {
	b, err := d.askAgain(ctx, d.view.Schema.Selection(), nil)
	if err != nil {
		return false, err
	}
	d.page.Deleted = slices.Clone(b.Gone)
	defer d.mute(b.Silent)
	return true, d.take(ctx, b.Found)
}

// again reads histories that could not be read whole.
func (h history) again(ctx context.Context) (bool, error) {
	b, err := h.askAgain(ctx, h.view.Schema.Present(), h.view.selection(crm.History))
	if err != nil {
		return false, err
	}
	h.mute(b.Silent)
	return true, h.take(b.Found)
}

// again reads the contacts of deals that could not be read whole.
func (c contacts) again(ctx context.Context) (bool, error) {
	b, err := c.askAgain(ctx, append(c.view.Schema.Closing(), api.People), nil)
	if err != nil {
		return false, err
	}
	c.mute(b.Silent)
	for _, id := range b.Gone {
		delete(c.cur.Doubts, id)
	}
	open, people, err := c.opened(b.Found)
	if err != nil {
		return false, err
	}
	c.askedAgain(open)
	return true, c.take(ctx, open, people)
}

// again reads activities that could not be read whole.
func (a activities) again(ctx context.Context) (bool, error) {
	b, err := a.askAgain(ctx, portal.ActivityProperties[a.object], nil)
	if err != nil {
		return false, err
	}
	for _, id := range b.Gone {
		a.page.Deleted = append(a.page.Deleted, portal.Name(a.object, id))
	}
	a.mute(b.Silent)
	return true, a.take(ctx, b.Found)
}
