package daemon_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// opened are the findings that are open, as "source deal rule".
func (b *bench) opened() map[string]bool {
	b.t.Helper()
	out := map[string]bool{}
	err := b.store.Lives(b.t.Context(), time.Time{}, func(l hygiene.Life) error {
		if l.State == hygiene.Open {
			out[l.Source+" "+l.Record+" "+l.Rule] = true
		}
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// TestTwinsAreJudgedWhenBothCRMsAreKnown: whichever CRM is read first, a deal that is in both
// is judged by what both know: no finding about a deal that is closed in the CRM that is yet
// to be read, and after the first sync of both all that a later check finds.
func TestTwinsAreJudgedWhenBothCRMsAreKnown(t *testing.T) {
	const sf, hub = "006000000000001AAA", "42"
	for _, c := range []struct {
		name              string
		sfNames, hubNames string
		closed            bool // in the CRM that is read last

	}{
		{"Salesforce names the deal of HubSpot", hub, "", false},
		{"HubSpot names the deal of Salesforce", "", sf, false},
		{"each names the other", hub, sf, false},
		{"neither", "", "", false},
		{"Salesforce names it, and it is won in the second", hub, "", true},
		{"HubSpot names it, and it is won in the second", "", sf, true},
	} {
		for _, order := range [][]int{{0, 1}, {1, 0}} {
			t.Run(c.name+map[int]string{0: ", Salesforce first", 1: ", HubSpot first"}[order[0]], func(t *testing.T) {
				b, second := twoCRMs(t)
				b.account.deals = []crm.Opportunity{b.named(sf, "Wayne", c.sfNames)}
				second.deals = []crm.Opportunity{b.named(hub, "Wayne", c.hubNames)}
				last := [][]crm.Opportunity{b.account.deals, second.deals}[order[1]]
				last[0].Closed, last[0].Won = c.closed, c.closed
				sync := func(i int) {
					t.Helper()
					if err := b.Sync(t.Context(), &b.cfg.Sources[i], false, nil); err != nil {
						t.Fatal(err)
					}
					if err := b.Evaluate(t.Context(), &b.cfg.Sources[i]); err != nil {
						t.Fatal(err)
					}
				}
				sync(order[0])
				names := []string{c.sfNames, c.hubNames}[order[0]] != ""
				if got := b.opened(); names && len(got) > 0 {
					t.Errorf("before the second was read: %v", slices.Sorted(maps.Keys(got)))
				}
				sync(order[1])
				got := b.opened()
				b.check()
				if want := b.opened(); !maps.Equal(got, want) {
					t.Errorf("after both were read: %v\nafter a check: %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
				}
				if named := c.sfNames+c.hubNames != ""; c.closed && named && len(got) > 0 {
					t.Errorf("findings of a deal that is won: %v", slices.Sorted(maps.Keys(got)))
				} else if !c.closed && len(got) == 0 {
					t.Error("no findings: the scenario does not hold")
				}
			})
		}
	}
}

// The same through the clocks of the daemon.
func TestTurnsJudgeTwinsAgain(t *testing.T) {
	const sf, hub = "006000000000001AAA", "42"
	b, second := twoCRMs(t)
	b.account.deals = []crm.Opportunity{b.named(sf, "Wayne", hub)}
	second.deals = []crm.Opportunity{b.named(hub, "Wayne", "")}
	for i := range b.cfg.Sources {
		b.Turn(t.Context(), &b.cfg.Sources[i])
	}
	if got := b.opened(); !got["sales "+sf+" never-touched"] {
		t.Errorf("after both were read: %v", slices.Sorted(maps.Keys(got)))
	}
}
