package daemon_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestOddValues: values of an unexpected form cost neither their deals nor the other
// rows. They are unknown, status names them, and once they are corrected all is as
// before.
func TestOddValues(t *testing.T) {
	for _, first := range []bool{false, true} {
		x := newOrgBench(t, 100)
		must := func(errs ...error) {
			t.Helper()
			for _, err := range errs {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		findings := func() map[string][]string {
			out := map[string][]string{}
			for _, l := range x.life() {
				if l.State == hygiene.Open {
					out[l.Record] = append(out[l.Record], l.Rule)
				}
			}
			return out
		}
		if !first {
			x.polled()
		}
		fresh := newOrgBench(t, 100)
		fresh.polled()
		var late, silent string // deals that are found to be late, and silent
		for _, l := range fresh.life() {
			switch {
			case l.Rule == "close-date-past" && late == "":
				late = l.Record
			case l.Rule == "no-activity" && silent == "" && len(fresh.company.Activities(l.Record)) > 0:
				silent = l.Record
			}
		}
		if late == "" || silent == "" {
			t.Fatalf("the scenario does not hold: late %q, silent %q", late, silent)
		}
		act := x.company.Activities(silent)[0]
		field := "ActivityDate"
		if strings.HasPrefix(act, "00U") {
			field = "EndDateTime"
		}
		date, on := x.company.Record(late)["CloseDate"], x.company.Record(act)[field]
		user := x.company.Record(late)["OwnerId"].(string)
		x.later(time.Hour)
		must(x.company.Garble(late, "CloseDate", "2026-12-31 10:00:00"), x.company.Garble(late, "Amount", "1,234.50"),
			x.company.Garble(act, field, "someday"), x.company.Garble(user, "IsActive", "perhaps"))
		x.later(15 * time.Minute)
		x.polled()
		for s, st := range x.streams() {
			if st.Error != "" || !st.Complete {
				t.Errorf("first %v: %s: %s", first, s, st.Error)
			}
		}
		got := findings()
		// What was found before stays: a value that cannot be read is no fix.
		if slices.Contains(got[late], "close-date-past") == first || slices.Contains(got[late], "close-date-missing") || slices.Contains(got[late], "amount-missing") {
			t.Errorf("first %v: %s: %v", first, late, got[late])
		}
		if slices.Contains(got[late], "owner-inactive") {
			t.Errorf("first %v: the owner is not known to be inactive: %v", first, got[late])
		}
		if slices.Contains(got[silent], "no-activity") == first || slices.Contains(got[silent], "never-touched") {
			t.Errorf("first %v: %s: %v", first, silent, got[silent])
		}
		if n, all := x.streams()[crm.Opportunities].Records, len(x.company.IDs("Opportunity")); n != all {
			t.Errorf("first %v: %d of %d deals", first, n, all)
		}
		st, err := x.Status(t.Context())
		must(err)
		said := strings.Join(st.Notices, "\n")
		for _, words := range []string{"2 open deals have values that cannot be read", late, "amount and close date", silent, act} {
			if !strings.Contains(said, words) {
				t.Errorf("first %v: status does not say %q: %s", first, words, said)
			}
		}
		must(x.company.SetField(late, "CloseDate", date), x.company.SetField(late, "Amount", 10.0), x.company.SetField(act, field, on))
		x.later(15 * time.Minute)
		x.polled()
		got = findings()
		if !slices.Contains(got[late], "close-date-past") || !slices.Contains(got[silent], "no-activity") {
			t.Errorf("first %v: corrected: %v, %v", first, got[late], got[silent])
		}
		if st, err = x.Status(t.Context()); err != nil || strings.Contains(strings.Join(st.Notices, "\n"), "cannot be read") {
			t.Errorf("first %v: corrected: %v, %v", first, st.Notices, err)
		}
	}
}
