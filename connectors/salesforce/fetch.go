package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Fetch returns the page after at; see the package comment for what a cursor
// holds.
func (s *Source) Fetch(ctx context.Context, name crm.Stream, at crm.Cursor) (crm.Page, error) {
	st, ok := streams[name]
	if !ok {
		return crm.Page{}, s.fail(crm.ErrRefused, fmt.Sprintf("has no stream %q", string(name)), "")
	}
	c, err := readCursor(at)
	if err != nil {
		return crm.Page{}, fmt.Errorf("%s: %w", s.where, err)
	}
	if err := s.sameOrg(ctx, c); err != nil {
		return crm.Page{}, err
	}
	sights, err := s.see(ctx, st)
	if err != nil {
		return crm.Page{}, err
	}
	if c.Run == nil {
		c.begin(names(sights), st.whole)
	}
	for {
		c.Run.narrow(names(sights))
		page, err := s.part(ctx, name, st, &sights, c)
		if err != nil {
			return crm.Page{}, err
		}
		if page.Len() == 0 && page.More && c.Run.Empty == 0 {
			continue // nothing in this part: go on with the next
		}
		page.Next = crm.Cursor(c.String())
		return page, nil
	}
}

// sameOrg refuses to mix two orgs under one source: their ids would never meet,
// and one would look like the deleted rows of the other.
func (s *Source) sameOrg(ctx context.Context, c *cursor) error {
	t, err := s.login.token(ctx)
	if err != nil {
		return err
	}
	if c.Org == "" {
		c.Org = t.org
	}
	if t.org != "" && t.org != c.Org {
		return s.fail(crm.ErrAccount, fmt.Sprintf("the credentials now belong to org %s, what is cached is of org %s", t.org, c.Org),
			"go back to the old credentials, or give the new org a source of another name")
	}
	return nil
}

// reading is a page that is being read.
type reading struct {
	part    part
	mapping *mapping
	login   string // the id of the user that reads
	page    *crm.Page
}

// part reads one page of the present part, and moves on to the next part or ends
// the run when that was the last page.
func (s *Source) part(ctx context.Context, name crm.Stream, st stream, sights *[]sight, c *cursor) (crm.Page, error) {
	r := c.Run
	page := crm.Page{Stream: name, More: true, Ascending: st.ascending && r.Full}
	left := func() bool {
		return r.Part < len(st.parts) && ((*sights)[r.Part].object == nil || st.parts[r.Part].skip(c))
	}
	for left() {
		r.advance() // nothing to ask here, in this run
	}
	if r.Part < len(st.parts) {
		e, err := s.page(ctx, st, sights, c, &page)
		if err != nil {
			return crm.Page{}, err
		}
		r.Done += e.rows
		switch {
		case !e.done:
			r.Next, r.Total = e.next, total(st, *sights, c)
		case r.Limit > 0 && r.Read >= r.Limit:
			r.again() // the rest of the part
		default:
			for r.advance(); left(); {
				r.advance()
			}
		}
	}
	page.Done, page.Total = r.Done, r.Total
	page.AsOf = time.Unix(r.Began, 0).UTC()
	if r.Part >= len(st.parts) {
		page.Total = page.Done
		page.More, page.Replace = false, st.whole
		c.finish()
	}
	return page, nil
}

// skip reports whether there is nothing to ask in this part of this run.
func (p part) skip(c *cursor) bool {
	return p.ended && (c.Run.Full || c.Since >= c.Run.Began)
}

// total is how many rows the run will have read at its end; 0 while parts are to
// come whose size nobody has asked for.
func total(st stream, sights []sight, c *cursor) int {
	r := c.Run
	for i := r.Part + 1; i < len(st.parts); i++ {
		if sights[i].object != nil && !st.parts[i].skip(c) {
			return 0
		}
	}
	if r.Limit > 0 {
		return 0
	}
	return r.Done - r.Read + r.Size
}

// errLoop says that the server repeats itself.
var errLoop = errors.New("the server gives the same rows again")

