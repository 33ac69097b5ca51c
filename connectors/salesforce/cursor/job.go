package cursor

// Job is a Bulk job, as the server last told its state.
type Job struct {
	Path    string   `json:"path"`           // with the API version that created the job: the server refuses other versions
	Columns []string `json:"columns"`        // in the order of the results
	Since   int64    `json:"since"`          // when the job was created
	Size    int      `json:"size"`           // rows of the query, by the answer of REST
	Rows    int      `json:"rows,omitempty"` // rows that the job has found, 0 is unknown
	Polls   int      `json:"polls,omitempty"`
	State   JobState `json:"state,omitempty"`
	Locator string   `json:"locator,omitempty"` // of the next page of results, "" is the first
	Max     int      `json:"max"`               // rows of a page
	Read    int      `json:"read,omitempty"`
	Fails   int      `json:"fails,omitempty"` // requests about the job that failed, one after another
}

// JobState says which step comes next.
type JobState string

// The states of a job.
const (
	JobRuns JobState = ""
	JobDone JobState = "done" // the results can be read
	JobRead JobState = "read" // the results have been read to the end
)

// GoesOn reports whether a page of results fits what the job has told. If not, the
// part is read by REST, which gives the same rows or a clear error.
func (j *Job) GoesOn(rows int, next string, err error) bool {
	read := j.Read + rows
	switch {
	case err != nil:
	case next != "" && (next == j.Locator || rows == 0): // the page leads to itself
	case j.Rows > 0 && read > j.Rows: // more rows than the job has found
	case j.Rows > 0 && next == "" && read < j.Rows: // fewer rows than the job has found
	default:
		return true
	}
	return false
}
