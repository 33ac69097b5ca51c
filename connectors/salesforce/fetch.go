package salesforce

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/cursor"
	"github.com/pipetidy/pipetidy/crm"
)

// Fetch returns the page after at. The package comment says what a cursor holds.
func (s *Source) Fetch(ctx context.Context, name crm.Stream, at crm.Cursor) (crm.Page, error) {
	r, err := s.open(ctx, name, at)
	if err != nil {
		return crm.Page{}, err
	}
	for {
		page := r.blank()
		if !r.ended() {
			if r.c.Run.Full && !r.st.whole {
				if err := s.org.AllowBackfill(); err != nil {
					return crm.Page{}, err
				}
			}
			if err := r.read(ctx, &page); err != nil {
				return crm.Page{}, err
			}
		}
		if r.ended() && r.c.Run.Full {
			if err := r.compare(ctx); err != nil {
				return crm.Page{}, err
			}
		}
		r.seal(&page)
		if page.Len() > 0 || !page.More || r.held {
			return page, nil
		}
		// The part has no rows, so the page is filled from the next part.
	}
}

// reader reads one stream from a cursor on.
type reader struct {
	s      *Source
	name   crm.Stream
	st     stream
	sights []sight // one for each part of the stream
	c      *cursor.Cursor
	of     []string // read only rows that belong to these opportunities; nil is all
	ids    []string // read only the rows with these ids; nil is all
	held   bool     // the cursor has moved, so a page without rows is returned as well
	note   string   // for the operator
	// sighted says how what the login sees has changed; "" is not known to have.
	sighted string
	waits   string   // what the run waits for
	gaps    bool     // rows were left out, so what was not mentioned may still be there
	slow    []string // numbers of rows that the org takes too long to count
}

// open goes on with the cursor's run, or begins a run.
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
		named := types(sights)
		c.Begin(names(sights), st.whole || c.Renamed(named), st.keepFrom(s.cfg, now), now)
		c.Run.Types = named
	}
	c.Run.Narrow(names(sights))
	r.pass()
	return r, nil
}

// sameOrg refuses to mix two orgs in one source: the records of the first org would
// look deleted, because no id of the second org equals theirs.
func (s *Source) sameOrg(ctx context.Context, c *cursor.Cursor) error {
	t, err := s.org.Session(ctx)
	if err != nil {
		return err
	}
	if c.Org == "" {
		c.Org = t.Org
	}
	if t.Org != "" && t.Org != c.Org {
		return s.org.Fail(crm.ErrAccount, fmt.Sprintf("the credentials now belong to org %s, but the cache holds records of org %s", t.Org, c.Org),
			"go back to the old credentials, or give the new org a source of another name")
	}
	return nil
}

// part and sight are the present part of the run and its sight. At the end of the run
// there is neither.
func (r *reader) part() part   { return r.st.parts[r.c.Run.Part] }
func (r *reader) sight() sight { return r.sights[r.c.Run.Part] }
func (r *reader) ended() bool  { return r.c.Run.Part >= len(r.st.parts) }

// pass skips the parts that this run does not query.
func (r *reader) pass() {
	for !r.ended() && !r.asks(r.c.Run.Part) {
		r.c.Run.Advance()
	}
}

// asks reports whether this run queries part i.
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

// blank returns an empty page for the rows that come next.
func (r *reader) blank() crm.Page {
	r.held = false
	run := r.c.Run
	return crm.Page{
		Stream: r.name, More: true,
		// Windows come in the order of time, rows of a job in no order at all.
		Ascending: r.st.ascending && run.Full && run.Window == nil && run.Job == nil,
	}
}

// noDate says that the server does not tell its time.
func (s *Source) noDate() error {
	return s.org.Fail(crm.ErrBusy, "an answer has no Date header, without which changes would be missed", "look at proxies in between")
}

// read fills a page. After the last page of a part, read moves on to the next part.
func (r *reader) read(ctx context.Context, page *crm.Page) error {
	if r.c.Run.Job != nil {
		return bulk{r}.step(ctx, page)
	}
	return r.query(ctx, page)
}

// leave moves on to the next part that this run queries.
func (r *reader) leave() {
	if p := r.part(); (r.c.Run.Full || p.sweep) && !p.ended && !r.st.whole {
		r.c.Run.Tally(p.object)
	}
	r.c.Run.Advance()
	r.pass()
}

// seal writes the progress and the cursor onto a page. After the last part, seal ends
// the run.
func (r *reader) seal(page *crm.Page) {
	run := r.c.Run
	page.AsOf = time.Unix(run.Began, 0).UTC()
	page.Done, page.Total = run.Done, r.total()
	if run.Job != nil && run.Job.State == cursor.JobRuns {
		page.Done += run.Job.Rows
	}
	// Rows that are read again after a job was given up do not count back.
	run.Shown = max(run.Shown, page.Done)
	if page.Done = run.Shown; page.Total > 0 {
		page.Total = max(page.Total, page.Done)
	}
	page.KeptFrom = run.Keep
	page.Sweep, page.Note, page.Waits = (run.Sweep || run.Whole) && !r.st.stays, r.note, r.waits
	page.Sighted = r.sighted
	if r.ended() {
		page.Done, page.Total = run.Done, run.Done
		// A page replaces the cached stages only if all sales processes are known.
		org := r.s.schema.Organization()
		page.Reread = r.st.stays && (run.Full || run.Sweep)
		page.More, page.Replace = false, r.st.whole && !r.gaps && (org == nil || len(org.Gaps) == 0)
		r.finish(page)
	}
	page.Untold = page.Untold || r.c.Untold || r.c.Run != nil && r.c.Run.Left || len(r.c.Blind) > 0
	page.Next = crm.Cursor(r.c.String())
}

// asked are the names of the parts that every increment of the stream asks for.
func (r *reader) asked() (names []string) {
	for i, p := range r.st.parts {
		if !p.sweep && r.sights[i].object != nil && !r.st.whole {
			names = append(names, p.name())
		}
	}
	return names
}

// total is the number of rows that the run will have read at its end; 0 while parts of
// unknown size are to come.
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
