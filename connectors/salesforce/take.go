package salesforce

import (
	"errors"
	"fmt"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/crm"
)

// errLoop says that the server repeats itself.
var errLoop = errors.New("the server gives the same rows again")

// reading is a page that is being read.
type reading struct {
	part    part
	mapping *mapping
	login   string // the id of the user that reads
	page    *crm.Page
}

// take reads the rows of an answer into page, and where the query stands into
// the cursor. Nothing of either changes when it returns an error.
func (r *reader) take(a *api.Reply, page *crm.Page) (row.Envelope, error) {
	at := r.c.Run.place
	got := *page
	got.AsOf = time.Unix(r.c.Run.Began, 0).UTC()
	in := &reading{part: r.part(), mapping: r.sight().mapping, login: a.Session.User, page: &got}
	fresh := 0
	e, err := row.Page(a.Body, func(record *row.Row) error {
		id, err := r.record(in, record)
		if err == nil && id == at.LastID {
			return errLoop
		}
		at.LastID, at.LastStamp = id, record.Time(r.sight().stamp).Unix()
		if at.LastStamp >= r.c.Since-freshFor {
			fresh++
		}
		return err
	})
	if err != nil {
		return e, err
	}
	if at.Read == 0 {
		at.Size = e.Total
	}
	at.Read += e.Rows
	at.Empty++
	if e.Rows > 0 || e.Done {
		at.Empty = 0
	}
	if at.Read > at.Size || !e.Done && (e.Next == at.Next || at.Empty > 5) {
		return e, errLoop
	}
	at.Session = a.Session.Name
	r.c.Run.place, *page = at, got
	r.fresh += fresh
	return e, nil
}

// freshFor is by how many seconds rows may have been committed late that still
// count as new since the last run.
const freshFor = 60

// record reads one row into the page that is being read.
func (r *reader) record(in *reading, from *row.Row) (id string, err error) {
	object, keep := in.part.object, in.part.keep
	id, ok := api.LongID(from.Text("Id"))
	if !ok {
		return "", fmt.Errorf("%s: a row has no id", object)
	}
	deleted := from.Flag("IsDeleted")
	switch {
	case in.part.sweep && !deleted:
		in.page.Exist = append(in.page.Exist, id)
	case in.page.Stream == crm.History && deleted: // goes with its opportunity
	case deleted, keep != nil && !in.part.sweep && keep.beyond(from, r.c.Run.Keep):
		in.page.Deleted = append(in.page.Deleted, id)
	default:
		r.st.take(r.s, in, from)
	}
	if err := from.Err(); err != nil {
		return id, fmt.Errorf("%s %s: %w", object, id, err)
	}
	return id, nil
}
