package daemon_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
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
		mapped            bool // in both CRMs, though the deals name none
	}{
		{"Salesforce names the deal of HubSpot", hub, "", false, false},
		{"HubSpot names the deal of Salesforce", "", sf, false, false},
		{"each names the other", hub, sf, false, false},
		{"neither", "", "", false, false},
		{"neither, though both may", "", "", false, true},
		{"Salesforce names it, and it is won in the second", hub, "", true, false},
		{"HubSpot names it, and it is won in the second", "", sf, true, false},
	} {
		for _, order := range [][]int{{0, 1}, {1, 0}} {
			t.Run(c.name+map[int]string{0: ", Salesforce first", 1: ", HubSpot first"}[order[0]], func(t *testing.T) {
				b, second := twoCRMs(t)
				b.account.deals = []crm.Opportunity{b.named(sf, "Wayne", c.sfNames)}
				second.deals = []crm.Opportunity{b.named(hub, "Wayne", c.hubNames)}
				names := map[string]string{"same_as": "Twin"}
				if c.sfNames != "" || c.mapped {
					b.account.mapped = names
				}
				if c.hubNames != "" || c.mapped {
					second.mapped = names
				}
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
				joined := c.sfNames+c.hubNames != "" || c.mapped
				if got := b.opened(); joined == (len(got) > 0) {
					t.Errorf("before the second was read: %v", slices.Sorted(maps.Keys(got)))
				}
				if theirs := []string{c.hubNames, c.sfNames}[order[0]] != "" || c.mapped; theirs {
					if s := b.check().Sources[order[0]]; !strings.Contains(s.Withheld, "may be deals of") {
						t.Errorf("judged before the second was read: %+v", s)
					}
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

// A sync of both CRMs ends well, whichever comes first: a source that waits for the other one
// is judged by the end of it. A CRM that cannot be read keeps the other one withheld, and a
// mapping that is taken out of the file lets it be judged.
func TestASyncOfBothEndsJudged(t *testing.T) {
	const sf, hub = "006000000000001AAA", "42"
	b, second := twoCRMs(t)
	second.mapped = map[string]string{"same_as": "Twin"}
	b.account.deals, second.deals = []crm.Opportunity{b.deal(sf, "Wayne")}, []crm.Opportunity{b.named(hub, "Wayne", sf)}
	second.fail[crm.Opportunities] = fmt.Errorf("%w: try later", crm.ErrBusy)
	withheld := func() (out []string) {
		for _, s := range b.check().Sources {
			out = append(out, s.Withheld)
		}
		return out
	}
	const wait = "deals of sales may be deals of partners too (same_as), and partners has not been read completely"
	if notes := b.syncNotes(); !strings.Contains(notes, wait+" yet; they are judged when it has") || withheld()[0] != wait || len(b.opened()) > 0 {
		t.Errorf("while it cannot be read: %q\n%s\n%v", withheld(), notes, b.opened())
	}
	delete(second.fail, crm.Opportunities)
	b.syncNotes()
	if got := withheld(); got[0]+got[1] != "" || !b.opened()["partners "+hub+" never-touched"] || b.opened()["sales "+sf+" never-touched"] {
		t.Errorf("after it was read: %q, %v", got, b.opened())
	}
}
