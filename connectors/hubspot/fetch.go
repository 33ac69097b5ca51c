package hubspot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/crm"
)

// part is one walk of a run: over one list, or through one search.
type part struct {
	object string
	read   func(ctx context.Context, w *walk) (done bool, err error)
	count  bool // the index can tell how many records there are
}

// walk is a page that is being read.
type walk struct {
	view   *view
	cur    *cursor
	run    *run
	object string
	page   *crm.Page
	shared *hit   // what a search for several streams found, nil where this one searches for itself
	joint  *joint // where others search for the same, nil where they do not
	known  *memo  // what they found so far, nil is nothing
	odd    int    // records that could not be read
}

// manyRecords is how many records are not all odd, unless what gives or reads them
// is at fault.
const manyRecords = 10

// leave leaves out a record with a value that cannot be read, and says so: it must
// not keep all others from being read. What is cached of it stays as it was.
func (s *Source) leave(w *walk, rec *row.Record, of int, err error) error {
	if w.odd++; w.odd == of && of > manyRecords {
		return s.unreadable(err)
	}
	if w.run.Full && w.page.Stream != crm.History {
		w.page.Exist = append(w.page.Exist, portal.Name(w.object, string(rec.ID)))
	}
	if w.page.Note == "" {
		w.page.Note = fmt.Sprintf("%s: %s: %v; what is kept of it stays as it was, until that is corrected in HubSpot", s.where, w.object, err)
	}
	return nil
}

// Fetch returns the page after at; see the package comment for what a cursor
// holds.
func (s *Source) Fetch(ctx context.Context, name crm.Stream, at crm.Cursor) (crm.Page, error) {
	c, err := readCursor(at)
	if err != nil {
		return crm.Page{}, fmt.Errorf("%s: %w", s.where, err)
	}
	v, err := s.look(ctx)
	if err != nil {
		return crm.Page{}, err
	}
	if err := s.samePortal(v, c); err != nil {
		return crm.Page{}, err
	}
	if c.Run == nil {
		c.begin(s.selection(name, v), s.cfg.RereadEvery, s.keeps(name))
	}
	return s.page(ctx, name, v, c, nil)
}

// page reads the next page of the run in c.
func (s *Source) page(ctx context.Context, name crm.Stream, v *view, c *cursor, shared *hit) (crm.Page, error) {
	parts, err := s.parts(name, c.Run)
	if err != nil {
		return crm.Page{}, err
	}
	if err := v.blocked(name); err != nil {
		return crm.Page{}, err
	}
	for ; ; shared = nil {
		c.Run.narrow(s.selection(name, v))
		page, err := s.part(ctx, name, parts, v, c, shared)
		if err != nil {
			if _, ok := errors.AsType[*scopeError](err); ok {
				s.forget() // the token has lost a right since it was described
			}
			return crm.Page{}, err
		}
		if page.Len() == 0 && page.More && c.Run.After == "" && c.Run.LastID == "" {
			continue // nothing in this part: go on with the next
		}
		page.Next = crm.Cursor(c.String())
		return page, nil
	}
}

// samePortal refuses to mix two portals under one source: ids of the one may well
// be ids of the other.
func (s *Source) samePortal(v *view, c *cursor) error {
	if c.Portal == "" {
		c.Portal = v.ID
	}
	if c.Portal != v.ID {
		return s.fail(crm.ErrAccount, fmt.Sprintf("the token now belongs to portal %s, what is cached is of portal %s", v.ID, c.Portal),
			"go back to a token of the old portal, or give the new portal a source of another name")
	}
	return nil
}

// selection lists what the records of a stream are read with, for the cursor.
func (s *Source) selection(name crm.Stream, v *view) []string {
	switch name {
	case crm.Opportunities:
		return v.Schema.Selection()
	case crm.History:
		var out []string
		for _, h := range v.Schema.Historic() {
			out = append(out, h.From.Name)
		}
		return out
	case crm.Activities:
		var out []string
		for _, object := range portal.Activities {
			if !v.hidden(object) {
				out = append(out, object)
			}
		}
		return out
	}
	return nil
}

