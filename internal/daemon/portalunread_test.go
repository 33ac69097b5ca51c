package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
)

// TestUnreadValuesOfAPortal: an amount, a close date and an owner of a deal in the commit
// become values that cannot be read. The findings that are there stay, and their deal is
// told with what could not be read: no sum, no missing amount, and no other owner.
func TestUnreadValuesOfAPortal(t *testing.T) {
	for field, c := range map[string]struct{ property, value, line, commit string }{
		"amount":     {"amount", "1,234.50", ", amount not readable, Commit", "Amount not readable: 1 "},
		"close_date": {"closedate", "2026-12-31 10:00 o'clock", ", close date not readable, ", "1 deal more may be in it: forecast category or close date not readable."},
	} {
		t.Run(field, func(t *testing.T) {
			x := newPortalBench(t, 100)
			x.polled()
			id, owner := "", ""
			for _, l := range x.life() {
				if l.State == hygiene.Open && l.Severity >= hygiene.Medium && (l.Rule == "no-activity" || l.Rule == "next-step-missing") {
					id, owner = l.Record, l.Deal.OwnerEmail
				}
			}
			if id == "" {
				t.Fatalf("the scenario does not hold: %v", x.findings())
			}
			team := &x.cfg.Teams.List[0]
			team.Members = append(team.Members, owner)
			x.reborn()
			x.later(15 * time.Minute)
			x.set("deals", id, "hs_manual_forecast_category", "COMMIT")
			x.set("deals", id, "closedate", "2026-12-15T12:00:00Z")
			x.set("deals", id, "amount", "77000")
			x.polled()
			said := func() string {
				ps, err := x.PreviewNow(t.Context(), api.PreviewRequest{Name: "manager-daily", For: "maria@acme.example"})
				if err != nil || len(ps) != 1 {
					t.Fatal(ps, err)
				}
				return strings.Join(strings.Fields(ps[0].Text), " ")
			}
			if before := said(); strings.Contains(before, "readable") {
				t.Fatal(before)
			}
			x.later(time.Hour)
			x.set("deals", id, c.property, c.value)
			x.later(15 * time.Minute)
			x.polled()
			if got := said(); !strings.Contains(got, c.line) || !strings.Contains(got, c.commit) || strings.Contains(got, "Without an amount") {
				t.Errorf("the digest does not say %q and %q:\n%s", c.line, c.commit, got)
			}
			found := false
			for _, f := range x.check().Findings {
				if o := &f.Opportunity; o.ID == id {
					found = true
					if !o.IsUnclear(field) || o.Owner != owner {
						t.Errorf("check says %+v", o)
					}
				}
			}
			if !found {
				t.Error("check has no finding of the deal")
			}
		})
	}
}
