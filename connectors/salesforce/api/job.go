package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
)

// JobState is what the org says of a job of Bulk API 2.0.
type JobState struct {
	State string `json:"state"` // JobComplete, Failed, Aborted; in any other state the job runs
	Rows  int    `json:"numberRecordsProcessed"`
	Why   string `json:"errorMessage"` // without secrets
}

// CreateJob has the org run a query as a job. path is the path of the job, with the
// API version that created the job, because the org refuses other versions. A path of
// "" says that the answer names no job.
func (c *Client) CreateJob(ctx context.Context, resource, query string) (path string, err error) {
	jobs := c.Root() + "/jobs/query"
	a, err := c.Call(ctx, Request{Method: http.MethodPost, Path: jobs, Once: true, Body: map[string]string{
		"operation": resource, "query": query, "contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF",
	}})
	if err != nil {
		return "", err
	}
	var made struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(a.Body, &made) == nil {
		if id, ok := row.LongID(made.ID); ok {
			path = jobs + "/" + id
		}
	}
	return path, nil
}

// Job reads the state of a job.
func (c *Client) Job(ctx context.Context, path string) (JobState, error) {
	a, err := c.Get(ctx, path, false)
	if err != nil {
		return JobState{}, err
	}
	var said JobState
	if err := json.Unmarshal(a.Body, &said); err != nil {
		return JobState{}, c.Unreadable(err)
	}
	said.Why = a.Clean(said.Why)
	return said, nil
}

// JobResults reads a page of a job's results: at most rows rows, from locator on. A
// locator of "" is the first page. next is the locator of the page that follows, ""
// after the last page.
func (c *Client) JobResults(ctx context.Context, path, locator string, rows int) (a *Reply, next string, err error) {
	path += "/results?maxRecords=" + strconv.Itoa(rows)
	if locator != "" {
		path += "&locator=" + url.QueryEscape(locator)
	}
	if a, err = c.Call(ctx, Request{Path: path, Accept: "text/csv", Rows: true}); err != nil {
		return nil, "", err
	}
	if next = a.Header.Get("Sforce-Locator"); next == "null" { // this word marks the last page
		next = ""
	}
	return a, next, nil
}

// AbortJob ends a running job, which the org would not delete. An error is ignored,
// because the org ends and deletes old jobs by itself.
func (c *Client) AbortJob(ctx context.Context, path string) {
	_, _ = c.Call(ctx, Request{Method: http.MethodPatch, Path: path, Once: true, Body: map[string]string{"state": "Aborted"}})
}

// DeleteJob deletes a job, whose results take up the org's storage. An error is
// ignored, because the org deletes a job after seven days by itself.
func (c *Client) DeleteJob(ctx context.Context, path string) {
	_, _ = c.Call(ctx, Request{Method: http.MethodDelete, Path: path, Once: true})
}
