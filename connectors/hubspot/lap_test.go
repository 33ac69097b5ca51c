package hubspot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// slow is the share of the portal's calls with which a lap reads a page of a list an hour.
const slow = hubspot.DefaultBudget / 200

// TestLapIsSpread polls a portal for which the pages of an hour are too few, with another
// process for each poll. No poll is long; the lap goes on where it was; until it ends,
// each page says so, and at its end all records were mentioned: also those that came back
// behind the place of the lap.
func TestLapIsSpread(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 120})
	a.cfg.Budget = slow
	at := map[crm.Stream]crm.Cursor{}
	first := poll(t, a.Source(t), at)
	if n := len(first[crm.Opportunities].Opportunities); n < 90 {
		t.Fatalf("read %d deals", n)
	}
	a.later(23 * time.Hour)
	poll(t, a.Source(t), at)
	behind, purged := a.portal.IDs("deals")[2], a.portal.IDs("deals")[80]
	if err := a.portal.Archive("deals", behind); err != nil {
		t.Fatal(err)
	}
	mentioned, ended := map[crm.Stream][]string{}, map[crm.Stream]int{}
	for hour := 0; len(ended) < 2 && hour < 400; hour++ {
		a.later(61 * time.Minute)
		switch hour {
		case 3: // the lap of deals is at about the sixtieth
			if err := a.portal.Restore("deals", behind); err != nil {
				t.Fatal(err)
			}
			if err := a.portal.SetProperty("deals", behind, "dealname", "back"); err != nil {
				t.Fatal(err)
			}
			if err := a.portal.SetQuietly("deals", behind, "hs_is_closed", "perhaps"); err != nil { // cannot be read, and is there
				t.Fatal(err)
			}
			if err := a.portal.Purge("deals", purged); err != nil {
				t.Fatal(err)
			}
		}
		a.later(2 * time.Minute)
		a.spent()
		src := a.Source(t)
		for _, s := range []crm.Stream{crm.Opportunities, crm.Activities} {
			if _, ok := ended[s]; ok {
				continue
			}
			pages := toEnd(t, src, s, at[s])
			for i, p := range pages {
				if mentioned[s] != nil && !p.Sweep {
					t.Fatalf("%s, hour %d, page %d: the sweep is given up", s, hour, i)
				}
				if p.Sweep {
					mentioned[s] = append(mentioned[s], p.Exist...)
					for _, o := range p.Opportunities {
						mentioned[s] = append(mentioned[s], o.ID)
					}
					for _, act := range p.Activities {
						mentioned[s] = append(mentioned[s], act.ID)
					}
				}
				if p.More && p.SweepGoesOn {
					t.Errorf("%s, hour %d, page %d: a sweep goes on in the middle of a run", s, hour, i)
				}
				at[s] = p.Next
			}
			last := pages[len(pages)-1]
			if want := a.company.Now(); last.AsOf.Before(want.Add(-time.Minute)) {
				t.Errorf("%s, hour %d: as of %v, want %v", s, hour, last.AsOf, want)
			}
			if mentioned[s] != nil && !last.SweepGoesOn {
				ended[s] = hour
			}
		}
		if calls, by := a.spent(); calls > 60 {
			t.Errorf("hour %d: %d calls %v", hour, calls, by)
		}
	}
	t.Logf("ended in the hours %v", ended)
	if ended[crm.Opportunities] < 5 {
		t.Errorf("the lap of deals was over in hour %d", ended[crm.Opportunities])
	}
	for s := range ended {
		for _, id := range a.IDs(s) {
			if !slices.Contains(mentioned[s], id) {
				t.Errorf("%s: %s was not mentioned", s, id)
			}
		}
	}
}

