package hubspot_test

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestProgressRunsForward reads each stream for the first time, an hour later and a day
// later: progress never runs backwards, and never above its total.
func TestProgressRunsForward(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 120})
	src, at := a.Source(t), map[crm.Stream]crm.Cursor{}
	for _, after := range []time.Duration{0, 90 * time.Minute, 25 * time.Hour, 90 * time.Minute} {
		a.later(after)
		for _, s := range src.Streams() {
			done := 0
			for i, p := range toEnd(t, src, s, at[s]) {
				if p.Done < done || p.Total > 0 && p.Done > p.Total {
					t.Errorf("%s, page %d: %d of %d after %d", s, i, p.Done, p.Total, done)
				}
				done, at[s] = p.Done, p.Next
			}
		}
	}
}
