package hubspot_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestAnswersOfNothingManyTimes has the portal answer with millions of records that hold
// nothing: judged by the memory that is asked for, over what the answer itself takes.
func TestAnswersOfNothingManyTimes(t *testing.T) {
	for path, begin := range map[string]string{
		"/deals/search": `{"total":9,"results":[`, "/deals/batch/read": `{"status":"COMPLETE","results":[`, "/owners": `{"results":[`,
	} {
		t.Run(path, func(t *testing.T) {
			a := newAccount(t, sim.Options{Deals: 20})
			body := begin + strings.Repeat("{},", 10_000_000) + "{}]}"
			a.portal.Fault(sim.Fault{Path: path, Status: 200, Times: -1, Body: body, Header: map[string]string{"Content-Type": "application/json"}})
			src := a.Source(t)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			var failed error
			for _, s := range src.Streams() {
				at, more := crm.Cursor(""), true
				for more {
					p, err := src.Fetch(t.Context(), s, at)
					if err != nil {
						failed = errors.Join(failed, err)
						break
					}
					at, more = p.Next, p.More
				}
			}
			runtime.ReadMemStats(&after)
			if got := after.TotalAlloc - before.TotalAlloc; got > 512<<20 { // the simulator's copies of the body, for some calls
				t.Errorf("%d MiB were asked for", got>>20)
			}
			if !errors.Is(failed, crm.ErrBusy) || !strings.Contains(failed.Error(), "too large") {
				t.Errorf("got %v", failed)
			}
		})
	}
}
