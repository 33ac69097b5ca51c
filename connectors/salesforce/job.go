package salesforce

import "time"

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
