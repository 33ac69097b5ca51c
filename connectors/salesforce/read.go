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
		if !r.asks(run.Part) { // a sweep that came apart
			r.leave()
			return nil
		}
		t, err := r.s.login.token(ctx)
		if err != nil {
			return err
		}
		if run.Session != t.session {
			r.again()
		}
		locator := run.Next != ""
		path, err := r.path(t)
		if err != nil {
			return err
		}
		a, err := r.s.get(ctx, path, locator)
		switch {
		case err == nil:
			if total, ok := r.bulky(a); ok {
				if err := r.hear(a); err != nil {
					return err
				}
				if made, err := r.create(ctx, total); made || err != nil {
					return err
				}
			}
			if err := r.answered(a, page); !errors.Is(err, errLoop) || !locator {
				return err
			}
			r.again()
		case locator && gone(err):
			r.again()
		case changed(err) && !described:
			described = true
			if err := r.lookAgain(ctx); err != nil {
				return err
			}
		case tooMuch(err):
			return r.halve(err)
		case r.part().sweep && errors.Is(err, crm.ErrRefused):
			return r.noSweep()
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
	return r.s.address(r.resource(), r.soql())
}

// resource is where deleted rows and archived activities come along, if the
// object has such.
func (r *reader) resource() string {
	if r.sight().object.field("IsDeleted") == nil {
		return "query"
	}
	return "queryAll"
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
	case p.sweep:
		q.where = r.swept()
	case run.Full:
		q.where = append(v.filterable(p.full), v.kept(p, run.Keep)...)
	default:
		q.order = []string{v.stamp, "Id"}
		if run.LastID == "" && run.Window == nil {
			q.where = all{is{v.stamp, ">=", moment(r.from())}}
		}
	}
	if r.of != nil {
		q.where = append(q.where, oneOf{belongs(p.object), r.of})
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

// from is the stamp from which an increment reads: behind the last run, because
// rows become visible after their stamp, and once a day far behind it, because
// the longest jobs of the platform take hours.
func (r *reader) from() int64 {
	overlap := int64(r.s.cfg.Overlap / time.Second)
	if r.c.Run.Deep {
		overlap = max(overlap, aDay)
	}
	return r.c.Since - overlap
}

// columns are what a query of the present part asks for.
func (r *reader) columns() []string {
	v, p := r.sight(), r.part()
	columns := append([]string{"Id"}, v.selection...)
	wanted := []string{v.stamp, "IsDeleted"}
	switch {
	case p.sweep:
		wanted = wanted[1:]
	case p.keep != nil && !r.c.Run.Keep.IsZero():
		wanted = append(wanted, p.keep.fields...)
	}
	for _, name := range wanted {
		if f := v.object.field(name); f != nil && !slices.Contains(columns, f.Name) {
			columns = append(columns, f.Name)
		}
	}
	return columns
}

// answered reads the answer to a query into page, and moves on to the next part
// when it was the last page of this one.
func (r *reader) answered(a *reply, page *crm.Page) error {
	run := r.c.Run
	if err := r.hear(a); err != nil {
		return err
	}
	e, err := r.take(a, page)
	if errors.Is(err, errLoop) && run.Next != "" {
		return err
	}
	if err != nil {
		return r.s.unreadable(err)
	}
	run.Done += e.rows
	if r.part().sweep && e.done && run.Read < run.Size {
		run.Sweep = false // the server has said that there are more
	}
	switch {
	case !e.done:
		run.Next = e.next
		r.held = run.Empty > 0
	case !run.slide(e.rows):
		r.leave()
	}
	return nil
}

// hear notes when the run began, on the first answer.
func (r *reader) hear(a *reply) error {
	switch {
	case r.c.Run.Began > 0:
	case a.asked.IsZero():
		return r.s.noDate()
	default:
		r.began(a.asked.Unix())
	}
	return nil
}

// began notes a time at which nothing of the run had been answered yet.
func (r *reader) began(at int64) {
	r.c.Run.Began = at
	r.c.Run.Sweep = r.sweeps()
}

// again has the rest of the present query asked anew. A sweep whose pages come
// apart is not believed to be whole.
func (r *reader) again() {
	if r.c.Run.Read > 0 && r.part().sweep {
		r.c.Run.Sweep = false
	}
	r.c.Run.again()
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
	r.again()
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
	object, keep := in.part.object, in.part.keep
	id, ok := LongID(row.text("Id"))
	if !ok {
		return "", fmt.Errorf("%s: a row has no id", object)
	}
	deleted := row.flag("IsDeleted")
	switch {
	case in.part.sweep && !deleted:
		in.page.Exist = append(in.page.Exist, id)
	case in.page.Stream == crm.History && deleted: // goes with its opportunity
	case deleted, keep != nil && !in.part.sweep && keep.beyond(row, r.c.Run.Keep):
		in.page.Deleted = append(in.page.Deleted, id)
	default:
		r.st.take(r.s, in, row)
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
