package daemon_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// Records that cannot be read are left out of a reading. Status names them, with the value,
// for as long as no reading finds them well: over polls, the daily reading and a restart.
func TestStatusNamesWhatIsLeftOut(t *testing.T) {
	for name, c := range map[string]struct {
		bench func(*testing.T) *orgBench
		break_, mend,
		purge func(x *orgBench, id string) error
		want   string // of the deal with the id %s
		listed bool   // the list of the daily reading has it
	}{
		"a deal of an org": {
			bench:  func(t *testing.T) *orgBench { return newOrgBench(t, 40) },
			break_: func(x *orgBench, id string) error { return x.company.Garble(id, "IsClosed", "perhaps") },
			mend:   func(x *orgBench, id string) error { return x.company.SetField(id, "IsClosed", false) },
			purge:  func(x *orgBench, id string) error { return x.company.Purge(id) },
			want:   `1 record was left out, and the cache has it as it was before, if at all: deal %s: IsClosed is "perhaps"; correct`,
		},
		"a deal of a portal": {
			bench: func(t *testing.T) *orgBench { return newPortalBench(t, 40).orgBench },
			break_: func(x *orgBench, id string) error {
				return x.company.HubSpot().SetProperty("deals", id, "hs_is_closed", "perhaps")
			},
			mend: func(x *orgBench, id string) error {
				return x.company.HubSpot().SetProperty("deals", id, "hs_is_closed", "false")
			},
			purge: func(x *orgBench, id string) error { return x.company.HubSpot().Purge("deals", id) },
			want:  `deal %s: it cannot be read whether the deal is closed (hs_is_closed is "perhaps"); correct`,
		},
		"a deal that a portal does not answer for": {
			bench: func(t *testing.T) *orgBench { return newPortalBench(t, 40).orgBench },
			break_: func(x *orgBench, id string) error {
				x.company.HubSpot().Fault(sim.Fault{Match: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/deals/batch/read") }, Kind: sim.Edit, Change: without(id), Times: -1})
				return x.company.HubSpot().SetProperty("deals", id, "hs_next_step", "Ana sends the redlines")
			},
			mend: func(x *orgBench, id string) error {
				x.company.HubSpot().ClearFaults()
				return x.company.HubSpot().SetProperty("deals", id, "hs_next_step", "Ana sent the redlines")
			},
			want:   `deal %s: HubSpot did not answer for it; what the CRM did not answer for is asked for again`,
			listed: true,
		},
		"a row of a portal's search without its id": {
			bench: func(t *testing.T) *orgBench { return newPortalBench(t, 40).orgBench },
			break_: func(x *orgBench, id string) error {
				x.company.HubSpot().Fault(sim.Fault{Path: "/deals/search", Kind: sim.Edit, Change: func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(`"id":"`+id+`"`), []byte(`"id":null`)) }, Times: -1})
				return x.company.HubSpot().SetProperty("deals", id, "hs_next_step", "Ana sends the redlines")
			},
			mend:   func(x *orgBench, _ string) error { x.company.HubSpot().ClearFaults(); return nil },
			want:   `1 record was left out, and the cache has it as it was before, if at all: deal (deals without an id): the row has no id%.0s; what the CRM did not answer for is asked for again`,
			listed: true,
		},
		"a row of the history of an org": {
			bench: func(t *testing.T) *orgBench { return newOrgBench(t, 40) },
			break_: func(x *orgBench, _ string) error {
				return x.company.Garble(x.company.IDs("OpportunityHistory")[3], "CreatedDate", "someday")
			},
			mend: func(x *orgBench, _ string) error {
				return x.company.Garble(x.company.IDs("OpportunityHistory")[3], "CreatedDate", "2026-10-01T10:00:00.000+0000")
			},
			want: `: CreatedDate is "someday"%.0s; correct`,
		},
		"a history of a portal": {
			bench: func(t *testing.T) *orgBench { return newPortalBench(t, 40).orgBench },
			break_: func(x *orgBench, id string) error {
				x.company.HubSpot().Fault(sim.Fault{Path: "/objects/", Kind: sim.Edit, Change: untimed(id), Times: -1})
				return x.company.HubSpot().SetProperty("deals", id, "hs_next_step", "Ana sends the redlines")
			},
			mend: func(x *orgBench, id string) error {
				x.company.HubSpot().ClearFaults()
				return x.company.HubSpot().SetProperty("deals", id, "hs_next_step", "Ana sent the redlines")
			},
			purge: func(x *orgBench, id string) error { return x.company.HubSpot().Purge("deals", id) },
			want:  `history %s: an entry of dealstage has no time`,
		},
	} {
		for _, purged := range []bool{false, true} {
			if purged && c.purge == nil {
				continue
			}
			t.Run(fmt.Sprintf("%s, purged %v", name, purged), func(t *testing.T) {
				x := c.bench(t)
				x.polled()
				id := x.withFindings(1)[0]
				must := func(err error) {
					t.Helper()
					if err != nil {
						t.Fatal(err)
					}
				}
				says := func(when string, want bool) {
					t.Helper()
					st, err := x.Status(t.Context())
					must(err)
					if said := strings.Join(st.Notices, "\n"); strings.Contains(said, fmt.Sprintf(c.want, id)) != want {
						t.Errorf("%s: want it named: %v; status says\n%s", when, want, said)
					}
				}
				says("before", false)
				x.later(15 * time.Minute)
				must(c.break_(x, id))
				x.later(15 * time.Minute)
				x.polled()
				says("at once", true)
				x.later(15 * time.Minute)
				x.polled()
				says("a quiet poll later", true)
				x.restart()
				says("after a restart", true)
				if !c.listed {
					x.later(25 * time.Hour)
					x.polled()
					says("after the daily reading", true)
				}
				if !x.has(crm.Opportunities, id) {
					t.Error("it left the cache")
				}
				if purged {
					must(c.purge(x, id))
					for range 3 {
						x.later(25 * time.Hour)
						x.polled()
					}
					says("purged", false)
					return
				}
				must(c.mend(x, id))
				x.later(15 * time.Minute)
				x.polled()
				says("mended", false)
			})
		}
	}
}

