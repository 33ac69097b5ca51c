package hubspot_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/fault"
)

// cuts are how a list may lack records without a word, from the n-th page on.
var cuts = map[string]func(answer map[string]any){
	"the list ends after a page": func(answer map[string]any) { delete(answer, "paging") },
	"a page is empty":            func(answer map[string]any) { answer["results"] = []any{} },
	"the last page is empty":     func(answer map[string]any) { answer["results"] = []any{}; delete(answer, "paging") },
	"half of a page is left out": func(answer map[string]any) {
		all, _ := answer["results"].([]any)
		answer["results"] = all[:len(all)/2]
	},
	"a page repeats a row and lacks another": func(answer map[string]any) {
		all, _ := answer["results"].([]any)
		all[1] = all[0]
	},
	"a page lacks its last row": func(answer map[string]any) {
		all, _ := answer["results"].([]any)
		answer["results"] = all[:len(all)-1]
	},
}

// cutPage changes the n-th page of the list of an object.
func (a *account) cutPage(object string, n int, change func(map[string]any)) {
	a.portal.Fault(sim.Fault{Kind: fault.Edit, Times: 1,
		Match: func(r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "/"+object) && r.URL.Query().Get("archived") == "false" {
				n--
			}
			return n == 0
		},
		Change: func(body []byte) []byte {
			var answer map[string]any
			if err := json.Unmarshal(body, &answer); err != nil {
				panic(err)
			}
			change(answer)
			out, err := json.Marshal(answer)
			if err != nil {
				panic(err)
			}
			return out
		}})
}

// gave are the names of what pages gave, and what they say.
func gave(pages []crm.Page) (ids map[string]bool, notes []string) {
	ids = map[string]bool{}
	for _, p := range pages {
		for _, r := range p.Opportunities {
			ids[r.ID] = true
		}
		for _, r := range p.Activities {
			ids[r.ID] = true
		}
		for _, r := range p.Changes {
			ids[r.OpportunityID+" "+r.ID] = true
		}
		for _, r := range p.Contacts {
			ids[r.ID] = true
		}
		for _, id := range p.ContactsOf {
			ids["of "+id] = true
		}
		for _, id := range p.Deleted {
			ids["gone "+id] = true
		}
		if p.Note != "" {
			notes = append(notes, p.Note)
		}
	}
	return ids, notes
}

// TestListLacksRecords has each list lack some records without a word, in the first reading
// and in a later one: the records are found and read, no record is taken for gone, and it is
// said.
func TestListLacksRecords(t *testing.T) {
	for object, stream := range map[string]crm.Stream{"deals": crm.Opportunities, "history": crm.History, "contacts": crm.Contacts, "calls": crm.Activities, "emails": crm.Activities} {
		list := object
		if stream == crm.History || stream == crm.Contacts {
			list = "deals"
		}
		for what, change := range cuts {
			for _, later := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s: %s, later %v", object, what, later), func(t *testing.T) {
					a := newAccount(t, sim.Options{Deals: 60, NoHostile: true})
					a.cfg.PageLimit = 5
					src, at := a.Source(t), crm.Cursor("")
					if later {
						at = joined(toEnd(t, src, stream, at)).Next
						a.later(25 * time.Hour)
					}
					want, quiet := gave(toEnd(t, a.Source(t), stream, at))
					if len(quiet) > 0 {
						t.Fatalf("a whole list says %q", quiet)
					}
					a.cutPage(list, 3, change)
					got, notes := gave(toEnd(t, a.Source(t), stream, at))
					if !maps.Equal(got, want) {
						t.Errorf("%d of %d", len(got), len(want))
					}
					if len(notes) != 1 || !strings.Contains(notes[0], "HubSpot's list of "+list+" had ") || !strings.Contains(notes[0], "searches found") {
						t.Errorf("said %q", notes)
					}
				})
			}
		}
	}
}

// TestIndexCountsWhatIsGone has an index that still counts a deal that was deleted: a reading costs
// some searches more whatever the size of the portal, and says nothing.
func TestIndexCountsWhatIsGone(t *testing.T) {
	for _, deals := range []int{5, 3000} {
		t.Run(fmt.Sprint(deals), func(t *testing.T) {
			a := newAccount(t, sim.Options{Deals: 5, NoHostile: true})
			a.cfg.PageLimit = 20
			rows := make([]map[string]string, deals)
			for i := range rows {
				rows[i] = map[string]string{"dealname": fmt.Sprint("imported ", i), "pipeline": "default", "dealstage": "appointmentscheduled"}
			}
			ids, err := a.portal.Import("deals", time.Time{}, rows)
			if err != nil {
				t.Fatal(err)
			}
			a.later(time.Hour)
			for _, stream := range []crm.Stream{crm.Opportunities, crm.History, crm.Contacts} {
				toEnd(t, a.Source(t), stream, "")
				usual, _ := a.spent()
				a.portal.Set(func(o *sim.HubSpotOptions) { o.IndexLag = time.Hour })
				if err := a.portal.Archive("deals", ids[len(ids)/2]); err != nil {
					t.Fatal(err)
				}
				pages := toEnd(t, a.Source(t), stream, "")
				calls, by := a.spent()
				_, notes := gave(pages)
				if len(notes) > 0 {
					t.Errorf("%s: said %q", stream, notes)
				}
				if n := slices.IndexFunc(pages, func(p crm.Page) bool { return len(p.Left) > 0 }); n >= 0 {
					t.Errorf("%s: left out %v", stream, pages[n].Left)
				}
				t.Logf("%s: %d calls, and %d while the index lags: %v", stream, usual, calls, by)
				if most := usual + 30; calls > most || calls == usual {
					t.Errorf("%s: %d calls, usually %d", stream, calls, usual)
				}
				a.portal.Set(func(o *sim.HubSpotOptions) { o.IndexLag = 0 })
				if err := a.portal.Restore("deals", ids[len(ids)/2]); err != nil {
					t.Fatal(err)
				}
				a.later(time.Minute)
				a.spent()
			}
		})
	}
}

// TestLapLooksForWhatIsMissing has a lap that is spread over hours: what its list lacks is looked
// for in the pages of an hour too.
func TestLapLooksForWhatIsMissing(t *testing.T) {
	read := func(cut bool) (ids map[string]bool, notes []string) {
		a := newAccount(t, sim.Options{Deals: 60, NoHostile: true})
		a.cfg.PageLimit, a.cfg.Budget = 5, 0.01
		src := a.Source(t)
		at := joined(toEnd(t, src, crm.Opportunities, "")).Next
		a.later(25 * time.Hour)
		if cut {
			a.cutPage("deals", 4, cuts["the list ends after a page"])
		}
		var all []crm.Page
		for hour := range 100 {
			a.spent()
			pages := toEnd(t, src, crm.Opportunities, at)
			if n, by := a.spent(); hour > 0 && n > 12 {
				t.Errorf("an hour costs %d calls: %v", n, by)
			}
			all, at = append(all, pages...), joined(pages).Next
			if last := pages[len(pages)-1]; last.Sweep && !last.SweepGoesOn {
				if hour < 3 {
					t.Errorf("the lap took %d hours", hour)
				}
				return gave(all)
			}
			a.later(time.Hour)
		}
		t.Fatal("no end")
		return nil, nil
	}
	want, _ := read(false)
	got, notes := read(true)
	if !maps.Equal(got, want) || len(notes) != 1 {
		t.Errorf("%d of %d, said %q", len(got), len(want), notes)
	}
}
