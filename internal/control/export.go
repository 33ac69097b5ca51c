package control

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/export"
	"github.com/pipetidy/pipetidy/store"
)

// findings is the stream of open findings, which are in the journal. All other streams
// are records of the cache.
const findings crm.Stream = "findings"

// handleExport writes the records of a stream, source after source.
func (c *Control) handleExport(w http.ResponseWriter, r *http.Request) {
	s := crm.Stream(r.URL.Query().Get("stream"))
	if known := append(export.Streams(), findings); !slices.Contains(known, s) {
		c.refuse(w, api.Errorf(api.ExitUsage, "no stream is called %q; there are %s", s, listed(known)))
		return
	}
	only := r.URL.Query().Get("source")
	if only != "" && !slices.ContainsFunc(c.cfg.Sources, func(x Source) bool { return x.Name() == only }) {
		c.refuse(w, api.Errorf(api.ExitUsage, "no source is called %q; look under sources in the configuration", only))
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	for i := range c.cfg.Sources {
		src := &c.cfg.Sources[i]
		if only != "" && only != src.Name() {
			continue
		}
		var err error
		if s == findings {
			err = c.exportFindings(w, r, src)
		} else {
			err = c.Export.Stream(r.Context(), w, src.Name(), s)
		}
		if err != nil {
			// The status has been sent: a last line that is no record holds the error.
			_ = json.NewEncoder(w).Encode(&api.Error{Message: err.Error(), Exit: exitOf(err)})
			return
		}
	}
}

// exportFindings writes the open findings of a source. It copies all of them before it
// writes the first one, because a client that stalls must not hold a transaction.
func (c *Control) exportFindings(w http.ResponseWriter, r *http.Request, src *Source) error {
	var lines []api.CheckFinding
	var lives []hygiene.Life
	pass, _, err := c.Evaluation.Pass(r.Context(), src.Source)
	if err != nil {
		return err
	}
	err = c.journal.Lives(r.Context(), c.cfg.Now(), func(l hygiene.Life) error {
		if l.State == hygiene.Open && !l.Paused && l.Source == src.Name() {
			pass.Tell(&l)
			lines, lives = append(lines, c.finding(&l)), append(lives, l)
		}
		return nil
	})
	if err != nil {
		return store.AsFileError(err)
	}
	if err := c.audience(r.Context(), lives, lines); err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	for i := range lines {
		if err := enc.Encode(&lines[i]); err != nil {
			return err
		}
	}
	return nil
}

// listed joins names as a sentence does.
func listed(streams []crm.Stream) string {
	var names []string
	for _, s := range streams {
		names = append(names, string(s))
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
