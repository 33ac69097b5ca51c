package daemon_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// halves cuts every list of deals to its half, and its announced size too. What counts them
// tells the truth.
func (x *orgBench) halves() {
	x.org.Fault(sim.Fault{Kind: sim.Edit, Path: "/query", Times: -1, Change: func(body []byte) []byte {
		var v map[string]any
		if json.Unmarshal(body, &v) != nil {
			return body
		}
		rows, _ := v["records"].([]any)
		if len(rows) < 2 || !strings.Contains(string(body), `"type":"Opportunity"`) {
			return body
		}
		rows = rows[:len(rows)/2]
		v["records"], v["totalSize"], v["done"] = rows, len(rows), true
		delete(v, "nextRecordsUrl")
		out, err := json.Marshal(v)
		if err != nil {
			return body
		}
		return out
	}})
}

// openCached is how many open deals the cache has.
func (x *orgBench) openCached() int {
	x.t.Helper()
	n, err := x.store.CountOpen(x.t.Context(), x.src.Name())
	if err != nil {
		x.t.Fatal(err)
	}
	return n
}

// synced is a sync a minute later, which is too soon for a sweep by the clock.
func (x *orgBench) synced(full bool) {
	x.t.Helper()
	x.later(time.Minute)
	if err := x.Sync(x.t.Context(), x.src, full, nil); err != nil {
		x.t.Fatal(err)
	}
	if err := x.Evaluate(x.t.Context(), x.src); err != nil {
		x.t.Fatal(err)
	}
}

// TestAShortListIsReadAgainOnceTheCountSaysSo: a list of deals that was cut short without a
// word, by a first reading, a sweep or a full read, contradicts the number of open deals.
// The next sync that finds the CRM well reads all, and lifts what is held.
func TestAShortListIsReadAgainOnceTheCountSaysSo(t *testing.T) {
	for name, bad := range map[string]struct {
		first bool // the first reading is cut short as well
		full  []bool
		wait  time.Duration // what does not get better is not swept again before the sweep of the day
	}{
		"a first reading":               {true, nil, 0},
		"a first reading and a sweep":   {true, []bool{false}, 0},
		"a full read":                   {false, []bool{true}, 0},
		"a full read and a sweep":       {false, []bool{true, false}, 0},
		"a full read and two sweeps":    {false, []bool{true, false, false}, 0},
		"a first reading, three sweeps": {true, []bool{false, false, false}, 25 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newOrgBench(t, 120)
			open := 0
			for _, id := range x.company.IDs("Opportunity") {
				if x.company.Record(id)["IsClosed"] == false {
					open++
				}
			}
			if bad.first {
				x.halves()
			}
			x.synced(false)
			if !bad.first {
				x.halves()
			}
			for _, full := range bad.full {
				x.synced(full)
			}
			if n := x.openCached(); bad.first == (n == open) {
				t.Fatalf("the scenario does not hold: %d of %d open deals", n, open)
			}
			if w := x.check().Sources[0].Withheld; !bad.first && w == "" {
				t.Fatal("the scenario does not hold: nothing is withheld")
			}
			x.org.ClearFaults()
			x.later(bad.wait)
			for range 2 {
				x.synced(false)
			}
			if n := x.openCached(); n != open {
				t.Errorf("%d of %d open deals", n, open)
			}
			if w := x.check().Sources[0].Withheld; w != "" {
				t.Errorf("withheld: %s", w)
			}
			for range 2 {
				before := x.calls()
				x.synced(false)
				if n := x.calls() - before; n != 2 {
					t.Errorf("a quiet sync costs %d calls, want 2", n)
				}
			}
			if st := x.streams()[crm.Opportunities]; st.Error != "" {
				t.Error(st.Error)
			}
		})
	}
}
