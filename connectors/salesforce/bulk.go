package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/connectors/salesforce/cursor"
	"github.com/pipetidy/pipetidy/connectors/salesforce/refusal"
	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/crm"
)

// A backfill of a part with many rows uses a job of Bulk API 2.0: the server collects
// the rows and gives them in large pages of CSV. The state of the job is in the cursor,
// and each step makes a page, so a crash loses neither the job nor its place. If a job
// does not work, the part is read by REST.

const (
	// bulkPage is the number of rows in a page of results: some five megabytes.
	bulkPage    = 5_000
	minBulkPage = 250
	// A job may take jobPatience, and longer where looking at it costs fewer calls than
	// reading the rows by REST, but never more than maxPatience. All are seconds.
	jobPatience = 15 * 60
	maxPatience = 2 * 60 * 60
	lookEvery   = 30
	// maxFails is how many requests about a job may fail before REST reads the part.
	maxFails = 3
)

// bulk reads the present part by a job.
type bulk struct{ *reader }

// fits returns the number of rows that the first answer to a part announces; ok is
// false when REST is the better way to read the part.
func (r bulk) fits(a *api.Reply) (total int, ok bool) {
	run, p := r.c.Run, r.part()
	if !run.Full || run.NoBulk || r.st.whole || p.sweep || p.ended || run.Next != "" || run.LastID != "" || run.Window != nil {
		return 0, false
	}
	e, err := row.Page(a.Body, nil, func(*row.Row) error { return nil })
	return e.Total, err == nil && !e.Done && e.Total > r.s.cfg.BulkAbove
}

// create starts a job for the present part; false says that the org refuses jobs.
func (r bulk) create(ctx context.Context, total int) (bool, error) {
	run := r.c.Run
	ask := r.question()
	q := ask.soql()
	q.Order = nil // an order would keep the server from splitting the work
	path, err := r.s.org.CreateJob(ctx, ask.resource(), q.String())
	switch {
	case errors.Is(err, crm.ErrRefused):
		r.noBulk(err.Error())
		return false, nil
	case err != nil:
		return false, err
	case path == "":
		r.noBulk("the answer names no job")
		return false, nil
	}
	run.Place = cursor.Place{Job: &cursor.Job{Path: path, Columns: q.Columns, Since: r.s.org.Clock(), Size: total, Max: bulkPage}}
	r.held = true
	return true, nil
}

// step takes the next step with the job.
func (r bulk) step(ctx context.Context, page *crm.Page) error {
	r.held = true
	switch r.c.Run.Job.State {
	case cursor.JobRuns:
		return r.look(ctx)
	case cursor.JobDone:
		return r.results(ctx, page)
	default:
		r.s.org.DeleteJob(ctx, r.c.Run.Job.Path)
		r.leave()
		return nil
	}
}

// pollAfter is the time to wait before the n-th look at a job; n begins at 1.
func pollAfter(n int) time.Duration {
	switch {
	case n <= 5:
		return 500 * time.Millisecond << (n - 1)
	case n <= 30:
		return 10 * time.Second
	}
	return lookEvery * time.Second
}

// patience is how long a job may take, in seconds. REST reads 2,000 rows with each call.
func patience(rows int) int64 {
	return min(max(jobPatience, int64(rows)/2000*lookEvery), maxPatience)
}

// look waits, and then looks whether the job is done.
func (r bulk) look(ctx context.Context) error {
	j := r.c.Run.Job
	j.Polls++
	wait := time.NewTimer(pollAfter(j.Polls))
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	said, err := r.s.org.Job(ctx, j.Path)
	if err != nil {
		return r.without(ctx, err)
	}
	j.Rows, j.Fails = said.Rows, 0
	switch said.State {
	case "JobComplete":
		j.State = cursor.JobDone
	case "Failed", "Aborted":
		r.byREST(ctx, strings.TrimRight("the job is "+strings.ToLower(said.State)+": "+said.Why, ": "))
	default:
		if left := patience(j.Size); r.s.org.Clock()-j.Since > left {
			r.s.org.AbortJob(ctx, j.Path)
			r.byREST(ctx, fmt.Sprintf("the job did not end within %s", crm.Counted(left/60, "minute")))
		} else if j.Polls > 5 {
			r.waits = fmt.Sprintf("waiting for Salesforce's Bulk job that collects %s of %s; REST reads the rows if the job does not end by %s",
				crm.Counted(j.Size, "row"), r.part().object, time.Unix(j.Since+left, 0).UTC().Format("15:04 MST"))
		}
	}
	return nil
}

