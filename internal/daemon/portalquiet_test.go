package daemon_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// nothing lets the portal answer an empty list, or a search that found nothing, where the
// path has that end; "" is everywhere.
func (x *portalBench) nothing(end string) {
	x.portal.Fault(sim.Fault{Kind: sim.Edit, Times: -1,
		Match: func(r *http.Request) bool {
			return strings.HasSuffix(r.URL.Path, end) && !strings.HasSuffix(r.URL.Path, "/details")
		},
		Change: func([]byte) []byte { return []byte(`{"total":0,"results":[]}`) },
	})
}

// untouched matches searches for what was touched; the number of open deals is told.
func untouched(r *http.Request) bool {
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return err == nil && !bytes.Contains(body, []byte("hs_is_closed"))
}

// TestAPollOfAPortalThatSawNothingLosesNothing: one poll is told that no deal, or no call,
// was touched. The next one brings the change, and the finding goes with it.
func TestAPollOfAPortalThatSawNothingLosesNothing(t *testing.T) {
	for _, hours := range []int{1, 5} {
		x := newPortalBench(t, 60)
		x.polled()
		x.quarters(2)
		deal, silent := x.breaks("next-step-missing", false), x.breaks("no-activity", true)
		act := x.touch(silent)
		x.later(20 * time.Minute)
		x.portal.Fault(sim.Fault{Path: "/search", Times: -1, Match: untouched, Status: http.StatusOK, Body: `{"total":0,"results":[]}`})
		x.set("deals", deal, "hs_next_step", "Signed by both, counter-signature on Friday")
		x.set(act[0], act[1], "hs_timestamp", x.company.Now().UTC().Format(time.RFC3339))
		for range hours {
			x.later(time.Hour)
			x.polled()
		}
		if strings.Contains(x.nextStep(deal), "counter-signature") || !slices.Contains(x.findings()[silent], "no-activity") {
			t.Fatal("the scenario does not hold: the changes came")
		}
		x.portal.ClearFaults()
		x.later(20 * time.Minute)
		x.polled()
		if got := x.nextStep(deal); !strings.Contains(got, "counter-signature") || slices.Contains(x.findings()[deal], "next-step-missing") {
			t.Errorf("%d hours: the change did not come: the next step is %q, found %v", hours, got, x.findings()[deal])
		}
		if slices.Contains(x.findings()[silent], "no-activity") {
			t.Errorf("%d hours: the %s did not come", hours, act[0])
		}
	}
}

// TestAPollThatSawNoPortalIsBusy: whatever answers every list and search with nothing, the
// owners and pipelines included, is not the portal. The daily reading says so, nothing
// leaves the cache, and a good poll heals all.
func TestAPollThatSawNoPortalIsBusy(t *testing.T) {
	x := newPortalBench(t, 60)
	x.polled()
	x.quarters(2)
	deals := len(x.openDeals())
	before := x.streams()
	for _, wait := range []time.Duration{20 * time.Minute, 25 * time.Hour} {
		x.later(wait)
		x.nothing("")
		// A quiet poll only searches, and a search may find nothing.
		if _, err := x.poll(); errors.Is(err, crm.ErrBusy) != (wait > time.Hour) {
			t.Errorf("after %v the sync says %v", wait, err)
		}
		for s, st := range x.streams() {
			if st.Records != before[s].Records {
				t.Errorf("after %v: %d %s, before %d", wait, st.Records, s, before[s].Records)
			}
		}
		x.portal.ClearFaults()
		x.later(20 * time.Minute)
		x.polled()
		for s, st := range x.streams() {
			if st.Error != "" || st.Held != "" || !st.AsOf.After(before[s].AsOf) {
				t.Errorf("after a good poll: %s: as of %v, error %q, held %q", s, st.AsOf, st.Error, st.Held)
			}
		}
	}
	if n := len(x.openDeals()); n != deals {
		t.Errorf("%d open deals, before %d", n, deals)
	}
}
