package salesforce

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/crm"
)

// job is a Bulk job. All of it is what the server said of it.
type job struct {
	Path    string   `json:"path"`           // with the version that created it: no other is let in
	Columns []string `json:"columns"`        // in the order of the results
	Since   int64    `json:"since"`          // when it was created
	Size    int      `json:"size"`           // rows that the query was said to have
	Rows    int      `json:"rows,omitempty"` // rows that the job has found, 0 is unknown
	Polls   int      `json:"polls,omitempty"`
	State   jobState `json:"state,omitempty"`
	Locator string   `json:"locator,omitempty"` // of the next page of results, "" is the first
	Max     int      `json:"max"`               // rows of a page
	Read    int      `json:"read,omitempty"`
}

// jobState says what is to be done next.
type jobState string

const (
	jobRuns jobState = ""
	jobDone jobState = "done" // its results can be read
	jobRead jobState = "read" // to the end
)

// pollAfter is how long to wait before the n-th look at a job, from 1.
func pollAfter(n int) time.Duration {
	switch {
	case n <= 5:
		return 500 * time.Millisecond << (n - 1)
	case n <= 30:
		return 10 * time.Second
	}
	return 30 * time.Second
}

// goesOn reports whether a page of results is to be believed. Otherwise REST
// writes the same rows in another way, or fails on them with better reason.
func (j *job) goesOn(rows int, next string, err error) bool {
	read := j.Read + rows
	switch {
	case err != nil:
	case next != "" && (next == j.Locator || rows == 0): // it stands still
	case j.Rows > 0 && read > j.Rows: // it goes round in circles
	case j.Rows > 0 && next == "" && read < j.Rows: // it ends too early
	default:
		return true
	}
	return false
}

// jobReading is the reading of the present part by its job.
type jobReading struct {
	*reader
	job *job
}

// step takes the next step with the job.
func (r jobReading) step(ctx context.Context, page *crm.Page) error {
	r.held = true
	switch r.job.State {
	case jobRuns:
		return r.look(ctx)
	case jobDone:
		return r.results(ctx, page)
	default:
		r.s.org.DeleteJob(ctx, r.job.Path)
		r.leave()
		return nil
	}
}

// look sees after a while whether the job is done.
func (r jobReading) look(ctx context.Context) error {
	j := r.job
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
	j.Rows = said.Rows
	switch said.State {
	case "JobComplete":
		j.State = jobDone
	case "Failed", "Aborted":
		r.byREST(ctx, strings.TrimRight("the job is "+strings.ToLower(said.State)+": "+said.Why, ": "))
	default:
		if r.s.org.Clock()-j.Since > jobPatience {
			r.s.org.AbortJob(ctx, j.Path)
			r.byREST(ctx, "the job did not end within a day")
		}
	}
	return nil
}

// results reads one page of the results.
func (r jobReading) results(ctx context.Context, page *crm.Page) error {
	j := r.job
	a, next, err := r.s.org.JobResults(ctx, j.Path, j.Locator, j.Max)
	switch {
	case errors.Is(err, rest.ErrTooLarge) && j.Max/2 >= minBulkPage:
		j.Max /= 2
		return nil
	case errors.Is(err, rest.ErrTooLarge):
		r.byREST(ctx, "its rows are too large")
		return nil
	case err != nil:
		return r.without(ctx, err)
	}
	got := *page
	got.AsOf = time.Unix(r.c.Run.Began, 0).UTC()
	in := r.reading(a, &got)
	rows, order, err := row.Sheet(a.Body, j.Columns, j.Locator == "", func(record *row.Row) error {
		_, err := in.record(record)
		return err
	})
	if !j.goesOn(rows, next, err) {
		r.byREST(ctx, "its results are not whole")
		return nil
	}
	j.Read, j.Columns, j.Locator = j.Read+rows, order, next
	r.c.Run.Done += rows
	if next == "" {
		j.State = jobRead
	}
	*page = got
	return nil
}

// without goes on after an answer that is not what a job gives.
func (r jobReading) without(ctx context.Context, err error) error {
	var e *api.RefusedError
	switch {
	case !errors.Is(err, crm.ErrRefused):
		return err
	case errors.As(err, &e) && e.Status == http.StatusNotFound && r.c.Run.Lost == 0:
		// It has expired, or somebody deleted it: once more.
		r.c.Run.Lost++
		r.restart()
	default:
		r.byREST(ctx, err.Error())
	}
	return nil
}

// byREST gives up on the job, and on others for the rest of this run.
func (r jobReading) byREST(ctx context.Context, why string) {
	r.s.org.DeleteJob(ctx, r.job.Path)
	r.noBulk(why)
	r.restart()
}
