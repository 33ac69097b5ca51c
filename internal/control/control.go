// Package control answers what commands ask: it is the handler behind the control API
// (package api), which the daemon serves on its socket, and a command without a daemon
// serves to itself. Each request has a file. Control sees all rooms and does none of
// their work: it calls them and puts their reports into the words of the API.
package control

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/edition"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/internal/export"
	"github.com/pipetidy/pipetidy/internal/intake"
	"github.com/pipetidy/pipetidy/internal/outbox"
	"github.com/pipetidy/pipetidy/store"
)

// Source is one CRM account as commands name it.
type Source struct {
	*evaluation.Source
	Type string // "salesforce"
}

// Config is what a Control is made from.
type Config struct {
	Sources []Source
	Teams   hygiene.Teams
	People  hygiene.People
	Rules   []string // the ids of the catalogue
	Now     func() time.Time
	// Judging is an evaluation by the configuration file with that path.
	Judging func(file string) (*evaluation.Evaluation, error)
}

// Rooms are the rooms that requests reach.
type Rooms struct {
	Intake     *intake.Intake
	Evaluation *evaluation.Evaluation
	Edition    *edition.Edition
	Outbox     *outbox.Outbox
	Export     *export.Export
}

// Cache is what control uses of the cache.
type Cache interface {
	Streams(ctx context.Context) ([]store.StreamState, error)
	Scan(ctx context.Context, source, after string, limit int, fn func(*hygiene.Deal) error) (last string, more bool, err error)
}

// Journal is what control uses of the journal.
type Journal interface {
	Lives(ctx context.Context, since time.Time, fn func(hygiene.Life) error) error
	Snapshot(ctx context.Context, source string, t time.Time) (s hygiene.Snapshot, ok bool, err error)
	Deliveries(ctx context.Context, states ...delivery.State) ([]delivery.Delivery, error)
	DeliveriesSince(ctx context.Context, from crm.Date) ([]delivery.Delivery, error)
}

// Process is the process that the rooms are in.
type Process interface {
	// Running reports whether the process is the daemon.
	Running() bool
	// Waiting returns when a source is polled again; zero when no poll has to wait.
	Waiting(source string) time.Time
	// Faulty says why the files cannot be written, "" when they can.
	Faulty() string
	// Awaited lists the sources whose sync digests that are due wait for after a start or a
	// sleep of the machine, and for how long at most.
	Awaited() (sources []string, most time.Duration)
	// Survive hears how a step ended, and reports whether the next step may begin.
	Survive(ctx context.Context, step string, err error) bool
	// Broken hears that a step could not write its files, Mended that a step could.
	Broken(step string, err *store.FileError)
	Mended(step string)
}

// Bounds of a request: a small one, from this machine.
const (
	bodyTime = 10 * time.Second // to arrive
	bodyMost = 1 << 20          // bytes
)

// step is the name under which the process remembers the faults of commands; a sync
// has the name of its source.
const step = "command"

// Control answers commands.
type Control struct {
	Rooms
	cfg     Config
	cache   Cache
	journal Journal
	process Process
}

// New makes a control over rooms on opened files.
func New(cfg Config, rooms Rooms, c Cache, j Journal, p Process) *Control {
	return &Control{Rooms: rooms, cfg: cfg, cache: c, journal: j, process: p}
}

