package fault

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

// Script holds what a service is to do wrong, and the requests that the service got.
type Script struct {
	mu     sync.Mutex
	script []*Rule
	calls  []Call
	subs   []Call // of composites
}

// Fault adds a scripted misbehaviour. Of several that match, the first added is met
// first.
func (s *Script) Fault(f Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	s.script = append(s.script, &f)
}

// ClearFaults ends all misbehaviour.
func (s *Script) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = nil
}

// Calls lists the requests so far.
func (s *Script) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// ResetCalls empties the list of Calls.
func (s *Script) ResetCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls, s.subs = nil, nil
}

// due is the fault that this request meets.
func (s *Script) due(r *http.Request) *Rule {
	return s.next(func(f *Rule) bool {
		return f.Sub == "" && strings.Contains(r.URL.Path, f.Path) && (f.Match == nil || f.Match(r))
	})
}

// DueWithin is the fault that a subrequest meets.
func (s *Script) DueWithin(r *http.Request) *Rule {
	return s.next(func(f *Rule) bool {
		return f.Sub != "" && strings.Contains(r.URL.Path, f.Sub) && (f.Match == nil || f.Match(r))
	})
}

func (s *Script) next(befalls func(*Rule) bool) *Rule {
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

func (s *Script) note(c Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
}

// Subrequests lists the requests within composites so far; in Calls a composite is
// one call.
func (s *Script) Subrequests() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.subs...)
}

// NoteWithin remembers a request of a composite.
func (s *Script) NoteWithin(c Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subs = append(s.subs, c)
}

const maintenancePage = "<!DOCTYPE html>\n<html><head><title>Maintenance</title></head><body><h1>We are down for maintenance.</h1><p>Sorry for the inconvenience. We'll be back shortly.</p></body></html>\n"

// Serve answers one request, well or as scripted, and notes the call.
func (s *Script) Serve(w http.ResponseWriter, r *http.Request, call Call, well http.Handler) {
	// The call is noted before its answer goes out, so a client that has the answer
	// finds the call.
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
	var done *Tape // the answer to a request that has taken effect
	if f.Commit {
		done = NewTape()
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
	case Edit:
		r.Header.Del("Accept-Encoding")
		whole := done
		if whole == nil {
			whole = NewTape()
			well.ServeHTTP(whole, r)
		}
		body := f.Change(bytes.Clone(whole.Body.Bytes()))
		whole.Body.Reset()
		_, _ = whole.Body.Write(body)
		whole.header.Del("Content-Length")
		whole.play(rec)
	case Truncate, Cut, Stall:
		whole := done
		if whole == nil {
			whole = NewTape()
			well.ServeHTTP(whole, r)
		}
		maps.Copy(w.Header(), whole.header)
		body := whole.Body.Bytes()
		half := len(body) / 2
		if f.Kind == Cut {
			body = body[:half]
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		rec.WriteHeader(whole.Status)
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

// pause waits, and reports whether the client waited too.
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
