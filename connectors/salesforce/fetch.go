package salesforce

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/cursor"
	"github.com/pipetidy/pipetidy/crm"
)

// Fetch returns the page after at; see the package comment for what a cursor
// holds.
func (s *Source) Fetch(ctx context.Context, name crm.Stream, at crm.Cursor) (crm.Page, error) {
	r, err := s.open(ctx, name, at)
	if err != nil {
		return crm.Page{}, err
	}
	for {
		page := r.blank()
		if !r.ended() {
			if err := r.read(ctx, &page); err != nil {
				return crm.Page{}, err
			}
		}
		r.seal(&page)
		if page.Len() > 0 || !page.More || r.held {
			return page, nil
		}
		// Nothing in this part: go on with the next.
	}
}

// reader reads one stream on from a cursor.
type reader struct {
	s      *Source
	name   crm.Stream
	st     stream
	sights []sight // of the stream's parts
	c      *cursor.Cursor
	of     []string // only what belongs to these opportunities; nil is all
	held   bool     // the cursor has moved and is worth a page without rows
	note   string   // what ops should know
	fresh  int      // rows that were stamped since the last run began
}

// open takes up the run that the cursor is in, or begins one.
func (s *Source) open(ctx context.Context, name crm.Stream, at crm.Cursor) (*reader, error) {
	st, ok := streams[name]
	if !ok {
		return nil, s.org.Fail(crm.ErrRefused, fmt.Sprintf("has no stream %q", string(name)), "")
	}
	c, err := cursor.Read(at)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.org.Where(), err)
	}
	if err := s.sameOrg(ctx, c); err != nil {
		return nil, err
	}
	sights, err := s.see(ctx, st)
	if err != nil {
		return nil, err
	}
	r := &reader{s: s, name: name, st: st, sights: sights, c: c}
	if c.Run == nil {
		now := s.org.Clock()
		if now == 0 {
			return nil, s.noDate()
		}
		c.Begin(names(sights), st.whole, st.keepFrom(s.cfg, now), now)
	}
	c.Run.Narrow(names(sights))
	r.pass()
	return r, nil
}

// sameOrg refuses to mix two orgs under one source: their ids would never meet,
// and one would look like the deleted rows of the other.
func (s *Source) sameOrg(ctx context.Context, c *cursor.Cursor) error {
	t, err := s.org.Session(ctx)
	if err != nil {
		return err
	}
	if c.Org == "" {
		c.Org = t.Org
	}
	if t.Org != "" && t.Org != c.Org {
		return s.org.Fail(crm.ErrAccount, fmt.Sprintf("the credentials now belong to org %s, what is cached is of org %s", t.Org, c.Org),
			"go back to the old credentials, or give the new org a source of another name")
	}
	return nil
}

// part and sight are those that the run is at; neither is there at its end.
func (r *reader) part() part   { return r.st.parts[r.c.Run.Part] }
func (r *reader) sight() sight { return r.sights[r.c.Run.Part] }
func (r *reader) ended() bool  { return r.c.Run.Part >= len(r.st.parts) }

// pass leaves the parts in which there is nothing to ask in this run.
func (r *reader) pass() {
	for !r.ended() && !r.asks(r.c.Run.Part) {
		r.c.Run.Advance()
	}
}

// asks reports whether part i is asked for in this run.
func (r *reader) asks(i int) bool {
	p := r.st.parts[i]
	switch {
	case r.sights[i].object == nil, slices.Contains(r.c.Run.Ready, i):
		return false
	case p.sweep:
		return r.c.Run.Sweep
	case p.ended:
		return !r.c.Run.Full && r.c.Since < r.c.Run.Began
	}
	return true
}

// blank is the page that is to be filled from where the run stands.
func (r *reader) blank() crm.Page {
	r.held = false
	run := r.c.Run
	return crm.Page{
		Stream: r.name, More: true,
		// Windows are in the order of time, which ids need not follow; jobs in none.
		Ascending: r.st.ascending && run.Full && run.Window == nil && run.Job == nil,
	}
}

// noDate says that the server does not tell its time.
func (s *Source) noDate() error {
	return s.org.Fail(crm.ErrBusy, "an answer has no Date, without which changes would be missed", "look at proxies in between")
}

// read fills a page, and moves on to the next part when it was the last of this
// one.
func (r *reader) read(ctx context.Context, page *crm.Page) error {
	if r.c.Run.Job != nil {
		return bulk{r}.step(ctx, page)
	}
	return r.query(ctx, page)
}

// leave moves on to the next part.
func (r *reader) leave() {
	r.c.Run.Advance()
	r.pass()
}

// seal says on a page where the run stands now, and ends the run behind its last
// part.
func (r *reader) seal(page *crm.Page) {
	run := r.c.Run
	page.AsOf = time.Unix(run.Began, 0).UTC()
	page.Done, page.Total = run.Done, r.total()
	if run.Job != nil && run.Job.State == cursor.JobRuns {
		page.Done += run.Job.Rows
	}
	page.Sweep, page.Note = run.Sweep, r.note
	if r.ended() {
		page.Total = page.Done
		// Stages of a sales process that did not answer have not gone.
		org := r.s.schema.Organization()
		page.More, page.Replace = false, r.st.whole && (org == nil || !org.Gaps)
		r.c.Finish()
	}
	page.Next = crm.Cursor(r.c.String())
}

// total is how many rows the run will have read at its end; 0 while parts are to
// come whose size nobody has asked for.
func (r *reader) total() int {
	run := r.c.Run
	for i := run.Part + 1; i < len(r.st.parts); i++ {
		if r.asks(i) {
			return 0
		}
	}
	if j := run.Job; j != nil {
		return run.Done - j.Read + max(j.Size, j.Rows)
	}
	if r.ended() || run.Window != nil || run.Size == 0 {
		return 0
	}
	return run.Done - run.Read + run.Size
}
