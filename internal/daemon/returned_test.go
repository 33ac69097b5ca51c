package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
)

// TestADealThatIsBackInOrder: a deal whose next step was missing is deleted, comes back, and
// has one by then. Its finding was fixed, and is not gone; what is still wrong with it goes on.
func TestADealThatIsBackInOrder(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func() (x *orgBench, bin, restore, mend func(id string) error){
		"salesforce": func() (*orgBench, func(string) error, func(string) error, func(string) error) {
			x := newOrgBench(t, 60)
			return x, x.company.Delete, x.company.Undelete, func(id string) error {
				return x.company.SetField(id, "NextStep", "Ana sends the redlines")
			}
		},
		"hubspot": func() (*orgBench, func(string) error, func(string) error, func(string) error) {
			x := newPortalBench(t, 60)
			return x.orgBench, func(id string) error { return x.portal.Archive("deals", id) },
				func(id string) error { return x.portal.Restore("deals", id) },
				func(id string) error {
					return x.portal.SetProperty("deals", id, "hs_next_step", "Ana sends the redlines")
				}
		},
	} {
		x, bin, restore, mend := open()
		x.polled()
		id, others := "", map[hygiene.Key]time.Time{}
		for _, l := range x.life() {
			if id == "" && l.State == hygiene.Open && l.Rule == hygiene.NextStepMissing {
				id = l.Record
			}
		}
		for _, l := range x.life() {
			if l.Record == id && l.Rule != hygiene.NextStepMissing && l.State == hygiene.Open {
				others[l.Key] = l.Opened
			}
		}
		must := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		must(bin(id))
		x.later(20 * time.Minute)
		x.polled()
		for _, l := range x.life() {
			if l.Record == id && l.State != hygiene.Gone {
				t.Fatalf("%s: the scenario does not hold: %s is %s", name, l.Rule, l.State)
			}
		}
		must(restore(id))
		must(mend(id))
		x.later(2 * time.Hour)
		x.polled()
		x.later(20 * time.Minute)
		x.polled()
		for _, l := range x.life() {
			switch opened, other := others[l.Key]; {
			case l.Record != id:
			case l.Rule == hygiene.NextStepMissing && (l.State != hygiene.Fixed || l.SaysDone == ""):
				t.Errorf("%s: the next step that is there is told as %s %q", name, l.State, l.SaysDone)
			case other && (l.State == hygiene.Gone || l.State == hygiene.Open && !l.Opened.Equal(opened)):
				t.Errorf("%s: %s is %s since %v", name, l.Rule, l.State, l.Opened)
			}
		}
	}
}

// TestAMergedDealIsNamedWithItsSurvivor: of two deals that become one, HubSpot tells which one
// is left, whether it keeps its id or gets a new one.
func TestAMergedDealIsNamedWithItsSurvivor(t *testing.T) {
	t.Parallel()
	for _, mint := range []bool{false, true} {
		x := newPortalBench(t, 60)
		x.polled()
		two := x.withFindings(2)
		x.merge(two[0], two[1], mint)
		x.later(20 * time.Minute)
		x.polled()
		want := "was merged into " + x.portal.Properties("deals", two[0])["dealname"]
		ended := 0
		for _, l := range x.life() {
			if l.Record != two[1] || l.State == hygiene.Open {
				continue
			}
			if ended++; l.State != hygiene.Gone || !mint && words(l.SaysDone) != want || mint && !strings.HasPrefix(words(l.SaysDone), "was merged into ") {
				t.Errorf("new id %v: %s is %s, %q, want %q", mint, l.Rule, l.State, words(l.SaysDone), want)
			}
		}
		if ended == 0 {
			t.Errorf("new id %v: the scenario does not hold", mint)
		}
	}
}

// words are what is said to a reader on whichever day.
func words(s hygiene.Said) string { return hygiene.Voice{}.Text(s) }
