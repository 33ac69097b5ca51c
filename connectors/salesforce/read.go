package salesforce

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/connectors/salesforce/cursor"
	"github.com/pipetidy/pipetidy/connectors/salesforce/login"
	"github.com/pipetidy/pipetidy/connectors/salesforce/refusal"
	"github.com/pipetidy/pipetidy/crm"
)

// question makes the query for the rest of the present part.
func (r *reader) question() question {
	return question{part: r.part(), sight: r.sight(), at: r.c, overlap: int64(r.s.cfg.Overlap / time.Second), of: r.of, ids: r.ids}
}

// path is the path of the next page.
func (r *reader) path(t *login.Session) (string, error) {
	if r.c.Run.Next != "" {
		return r.s.org.Follow(r.c.Run.Next, t)
	}
	q := r.question()
	return r.s.org.QueryPath(q.resource(), q.soql())
}

// query reads one page by REST: the next page of the running query, or the first page
// of a query for the rest of the part.
func (r *reader) query(ctx context.Context, page *crm.Page) error {
	run := r.c.Run
	described := false
	for {
		if !r.asks(run.Part) { // the sweep has been given up
			r.leave()
			return nil
		}
		t, err := r.s.org.Session(ctx)
		if err != nil {
			return err
		}
		if run.Session != t.Name {
			r.again()
		}
		locator := run.Next != ""
		path, err := r.path(t)
		if err != nil {
			return err
		}
		a, err := r.s.org.Get(ctx, path, locator)
		switch {
		case err == nil:
			if total, ok := (bulk{r}).fits(a); ok {
				if err := r.hear(a); err != nil {
					return err
				}
				if made, err := (bulk{r}).create(ctx, total); made || err != nil {
					return err
				}
			}
			err := r.answered(a, page)
			if learned, failed := r.learn(ctx, err); learned {
				err = r.answered(a, page)
			} else {
				err = failed
			}
			switch {
			case locator && errors.Is(err, errLoop):
				r.again()
			case locator && errors.Is(err, errShort) && !run.Short:
				// Which page lacked the rows is not known, so the part is read once more
				// from its beginning. What is missing then stays missing until a sweep.
				run.Short = true
				run.Done -= run.Read
				run.Place = cursor.Place{Window: run.Window}
			default:
				return err
			}
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
			return r.noSweep(err)
		default:
			return err
		}
	}
}

// answered reads the answer to a query into page. After the last page of a part,
// answered moves on to the next part.
func (r *reader) answered(a *api.Reply, page *crm.Page) error {
	run := r.c.Run
	if err := r.hear(a); err != nil {
		return err
	}
	e, err := r.take(a, page)
	if (errors.Is(err, errLoop) || errors.Is(err, errShort)) && run.Next != "" || errors.Is(err, errRecordType) {
		return err
	}
	if err != nil {
		return r.s.org.Unreadable(err)
	}
	run.Done += e.Rows
	if r.part().sweep && e.Done && run.Read < run.Size {
		run.Sweep = false // the server has announced more rows than came
	}
	switch {
	case !e.Done:
		run.Next = e.Next
		r.held = run.Empty > 0
	case !run.Slide(e.Rows):
		r.leave()
	}
	return nil
}

// hear notes the beginning of the run on its first answer.
func (r *reader) hear(a *api.Reply) error {
	switch {
	case r.c.Run.Began > 0:
	case a.Asked.IsZero():
		return r.s.noDate()
	default:
		r.began(a.Asked.Unix())
	}
	return nil
}

// began notes the beginning of the run: a time before its first answer.
func (r *reader) began(at int64) {
	r.c.Run.Began = at
	r.c.Run.Sweep = r.sweeps()
}

// again forgets the present query, so the rest of the part is queried anew. A sweep
// that takes two queries is given up, because it might not be whole.
func (r *reader) again() {
	if r.c.Run.Read > 0 && r.part().sweep {
		r.c.Run.Sweep = false
	}
	r.c.Run.Again()
}

// gone reports whether an error says that the running query has ended.
func gone(err error) bool {
	var e *refusal.Error
	if errors.As(err, &e) && (e.Code == "INVALID_QUERY_LOCATOR" || e.Status == http.StatusNotFound) {
		return true
	}
	return errors.Is(err, api.ErrOtherSession)
}

// changed reports whether an error says that the login no longer sees a field or an
// object that describe has named.
func changed(err error) bool {
	switch refusal.Code(err) {
	case "INVALID_FIELD", "INVALID_TYPE":
		return true
	}
	return false
}

// lookAgain describes the object anew after a field or an object has vanished.
func (r *reader) lookAgain(ctx context.Context) error {
	object := r.part().object
	if _, err := r.s.schema.Describe(ctx, object); err != nil {
		return err
	}
	if r.s.configured.asksWho(object) {
		if _, err := r.s.schema.Describe(ctx, "User"); err != nil {
			return err
		}
	}
	v, err := r.s.see(ctx, r.st)
	if err != nil {
		return err
	}
	if v[r.c.Run.Part].object == nil {
		return r.s.schema.NoObject(object)
	}
	r.sights = v
	r.again()
	r.c.Run.Narrow(names(v))
	return nil
}
