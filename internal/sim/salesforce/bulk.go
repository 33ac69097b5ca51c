package salesforce

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/soql"
	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

// BulkOptions are the switches of Bulk API 2.0 queries. The zero value is an
// ordinary org.
type BulkOptions struct {
	Polls       int           // a job ends when its state has been read that many times; 0 is 2
	Takes       time.Duration // if set, jobs end that long after their creation by the company's clock instead
	Stuck       bool          // jobs never end
	Failing     int           // how many jobs end as Failed; negative is all
	FailMessage string        // the errorMessage of failed jobs, which may be ""
	NotBulkable []string      // objects that only REST reads
	JobLimit    int           // jobs a day; 0 is 10,000
	MaxRecords  int           // the most rows of a result page, even if maxRecords is greater; 0 is 50,000

	HeaderOnce  bool // later result pages begin without the header row
	NoCount     bool // a proxy took Sforce-NumberOfRecords away
	NUL         bool // texts hold a NUL byte
	FloatInts   bool // integers have a fraction, as in 0.0
	NotReady204 bool // a request for results before the job is complete is answered with 204 instead of 400
}

// jobState is a state of a query job.
type jobState string

const (
	jobUploaded jobState = "UploadComplete"
	jobRunning  jobState = "InProgress"
	jobComplete jobState = "JobComplete"
	jobFailed   jobState = "Failed"
	jobAborted  jobState = "Aborted"
)

// jobLife is how long a job and its results are kept.
const jobLife = 7 * 24 * time.Hour

// BulkJob is a query job, for tests.
type BulkJob struct {
	ID, Object, Operation, Query, State, Version string
	Created                                      time.Time
	Polls                                        int // how often the state was read
	Pages                                        int // result pages read
	Deleted                                      bool
}

type job struct {
	BulkJob
	q                 *soql.Query
	all               bool
	delimiter, ending string // by name
	state             jobState
	ended             time.Time
	message           string
	head              string
	rows              []string // CSV lines, once complete
}

// bulk are the query jobs.
type bulk struct {
	*shared
	queries *queries
	list    []*job
}

// Jobs lists all query jobs ever created, in order.
func (s *bulk) Jobs() []BulkJob {
	s.lock.Lock()
	defer s.lock.Unlock()
	var out []BulkJob
	for _, j := range s.list {
		b := j.BulkJob
		b.State = string(j.state)
		out = append(out, b)
	}
	return out
}

// jobs answers below /jobs/query.
func (s *bulk) jobs(w http.ResponseWriter, r *http.Request, version string, parts []string) error {
	if len(parts) == 0 {
		switch r.Method {
		case http.MethodPost:
			return s.createJob(w, r, version)
		case http.MethodGet:
			s.listJobs(w)
			return nil
		}
		return notAllowed(r.Method, http.MethodGet, http.MethodPost)
	}
	now, opt := s.rec.Now(), s.Options().Bulk
	s.lock.Lock()
	i := slices.IndexFunc(s.list, func(j *job) bool {
		return (j.ID == parts[0] || j.ID[:15] == parts[0]) && !j.Deleted && now.Sub(j.Created) < jobLife
	})
	var j *job
	if i >= 0 {
		j = s.list[i]
	}
	s.lock.Unlock()
	if j == nil {
		return notFound()
	}
	switch {
	case len(parts) == 1 && r.Method == http.MethodGet:
		s.advanceJob(j, opt, now, true)
	case len(parts) == 1 && r.Method == http.MethodPatch:
		if err := s.abortJob(j, r, now); err != nil {
			return err
		}
	case len(parts) == 1 && r.Method == http.MethodDelete:
		return s.deleteJob(w, j)
	case len(parts) == 1:
		return notAllowed(r.Method, http.MethodGet, http.MethodPatch, http.MethodDelete)
	case r.Method != http.MethodGet:
		return notAllowed(r.Method, http.MethodGet)
	case len(parts) == 2 && parts[1] == "results":
		s.advanceJob(j, opt, now, false)
		return s.results(w, r, j, version, opt)
	case len(parts) == 2 && parts[1] == "resultPages":
		s.advanceJob(j, opt, now, false)
		return s.resultPages(w, r, j, version, opt)
	default:
		return notFound()
	}
	wire.JSON(w, http.StatusOK, s.told(j, true))
	return nil
}

