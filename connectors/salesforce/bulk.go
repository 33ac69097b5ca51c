package salesforce

import (
	"context"
	"errors"
	"fmt"

	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/crm"
)

// A backfill of a part that has many rows is left to a job of Bulk API 2.0: the
// server reads them for itself, and gives them in large pages of CSV. Where the
// job stands is in the cursor, and each step is a page of its own, so that a
// crash loses neither the job nor its place. Whatever is wrong with a job, the
// part can be read by REST.

const (
	// bulkPage is how many rows a page of results has: some five megabytes.
	bulkPage    = 5_000
	minBulkPage = 250
	// jobPatience is how long a job may take, in seconds.
	jobPatience = aDay
)

// bulky gives how many rows the answer to the first query of a part announces;
// ok is false where they are better read by REST.
func (r *reader) bulky(a *api.Reply) (total int, ok bool) {
	run, p := r.c.Run, r.part()
	if !run.Full || run.NoBulk || r.st.whole || p.sweep || p.ended || run.Next != "" || run.LastID != "" || run.Window != nil {
		return 0, false
	}
	e, err := row.Page(a.Body, func(*row.Row) error { return nil })
	return e.Total, err == nil && !e.Done && e.Total > r.s.cfg.BulkAbove
}

// create has the present part read by a job; false when the org does not want to.
func (r *reader) create(ctx context.Context, total int) (bool, error) {
	run := r.c.Run
	q := r.soql()
	q.Order = nil // an order keeps the server from sharing the work out
	path, err := r.s.org.CreateJob(ctx, r.resource(), q.String())
	switch {
	case errors.Is(err, crm.ErrRefused):
		r.noBulk(err.Error())
		return false, nil
	case err != nil:
		return false, err
	case path == "":
		r.noBulk("it names no job")
		return false, nil
	}
	run.place = place{Job: &job{Path: path, Columns: q.Columns, Since: r.s.org.Clock(), Size: total, Max: bulkPage}}
	r.held = true
	return true, nil
}

// noBulk has the rest of this run read without jobs, and says why: it costs more
// calls.
func (r *reader) noBulk(why string) {
	r.c.Run.NoBulk = true
	r.note = fmt.Sprintf("Bulk API 2.0 does not read %s here (%s); it is read in more calls instead", r.part().object, why)
}

// restart begins the present part again.
func (r *reader) restart() {
	run := r.c.Run
	run.Done -= run.Job.Read
	run.place = place{}
}
