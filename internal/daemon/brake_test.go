package daemon_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/api"
)

// braked is a bench on which what 25 of Ana's 80 deals lack since Thursday noon is held back: an
// integration has taken back their meetings.
func braked(t *testing.T, list string) *bench {
	t.Helper()
	b := repFirst(t, list, func(b *bench) {
		called := b.clock.Now().AddDate(0, 0, -1)
		for i := range 80 {
			d := b.deal(fmt.Sprintf("0060000000001%02dAAA", i), fmt.Sprintf("Loaded%02d", i))
			d.CloseDate, d.ForecastCategory, d.CreatedAt = crm.DateOf(called, time.UTC)+60, "Pipeline", called.AddDate(0, -1, 0)
			b.account.acts = append(b.account.acts, crm.Activity{ID: fmt.Sprintf("00T1%02d", i), OpportunityIDs: []string{d.ID}, Kind: crm.Call, Done: true, At: called, CreatedAt: called},
				crm.Activity{ID: fmt.Sprintf("00U1%02d", i), OpportunityIDs: []string{d.ID}, Kind: crm.Meeting, At: called.AddDate(0, 0, 40), CreatedAt: called})
			b.account.deals = append(b.account.deals, d)
		}
	})
	b.at("2026-11-24 12:00")
	b.at("2026-11-25 12:00")
	for i := range b.account.acts {
		if x := &b.account.acts[i]; "00U100" <= x.ID && x.ID < "00U125" {
			x.At = x.CreatedAt
		}
	}
	b.at("2026-11-26 12:00")
	return b
}

// TestReleasedIsRepFirst: what a brake held back begins with its release, for the reps as well:
// it is in their lists first, also where these come after the manager's digest.
func TestReleasedIsRepFirst(t *testing.T) {
	for _, list := range []string{"08:15", "09:00"} {
		b := braked(t, list)
		b.at("2026-11-27 08:15")
		says(t, b.at("2026-11-27 08:30")[maria], "Maria's digest, while it is held", "Held back: ", "25 deals", "!Loaded")
		says(t, b.at("2026-11-27 09:00")[ana]+" ", "Ana's list, while it is held", "!Loaded")
		b.at("2026-11-27 12:00")
		if out, err := b.Release(t.Context(), api.ReleaseRequest{Rule: "no-future-activity"}); err != nil || len(out) != 1 || out[0].Before {
			t.Fatal(out, err)
		}
		if out, err := b.Release(t.Context(), api.ReleaseRequest{Rule: "no-future-activity"}); err != nil || len(out) != 1 || !out[0].Before {
			t.Error("released twice:", out, err)
		}
		var early map[string]string
		if list < "08:30" {
			early = b.at("2026-11-30 " + list)
		}
		says(t, b.at("2026-11-30 08:30")[maria]+" ", "Maria's digest after the release", "!Held back", "!Loaded")
		if early == nil {
			early = b.at("2026-11-30 " + list)
		}
		says(t, early[ana], "Ana's list after the release", "◦ = your manager does not see this until tomorrow 08:30.", "◦ Loaded", "25 of them new", "now counting nothing booked on 25 deals (no longer held back)")
		b.at("2026-12-01 08:15")
		says(t, b.at("2026-12-01 08:30")[maria], "Maria's digest, the day after", "Loaded", "25 new")
	}
}
