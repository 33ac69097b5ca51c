package hubspot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/crm"
)

// Fetch returns the page after at; see the package comment for what a cursor
// holds.
func (s *Source) Fetch(ctx context.Context, name crm.Stream, at crm.Cursor) (crm.Page, error) {
	c, err := readCursor(at)
	if err != nil {
		return crm.Page{}, fmt.Errorf("%s: %w", s.where, err)
	}
	v, err := s.survey.look(ctx)
	if err != nil {
		return crm.Page{}, err
	}
	if err := s.samePortal(v, c); err != nil {
		return crm.Page{}, err
	}
	if n, ok := s.names.fresh(name, c, s.api.Clock().Now()); ok {
		return crm.Page{Stream: name, Next: at, Done: n, Total: n, AsOf: time.Unix(c.Since, 0).UTC()}, nil
	}
	begins := false
	if c.rests(s.api.Clock().Now()) {
		c.park()
	}
	if c.Run == nil {
		c.begin(name, v.fields(name), s.cfg.Keep.of(name), s.api.Clock().Now())
		begins = true
	}
	if r := c.Run; r.Full && !r.Lap && name != crm.Users && name != crm.Stages {
		if err := s.api.AllowBackfill(); err != nil {
			return crm.Page{}, err
		}
	}
	s.memories.resume(name, at, begins, c, s.cfg.Overlap)
	page, err := s.page(ctx, name, v, c, nil)
	if e, ok := errors.AsType[*api.ScopeError](err); ok && s.survey.refuse(e) {
		page, err := s.Fetch(ctx, name, at) // without what was refused, so at most once for each kind
		page.Narrowed = true
		return page, err
	}
	return page, err
}

// page fetches the next page of the run in c. shared is what a poll has found for the
// first page, nil without a poll.
func (s *Source) page(ctx context.Context, name crm.Stream, v *view, c *cursor, shared *hit) (crm.Page, error) {
	if plan(name, c.Run) == nil {
		return crm.Page{}, s.api.Fail(crm.ErrRefused, fmt.Sprintf("has no stream %q", string(name)), "")
	}
	if err := v.blocked(name); err != nil {
		return crm.Page{}, err
	}
	for ; ; shared = nil {
		fields := v.fields(name)
		if c.Run.narrow(fields); c.Lap != nil {
			c.Lap.narrow(fields)
		}
		page, err := s.part(ctx, name, plan(name, c.Run), v, c, shared)
		if err != nil {
			if e, ok := errors.AsType[*api.ScopeError](err); ok && !optional(e.Object) {
				s.survey.forget() // the token has lost a scope since the description
			}
			return crm.Page{}, err
		}
		if page.Len() == 0 && page.Note == "" && len(page.Left) == 0 && page.More && c.Run.After == "" && c.Run.LastID == "" {
			continue // nothing in this part: go on with the next part
		}
		page.Next = crm.Cursor(c.String())
		s.memories.given(c, &page)
		if name == crm.Opportunities {
			for _, id := range page.Deleted {
				s.open.note(id, false)
			}
		}
		return page, nil
	}
}

// samePortal refuses a cursor of another portal: two portals may use the same ids.
func (s *Source) samePortal(v *view, c *cursor) error {
	if c.Portal == "" {
		c.Portal = v.ID
	}
	if c.Portal != v.ID {
		return s.api.Fail(crm.ErrAccount, fmt.Sprintf("the token now belongs to portal %s, but the cache holds portal %s", v.ID, c.Portal),
			"go back to a token of the old portal, or give the new portal a source of another name")
	}
	return nil
}

// part fetches one page of the present part. After the last page of a part the run
// moves on to the next part, and ends after the last part.
func (s *Source) part(ctx context.Context, name crm.Stream, parts []part, v *view, c *cursor, shared *hit) (crm.Page, error) {
	r := c.Run
	page := crm.Page{Stream: name, More: true, SweepsClosed: name == crm.Opportunities}
	skip := func() {
		for r.Part < len(parts) && v.hidden(parts[r.Part].object) {
			r.advance()
		}
	}
	skip()
	if r.Part < len(parts) {
		w := s.walk(v, c, parts[r.Part].object, &page)
		w.shared, w.joint = shared, s.jointly(c)
		if err := w.count(ctx, parts); err != nil {
			return crm.Page{}, err
		}
		done, err := parts[r.Part].next(w)(ctx)
		if err != nil {
			return crm.Page{}, err
		}
		if done {
			if done, err = w.whole(ctx); err != nil {
				return crm.Page{}, err
			}
		}
		if done {
			w.nameNameless()
			r.advance()
			skip()
		}
		if r.Part >= len(parts) {
			w.tally(ctx)
		}
	}
	if r.Total > 0 {
		r.Total = max(r.Total, r.Done)
	}
	page.Done, page.Total = r.Done, r.Total
	page.AsOf = time.Unix(r.Began, 0).UTC()
	if from := r.keptFrom(); !from.IsZero() {
		page.KeptFrom = crm.DateOf(from, v.Zone)
	}
	// A list of activities without a hidden kind does not mention all.
	sweep := c.sweeping()
	page.Sweep = sweep != nil && (name == crm.Opportunities || name == crm.Activities && len(sweep.Fields) == len(portal.Activities))
	switch {
	case r.Part >= len(parts):
		if !r.Lap {
			page.Well = c.identified()
		}
		page.Total, page.More = page.Done, c.finish()
		page.Replace = (name == crm.Users || name == crm.Stages) && !r.Lacks
		if page.More && s.api.Crowded() { // the lap waits for a better hour
			page.More = false
			c.park()
		}
	case r.Lap && (r.Lists >= s.cfg.lists(name) || s.api.Crowded()):
		page.Total, page.More = page.Done, false
		c.park()
	}
	page.SweepGoesOn = page.Sweep && !page.More && c.Lap != nil
	return page, nil
}
