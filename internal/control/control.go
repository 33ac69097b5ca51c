// Package control answers what commands ask: it is the handler behind the control
// API (package api), served by the daemon on its socket and, without a daemon, by a
// command to itself. It sees all rooms and does none of their work.
package control

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/edition"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/internal/export"
	"github.com/pipetidy/pipetidy/internal/intake"
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
	Now     func() time.Time
}

// Rooms are what is controlled.
type Rooms struct {
	Intake     *intake.Intake
	Evaluation *evaluation.Evaluation
	Edition    *edition.Edition
	Export     *export.Export
}

// Cache is what control uses of the cache.
type Cache interface {
	Streams(ctx context.Context) ([]store.StreamState, error)
	Deal(ctx context.Context, source, id string, fn func(*hygiene.Deal) error) (found bool, err error)
}

// Journal is what control uses of the journal.
type Journal interface {
	Lives(ctx context.Context, since time.Time, fn func(hygiene.Life) error) error
	Snapshot(ctx context.Context, source string, t time.Time) (s hygiene.Snapshot, ok bool, err error)
	Deliveries(ctx context.Context, states ...delivery.State) ([]delivery.Delivery, error)
}

// Process is the process around the rooms.
type Process interface {
	// Running reports whether it is the daemon.
	Running() bool
	// Waiting returns when polls of a source go on; zero while they do.
	Waiting(source string) time.Time
	// Faulty says why the files cannot be written, "" when they can.
	Faulty() string
	// Survive hears how a step ended, and reports whether what follows it is done.
	Survive(ctx context.Context, step string, err error) bool
	// Broken hears that a step could not write its files, Mended that it could.
	Broken(step string, err *store.FileError)
	Mended(step string)
}

// step names what commands do among the steps whose faults are remembered; syncs
// are named after their source.
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
	mux.HandleFunc("GET "+api.PathStatus, func(w http.ResponseWriter, r *http.Request) {
		c.answer(w, func() (any, error) { return c.Status(r.Context()) })
	})
	mux.HandleFunc("POST "+api.PathSync, c.handleSync)
	mux.HandleFunc("POST "+api.PathCheck, func(w http.ResponseWriter, r *http.Request) {
		var req api.CheckRequest
		c.ask(w, r, &req, func() (any, error) { return c.Check(r.Context(), req) })
	})
	mux.HandleFunc("GET "+api.PathExplain, func(w http.ResponseWriter, r *http.Request) {
		c.answer(w, func() (any, error) { return c.Explain(r.Context(), r.URL.Query().Get("id")) })
	})
	mux.HandleFunc("POST "+api.PathPreview, func(w http.ResponseWriter, r *http.Request) {
		var req api.PreviewRequest
		c.ask(w, r, &req, func() (any, error) { return c.Preview(r.Context(), req) })
	})
	mux.HandleFunc("POST "+api.PathSend, func(w http.ResponseWriter, r *http.Request) {
		var req api.SendRequest
		c.ask(w, r, &req, func() (any, error) { return c.Send(r.Context(), req) })
	})
	mux.HandleFunc("GET "+api.PathExport, c.handleExport)
	return mux
}

// ask decodes the request's body and answers with what fn returns.
func (c *Control) ask(w http.ResponseWriter, r *http.Request, req any, fn func() (any, error)) {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
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

func (c *Control) answer(w http.ResponseWriter, fn func() (any, error)) {
	v, err := fn()
	if err != nil {
		c.refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // an error here is the client's going away
}

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
