package daemon

import (
	"context"
	"net/http"
	"time"
)

// parting is how long a reader has for what is being written when the daemon stops.
const parting = 10 * time.Second

// parted serves h so that a reader who does not read cannot hold up a stop. What a handler
// writes after the stop began, such as the result of an attempt that had to be finished,
// has as long again.
func parted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := &partingAnswer{w, http.NewResponseController(w), r.Context()}
		release := context.AfterFunc(r.Context(), a.hurry)
		defer release()
		h.ServeHTTP(a, r)
	})
}

// partingAnswer is an answer whose reader is left behind by a stop.
type partingAnswer struct {
	http.ResponseWriter
	control *http.ResponseController
	running context.Context //nolint:containedctx // of the request that is answered
}

func (a *partingAnswer) hurry() {
	_ = a.control.SetWriteDeadline(time.Now().Add(parting)) // a connection without deadlines is a test's
}

// Write writes, for as long as parting where the daemon stops.
func (a *partingAnswer) Write(p []byte) (int, error) {
	if a.running.Err() != nil {
		a.hurry()
	}
	return a.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (a *partingAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
