package fault

import (
	"bytes"
	"maps"
	"net/http"
)

// Tape records an answer instead of sending it. (httptest.ResponseRecorder does the
// same, but package httptest registers a command line flag, and the demo is part of
// the product.)
type Tape struct {
	header http.Header
	Status int
	Body   bytes.Buffer
}

// NewTape is an empty tape.
func NewTape() *Tape { return &Tape{header: http.Header{}, Status: http.StatusOK} }

// Header is the header of the recorded answer.
func (t *Tape) Header() http.Header { return t.header }

// WriteHeader records the status.
func (t *Tape) WriteHeader(status int) { t.Status = status }

// Write records a part of the body and never fails.
func (t *Tape) Write(b []byte) (int, error) { return t.Body.Write(b) }

// play sends the recorded answer.
func (t *Tape) play(w http.ResponseWriter) {
	maps.Copy(w.Header(), t.header)
	w.WriteHeader(t.Status)
	_, _ = w.Write(t.Body.Bytes())
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
