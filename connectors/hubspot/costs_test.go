package hubspot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// spent counts the calls since the last count, by path.
func (a *account) spent() (n int, by map[string]int) {
	by = map[string]int{}
	for _, c := range a.portal.Calls() {
		n++
		by[strings.TrimPrefix(c.Path, "/crm/")]++
	}
	a.portal.ResetCalls()
	return n, by
}

func ceil(n, by int) int { return (n + by - 1) / by }

// TestCalls holds the calls of polls against their bounds. The log shows the figures.
func TestCalls(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	a.cfg.PageLimit = 0
	rows := make([]map[string]string, 1200)
	for i := range rows {
		rows[i] = map[string]string{"dealname": fmt.Sprint("imported ", i), "pipeline": "default", "dealstage": "appointmentscheduled"}
	}
	ids, err := a.portal.Import("deals", time.Time{}, rows)
	if err != nil {
		t.Fatal(err)
	}
	a.later(time.Hour)
	src := a.Source(t)
	at := map[crm.Stream]crm.Cursor{}
	poll(t, src, at)
	n, _ := a.spent()
	t.Logf("the backfill: %d calls", n)
	quiet := 0
	for _, n := range []int{0, 1, 100, 200, 1000} {
		if n > 0 {
			if err := a.portal.SetMany("deals", ids[:n], time.Time{}, "amount", fmt.Sprint(n)); err != nil {
				t.Fatal(err)
			}
		}
		a.later(5 * time.Minute)
		poll(t, src, at)
		calls, by := a.spent()
		t.Logf("%4d changed deals: %d calls %v", n, calls, by)
		if n == 0 {
			if quiet = calls; quiet > 7 {
				t.Errorf("a quiet poll takes %d calls", quiet)
			}
		}
		// The deals and their histories are two objects; the contacts share their search.
		if most := quiet + 2*(ceil(n, 200)+ceil(n, 100)); calls > most {
			t.Errorf("%d changed deals took %d calls, want at most %d", n, calls, most)
		}
		a.later(30 * time.Minute) // the overlap is over
		poll(t, src, at)
		a.spent()
		a.later(90 * time.Minute)
		poll(t, src, at) // the long overlap is over too
		a.later(20 * time.Minute)
		poll(t, src, at)
		a.spent()
	}
}

// TestDescribedDaily polls for a day: the portal is described once, and hourly while
// something is missing.
func TestDescribedDaily(t *testing.T) {
	for _, c := range []struct {
		scopes []string
		want   int
	}{{nil, 1}, {[]string{"crm.objects.deals.read", "crm.objects.owners.read"}, 12}} {
		a := newAccount(t, sim.Options{Deals: 30})
		a.cfg.Now = a.company.Now
		a.portal.Set(func(o *sim.HubSpotOptions) { o.Scopes = c.scopes })
		src := a.Source(t)
		for range 12 {
			if _, err := src.Describe(t.Context()); err != nil {
				t.Fatal(err)
			}
			a.later(100 * time.Minute)
		}
		if n := a.portal.Tally().Calls["account"]; n != c.want {
			t.Errorf("with the scopes %q described %d times, want %d", c.scopes, n, c.want)
		}
	}
}

// TestCallsOfActivities holds the calls for changed activities against the bound.
func TestCallsOfActivities(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	a.cfg.PageLimit = 0
	rows := make([]map[string]string, 1000)
	for i := range rows {
		rows[i] = map[string]string{"hs_timestamp": "2026-11-20T10:00:00Z"}
	}
	ids, err := a.portal.Import("notes", time.Time{}, rows)
	if err != nil {
		t.Fatal(err)
	}
	a.later(time.Hour)
	src := a.Source(t)
	at := toEnd(t, src, crm.Activities, "")
	next := at[len(at)-1].Next
	for _, n := range []int{1, 100, 200, 1000} {
		a.later(3 * time.Hour)
		next = joined(toEnd(t, src, crm.Activities, next)).Next
		a.later(20 * time.Minute)
		next = joined(toEnd(t, src, crm.Activities, next)).Next // the hourly look at all links
		a.later(20 * time.Minute)
		a.spent()
		if err := a.portal.SetMany("notes", ids[:n], time.Time{}, "hs_note_body", fmt.Sprint(n)); err != nil {
			t.Fatal(err)
		}
		a.later(5 * time.Minute)
		page := joined(toEnd(t, src, crm.Activities, next))
		calls, _ := a.spent()
		t.Logf("%4d changed notes: %d calls", n, calls)
		if len(page.Activities) != n {
			t.Errorf("read %d notes, want %d", len(page.Activities), n)
		}
		// Five kinds, and the links of a thousand.
		if most := 5 + ceil(n, 200) + ceil(n, 100) + ceil(n, 1000); calls > most {
			t.Errorf("%d changed notes took %d calls, want at most %d", n, calls, most)
		}
		next = page.Next
	}
}
