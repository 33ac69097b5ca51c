package cursor

// Job is a Bulk job. All of it is what the server said of it.
type Job struct {
	Path    string   `json:"path"`           // with the version that created it: no other is let in
	Columns []string `json:"columns"`        // in the order of the results
	Since   int64    `json:"since"`          // when it was created
	Size    int      `json:"size"`           // rows that the query was said to have
	Rows    int      `json:"rows,omitempty"` // rows that the job has found, 0 is unknown
	Polls   int      `json:"polls,omitempty"`
	State   JobState `json:"state,omitempty"`
	Locator string   `json:"locator,omitempty"` // of the next page of results, "" is the first
	Max     int      `json:"max"`               // rows of a page
	Read    int      `json:"read,omitempty"`
}

// JobState says what is to be done next.
type JobState string

// The states of a job.
const (
	JobRuns JobState = ""
	JobDone JobState = "done" // its results can be read
	JobRead JobState = "read" // to the end
)

// GoesOn reports whether a page of results is to be believed. Otherwise REST
// writes the same rows in another way, or fails on them with better reason.
func (j *Job) GoesOn(rows int, next string, err error) bool {
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
