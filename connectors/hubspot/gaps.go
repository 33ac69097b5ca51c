package hubspot

import (
	"context"
	"errors"
	"fmt"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// A list does not tell how many records it has, and a list that is cut short, or a page that
// is empty, looks like a portal that has lost its records. The index tells how many there
// are, and lags by a few. So a run notes how many records its list gave, by ranges of ids.
// Where the index counts more, the index is asked range by range, and in a range that it
// counts more in, all records are read by their ids, because only these tell whether the
// list or the index is wrong. A list that ended early costs the records behind its end. One
// record in the middle costs some seventy searches at most and one range of records,
// whatever the size of the portal. An index that counts far fewer than the list gave, as one
// does that is rebuilt, is no witness.

// mostMarks is how many ranges a run tells apart. Beyond it, two ranges become one.
const mostMarks = 64

// mark is a range of ids, which begins behind that of the mark before.
type mark struct {
	UpTo string `json:"u,omitempty"` // the greatest id; "" has no end
	N    int    `json:"n,omitempty"` // how many records of the range the list gave
}

// gaps are what a list lacks, while it is looked for. The ranges that are left are the
// run's marks: first the one behind the end of the list, then the others in their order.
type gaps struct {
	From   string `json:"from,omitempty"`   // the id behind which the present range begins
	Met    int    `json:"met,omitempty"`    // records of the range that are there
	Listed int    `json:"listed,omitempty"` // records that the list gave
	Lacked int    `json:"lacked,omitempty"` // records that are there and that the list did not give
	Unmet  int    `json:"unmet,omitempty"`  // records of the index that are not there, or of which HubSpot said nothing
}

// sum is how many records are accounted for.
func (g *gaps) sum() int { return g.Listed + g.Lacked + g.Unmet }

// marked notes what a page of a list gave. Lists are in the order of their ids, so what is not
// behind the page before was given already.
func (r *run) marked(found []row.Record) {
	if !r.counted() {
		return
	}
	m := mark{}
	if n := len(r.Marks); n > 0 {
		m.UpTo = r.Marks[n-1].UpTo
	}
	for i := range found {
		if found[i].ID.After(m.UpTo) {
			m.UpTo, m.N = string(found[i].ID), m.N+1
		}
	}
	if m.N == 0 {
		return
	}
	if r.Marks = append(r.Marks, m); len(r.Marks) > mostMarks {
		half := r.Marks[:0]
		for i := 0; i < len(r.Marks); i += 2 {
			m := r.Marks[i]
			if i+1 < len(r.Marks) {
				m = mark{r.Marks[i+1].UpTo, m.N + r.Marks[i+1].N}
			}
			half = append(half, m)
		}
		r.Marks = half
	}
}

// counted reports whether the index was asked how many records the present part has.
func (r *run) counted() bool { return r.Part < len(r.Counts) }

// belies reports whether the index counts so few records beside what a list gave that it
// tells nothing of what the list lacks.
func belies(count, listed int) bool { return 2*count < listed }

// whole reports whether the part that has ended gave as many records as there are by the
// index; otherwise the part goes on with what is missing. The index is asked once more,
// because it may have lagged before.
func (w *walk) whole(ctx context.Context) (bool, error) {
	r := w.run
	if !r.counted() {
		return true, nil
	}
	if r.Gaps != nil {
		return true, w.filled()
	}
	g := &gaps{}
	for _, m := range r.Marks {
		g.Listed += m.N
	}
	if count := r.Counts[r.Part]; g.Listed >= count && !belies(count, g.Listed) {
		return true, nil
	}
	now, err := w.api.Count(ctx, w.object)
	switch {
	case err != nil:
		return false, err
	case belies(now.Total, g.Listed):
		return true, w.unwitnessed(now.Total, g.Listed)
	case g.Listed >= now.Total:
		return true, nil
	}
	if n := len(r.Marks); n > 0 {
		g.From = r.Marks[n-1].UpTo // most likely the list has ended early
	}
	r.Counts[r.Part], r.Gaps, r.LastID = now.Total, g, ""
	r.Marks = append([]mark{{}}, r.Marks...)
	return false, nil
}

// unwitnessed says that the index does not tell whether a list has all. A reading that is to
// have all is not over by that. A lap is: it drops nothing that is not confirmed.
func (w *walk) unwitnessed(count, listed int) error {
	what := fmt.Sprintf("its search counts %s, and its list has %d, so whether the list has all is not known", w.counted(count), listed)
	const remedy = "if that stays so for a day, ask HubSpot"
	if w.run.Lap {
		w.note(fmt.Sprintf("%s: %s; the next day's reading asks again, and %s", w.where, what, remedy))
		return nil
	}
	return w.api.Fail(crm.ErrBusy, what, "the next run asks again; "+remedy)
}

// filled ends the search for what a list lacks, and says what came of it.
func (w *walk) filled() error {
	r, g := w.run, w.run.Gaps
	have, count := g.sum(), r.Counts[r.Part]
	switch {
	case 2*have < count:
		return cutError{w.api.Unreadable(fmt.Errorf("the list of %s ended after %d of about %s", w.object, g.Listed, crm.Counted(count, "record")))}
	case g.Lacked > 0:
		w.note(fmt.Sprintf("%s: HubSpot's list of %s had %d of about %s; searches found %d more, so nothing has to be done",
			w.where, w.object, g.Listed, crm.Counted(count, "record"), g.Lacked))
	case have < count:
		w.note(fmt.Sprintf("%s: HubSpot tells, in its list of %s and by searches, %d of about %s; if that stays so for a day, ask HubSpot",
			w.where, w.object, have, crm.Counted(count, "record")))
	}
	return nil
}

// cutError says that a list was cut short. Which page was is not known, so the cursor leads
// nowhere: the stream is read from its beginning.
type cutError struct{ error }

func (e cutError) Unwrap() error        { return e.error }
func (e cutError) Is(target error) bool { return target == crm.ErrGone }

// missing looks for what a list lacks: one page of the present range, where the index counts
// more records in the range than the list gave. It returns the records that are to be put on the
// page; done says that nothing is left to look for.
func (w *walk) missing(ctx context.Context, names, history []string) (h *hit, done bool, err error) {
	r, g, m := w.run, w.run.Gaps, w.run.Marks[0]
	if r.LastID == "" {
		r.LastID = g.From
	}
	first := r.LastID == g.From
	var within []api.Filter
	if m.UpTo != "" {
		within = append(within, api.Filter{Property: "hs_object_id", Operator: "LTE", Value: m.UpTo})
	}
	found, err := w.api.Search(ctx, w.object, r.LastID, within...)
	if err != nil {
		return nil, false, err
	}
	r.Lists++
	if found.Nameless > 0 {
		w.leaveNameless() // a sweep confirms by its id what it does not mention
	}
	h = &hit{stamps: found.Stamps, people: found.People, done: found.Done}
	if first && found.Total <= m.N {
		h.done = true // the list has them
	} else {
		for _, id := range found.IDs {
			if m.UpTo == "" || !row.ID(id).After(m.UpTo) {
				h.ids = append(h.ids, id)
			}
		}
		switch err := h.readBy(ctx, w.api, w.object, names, history); {
		case errors.Is(err, crm.ErrRefused) && r.Lap:
			// Nothing is dropped by a lap that is not confirmed, so it goes on without them.
			w.note(fmt.Sprintf("%s: HubSpot's list of %s had %d of about %s, and what it lacks may not be read by its ids: %v", w.where, w.object, g.Listed, crm.Counted(r.Counts[r.Part], "record"), err))
			r.Marks, r.LastID = nil, ""
			return &hit{done: true}, true, nil
		case err != nil:
			return nil, false, err
		}
		r.Lists += len(h.ids) / w.cfg.PageLimit
		g.Met += len(h.found)
		g.Unmet += len(h.gone) + len(h.mute)
	}
	if !h.done {
		r.LastID = found.IDs[len(found.IDs)-1]
		return h, false, nil
	}
	g.Lacked += max(0, g.Met-m.N)
	g.From, g.Met, r.LastID, r.Marks = m.UpTo, 0, "", r.Marks[1:]
	return h, len(r.Marks) == 0 || g.sum() >= r.Counts[r.Part], nil
}

// fill reads one page of the deals that the list lacks.
func (d deals) fill(ctx context.Context) (bool, error) {
	h, done, err := d.missing(ctx, d.view.Schema.Selection(), nil)
	if err != nil {
		return false, err
	}
	d.page.Deleted = append(d.page.Deleted, h.gone...)
	defer d.mute(h.mute)
	return done, d.take(ctx, h.found)
}

// fill reads one page of the histories that the list lacks.
func (h history) fill(ctx context.Context) (bool, error) {
	hit, done, err := h.missing(ctx, h.view.Schema.Present(), h.view.selection(crm.History))
	if err != nil {
		return false, err
	}
	h.mute(hit.mute)
	return done, h.take(hit.found)
}

// fill reads the contacts of one page of the deals that the list lacks.
func (c contacts) fill(ctx context.Context) (bool, error) {
	h, done, err := c.missing(ctx, append(c.view.Schema.Closing(), api.People), nil)
	if err != nil {
		return false, err
	}
	c.mute(h.mute)
	open, people, err := c.opened(h.found)
	if err != nil {
		return false, err
	}
	return done, c.take(ctx, open, people)
}

// fill reads one page of the activities that the list lacks.
func (a activities) fill(ctx context.Context) (bool, error) {
	h, done, err := a.missing(ctx, portal.ActivityProperties[a.object], nil)
	if err != nil {
		return false, err
	}
	for _, id := range h.gone {
		a.page.Deleted = append(a.page.Deleted, portal.Name(a.object, id))
	}
	a.mute(h.mute)
	return done, a.take(ctx, h.found)
}