// Many are named up to a bound.
func TestTheListOfWhatIsLeftOutHasABound(t *testing.T) {
	x := newPortalBench(t, 100)
	x.polled()
	x.later(15 * time.Minute)
	ids := x.openDeals()[:8]
	for _, id := range ids {
		x.set("deals", id, "hs_is_closed", "perhaps")
	}
	x.set("deals", x.openDeals()[8], "hs_next_step", "Ana sends the redlines")
	x.later(15 * time.Minute)
	x.polled()
	if said := x.said(); !strings.Contains(said, "source sales: 8 records were left out, and the cache has them as they were before") || !strings.Contains(said, "; and 3 more; correct") || strings.Count(said, "perhaps") != 5 {
		t.Error(said)
	}
}

// untimed is an answer in which an entry of a deal's history has no time.
func untimed(id string) func([]byte) []byte {
	return inRow(id, func(row map[string]any) {
		past, _ := row["propertiesWithHistory"].(map[string]any)
		if entries, _ := past["dealstage"].([]any); len(entries) > 0 {
			delete(entries[0].(map[string]any), "timestamp")
		}
	})
}

// inRow changes the row of one record in an answer with results.
func inRow(id string, change func(row map[string]any)) func([]byte) []byte {
	return func(body []byte) []byte {
		var answer map[string]any
		if json.Unmarshal(body, &answer) != nil {
			return body
		}
		rows, _ := answer["results"].([]any)
		for _, r := range rows {
			row, _ := r.(map[string]any)
			from, _ := row["from"].(map[string]any)
			if row["id"] == id || from["id"] == id {
				change(row)
			}
		}
		out, err := json.Marshal(answer)
		if err != nil {
			panic(err)
		}
		return out
	}
}

// TestOneBadAnswerIsSaidUntilTheNextPoll: what one answer garbles is named, and read again
// by the next poll though nobody touched it.
func TestOneBadAnswerIsSaidUntilTheNextPoll(t *testing.T) {
	for what, c := range map[string]struct {
		change func(id string) func([]byte) []byte
		want   string
	}{
		"a history": {untimed, "history %s: an entry of dealstage has no time"},
		"the state of a deal": {func(id string) func([]byte) []byte {
			return inRow(id, func(row map[string]any) {
				if p, ok := row["properties"].(map[string]any); ok && p["hs_is_closed"] != nil {
					p["hs_is_closed"] = []any{}
				}
			})
		}, "deal %s: it cannot be read whether the deal is closed (hs_is_closed is no text)"},
		"the contacts of a deal": {func(id string) func([]byte) []byte {
			return inRow(id, func(row map[string]any) { delete(row, "to") })
		}, "contacts of deal %s: HubSpot did not answer which contacts belong to it"},
	} {
		t.Run(what, func(t *testing.T) {
			x, twin := newPortalBench(t, 40), newPortalBench(t, 40)
			twin.polled()
			open := twin.openDeals()
			id := open[slices.IndexFunc(open, func(id string) bool { return len(twin.portal.Links("deals", id, "contacts")) > 0 })]
			x.portal.Fault(sim.Fault{Path: "deals", Kind: sim.Edit, Change: c.change(id), Times: -1})
			x.polled()
			if said, want := x.said(), fmt.Sprintf(c.want, id); !strings.Contains(said, want) {
				t.Errorf("status does not say %q: %s", want, said)
			}
			x.portal.ClearFaults()
			x.later(20 * time.Minute)
			x.polled()
			if said := x.said(); strings.Contains(said, "left out") || !x.has(crm.Opportunities, id) {
				t.Errorf("after a clean poll status says %s", said)
			}
		})
	}
}
