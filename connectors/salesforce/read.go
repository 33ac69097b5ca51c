package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// errLoop says that the server repeats itself.
var errLoop = errors.New("the server gives the same rows again")

// query gets one page by REST, by whatever it takes: the next page of the
// running query, or the query for what is left.
func (r *reader) query(ctx context.Context, page *crm.Page) error {
	run := r.c.Run
	described := false
	for {
		t, err := r.s.login.token(ctx)
		if err != nil {
			return err
		}
		if run.Session != t.session {
			run.again()
		}
		locator := run.Next != ""
		path, err := r.path(t)
		if err != nil {
			return err
		}
		a, err := r.s.get(ctx, path, locator)
		switch {
		case err == nil:
			if err := r.answered(a, page); !errors.Is(err, errLoop) || !locator {
				return err
			}
			run.again()
		case locator && gone(err):
			run.again()
		case changed(err) && !described:
			described = true
			if err := r.lookAgain(ctx); err != nil {
				return err
			}
		case tooMuch(err):
			return r.halve(err)
		default:
			return err
		}
	}
}

// path is the path of the next page.
func (r *reader) path(t *token) (string, error) {
	if r.c.Run.Next != "" {
		return r.s.follow(r.c.Run.Next, t)
	}
	resource := "queryAll"
	if r.sight().object.field("IsDeleted") == nil {
		resource = "query"
	}
	return r.s.address(resource, r.soql())
}

// soql asks for the rest of a part: all of it, or what follows the last row that
// was read.
func (r *reader) soql() query {
	p, v, run := r.part(), r.sight(), r.c.Run
	q := query{columns: r.columns(), object: p.object, order: []string{"Id"}}
	switch {
	case p.ended:
		q.where = append(all{is{"EndDateTime", ">=", moment(r.c.Since)}, is{"EndDateTime", "<", moment(run.Began)}, is{"IsDeleted", "=", truth(false)}},
			v.filterable(p.full)...)
	case run.Full:
		q.where = v.filterable(p.full)
	default:
		q.order = []string{v.stamp, "Id"}
		if run.LastID == "" && run.Window == nil {
			q.where = all{is{v.stamp, ">=", moment(r.from())}}
		}
	}
	if run.Window != nil {
		q.where = append(q.where, run.Window.conditions(r.clock())...)
	}
	switch {
	case run.LastID == "":
	case len(q.order) == 1:
		q.where = append(q.where, is{"Id", ">", text(run.LastID)})
	default:
		// The server compares the ids: its order of them is not ours.
		at := moment(run.LastStamp)
		q.where = append(q.where, either{is{v.stamp, ">", at}, all{is{v.stamp, "=", at}, is{"Id", ">", text(run.LastID)}}})
	}
	return q
}

// from is the stamp from which an increment reads.
func (r *reader) from() int64 { return r.c.Since - int64(r.s.cfg.Overlap/time.Second) }

// columns are what a query of the present part asks for.
func (r *reader) columns() []string {
	v := r.sight()
	columns := append([]string{"Id"}, v.selection...)
	if !slices.Contains(columns, v.stamp) {
		columns = append(columns, v.stamp)
	}
	if v.object.field("IsDeleted") != nil {
		columns = append(columns, "IsDeleted")
	}
	return columns
}

// answered reads the answer to a query into page, and moves on to the next part
// when it was the last page of this one.
func (r *reader) answered(a *reply, page *crm.Page) error {
	run := r.c.Run
	if run.Began == 0 {
		if a.asked.IsZero() {
			return r.s.fail(crm.ErrBusy, "an answer has no Date, without which changes would be missed", "look at proxies in between")
		}
		run.Began = a.asked.Unix()
	}
	e, err := r.take(a, page)
	if errors.Is(err, errLoop) && run.Next != "" {
		return err
	}
	if err != nil {
		return r.s.unreadable(err)
	}
	run.Done += e.rows
	switch {
	case !e.done:
		run.Next = e.next
		r.held = run.Empty > 0
	case !run.slide(e.rows):
		r.leave()
	}
	return nil
}

// gone recognises that a running query is no more.
func gone(err error) bool {
	var e *codeError
	if errors.As(err, &e) && (e.code == "INVALID_QUERY_LOCATOR" || e.status == http.StatusNotFound) {
		return true
	}
	return errors.Is(err, errOtherSession)
}

// changed recognises that the login no longer sees what describe promised.
func changed(err error) bool {
	switch codeOf(err) {
	case "INVALID_FIELD", "INVALID_TYPE":
		return true
	}
	return false
}

// lookAgain asks what the login can see now that a field or an object has gone.
func (r *reader) lookAgain(ctx context.Context) error {
	object := r.part().object
	if _, err := r.s.describe(ctx, object); err != nil {
		return err
	}
	v, err := r.s.see(ctx, r.st)
	if err != nil {
		return err
	}
	if v[r.c.Run.Part].object == nil {
		return r.s.noObject(object)
	}
	r.sights = v
	r.c.Run.again()
	r.c.Run.narrow(names(v))
	return nil
}

// reading is a page that is being read.
type reading struct {
	part    part
	mapping *mapping
	login   string // the id of the user that reads
	page    *crm.Page
}

// take reads the rows of an answer into page, and where the query stands into
// the cursor. Nothing of either changes when it returns an error.
func (r *reader) take(a *reply, page *crm.Page) (envelope, error) {
	at := r.c.Run.place
	got := *page
	got.AsOf = time.Unix(r.c.Run.Began, 0).UTC()
	in := &reading{part: r.part(), mapping: r.sight().mapping, login: a.token.user, page: &got}
	e, err := decodePage(a.body, func(row *row) error {
		id, err := r.record(in, row)
		if err == nil && id == at.LastID {
			return errLoop
		}
		at.LastID, at.LastStamp = id, row.time(r.sight().stamp).Unix()
		return err
	})
	if err != nil {
		return e, err
	}
	if at.Read == 0 {
		at.Size = e.total
	}
	at.Read += e.rows
	at.Empty++
	if e.rows > 0 || e.done {
		at.Empty = 0
	}
	if at.Read > at.Size || !e.done && (e.next == at.Next || at.Empty > 5) {
		return e, errLoop
	}
	at.Session = a.token.session
	r.c.Run.place, *page = at, got
	return e, nil
}

// record reads one row into the page that is being read.
func (r *reader) record(in *reading, row *row) (id string, err error) {
	object := in.part.object
	id, ok := LongID(row.text("Id"))
	if !ok {
		return "", fmt.Errorf("%s: a row has no id", object)
	}
	switch {
	case !row.flag("IsDeleted"):
		r.st.take(r.s, in, row)
	case in.page.Stream != crm.History: // goes with its opportunity
		in.page.Deleted = append(in.page.Deleted, id)
	}
	if row.err != nil {
		return id, fmt.Errorf("%s %s: %w", object, id, row.err)
	}
	return id, nil
}

// query reads the first page of a small query.
func (s *Source) query(ctx context.Context, resource string, q query, each func(*row) error) (envelope, error) {
	path, err := s.address(resource, q)
	if err != nil {
		return envelope{}, err
	}
	a, err := s.get(ctx, path, false)
	if err != nil {
		return envelope{}, err
	}
	e, err := decodePage(a.body, each)
	if err != nil {
		return e, s.unreadable(err)
	}
	return e, nil
}

func (s *Source) unreadable(err error) error {
	return &rest.ExplainedError{Where: s.where, What: "a page cannot be read", Cause: err, Kind: crm.ErrBusy, Remedy: "the next run tries again"}
}
