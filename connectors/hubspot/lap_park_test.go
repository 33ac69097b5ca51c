package hubspot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestLapParksInACrowdedDay has others use the portal's calls, before a lap begins and in
// the middle of a lap. The lap waits where it is, and says that the sweep goes on; the
// hour's increments are read; and when there is room the lap mentions what is left.
func TestLapParksInACrowdedDay(t *testing.T) {
	for what, before := range map[string]int{"before it begins": 0, "in the middle": 4} {
		t.Run(what, func(t *testing.T) {
			a, at := newAccount(t, sim.Options{Deals: 120}), map[crm.Stream]crm.Cursor{}
			others := func(used int) {
				a.portal.OthersCall(0) // the count of a new day begins
				a.portal.Set(func(o *sim.HubSpotOptions) { o.DailyUsed, o.Daily = used, 10_000 })
			}
			lists := func() (n int) {
				for _, c := range a.portal.Calls() {
					if strings.HasSuffix(c.Path, "/objects/2026-09/deals") && strings.Contains(c.Query, "archived=false") && !strings.Contains(c.Query, "limit=1&") {
						n++
					}
				}
				a.portal.ResetCalls()
				return n
			}
			src := a.Source(t)
			poll(t, src, at)
			a.later(25 * time.Hour)
			poll(t, src, at) // an answer tells the time
			a.later(time.Minute)
			a.portal.ResetCalls()
			var seen []string
			take := func(p crm.Page) {
				for i := range p.Opportunities {
					seen = append(seen, p.Opportunities[i].ID)
				}
				seen = append(seen, p.Exist...)
			}
			c := at[crm.Opportunities]
			for n := 0; ; n++ {
				if n == before {
					others(9_000)
				}
				p, err := src.Fetch(t.Context(), crm.Opportunities, c)
				if err != nil || !p.Sweep {
					t.Fatalf("page %d: sweep %v, %v", n, p.Sweep, err)
				}
				take(p)
				if c = p.Next; !p.More {
					if !p.SweepGoesOn || n != before {
						t.Errorf("the run ends with page %d, and the sweep goes on: %v", n, p.SweepGoesOn)
					}
					break
				}
				if n > before {
					t.Fatalf("page %d: the lap goes on in a crowded day", n)
				}
			}
			if n := lists(); n > before+1 {
				t.Errorf("%d lists", n)
			}
			for range 3 { // hours in which there is no room
				a.later(61 * time.Minute)
				others(9_000)
				id, name := a.Rename(t)
				a.later(time.Minute)
				for p := range slices.Values(toEnd(t, src, crm.Opportunities, c)) {
					if take(p); !p.More && !p.SweepGoesOn {
						t.Error("the sweep is given up, or has ended")
					}
					if i := slices.IndexFunc(p.Opportunities, func(o crm.Opportunity) bool { return o.ID == id }); i >= 0 && p.Opportunities[i].Name == name {
						id = ""
					}
					c = p.Next
				}
				if id != "" {
					t.Error("a changed deal was not read")
				}
				if n := lists(); n > 1 {
					t.Errorf("%d lists in a crowded hour", n)
				}
			}
			a.later(61 * time.Minute)
			others(1_000)
			pages := toEnd(t, src, crm.Opportunities, c)
			for _, p := range pages {
				take(p)
			}
			if pages[len(pages)-1].SweepGoesOn {
				t.Error("the lap does not end when there is room")
			}
			for _, id := range a.IDs(crm.Opportunities) {
				if !slices.Contains(seen, id) {
					t.Errorf("%s was not mentioned", id)
				}
			}
		})
	}
}