// results reads one page of the job's results.
func (r bulk) results(ctx context.Context, page *crm.Page) error {
	j := r.c.Run.Job
	a, next, err := r.s.org.JobResults(ctx, j.Path, j.Locator, j.Max)
	switch {
	case errors.Is(err, rest.ErrTooLarge) && j.Max/2 >= minBulkPage:
		j.Max /= 2
		return nil
	case errors.Is(err, rest.ErrTooLarge):
		r.byREST(ctx, "the rows are too large")
		return nil
	case err != nil:
		return r.without(ctx, err)
	}
	got, in, rows, order, err := r.sheet(a, page)
	if err == nil {
		learned, err2 := r.learn(ctx, r.strange(in))
		if err2 != nil {
			return err2
		}
		if learned {
			got, in, rows, order, err = r.sheet(a, page)
		}
	}
	if !j.GoesOn(rows, next, err) {
		r.byREST(ctx, "the results are not whole")
		return nil
	}
	j.Read, j.Columns, j.Locator, j.Fails = j.Read+rows, order, next, 0
	r.c.Run.Done += rows
	r.c.Run.Counts += in.counts
	r.c.Run.Closed += in.closed
	if next == "" {
		j.State = cursor.JobRead
	}
	*page = got
	r.leaveOut(in)
	page.Left = append(page.Left, in.left...)
	return nil
}

// sheet reads the rows of an answer into a copy of page.
func (r bulk) sheet(a *api.Reply, page *crm.Page) (got crm.Page, in *reading, rows int, order []string, err error) {
	j := r.c.Run.Job
	got = *page
	got.AsOf = time.Unix(r.c.Run.Began, 0).UTC()
	in = r.reading(a, &got)
	left := j.Max
	rows, order, err = row.Sheet(a.Body, j.Columns, j.Locator == "", func(record *row.Row) error {
		if left--; left < 0 {
			return fmt.Errorf("more than %d rows, which were asked for", j.Max)
		}
		in.record(record)
		return nil
	})
	if err == nil {
		err = in.sound(rows)
	}
	return got, in, rows, order, err
}

// without goes on after a request about the job failed.
func (r bulk) without(ctx context.Context, err error) error {
	var e *refusal.Error
	switch {
	case errors.As(err, &e) && requestFails(e.Status):
		// The org works otherwise, or reading by REST will say that it does not.
		if r.c.Run.Job.Fails++; r.c.Run.Job.Fails >= maxFails {
			r.byREST(ctx, err.Error())
		}
	case !errors.Is(err, crm.ErrRefused):
		return err
	case errors.As(err, &e) && e.Status == http.StatusNotFound && r.c.Run.Lost == 0:
		// The job has expired or was deleted, so a new job is tried once.
		r.c.Run.Lost++
		r.restart()
	default:
		r.byREST(ctx, err.Error())
	}
	return nil
}

// requestFails reports whether a status says that one request fails, and not that the whole
// org is down for a while.
func requestFails(status int) bool {
	return status >= 500 && status != http.StatusServiceUnavailable
}

// byREST gives the job up and reads the rest of the run without jobs.
func (r bulk) byREST(ctx context.Context, why string) {
	r.s.org.DeleteJob(ctx, r.c.Run.Job.Path)
	r.noBulk(why)
	r.restart()
}

// noBulk reads the rest of this run without jobs, and notes why, because REST costs
// more calls.
func (r bulk) noBulk(why string) {
	r.c.Run.NoBulk = true
	r.note = fmt.Sprintf("Bulk API 2.0 does not read %s here (%s); REST reads it in more calls instead", r.part().object, why)
}

// restart begins the present part again.
func (r bulk) restart() {
	run := r.c.Run
	run.Done -= run.Job.Read
	run.Place = cursor.Place{}
}
