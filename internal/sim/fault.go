package sim

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// FaultKind is what goes wrong.
type FaultKind string

// The kinds of fault.
const (
	Reply    FaultKind = ""         // Status, Header and Body as given
	HTML200  FaultKind = "html200"  // a maintenance page with status 200
	HTML503  FaultKind = "html503"  // the same with 503
	Reset    FaultKind = "reset"    // the connection closes without an answer
	Truncate FaultKind = "truncate" // the answer stops in the middle
	Slow     FaultKind = "slow"     // the answer comes after Delay
	Hang     FaultKind = "hang"     // no answer until the client gives up
	Stall    FaultKind = "stall"    // the answer begins, and goes on after Delay
	Cut      FaultKind = "cut"      // half of the answer, as if it were all of it
)

// Fault is one scripted misbehaviour of a simulated service.
type Fault struct {
	Path  string                   // part of the request's path; "" is any
	Sub   string                   // part of the URL of a composite's subrequest: only that one gets the Reply
	Match func(*http.Request) bool // nil is any
	Skip  int                      // matching requests that still go well first
	Times int                      // how often; 0 is once, negative is always

	Kind   FaultKind
	Status int // 0 is 500
	Header map[string]string
	Body   string
	Delay  time.Duration
	// Commit lets the request take effect first, so that only the answer is
	// lost or wrong.
	Commit bool
}

// Call is one request that a service got, without anything secret.
type Call struct {
	At     time.Time
	Method string
	Path   string
	Query  string // the SOQL of a query, the arguments of a Slack call are not kept
	Status int    // 0 where no answer was given
}

// faults scripts a service and remembers its requests.
type faults struct {
	mu     sync.Mutex
	script []*Fault
	calls  []Call
	subs   []Call // of composites
}

// Fault adds a scripted misbehaviour; those added first are looked at first.
func (s *faults) Fault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	s.script = append(s.script, &f)
}

// ClearFaults ends all misbehaviour.
func (s *faults) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = nil
}

// Calls lists the requests so far.
func (s *faults) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// ResetCalls forgets the requests so far.
func (s *faults) ResetCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls, s.subs = nil, nil
}

// due is the fault that this request meets.
func (s *faults) due(r *http.Request) *Fault {
	return s.next(func(f *Fault) bool {
		return f.Sub == "" && strings.Contains(r.URL.Path, f.Path) && (f.Match == nil || f.Match(r))
	})
}

// dueSub is the fault that a subrequest meets.
func (s *faults) dueSub(r *http.Request) *Fault {
	return s.next(func(f *Fault) bool {
		return f.Sub != "" && strings.Contains(r.URL.Path, f.Sub) && (f.Match == nil || f.Match(r))
	})
}

func (s *faults) next(befalls func(*Fault) bool) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.script {
		if f.Times == 0 || !befalls(f) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times > 0 {
			f.Times--
		}
		return f
	}
	return nil
}

func (s *faults) note(c Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
}

// Subrequests lists what composites asked for so far; as calls they count once.
func (s *faults) Subrequests() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.subs...)
}

func (s *faults) noteSub(c Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subs = append(s.subs, c)
}

const maintenancePage = "<!DOCTYPE html>\n<html><head><title>Maintenance</title></head><body><h1>We are down for maintenance.</h1><p>Sorry for the inconvenience. We'll be back shortly.</p></body></html>\n"

// serve answers one request, well or as scripted, and notes it.
func (s *faults) serve(w http.ResponseWriter, r *http.Request, call Call, well http.Handler) {
	// The call is noted before its answer goes out: whoever has the answer finds
	// the call.
	rec := &statusWriter{ResponseWriter: w, begin: func(status int) { call.Status = status; s.note(call) }}
	f := s.due(r)
	defer func() {
		if rec.status == 0 {
			s.note(call)
		}
		if f != nil && (f.Kind == Reset || f.Kind == Truncate || f.Kind == Hang) {
			panic(http.ErrAbortHandler) // closes the connection
		}
	}()
	if f == nil {
		well.ServeHTTP(rec, r)
		return
	}
	// The server notices that a client went away only once the body is read.
	body, _ := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	r.Body = io.NopCloser(bytes.NewReader(body))
	var done *tape // the answer to what has taken effect already
	if f.Commit {
		done = newTape()
		well.ServeHTTP(done, r)
	}
	for k, v := range f.Header {
		w.Header().Set(k, v)
	}
	switch f.Kind {
	case HTML200, HTML503:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		status := http.StatusOK
		if f.Kind == HTML503 {
			status = http.StatusServiceUnavailable
		}
		rec.WriteHeader(status)
		_, _ = rec.Write([]byte(maintenancePage))
	case Reset:
	case Hang:
		<-r.Context().Done()
	case Slow:
		pause(r, f.Delay)
		if done != nil {
			done.play(rec)
			return
		}
		well.ServeHTTP(rec, r)
	case Truncate, Cut, Stall:
		whole := done
		if whole == nil {
			whole = newTape()
			well.ServeHTTP(whole, r)
		}
		maps.Copy(w.Header(), whole.header)
		body := whole.body.Bytes()
		half := len(body) / 2
		if f.Kind == Cut {
			body = body[:half]
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		rec.WriteHeader(whole.status)
		_, _ = rec.Write(body[:half])
		_ = http.NewResponseController(w).Flush()
		if f.Kind == Stall && pause(r, f.Delay) {
			_, _ = rec.Write(body[half:])
		}
	default:
		if w.Header().Get("Content-Type") == "" {
			w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		}
		rec.WriteHeader(f.Status)
		_, _ = rec.Write([]byte(f.Body))
	}
}

// pause waits, and says whether the client waited too.
func pause(r *http.Request, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// tape records an answer instead of sending it. (httptest has one too, but it
// registers a command line flag, and the demo is part of the product.)
type tape struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newTape() *tape { return &tape{header: http.Header{}, status: http.StatusOK} }

func (t *tape) Header() http.Header         { return t.header }
func (t *tape) WriteHeader(status int)      { t.status = status }
func (t *tape) Write(b []byte) (int, error) { return t.body.Write(b) }

// play sends the recorded answer.
func (t *tape) play(w http.ResponseWriter) {
	maps.Copy(w.Header(), t.header)
	w.WriteHeader(t.status)
	_, _ = w.Write(t.body.Bytes())
}

// statusWriter remembers the status.
type statusWriter struct {
	http.ResponseWriter
	status int
	begin  func(status int) // called before the first byte is sent
}

func (w *statusWriter) WriteHeader(status int) {
	if status == 0 {
		status = http.StatusInternalServerError
	}
	if w.status == 0 {
		w.begin(status)
	}
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
