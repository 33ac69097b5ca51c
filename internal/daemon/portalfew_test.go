package daemon_test

import (
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

// halves has each list of deals lack half of its rows, and tells the index's number.
func halves(x *portalBench, count func(listed int) string) {
	x.portal.Fault(sim.Fault{Kind: sim.Edit, Times: -1,
		Match: func(r *http.Request) bool {
			return strings.HasSuffix(r.URL.Path, "/objects/2026-09/deals") && r.URL.Query().Get("archived") == "false"
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
	x.portal.Fault(sim.Fault{Path: "/deals/search", Times: -1, Status: http.StatusOK, Body: count((len(x.portal.IDs("deals")) + 1) / 2)})
}

// A first reading whose list was cut in half is not complete where the index counts nothing,
// and is finished once the index answers. Where the index counted as few, the number of open
// deals differs from that of the cache in the hours after it, and what lacks is read then.
func TestWhatAListLackedIsReadSoon(t *testing.T) {
	for _, c := range []struct {
		count func(listed int) string
		done  bool
		polls int // of 15 minutes
	}{
		{func(int) string { return `{"total":0,"results":[]}` }, false, 1},
		{func(n int) string { return fmt.Sprintf(`{"total":%d,"results":[{"id":"1"}]}`, n) }, true, 14},
	} {
		t.Run(fmt.Sprintf("complete %v", c.done), func(t *testing.T) {
			x, twin := newPortalBench(t, 60), newPortalBench(t, 60)
			twin.polled()
			halves(x, c.count)
			_, err := x.poll()
			st, serr := x.Status(t.Context())
			if serr != nil {
				t.Fatal(serr)
			}
			if (err == nil) != c.done || st.Sources[0].Complete != c.done || len(x.life()) > 0 && !c.done {
				t.Fatalf("complete %v, %d findings: %v", st.Sources[0].Complete, len(x.life()), err)
			}
			x.portal.ClearFaults()
			for range c.polls {
				x.later(15 * time.Minute)
				x.polled()
			}
			for _, s := range []crm.Stream{crm.Opportunities, crm.Activities} {
				if got, want := x.cached(s), twin.cached(s); !slices.Equal(got, want) {
					t.Errorf("%s: the cache has %d of %d", s, len(got), len(want))
				}
			}
		})
	}
}
