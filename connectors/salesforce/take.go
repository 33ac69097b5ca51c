package salesforce

import (
	"errors"
	"fmt"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/connectors/salesforce/cursor"
	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/crm"
)

// errLoop says that the server repeats itself, errShort that fewer rows came than the query
// has. Neither is an answer: the query is made anew. errNone says that no rows came where
// there are some in every org.
var (
	errLoop  = errors.New("the server gives the same rows again")
	errShort = errors.New("the answer is not whole")
	errNone  = errors.New("the answer has no rows")
)

// mostOdd is how many rows of one answer may lack a column that was asked for. So many
// rows without it are no odd rows but no answer.
const mostOdd = cursor.MostOdd

// take reads the rows of an answer into page, and notes the place of the query in the
// cursor. If take returns an error, neither the page nor the cursor has changed.
func (r *reader) take(a *api.Reply, page *crm.Page) (row.Envelope, error) {
	at := r.c.Run.Place
	got := *page
	got.AsOf = time.Unix(r.c.Run.Began, 0).UTC()
	in := r.reading(a, &got)
	fresh, closed := 0, 0
	e, err := row.Page(a.Body, r.question().columns(), func(record *row.Row) error {
		switch id := in.record(record); id {
		case "":
			return nil
		case at.LastID:
			return errLoop
		default:
			at.LastID = id
		}
		if stamp := record.Time(r.sight().stamp); !stamp.IsZero() {
			at.LastStamp = stamp.Unix()
		}
		if at.LastStamp >= r.c.Since-freshFor {
			fresh++
			if in.isClosed(record) {
				closed++
			}
		}
		return nil
	})
	if err != nil {
		return e, err
	}
	if at.Read == 0 {
		at.Size = e.Total
	}
	at.Read += e.Rows
	if e.Done && at.Read == 0 && r.always() {
		return e, fmt.Errorf("%w: every org has rows of %s", errNone, r.part().object)
	}
	at.Empty++
	if e.Rows > 0 || e.Done {
		at.Empty = 0
	}
	if at.Read > at.Size || !e.Done && (e.Next == at.Next || at.Empty > 5) {
		return e, errLoop
	}
	if e.Done && at.Read < at.Size && !(r.c.Run.Short && 2*at.Read >= at.Size) { // a query cut short looks like an org that has lost its rows
		return e, fmt.Errorf("%w: the query ended after %s of %s", errShort, crm.Grouped(at.Read), crm.Counted(at.Size, "row"))
	}
	if len(in.odd) > mostOdd {
		return e, fmt.Errorf("%w: %s without values that were asked for, or with odd ones", errShort, crm.Counted(len(in.odd), "row"))
	}
	if err := in.sound(e.Rows); err != nil {
		return e, err
	}
	if err := r.strange(in); err != nil {
		return e, err
	}
	if r.c.Run.Full && !e.Done {
		r.s.lately.note(r.name, in.before, listed{r.c.Run.Next, in.seen})
	}
	at.Session = a.Session.Name
	at.Counts += in.counts
	at.Closed += in.closed
	r.leaveOut(in)
	got.Left = append(got.Left, in.left...)
	r.c.Run.Place, *page = at, got
	if e.Rows > 0 {
		r.c.Run.Note(r.part().name())
	}
	if p := r.part(); !p.sweep && !p.ended {
		r.c.Freshened(p.object, fresh)
		r.c.Freshened(cursor.Closed(p.object), closed)
	}
	return e, nil
}

// always reports whether an answer to the query of the present part has rows in every org.
func (r *reader) always() bool {
	run := r.c.Run
	return r.part().always && run.Full && run.Window == nil && run.LastID == ""
}

// freshFor is in seconds: a row that was stamped so long before the last run began still
// counts as new, because it may have been committed late.
const freshFor = 60
