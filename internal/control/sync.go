package control

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/internal/intake"
)

// unread is how long a step of a sync waits for its reader.
const unread = time.Minute

// handleSync syncs and evaluates the requested sources, one after the other; every step
// is a line of the answer.
func (c *Control) handleSync(w http.ResponseWriter, r *http.Request) {
	var req api.SyncRequest
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	if err := dec.Decode(&req); err != nil {
		c.refuse(w, api.Errorf(api.ExitUsage, "request: %w", err))
		return
	}
	var srcs []*Source
	var names []string
	for i := range c.cfg.Sources {
		src := &c.cfg.Sources[i]
		names = append(names, src.Name())
		if req.Source == "" || req.Source == src.Name() {
			srcs = append(srcs, src)
		}
	}
	if len(srcs) == 0 {
		c.refuse(w, api.Errorf(api.ExitUsage, "no source is called %q; the configuration has %s", req.Source, strings.Join(names, ", ")))
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	enc := json.NewEncoder(w)
	flush := http.NewResponseController(w)
	// A reader who does not read must not hold up the sync, which other syncs of the source
	// wait for. After this the reader is told nothing more.
	defer func() {
		if r.Context().Err() == nil {
			_ = flush.SetWriteDeadline(time.Time{}) // the connection is used again
		}
	}()
	tell := func(e api.SyncEvent) {
		if r.Context().Err() == nil {
			_ = flush.SetWriteDeadline(time.Now().Add(unread))
		}
		_ = enc.Encode(e) // the client went away
		_ = flush.Flush()
	}
	said := map[string]bool{} // a mistake about several sources is said once
	for i, src := range srcs {
		var last *api.SyncEvent // waits for the evaluation, which knows what the file has wrong
		err := c.Sync(r.Context(), src, req.Full, func(e api.SyncEvent) {
			if e.Finished {
				last = &e
				return
			}
			tell(e)
		})
		var of []string
		if err == nil {
			if err = c.Evaluation.Evaluate(r.Context(), src.Source); err == nil {
				of, err = c.Evaluation.OfFile(r.Context(), src.Source)
			}
			if err == nil {
				var strangers []string
				strangers, err = c.Evaluation.Strangers(r.Context())
				of = append(of, strangers...)
			}
			if err == nil {
				var v evaluation.Verdict
				v, err = c.Evaluation.Verdict(r.Context(), src.Source)
				if v.Cause == digest.Unjoined && i+1 < len(srcs) {
					of = append(of, v.Withheld+" yet; they are judged when it has") // by this sync, most likely
				} else {
					last.Withheld = v.Withheld
				}
			}
			if err != nil {
				last.Error, last.Exit = err.Error(), exitOf(err)
			}
		}
		for _, text := range of {
			if !said[text] {
				said[text] = true
				last.Notes = append(last.Notes, text)
			}
		}
		tell(*last)
		if !c.process.Survive(r.Context(), src.Name(), err) {
			return
		}
	}
}

// Sync syncs one source. It tells of each page, and last of the whole sync.
func (c *Control) Sync(ctx context.Context, src *Source, full bool, tell func(api.SyncEvent)) error {
	if r, ok := src.Source.Source.(crm.Refresher); ok {
		r.Refresh()
	}
	rep, err := c.Intake.Sync(ctx, src.Source.Source, full, func(p intake.Page) {
		tell(api.SyncEvent{
			Source: p.Source, Stream: p.Stream, Done: p.Done, Total: p.Total, Added: p.Added, Changed: p.Changed, Deleted: p.Deleted,
			Calls: p.Calls, Waits: p.Waits, Ended: p.Ended,
		})
	})
	last := api.SyncEvent{
		Source: src.Name(), Finished: true, Added: rep.Added, Changed: rep.Changed, Deleted: rep.Deleted, Calls: rep.Calls, Notes: rep.Notes,
	}
	if err == nil {
		var remarks []string
		remarks, err = c.Evaluation.Remarks(ctx, src.Source)
		last.Notes = append(last.Notes, remarks...)
	}
	if err != nil {
		last.Error, last.Exit = err.Error(), exitOf(err)
	}
	tell(last)
	return err
}