// parts is the plan of a run. It depends on nothing but the run, so that the
// number of a part means the same in each page.
func (s *Source) parts(name crm.Stream, r *run) ([]part, error) {
	switch name {
	case crm.Users:
		return []part{{object: "owners", read: s.owners(true)}, {object: "owners", read: s.owners(false)}}, nil
	case crm.Stages:
		return []part{{object: "pipelines", read: s.allStages}}, nil
	case crm.Contacts:
		if r.Full || r.Deep {
			return []part{{object: "deals", read: s.openContacts}}, nil
		}
		return []part{{object: "deals", read: s.changedContacts}}, nil
	case crm.Opportunities:
		if r.Full {
			return []part{{object: "deals", read: s.listDeals, count: true}, {object: "deals", read: s.archived}}, nil
		}
		list := []part{{object: "deals", read: s.changedDeals}}
		if r.Bin {
			list = append(list, part{object: "deals", read: s.archived})
		}
		return list, nil
	case crm.History:
		if r.Full {
			return []part{{object: "deals", read: s.listHistory, count: true}}, nil
		}
		return []part{{object: "deals", read: s.changedHistory}}, nil
	case crm.Activities:
		return s.activityParts(r), nil
	}
	return nil, s.fail(crm.ErrRefused, fmt.Sprintf("has no stream %q", string(name)), "")
}

func (s *Source) activityParts(r *run) []part {
	var out []part
	for _, object := range portal.Activities {
		if r.Full {
			out = append(out, part{object: object, read: s.listActivities, count: true})
		} else {
			out = append(out, part{object: object, read: s.changedActivities})
		}
	}
	switch {
	case !r.Full:
		out = append(out, part{object: "meetings", read: s.endedMeetings})
		if r.Deep {
			out = append(out, part{object: "deals", read: s.lateLinks})
		}
	case r.Again:
		for _, object := range portal.Activities {
			out = append(out, part{object: object, read: s.archived})
		}
	}
	return out
}

// part reads one page of the present part, and moves on to the next part or ends
// the run when that was the last page.
func (s *Source) part(ctx context.Context, name crm.Stream, parts []part, v *view, c *cursor, shared *hit) (crm.Page, error) {
	r := c.Run
	page := crm.Page{Stream: name, More: true}
	skip := func() {
		for r.Part < len(parts) && v.hidden(parts[r.Part].object) {
			r.advance()
		}
	}
	skip()
	if r.Part < len(parts) {
		w := &walk{view: v, cur: c, run: r, object: parts[r.Part].object, page: &page, shared: shared, joint: s.jointly(c)}
		if err := s.count(ctx, parts, w); err != nil {
			return crm.Page{}, err
		}
		done, err := parts[r.Part].read(ctx, w)
		if err != nil {
			return crm.Page{}, err
		}
		if done {
			r.advance()
			skip()
		}
	}
	if r.Total > 0 {
		r.Total = max(r.Total, r.Done)
	}
	page.Done, page.Total = r.Done, r.Total
	page.AsOf = time.Unix(r.Began, 0).UTC()
	// The list of a stream that is read again mentions all that there is.
	page.Sweep = r.Full && r.Again && (name == crm.Opportunities || name == crm.Activities && len(r.Fields) == len(portal.Activities))
	if r.Part >= len(parts) {
		page.Total, page.More = page.Done, false
		page.Replace = name == crm.Users || name == crm.Stages
		c.finish()
	}
	return page, nil
}

// count asks at the beginning of a backfill how many records there are: lists do
// not tell. The search may lag; progress may too.
func (s *Source) count(ctx context.Context, parts []part, w *walk) error {
	r := w.run
	if !r.Full || r.Done > 0 || r.Part > 0 || r.After != "" || !parts[r.Part].count {
		return nil
	}
	for _, p := range parts {
		if !p.count || w.view.hidden(p.object) {
			continue
		}
		_, total, _, a, err := s.search(ctx, p.object, 1, "")
		if err != nil {
			return err
		}
		w.cur.began(a)
		r.Total += max(total, 0)
	}
	return nil
}
