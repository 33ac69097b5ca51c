package daemon_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// cuts cuts every list of an object to its quarter, or every list but for one in four of the
// rows that are meant, and its announced size too. What counts its rows tells the truth.
func (x *orgBench) cuts(object string, means func(row map[string]any) bool) {
	x.org.Fault(sim.Fault{Kind: sim.Edit, Path: "/query", Times: -1, Change: func(body []byte) []byte {
		var v map[string]any
		if json.Unmarshal(body, &v) != nil {
			return body
		}
		rows, _ := v["records"].([]any)
		if len(rows) < 2 || !strings.Contains(string(body), `"type":"`+object+`"`) {
			return body
		}
		n, whole := 0, len(rows)
		rows = slices.DeleteFunc(rows, func(one any) bool {
			row, _ := one.(map[string]any)
			if !means(row) {
				return false
			}
			n++
			return n%4 != 0
		})
		v["records"] = rows
		if total, _ := v["totalSize"].(float64); whole-len(rows) < 10 {
			v["totalSize"] = int(total) - whole + len(rows)
		} else { // and the further pages too
			v["totalSize"], v["done"] = len(rows), true
			delete(v, "nextRecordsUrl")
		}
		out, err := json.Marshal(v)
		if err != nil {
			return body
		}
		return out
	}})
}

func anyRow(map[string]any) bool     { return true }
func closed(row map[string]any) bool { return row["IsClosed"] == true }

// findsNoMoreThan reports what is found that a clean reading of the same company does not find.
func (x *orgBench) findsNoMoreThan(clean *orgBench) {
	x.t.Helper()
	truth := clean.findings()
	for deal, rules := range x.findings() {
		for _, rule := range rules {
			if !slices.Contains(truth[deal], rule) {
				x.t.Errorf("found of %s: %s", deal, rule)
			}
		}
	}
}

// isLike reports in what the findings, and the activities and contacts of deals, differ from
// those of a clean reading of the same company.
func (x *orgBench) isLike(clean *orgBench) {
	x.t.Helper()
	if d := cmp.Diff(clean.findings(), x.findings()); d != "" {
		x.t.Errorf("findings (-truth +ours):\n%s", d)
	}
	if d := cmp.Diff(clean.links(), x.links()); d != "" {
		x.t.Errorf("links (-truth +ours):\n%s", d)
	}
}

// TestAFirstListThatIsCutShortIsNoFinding: the first list of an object gives a quarter of its
// rows without a word. The count at its end says so, so that nothing is judged, and status
// says why. The next sync that finds the CRM well reads the rest.
func TestAFirstListThatIsCutShortIsNoFinding(t *testing.T) {
	for _, object := range []string{"OpportunityContactRole", "Task", "Event", "Opportunity", "User"} {
		t.Run(object, func(t *testing.T) {
			t.Parallel()
			x, clean := newOrgBench(t, 120), newOrgBench(t, 120)
			x.cuts(object, anyRow)
			clean.synced(false)
			for range 2 {
				x.synced(false)
				if w := x.check().Sources[0].Withheld; !strings.Contains(w, "rows of "+object) {
					t.Errorf("withheld: %q", w)
				}
				if f := x.findings(); len(f) > 0 {
					t.Errorf("findings: %v", f)
				}
			}
			clean.synced(false)
			x.org.ClearFaults()
			for range 2 {
				x.synced(false)
				clean.synced(false)
			}
			if w := x.check().Sources[0].Withheld; w != "" {
				t.Errorf("withheld: %s", w)
			}
			x.isLike(clean)
			for range 2 {
				before := x.calls()
				x.synced(false)
				if n := x.calls() - before; n != 2 {
					t.Errorf("a quiet sync costs %d calls, want 2", n)
				}
			}
		})
	}
}

