package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
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

// bulky gives how many rows the answer to the first query of a part announces;
// ok is false where they are better read by REST.
func (r *reader) bulky(a *reply) (total int, ok bool) {
	run, p := r.c.Run, r.part()
	if !run.Full || run.NoBulk || r.st.whole || p.sweep || p.ended || run.Next != "" || run.LastID != "" || run.Window != nil {
		return 0, false
	}
	e, err := row.Page(a.body, func(*row.Row) error { return nil })
	return e.Total, err == nil && !e.Done && e.Total > r.s.cfg.BulkAbove
}

// create has the present part read by a job; false when the org does not want to.
func (r *reader) create(ctx context.Context, total int) (bool, error) {
	run := r.c.Run
	q := r.soql()
	q.Order = nil // an order keeps the server from sharing the work out
	jobs := r.s.version() + "/jobs/query"
	a, err := r.s.call(ctx, ask{method: http.MethodPost, path: jobs, once: true, body: map[string]string{
		"operation": r.resource(), "query": q.String(), "contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF",
	}})
	switch {
	case errors.Is(err, crm.ErrRefused):
		r.noBulk(err.Error())
		return false, nil
	case err != nil:
		return false, err
	}
	var made struct {
		ID string `json:"id"`
	}
	id, ok := "", false
	if json.Unmarshal(a.body, &made) == nil {
		id, ok = LongID(made.ID)
	}
	if !ok {
		r.noBulk("it names no job")
		return false, nil
	}
	run.place = place{Job: &job{Path: jobs + "/" + id, Columns: q.Columns, Since: r.s.clock.Load(), Size: total, Max: bulkPage}}
	r.held = true
	return true, nil
}

// bulk takes the next step with the job of the present part.
func (r *reader) bulk(ctx context.Context, page *crm.Page) error {
	r.held = true
	switch j := r.c.Run.Job; j.State {
	case jobRuns:
		return r.poll(ctx, j)
	case jobDone:
		return r.results(ctx, j, page)
	default:
		r.drop(ctx, j)
		r.leave()
		return nil
	}
}

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

// poll looks whether the job is done.
func (r *reader) poll(ctx context.Context, j *job) error {
	j.Polls++
	wait := time.NewTimer(pollAfter(j.Polls))
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	a, err := r.s.get(ctx, j.Path, false)
	if err != nil {
		return r.without(ctx, j, err)
	}
	var said struct {
		State string `json:"state"`
		Rows  int    `json:"numberRecordsProcessed"`
		Why   string `json:"errorMessage"`
	}
	if err := json.Unmarshal(a.body, &said); err != nil {
		return r.s.unreadable(err)
	}
	j.Rows = said.Rows
	switch said.State {
	case "JobComplete":
		j.State = jobDone
	case "Failed", "Aborted":
		r.byREST(ctx, j, strings.TrimRight("the job is "+strings.ToLower(said.State)+": "+rest.Clean(said.Why, a.token.value), ": "))
	default:
		if r.s.clock.Load()-j.Since > jobPatience {
			// A job that runs cannot be deleted.
			_, _ = r.s.call(ctx, ask{method: http.MethodPatch, path: j.Path, once: true, body: map[string]string{"state": "Aborted"}})
			r.byREST(ctx, j, "the job did not end within a day")
		}
	}
	return nil
}

// results reads one page of the results.
func (r *reader) results(ctx context.Context, j *job, page *crm.Page) error {
	path := j.Path + "/results?maxRecords=" + strconv.Itoa(j.Max)
	if j.Locator != "" {
		path += "&locator=" + url.QueryEscape(j.Locator)
	}
	a, err := r.s.call(ctx, ask{path: path, accept: "text/csv"})
	switch {
	case errors.Is(err, rest.ErrTooLarge) && j.Max/2 >= minBulkPage:
		j.Max /= 2
		return nil
	case errors.Is(err, rest.ErrTooLarge):
		r.byREST(ctx, j, "its rows are too large")
		return nil
	case err != nil:
		return r.without(ctx, j, err)
	}
	got := *page
	got.AsOf = time.Unix(r.c.Run.Began, 0).UTC()
	in := &reading{part: r.part(), mapping: r.sight().mapping, login: a.token.user, page: &got}
	rows, order, err := row.Sheet(a.body, j.Columns, j.Locator == "", func(record *row.Row) error {
		_, err := r.record(in, record)
		return err
	})
	next := a.header.Get("Sforce-Locator")
	if next == "null" { // that word is the end
		next = ""
	}
	if !j.goesOn(rows, next, err) {
		r.byREST(ctx, j, "its results are not whole")
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

// without goes on after an answer that is not what a job gives.
func (r *reader) without(ctx context.Context, j *job, err error) error {
	var e *codeError
	switch {
	case !errors.Is(err, crm.ErrRefused):
		return err
	case errors.As(err, &e) && e.status == http.StatusNotFound && r.c.Run.Lost == 0:
		// It has expired, or somebody deleted it: once more.
		r.c.Run.Lost++
		r.restart()
	default:
		r.byREST(ctx, j, err.Error())
	}
	return nil
}

// byREST gives up on the job, and on others for the rest of this run.
func (r *reader) byREST(ctx context.Context, j *job, why string) {
	r.drop(ctx, j)
	r.noBulk(why)
	r.restart()
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

// drop deletes the job, which costs the org storage; it goes by itself after
// seven days.
func (r *reader) drop(ctx context.Context, j *job) {
	_, _ = r.s.call(ctx, ask{method: http.MethodDelete, path: j.Path, once: true})
}
