package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/internal/api"
)

// Handler is the control API. It needs no Run: a command without a running
// daemon serves it to itself.
func (d *Daemon) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, r *http.Request) {
		d.answer(w, func() (any, error) { return d.Status(r.Context()) })
	})
	mux.HandleFunc("POST /v1/sync", d.handleSync)
	mux.HandleFunc("POST /v1/check", func(w http.ResponseWriter, r *http.Request) {
		var req api.CheckRequest
		d.ask(w, r, &req, func() (any, error) { return d.Check(r.Context(), req) })
	})
	mux.HandleFunc("GET /v1/explain", func(w http.ResponseWriter, r *http.Request) {
		d.answer(w, func() (any, error) { return d.Explain(r.Context(), r.URL.Query().Get("id")) })
	})
	mux.HandleFunc("POST /v1/digest/preview", func(w http.ResponseWriter, r *http.Request) {
		var req api.PreviewRequest
		d.ask(w, r, &req, func() (any, error) {
			dg, err := d.lookup(req.Name)
			if err != nil {
				return nil, err
			}
			if err := d.evaluateAll(r.Context()); err != nil {
				return nil, err
			}
			if err := d.ready(r.Context()); err != nil {
				return nil, err
			}
			out, err := d.preview(r.Context(), dg, req.For)
			if err == nil && len(out) == 0 {
				err = &api.Error{Message: fmt.Sprintf("%s has no reader %q; its readers are %s", req.Name, req.For, d.names(dg)), Exit: api.ExitUsage}
			}
			return out, err
		})
	})
	mux.HandleFunc("POST /v1/digest/send", func(w http.ResponseWriter, r *http.Request) {
		var req api.SendRequest
		d.ask(w, r, &req, func() (any, error) {
			dg, err := d.lookup(req.Name)
			if err != nil {
				return nil, err
			}
			if err := d.evaluateAll(r.Context()); err != nil {
				return nil, err
			}
			return d.SendNow(r.Context(), dg, req.To, req.Again)
		})
	})
	mux.HandleFunc("GET /v1/export", d.handleExport)
	return mux
}

// ask decodes the request's body and answers with what fn returns.
func (d *Daemon) ask(w http.ResponseWriter, r *http.Request, req any, fn func() (any, error)) {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	dec.DisallowUnknownFields()
	if err := dec.Decode(req); err != nil {
		d.refuse(w, &api.Error{Message: "request: " + err.Error(), Exit: api.ExitUsage})
		return
	}
	d.answer(w, func() (any, error) {
		v, err := fn()
		if err == nil {
			d.mended(commandOrigin, nil)
		}
		return v, err
	})
}

func (d *Daemon) answer(w http.ResponseWriter, fn func() (any, error)) {
	v, err := fn()
	if err != nil {
		d.refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // an error here is the client's going away
}

func (d *Daemon) refuse(w http.ResponseWriter, err error) {
	answer := &api.Error{Message: err.Error(), Exit: exitOf(err)}
	if errors.Is(err, context.Canceled) {
		answer.Message = "pipetidy is stopping; what was in hand was finished: see `pipetidy status`"
	}
	if known, ok := errors.AsType[*api.Error](err); ok {
		answer = known
	}
	if se, ok := errors.AsType[*StoreError](err); ok {
		d.noteFault(commandOrigin, se)
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

func (d *Daemon) handleSync(w http.ResponseWriter, r *http.Request) {
	var req api.SyncRequest
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	if err := dec.Decode(&req); err != nil {
		d.refuse(w, &api.Error{Message: "request: " + err.Error(), Exit: api.ExitUsage})
		return
	}
	var srcs []*Source
	var names []string
	for i := range d.cfg.Sources {
		names = append(names, d.cfg.Sources[i].Name())
		if req.Source == "" || req.Source == d.cfg.Sources[i].Name() {
			srcs = append(srcs, &d.cfg.Sources[i])
		}
	}
	if len(srcs) == 0 {
		d.refuse(w, &api.Error{Message: fmt.Sprintf("no source is called %q; the configuration has %s", req.Source, strings.Join(names, ", ")), Exit: api.ExitUsage})
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	enc := json.NewEncoder(w)
	flush := http.NewResponseController(w)
	tell := func(e api.SyncEvent) {
		_ = enc.Encode(e)
		_ = flush.Flush()
	}
	for _, src := range srcs {
		err := d.Sync(r.Context(), src, req.Full, tell)
		if err == nil {
			if err = d.Evaluate(r.Context(), src); err != nil {
				tell(api.SyncEvent{Source: src.Name(), Finished: true, Error: err.Error(), Exit: exitOf(err)})
			}
		}
		if !d.survive(r.Context(), src.Name(), err) {
			return
		}
	}
}

// evaluateAll brings the findings up to the cache, source by source.
func (d *Daemon) evaluateAll(ctx context.Context) error {
	for i := range d.cfg.Sources {
		if err := d.Evaluate(ctx, &d.cfg.Sources[i]); err != nil {
			return err
		}
	}
	return nil
}

func (d *Daemon) names(dg *Digest) string {
	var out []string
	for _, r := range d.readers(dg) {
		if !slices.Contains(out, r.email) {
			out = append(out, r.email)
		}
	}
	return strings.Join(out, ", ")
}

func sortResults(rs []api.SendResult) {
	slices.SortFunc(rs, func(a, b api.SendResult) int {
		if c := a.Changed.Compare(b.Changed); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
}

func timePtr(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func firstOf(ss ...string) string {
	for _, s := range ss {
		if s != "" {
			return s
		}
	}
	return ""
}