// TestAFirstHistoryThatIsCutShort: the first list of the history gives a quarter of its rows.
// No stage is said to be skipped that may stand in the others, it is said, and the next sync
// that finds the CRM well reads them.
func TestAFirstHistoryThatIsCutShort(t *testing.T) {
	t.Parallel()
	x, clean := newOrgBench(t, 120), newOrgBench(t, 120)
	x.cuts("OpportunityHistory", anyRow)
	clean.synced(false)
	x.synced(false)
	x.findsNoMoreThan(clean)
	st, err := x.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if said := strings.Join(st.Notices, "; "); !strings.Contains(said, "rows of OpportunityHistory and gave") {
		t.Errorf("status says: %s", said)
	}
	if len(x.cached(crm.History)) >= len(clean.cached(crm.History))/2 {
		t.Fatal("the scenario does not hold")
	}
	x.org.ClearFaults()
	for range 2 {
		x.synced(false)
		clean.synced(false)
	}
	if d := cmp.Diff(clean.cached(crm.History), x.cached(crm.History), cmpopts.SortSlices(strings.Compare)); d != "" {
		t.Errorf("history (-truth +ours):\n%s", d)
	}
	if d := cmp.Diff(clean.findings(), x.findings()); d != "" {
		t.Errorf("findings (-truth +ours):\n%s", d)
	}
}

// TestACutListThatNobodyCounts: the first list of an object gives a quarter of its rows, and the
// org does not count them. Nobody knows then that a deal has none, and it is said. The next
// syncs that find the CRM well count, and read the others.
func TestACutListThatNobodyCounts(t *testing.T) {
	for _, object := range []string{"OpportunityContactRole", "OpportunityHistory", "Task", "Event", "Opportunity", "User"} {
		for how, f := range map[string]sim.Fault{
			"refused":   {Status: 403, Body: `[{"message":"no access","errorCode":"INSUFFICIENT_ACCESS"}]`},
			"an error":  {Status: 500},
			"no number": {Kind: sim.Edit, Change: func([]byte) []byte { return []byte(`{}`) }},
		} {
			t.Run(object+", "+how, func(t *testing.T) {
				t.Parallel()
				x, clean := newOrgBench(t, 120), newOrgBench(t, 120)
				f.Times, f.Match = -1, func(r *http.Request) bool {
					q := r.URL.Query().Get("q")
					return strings.Contains(q, "COUNT()") && strings.Contains(q, "FROM "+object+" ")
				}
				x.org.Fault(f)
				within := f // of a composite, where several numbers are asked for
				within.Sub = "/query"
				if within.Kind == sim.Edit {
					within = sim.Fault{Status: 400, Body: "{}", Times: -1, Sub: "/query", Match: f.Match}
				}
				x.org.Fault(within)
				x.cuts(object, anyRow)
				clean.synced(false)
				if err := x.Sync(t.Context(), &x.cfg.Sources[0], false, nil); err != nil {
					t.Fatal(err)
				}
				if err := x.Evaluate(t.Context(), &x.cfg.Sources[0]); err != nil {
					t.Fatal(err)
				}
				x.findsNoMoreThan(clean)
				st, err := x.Status(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if said := strings.Join(st.Notices, "; "); !strings.Contains(said, "did not count its rows of "+object) {
					t.Errorf("status says: %s", said)
				}
				x.org.ClearFaults()
				for range 4 {
					x.synced(false)
					clean.synced(false)
				}
				x.isLike(clean)
				if st, err = x.Status(t.Context()); err != nil || strings.Contains(strings.Join(st.Notices, "; "), "did not count") {
					t.Errorf("status still says: %v (%v)", st.Notices, err)
				}
			})
		}
	}
}

// TestClosedDealsThatAFirstListLacks: a first list gives a quarter of the closed deals. The
// next sync that finds the CRM well reads them. Where the list comes short by as many once
// more, it is said and no reading is repeated for it.
func TestClosedDealsThatAFirstListLacks(t *testing.T) {
	for name, bad := range map[string]int{"once": 1, "twice": 2, "for a while": 4} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newOrgBench(t, 120)
			all := len(x.company.IDs("Opportunity"))
			x.cuts("Opportunity", closed)
			var calls []int64
			for i := range bad {
				before := x.calls()
				x.synced(false)
				calls = append(calls, x.calls()-before)
				w := x.check().Sources[0].Withheld
				if (i == 0) != strings.Contains(w, "closed rows of Opportunity") {
					t.Errorf("sync %d: withheld: %q", i, w)
				}
			}
			if n := len(x.cached(crm.Opportunities)); n >= all-5 {
				t.Fatalf("the scenario does not hold: %d of %d deals", n, all)
			}
			if bad > 3 && !slices.Equal(calls[2:], []int64{2, 2}) {
				t.Errorf("calls: %v", calls)
			}
			x.org.ClearFaults()
			x.synced(bad > 1) // what was said is read again when a person asks
			if n := len(x.cached(crm.Opportunities)); n != all {
				t.Errorf("%d of %d deals", n, all)
			}
			if w := x.check().Sources[0].Withheld; w != "" {
				t.Errorf("withheld: %s", w)
			}
			before := x.calls()
			x.synced(false)
			if n := x.calls() - before; n != 2 {
				t.Errorf("a quiet sync costs %d calls, want 2", n)
			}
		})
	}
}

