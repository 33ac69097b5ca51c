package hubspot_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/fault"
)

// halve has each list of an object lack half of each page.
func (a *account) halve(object string) {
	a.portal.Fault(sim.Fault{Kind: fault.Edit, Times: -1,
		Match: func(r *http.Request) bool {
			return strings.HasSuffix(r.URL.Path, "/"+object) && r.URL.Query().Get("archived") == "false"
		},
		Change: func(body []byte) []byte {
			var answer map[string]any
			if err := json.Unmarshal(body, &answer); err != nil {
				panic(err)
			}
			all, _ := answer["results"].([]any)
			answer["results"] = all[:(len(all)+1)/2]
			out, err := json.Marshal(answer)
			if err != nil {
				panic(err)
			}
			return out
		}})
}

// TestIndexIsNoWitness has an index that counts nothing, or far less than the list gave, beside
// a list that lacks half: the first reading is not over, and once the index answers, all is
// read. A list that lacks nothing waits for the index all the same.
func TestIndexIsNoWitness(t *testing.T) {
	for object, stream := range map[string]crm.Stream{"deals": crm.Opportunities, "history": crm.History, "contacts": crm.Contacts, "calls": crm.Activities} {
		list := object
		if stream == crm.History || stream == crm.Contacts {
			list = "deals"
		}
		for _, index := range []string{`{"total":0,"results":[]}`, `{"total":3,"results":[{"id":"1"}]}`} {
			for _, cut := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, index %.10s, cut %v", object, index, cut), func(t *testing.T) {
					a := newAccount(t, sim.Options{Deals: 40, NoHostile: true})
					a.cfg.PageLimit = 5
					want, _ := gave(toEnd(t, a.Source(t), stream, ""))
					if cut {
						a.halve(list)
					}
					a.portal.Fault(sim.Fault{Path: "/" + list + "/search", Times: -1, Status: http.StatusOK, Body: index})
					src, at := a.Source(t), crm.Cursor("")
					var pages []crm.Page
					var err error
					for range 100 {
						var p crm.Page
						if p, err = src.Fetch(t.Context(), stream, at); err != nil {
							break
						}
						if pages, at = append(pages, p), p.Next; !p.More {
							t.Fatal("the reading is over")
						}
					}
					if !errors.Is(err, crm.ErrBusy) || !strings.Contains(err.Error(), "its search counts ") || !strings.Contains(err.Error(), "whether the list has all is not known") {
						t.Fatalf("got %v", err)
					}
					a.portal.ClearFaults()
					got, _ := gave(append(pages, toEnd(t, src, stream, at)...))
					if !maps.Equal(got, want) {
						t.Errorf("%d of %d", len(got), len(want))
					}
				})
			}
		}
	}
}

// TestLapWithoutAWitness has the index count nothing during a lap: the lap ends and says so.
func TestLapWithoutAWitness(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 40, NoHostile: true})
	src := a.Source(t)
	at := joined(toEnd(t, src, crm.Opportunities, "")).Next
	a.later(25 * time.Hour)
	a.portal.Fault(sim.Fault{Path: "/deals/search", Times: -1, Status: http.StatusOK, Body: `{"total":0,"results":[]}`})
	at = joined(toEnd(t, src, crm.Opportunities, at)).Next // the second run knows the time
	a.later(time.Minute)
	pages := toEnd(t, src, crm.Opportunities, at)
	_, notes := gave(pages)
	if last := pages[len(pages)-1]; !last.Sweep || last.SweepGoesOn || len(notes) != 1 || !strings.Contains(notes[0], "its search counts 0 deals, and its list has ") {
		t.Errorf("sweep %v, goes on %v, said %q", last.Sweep, last.SweepGoesOn, notes)
	}
}

// TestOpenDealsAreCounted has a source tell once an hour how many deals are open, at the price
// of a search, and say nothing where HubSpot does not.
func TestOpenDealsAreCounted(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 40, NoHostile: true})
	src := a.Source(t)
	backfill := joined(toEnd(t, src, crm.Opportunities, ""))
	open := 0
	for i := range backfill.Opportunities {
		if !backfill.Opportunities[i].Closed {
			open++
		}
	}
	at := backfill.Next
	tell := func(wait time.Duration) *int {
		a.later(wait)
		pages := toEnd(t, src, crm.Opportunities, at)
		at = joined(pages).Next
		var n *int
		for i := range pages {
			if pages[i].Open != nil {
				n = pages[i].Open
			}
		}
		return n
	}
	tell(61 * time.Minute) // the second run knows the time
	if n := tell(time.Minute); n == nil || *n != open {
		t.Errorf("told %v, want %d", n, open)
	}
	if n := tell(5 * time.Minute); n != nil {
		t.Errorf("told %d within the hour", *n)
	}
	a.portal.Fault(sim.Fault{Path: "/deals/search", Times: -1, Status: http.StatusBadRequest, Body: `{"status":"error","category":"VALIDATION_ERROR","message":"no"}`, Match: ofOpen})
	tell(61 * time.Minute)
	if n := tell(time.Minute); n != nil {
		t.Errorf("told %d where HubSpot does not", *n)
	}
}

// ofOpen matches searches for the deals that are open.
func ofOpen(r *http.Request) bool {
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return err == nil && bytes.Contains(body, []byte("hs_is_closed"))
}
