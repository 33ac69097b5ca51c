package edition

import (
	"context"
	"fmt"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// unclearReason is why a period that the ledger does not have is not begun.
const unclearReason = "the journal was damaged and salvaged after its time, so whether it was sent is not known"

// unclear reports whether a period at whose time the ledger has no row may have been begun
// all the same: the row was in a journal that was damaged. Nobody gets a digest twice
// because a row was lost.
func (r *Run) unclear(ctx context.Context, at time.Time) (bool, error) {
	if r.salvaged == nil {
		s, err := r.e.journal.Noted(ctx, store.NoteSalvaged)
		if err != nil {
			return false, store.AsFileError(err)
		}
		var t time.Time
		if s != "" {
			if t, err = time.Parse(time.RFC3339, s); err != nil {
				return false, fmt.Errorf("read when the journal was salvaged: %w", err)
			}
		}
		r.salvaged = &t
	}
	return !r.salvaged.IsZero() && !at.After(*r.salvaged), nil
}

// Unclear lists today's digests of which nobody knows whether they were sent, each with
// what to do.
func (e *Edition) Unclear(ctx context.Context) ([]string, error) {
	ps, err := e.journal.Periods(ctx, crm.DateOf(e.cfg.Now(), time.UTC)-1)
	if err != nil {
		return nil, store.AsFileError(err)
	}
	var out []string
	for _, p := range ps {
		if p.State == periodUnclear && p.Date == crm.DateOf(e.cfg.Now(), e.Zone(p.Team)) {
			out = append(out, fmt.Sprintf("%s of %s for %s: %s: ask a reader; if nobody has it, run `pipetidy digest send %s`",
				p.Digest, p.Date.Short(), e.cfg.Teams.Name(p.Team), p.Reason, p.Digest))
		}
	}
	return out, nil
}