// TestAFewRowsThatLack: a first list lacks a few contact roles. The deals are judged, but for
// having no contact, until the roles are read.
func TestAFewRowsThatLack(t *testing.T) {
	x, clean := newOrgBench(t, 120), newOrgBench(t, 120)
	clean.synced(false)
	n := 0
	few := func(map[string]any) bool {
		n++
		return n > 50 && n <= 55
	}
	x.cuts("OpportunityContactRole", few)
	x.synced(false)
	truth, some := clean.findings(), 0
	for deal, rules := range x.findings() {
		if slices.Contains(rules, "no-contact") {
			t.Errorf("deal %s is said to have no contact", deal)
		}
		some += len(rules)
	}
	if some == 0 {
		t.Errorf("nothing is judged: %s", x.check().Sources[0].Withheld)
	}
	x.org.ClearFaults()
	x.synced(false)
	clean.synced(false)
	if d := cmp.Diff(truth, x.findings()); d != "" {
		t.Errorf("findings (-truth +ours):\n%s", d)
	}
}

// TestWhatIsNotCountedIsReadAllTheSame: where the org refuses to count, or is too busy to, a
// first sync ends well, and the polls count first what was never counted.
func TestWhatIsNotCountedIsReadAllTheSame(t *testing.T) {
	for _, status := range []int{400, 403, 500, 503} {
		x := newOrgBench(t, 60)
		counts := func(r *http.Request) bool { return strings.Contains(r.URL.Query().Get("q"), "COUNT()") }
		body := `[{"errorCode":"` + map[bool]string{true: "QUERY_TIMEOUT", false: "SERVER_UNAVAILABLE"}[status < 500] + `","message":"no"}]`
		x.org.Fault(sim.Fault{Sub: "/query", Match: counts, Times: -1, Status: status, Body: body})
		x.org.Fault(sim.Fault{Path: "/query", Match: counts, Times: -1, Status: status, Body: body})
		x.cuts("OpportunityContactRole", anyRow)
		x.synced(false)
		if w := x.check().Sources[0].Withheld; w != "" {
			t.Errorf("HTTP %d: withheld: %s", status, w)
		}
		x.org.ClearFaults()
		for range 5 { // in turn: the closed deals, users, history, and the two of activities
			x.synced(false)
		}
		x.synced(false)
		if n, want := x.streams()[crm.Contacts].Records, len(x.company.IDs("OpportunityContactRole")); n != want {
			t.Errorf("HTTP %d: %d of %d contact roles", status, n, want)
		}
	}
}
