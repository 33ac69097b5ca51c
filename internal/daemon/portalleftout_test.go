package daemon_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/fault"
)

// TestPropertiesLeftOut has a portal whose answers leave out what deals have: nothing is
// taken for empty, neither in an increment nor in a reading of all, no change is noted
// that did not happen, status names the deals, and after a good answer all is as before.
func TestPropertiesLeftOut(t *testing.T) {
	few := []string{"amount", "closedate", "hs_next_step", "hubspot_owner_id"}
	for what, edit := range map[string]func(row map[string]any){
		"four keys": func(row map[string]any) {
			if p, ok := row["properties"].(map[string]any); ok {
				maps.DeleteFunc(p, func(name string, _ any) bool { return slices.Contains(few, name) })
			}
		},
		"all keys":      func(row map[string]any) { row["properties"] = map[string]any{} },
		"no properties": func(row map[string]any) { delete(row, "properties") },
	} {
		t.Run(what, func(t *testing.T) {
			x := newPortalBench(t, 60)
			x.polled()
			before, told := x.findings(), x.said()
			ids := slices.Sorted(maps.Keys(before))[:5]
			for _, id := range ids {
				x.set("deals", id, "dealname", "renamed "+id)
			}
			x.portal.Fault(sim.Fault{Times: -1, Kind: fault.Edit, Match: ofDeals, Change: func(body []byte) []byte {
				var answer map[string]any
				if json.Unmarshal(body, &answer) != nil {
					return body
				}
				results, _ := answer["results"].([]any)
				for _, r := range results {
					if row := r.(map[string]any); what == "four keys" || slices.Contains(ids, row["id"].(string)) {
						edit(row)
					}
				}
				body, _ = json.Marshal(answer)
				return body
			}})
			for _, wait := range []time.Duration{time.Minute, 15 * time.Minute, 25 * time.Hour} {
				x.later(wait)
				x.polled()
				for id, rules := range x.findings() {
					for _, rule := range rules {
						if strings.HasSuffix(rule, "-missing") && !slices.Contains(before[id], rule) {
							t.Errorf("after %v: %s: %s", wait, id, rule)
						}
					}
				}
				if said := x.said(); strings.Contains(said, "have no owner") && !strings.Contains(told, "have no owner") || strings.Contains(said, `in stage ""`) {
					t.Errorf("after %v status says %s", wait, said)
				} else if what == "four keys" && !strings.Contains(said, "open deals have values that cannot be read") {
					t.Errorf("after %v status says only %s", wait, said)
				}
			}
			x.portal.ClearFaults()
			x.later(25 * time.Hour)
			x.polled()
			if said := x.said(); strings.Contains(said, "cannot be read") {
				t.Errorf("after a good answer status says %s", said)
			}
			for id, rules := range x.findings() {
				if slices.Contains(rules, "close-date-pushed") && !slices.Contains(before[id], "close-date-pushed") {
					t.Errorf("%s: a change that did not happen", id)
				}
			}
		})
	}
}

// ofDeals are the readings of deals.
func ofDeals(r *http.Request) bool {
	return strings.Contains(r.URL.Path, "/objects/") && strings.Contains(r.URL.Path, "/deals") && !strings.Contains(r.URL.Path, "search") &&
		r.URL.Query().Get("archived") != "true"
}