// told is a job in the form of an answer.
func (s *bulk) told(j *job, whole bool) map[string]any {
	s.lock.Lock()
	defer s.lock.Unlock()
	number, _ := strconv.ParseFloat(j.Version, 64)
	v := map[string]any{"id": j.ID, "operation": j.Operation, "object": j.Object, "createdById": s.integration(), "createdDate": j.Created.Format(soql.RESTTime),
		"systemModstamp": j.Created.Format(soql.RESTTime), "state": j.state, "concurrencyMode": "Parallel", "contentType": "CSV", "apiVersion": json.RawMessage(strconv.FormatFloat(number, 'f', 1, 64)),
		"lineEnding": j.ending, "columnDelimiter": j.delimiter}
	if !whole {
		return v
	}
	v["jobType"], v["retries"], v["totalProcessingTime"], v["numberRecordsProcessed"], v["isPkChunkingSupported"] = "V2Query", 0, 0, len(j.rows), true
	if !j.ended.IsZero() {
		v["systemModstamp"], v["totalProcessingTime"] = j.ended.Format(soql.RESTTime), j.ended.Sub(j.Created).Milliseconds()
	}
	if j.state == jobFailed {
		v["errorMessage"] = j.message
	}
	return v
}

func (s *bulk) listJobs(w http.ResponseWriter) {
	now := s.rec.Now()
	s.lock.Lock()
	var live []*job
	for _, j := range s.list {
		if !j.Deleted && now.Sub(j.Created) < jobLife {
			live = append(live, j)
		}
	}
	s.lock.Unlock()
	records := []map[string]any{}
	for _, j := range live {
		records = append(records, s.told(j, false))
	}
	wire.JSON(w, http.StatusOK, map[string]any{"done": true, "nextRecordsUrl": nil, "records": records})
}

// advanceJob lets a job go on; look is a read of the job's state.
func (s *bulk) advanceJob(j *job, opt BulkOptions, now time.Time, look bool) {
	s.lock.Lock()
	if look {
		j.Polls++
	}
	due := j.Polls >= max(opt.Polls, 1)
	if opt.Polls == 0 {
		due = j.Polls >= 2
	}
	if opt.Takes > 0 {
		due = now.Sub(j.Created) >= opt.Takes
	}
	running := j.state == jobUploaded || j.state == jobRunning
	if running && (j.Polls > 0 || opt.Takes > 0 && now.After(j.Created)) {
		j.state = jobRunning
	}
	if !running || !due || opt.Stuck {
		s.lock.Unlock()
		return
	}
	failing := opt.Failing != 0
	if opt.Failing > 0 {
		s.opt.Bulk.Failing--
	}
	s.lock.Unlock()

	var head string
	var rows []string
	message := opt.FailMessage
	if !failing {
		var err error
		if head, rows, err = s.csv(j, opt); err != nil {
			failing, message = true, err.Error()
		}
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	if j.state != jobRunning && j.state != jobUploaded {
		return // another request has ended the job meanwhile
	}
	j.ended = now.UTC()
	if failing {
		j.state, j.message = jobFailed, message
		return
	}
	j.state, j.head, j.rows = jobComplete, head, rows
}

func (s *bulk) abortJob(j *job, r *http.Request, now time.Time) error {
	var ask struct{ State jobState }
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil || ask.State != jobAborted {
		return fail(http.StatusBadRequest, "INVALIDJOBSTATE", "Aborting a job is the only change of its state")
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	if j.state != jobUploaded && j.state != jobRunning {
		return fail(http.StatusBadRequest, "INVALIDJOBSTATE", "Aborting already Completed, Aborted or Failed Job not allowed")
	}
	j.state, j.ended = jobAborted, now.UTC()
	return nil
}

func (s *bulk) deleteJob(w http.ResponseWriter, j *job) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	if j.state == jobUploaded || j.state == jobRunning {
		return fail(http.StatusBadRequest, "INVALIDJOBSTATE", "Only a job that is complete, failed or aborted can be deleted")
	}
	j.Deleted, j.rows = true, nil
	w.WriteHeader(http.StatusNoContent)
	return nil
}
