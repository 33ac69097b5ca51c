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
	State string `json:"state"` // JobComplete, Failed, Aborted; all else goes on
	Rows  int    `json:"numberRecordsProcessed"`
	Why   string `json:"errorMessage"` // without secrets
}

// CreateJob has the org read a query by itself. The path is the job's, with the
// version that created it, since no other is let in; "" is an answer that names no
// job.
func (c *Client) CreateJob(ctx context.Context, resource, query string) (path string, err error) {
	jobs := c.Root() + "/jobs/query"
	a, err := c.Call(ctx, Ask{Method: http.MethodPost, Path: jobs, Once: true, Body: map[string]string{
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

// Job looks how far a job is.
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

// JobResults reads the page of a job's results that begins at locator, "" is the
// first, with at most so many rows; next is the locator of the page after it, ""
// behind the last.
func (c *Client) JobResults(ctx context.Context, path, locator string, rows int) (a *Reply, next string, err error) {
	path += "/results?maxRecords=" + strconv.Itoa(rows)
	if locator != "" {
		path += "&locator=" + url.QueryEscape(locator)
	}
	if a, err = c.Call(ctx, Ask{Path: path, Accept: "text/csv"}); err != nil {
		return nil, "", err
	}
	if next = a.Header.Get("Sforce-Locator"); next == "null" { // that word is the end
		next = ""
	}
	return a, next, nil
}

// AbortJob ends a job that runs, which cannot be deleted. A job that stays for all
// that goes by itself.
func (c *Client) AbortJob(ctx context.Context, path string) {
	_, _ = c.Call(ctx, Ask{Method: http.MethodPatch, Path: path, Once: true, Body: map[string]string{"state": "Aborted"}})
}

// DeleteJob deletes a job, which costs the org storage; a job that stays for all
// that goes by itself after seven days.
func (c *Client) DeleteJob(ctx context.Context, path string) {
	_, _ = c.Call(ctx, Ask{Method: http.MethodDelete, Path: path, Once: true})
}