// TestDailySync syncs once a day, each time with another process: each sync reads all
// again, looks at the links of open deals, and looks into the recycle bins of activities.
func TestDailySync(t *testing.T) {
	a, at := newAccount(t, sim.Options{Deals: 30}), map[crm.Stream]crm.Cursor{}
	poll(t, a.Source(t), at)
	for day := range 3 {
		a.later(24*time.Hour + time.Minute)
		a.portal.ResetCalls()
		poll(t, a.Source(t), at)
		for what, part := range map[string][2]string{
			"list of deals":            {"/objects/2026-09/deals", "archived=false"},
			"list of calls":            {"/objects/2026-09/calls", "archived=false"},
			"look at links":            {"/deals/calls/batch/read", ""},
			"recycle bin of calls":     {"/objects/2026-09/calls", "archived=true"},
			"look at contacts of open": {"/deals/contacts/batch/read", ""},
		} {
			n := 0
			for _, c := range a.portal.Calls() {
				if strings.HasSuffix(c.Path, part[0]) && strings.Contains(c.Query, part[1]) {
					n++
				}
			}
			if n == 0 {
				t.Errorf("day %d: no %s", day, what)
			}
		}
	}
}

// TestLapWaitsForAnIncrement stops in the middle of a slice: the next run begins with what
// changed since, and the slice comes after.
func TestLapWaitsForAnIncrement(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 120})
	src, at := a.Source(t), map[crm.Stream]crm.Cursor{}
	poll(t, src, at)
	a.later(25 * time.Hour)
	poll(t, src, at)
	a.later(time.Minute)
	var place crm.Cursor
	for i, p := range toEnd(t, src, crm.Opportunities, at[crm.Opportunities]) {
		if i == 2 {
			place = p.Next
		}
	}
	a.later(20 * time.Minute)
	id, name := a.Rename(t)
	if _, err := src.Fetch(t.Context(), crm.History, at[crm.History]); err != nil { // an answer tells the time
		t.Fatal(err)
	}
	p, err := src.Fetch(t.Context(), crm.Opportunities, place)
	if err != nil || len(p.Opportunities) != 1 || p.Opportunities[0].ID != id || p.Opportunities[0].Name != name || !p.Sweep {
		t.Errorf("gave %d deals, sweep %v: %v", len(p.Opportunities), p.Sweep, err)
	}
}

// TestPriceOfLaps reads five thousand deals again, and holds the calls against what
// docs/hubspot.md says of larger portals.
func TestPriceOfLaps(t *testing.T) {
	const n = 5000
	a := newAccount(t, sim.Options{Deals: 60})
	a.cfg.PageLimit = 0
	rows := make([]map[string]string, n)
	for i := range rows {
		rows[i] = map[string]string{"dealname": fmt.Sprint("imported ", i), "pipeline": "default", "dealstage": "appointmentscheduled"}
	}
	if _, err := a.portal.Import("deals", time.Time{}, rows); err != nil {
		t.Fatal(err)
	}
	a.later(3 * time.Hour)
	src, at := a.Source(t), map[crm.Stream]crm.Cursor{}
	poll(t, src, at)
	a.later(25 * time.Hour)
	poll(t, src, at)
	a.spent()
	lists := func() (n int) {
		for _, c := range a.portal.Calls() {
			if strings.HasSuffix(c.Path, "/objects/2026-09/deals") && strings.Contains(c.Query, "archived=false") {
				n++
			}
		}
		a.portal.ResetCalls()
		return n
	}
	deals, total := len(a.portal.IDs("deals")), 0
	for s, records := range map[crm.Stream]int{crm.Opportunities: 100, crm.History: 50, crm.Contacts: 100} {
		most := 0
		for range 8 * 3 {
			a.later(20 * time.Minute)
			before := total
			at[s] = joined(toEnd(t, src, s, at[s])).Next
			total += lists()
			most = max(most, total-before)
		}
		want := ceil(deals, records)
		if t.Logf("%s: %d lists for %d deals, %d at most in one poll", s, total, deals, most); total != want || most > hubspot.LapLists(s) {
			t.Errorf("%s: %d lists, %d at most in one poll, want %d and %d", s, total, most, want, hubspot.LapLists(s))
		}
		total = 0
	}
	if price := hubspot.LapPrice(); price > 10_000 {
		t.Errorf("laps cost up to %d calls a day", price)
	}
}