// page gets one page, by whatever it takes: the next page of the running query,
// or the query for what is left.
func (s *Source) page(ctx context.Context, st stream, sights *[]sight, c *cursor, page *crm.Page) (envelope, error) {
	r := c.Run
	described := false
	for {
		v := (*sights)[r.Part]
		t, err := s.login.token(ctx)
		if err != nil {
			return envelope{}, err
		}
		if r.Session != t.session {
			r.again()
		}
		locator := r.Next != ""
		path, err := s.next(st.parts[r.Part], v, c, t)
		if err != nil {
			return envelope{}, err
		}
		a, err := s.get(ctx, path, locator)
		switch {
		case err == nil:
		case locator && gone(err):
			r.again()
			continue
		case codeOf(err) == "INVALID_FIELD" && !described:
			described = true
			if err := s.lookAgain(ctx, st, sights, c); err != nil {
				return envelope{}, err
			}
			continue
		case tooMuch(err) && r.shrink():
			continue
		default:
			return envelope{}, err
		}
		if r.Began == 0 {
			if a.asked.IsZero() {
				return envelope{}, s.fail(crm.ErrBusy, "an answer has no Date, without which changes would be missed", "look at proxies in between")
			}
			r.Began = a.asked.Unix()
		}
		e, err := s.take(st, v, c, a, page)
		if errors.Is(err, errLoop) && locator {
			r.again()
			continue
		}
		if err != nil {
			return envelope{}, s.unreadable(err)
		}
		return e, nil
	}
}

// next is the path of the next page.
func (s *Source) next(p part, v sight, c *cursor, t *token) (string, error) {
	if c.Run.Next != "" {
		return s.follow(c.Run.Next, t)
	}
	resource := "queryAll"
	if v.object.field("IsDeleted") == nil {
		resource = "query"
	}
	return s.address(resource, s.soql(p, v, c))
}

// gone recognises that a running query is no more.
func gone(err error) bool {
	var e *codeError
	if errors.As(err, &e) && (e.code == "INVALID_QUERY_LOCATOR" || e.status == http.StatusNotFound) {
		return true
	}
	return errors.Is(err, errOtherSession)
}

// tooMuch recognises queries that are too large for this org.
func tooMuch(err error) bool {
	switch codeOf(err) {
	case "QUERY_TIMEOUT", "OPERATION_TOO_LARGE":
		return true
	}
	return false
}

// lookAgain asks what the login can see now that a field has gone.
func (s *Source) lookAgain(ctx context.Context, st stream, sights *[]sight, c *cursor) error {
	if _, err := s.describe(ctx, st.parts[c.Run.Part].object); err != nil {
		return err
	}
	v, err := s.see(ctx, st)
	if err != nil {
		return err
	}
	if v[c.Run.Part].object == nil {
		return s.noObject(st.parts[c.Run.Part].object)
	}
	*sights = v
	c.Run.again()
	c.Run.narrow(names(v))
	return nil
}

// take reads the rows of an answer into page, and where the query stands into
// the cursor. Nothing of either changes when it returns an error.
func (s *Source) take(st stream, v sight, c *cursor, a *reply, page *crm.Page) (envelope, error) {
	r := *c.Run
	got := *page
	got.AsOf = time.Unix(r.Began, 0).UTC()
	in := &reading{part: st.parts[r.Part], mapping: v.mapping, login: a.token.user, page: &got}
	e, err := decodePage(a.body, func(row *row) error {
		id, ok := LongID(row.text("Id"))
		if !ok {
			return fmt.Errorf("%s: a row has no id", v.object.name)
		}
		if id == r.LastID {
			return errLoop
		}
		switch {
		case !row.flag("IsDeleted"):
			st.take(s, in, row)
		case got.Stream != crm.History: // goes with its opportunity
			got.Deleted = append(got.Deleted, id)
		}
		r.LastID, r.LastStamp = id, row.time(v.stamp).Unix()
		if row.err != nil {
			return fmt.Errorf("%s %s: %w", v.object.name, id, row.err)
		}
		return nil
	})
	if err != nil {
		return e, err
	}
	if r.Read == 0 {
		r.Size = e.total
	}
	r.Read += e.rows
	r.Empty++
	if e.rows > 0 || e.done {
		r.Empty = 0
	}
	if r.Read > r.Size || !e.done && (e.next == r.Next || r.Empty > 5) {
		return e, errLoop
	}
	r.Session = a.token.session
	*c.Run, *page = r, got
	return e, nil
}
