package salesforce_test

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/internal/sim"
)

// The functions of this file change answers about jobs into bad ones.

func setBody(resp *http.Response, b []byte) {
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
	resp.Header.Del("Content-Length")
}

func replaceBody(resp *http.Response, old, now string) {
	b, _ := io.ReadAll(resp.Body)
	if old != "" {
		b = bytes.ReplaceAll(b, []byte(old), []byte(now))
	}
	setBody(resp, b)
}

func halveBody(resp *http.Response) {
	b, _ := io.ReadAll(resp.Body)
	lines := bytes.SplitAfter(b, []byte("\n\"006"))
	b = bytes.Join(lines[:len(lines)/2], nil)
	setBody(resp, bytes.TrimSuffix(b, []byte("\"006")))
}

// noID removes the id from the answer to a new job.
func noID(req *http.Request, resp *http.Response) {
	if req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/jobs/query") {
		setBody(resp, []byte(`{"id":"../../sobjects/Account","state":"UploadComplete"}`))
	}
}

// huge makes a page of results too large when it has more than the given number of rows.
func huge(rows int) func(*http.Request, *http.Response) {
	return func(req *http.Request, resp *http.Response) {
		if n, _ := strconv.Atoi(req.URL.Query().Get("maxRecords")); n > rows {
			setBody(resp, bytes.Repeat([]byte("x"), 1<<20))
		}
	}
}

// stuck lets jobs run for ever; each look at a job takes a day.
func stuck(b *bulkOrg) {
	b.org.Set(func(o *sim.SalesforceOptions) { o.Bulk.Stuck = true })
	b.web.change = func(req *http.Request, resp *http.Response) {
		if n := strings.Count(strings.Join(b.web.urls, " "), "/jobs/query/750"); n > 3 && req.Method == http.MethodGet {
			resp.Header.Set("Date", b.company.Now().AddDate(0, 0, 2).UTC().Format(http.TimeFormat))
		}
	}
}