// Handler is the control API.
func (c *Control) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+api.PathPing, func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET "+api.PathStatus, func(w http.ResponseWriter, r *http.Request) {
		c.answer(w, func() (any, error) { return c.Status(r.Context()) })
	})
	mux.HandleFunc("POST "+api.PathSync, c.handleSync)
	mux.HandleFunc("POST "+api.PathCheck, func(w http.ResponseWriter, r *http.Request) {
		var req api.CheckRequest
		c.ask(w, r, &req, func() (any, error) { return c.Check(r.Context(), req) })
	})
	mux.HandleFunc("GET "+api.PathExplain, func(w http.ResponseWriter, r *http.Request) {
		c.answer(w, func() (any, error) {
			limit, err := strconv.Atoi(cmp.Or(r.URL.Query().Get("limit"), "0"))
			if err != nil || limit < 0 {
				return nil, api.Errorf(api.ExitUsage, "the limit must be a number of rules, or 0 for all")
			}
			e, err := c.Explain(r.Context(), r.URL.Query().Get("id"))
			if err == nil {
				sumUp(e, limit)
			}
			return e, err
		})
	})
	mux.HandleFunc("POST "+api.PathPreview, func(w http.ResponseWriter, r *http.Request) {
		var req api.PreviewRequest
		c.ask(w, r, &req, func() (any, error) { return c.Preview(r.Context(), req) })
	})
	mux.HandleFunc("POST "+api.PathSend, func(w http.ResponseWriter, r *http.Request) {
		var req api.SendRequest
		c.ask(w, r, &req, func() (any, error) { return c.Send(r.Context(), req) })
	})
	mux.HandleFunc("POST "+api.PathSettle, func(w http.ResponseWriter, r *http.Request) {
		var req api.SettleRequest
		c.ask(w, r, &req, func() (any, error) { return c.Settle(r.Context(), req) })
	})
	mux.HandleFunc("POST "+api.PathRelease, func(w http.ResponseWriter, r *http.Request) {
		var req api.ReleaseRequest
		c.ask(w, r, &req, func() (any, error) { return c.Release(r.Context(), req) })
	})
	mux.HandleFunc("POST "+api.PathPark, func(w http.ResponseWriter, r *http.Request) {
		var req api.ParkRequest
		c.ask(w, r, &req, func() (any, error) { return c.Park(r.Context(), req) })
	})
	mux.HandleFunc("POST "+api.PathUnpark, func(w http.ResponseWriter, r *http.Request) {
		var req api.UnparkRequest
		c.ask(w, r, &req, func() (any, error) { return c.Unpark(r.Context(), req) })
	})
	mux.HandleFunc("GET "+api.PathParked, func(w http.ResponseWriter, r *http.Request) {
		c.answer(w, func() (any, error) { return c.Parked(r.Context(), r.URL.Query().Get("all") != "") })
	})
	mux.HandleFunc("POST "+api.PathCompare, func(w http.ResponseWriter, r *http.Request) {
		var req api.CompareRequest
		c.ask(w, r, &req, func() (any, error) { return c.Compare(r.Context(), req) })
	})
	mux.HandleFunc("POST "+api.PathForget, func(w http.ResponseWriter, r *http.Request) {
		var req api.ForgetRequest
		c.ask(w, r, &req, func() (any, error) { return req, c.forget(r.Context(), req.Source) })
	})
	mux.HandleFunc("GET "+api.PathExport, c.handleExport)
	return whole(mux)
}

// whole hands on requests that have arrived: one that never ends must not keep its
// connection. Within the process there is no connection, and no deadline.
func whole(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn := http.NewResponseController(w)
		_ = conn.SetReadDeadline(time.Now().Add(bodyTime))
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMost))
		if err != nil {
			w.Header().Set("Connection", "close") // else the server waits for the rest before it answers
			http.Error(w, "the request did not arrive: "+err.Error(), http.StatusRequestTimeout)
			return
		}
		_ = conn.SetReadDeadline(time.Time{})
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// ask decodes the body of a request into req and answers with what fn returns.
func (c *Control) ask(w http.ResponseWriter, r *http.Request, req any, fn func() (any, error)) {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(req); err != nil {
		c.refuse(w, api.Errorf(api.ExitUsage, "request: %w", err))
		return
	}
	c.answer(w, func() (any, error) {
		v, err := fn()
		if err == nil {
			c.process.Mended(step)
		}
		return v, err
	})
}

// answer answers with what fn returns, or with its error.
func (c *Control) answer(w http.ResponseWriter, fn func() (any, error)) {
	v, err := fn()
	if err != nil {
		c.refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client went away
}

// refuse answers with an error, and tells the process of errors of the files.
func (c *Control) refuse(w http.ResponseWriter, err error) {
	answer := &api.Error{Message: err.Error(), Exit: exitOf(err)}
	if errors.Is(err, context.Canceled) {
		answer.Message = "pipetidy is stopping; what was in hand was finished: see `pipetidy status`"
	}
	if known, ok := errors.AsType[*api.Error](err); ok {
		answer = known
	}
	if fe, ok := errors.AsType[*store.FileError](err); ok {
		c.process.Broken(step, fe)
	}
	code := http.StatusInternalServerError
	switch answer.Exit {
	case api.ExitUsage:
		code = http.StatusBadRequest
	case api.ExitNoVerdict:
		code = http.StatusConflict
	case api.ExitUnavailable:
		code = http.StatusBadGateway
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(answer)
}
