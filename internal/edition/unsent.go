package edition

import (
	"context"
	"fmt"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// Unsent is a digest that nobody of a team was sent, though its day had come.
type Unsent struct {
	Digest, Team string // Team is the key
	Text         string // what it was, why it was not sent, and what to do
}

// unsentFor is how long it is news that a digest was not sent.
const unsentFor = 36 * time.Hour

// Unsent lists the digests that have lately expired, and those that were skipped because
// nobody could be sent them, the newest first. A day on which nobody works is no such
// reason, and a mistyped address is told as a mistake of the file.
func (e *Edition) Unsent(ctx context.Context) ([]Unsent, error) {
	now := e.cfg.Now()
	ps, err := e.journal.Periods(ctx, crm.DateOf(now, time.UTC)-lookBack-1)
	if err != nil {
		return nil, store.AsFileError(err)
	}
	r := e.Run()
	if _, err := r.typo(ctx, ""); err != nil { // reads the mistyped addresses
		return nil, err
	}
	mistyped := map[string]bool{}
	for _, why := range r.typos {
		mistyped[why] = true
	}
	var out []Unsent
	for _, p := range ps {
		dg := e.Find(p.Digest)
		if dg == nil || now.Sub(p.Begun) > unsentFor {
			continue
		}
		what := fmt.Sprintf("%s of %s", p.Digest, p.Date.Short())
		if team := e.cfg.Teams.Name(p.Team); team != "" {
			what += " for " + team
		}
		switch {
		case p.State == periodExpired:
			out = append(out, Unsent{p.Digest, p.Team, fmt.Sprintf("%s was not sent: %s; whoever needs it all the same gets it with `pipetidy digest send %s`", what, p.Reason, p.Digest)})
		case p.State == periodSkipped && r.rest(dg, p.Team, p.Date) == "" && !mistyped[p.Reason]:
			out = append(out, Unsent{p.Digest, p.Team, fmt.Sprintf("%s was sent to nobody: %s", what, p.Reason)})
		}
	}
	return out, nil
}
