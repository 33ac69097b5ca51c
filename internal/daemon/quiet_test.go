package daemon_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

const noRows = `{"totalSize":0,"done":true,"records":[]}`

// noRows lets the org answer without rows to queries whose text holds words.
func (x *orgBench) noRows(words string) {
	x.org.Fault(sim.Fault{Sub: "/query", Times: -1, Status: 200, Body: noRows,
		Match: func(r *http.Request) bool { return strings.Contains(r.URL.Query().Get("q"), words) }})
}

// TestAPollThatSawNothingLosesNothing: one poll is told that no deal was touched. The next
// one brings the change, for no further call, and the finding goes with it.
func TestAPollThatSawNothingLosesNothing(t *testing.T) {
	x := newOrgBench(t, 60)
	x.polled()
	x.quarters(2)
	id := x.withFindings(1)[0]
	x.later(20 * time.Minute)
	if err := x.company.SetField(id, "NextStep", "Signed by both, counter-signature on Friday"); err != nil {
		t.Fatal(err)
	}
	x.later(19 * time.Minute) // more than the overlap
	x.noRows("FROM Opportunity WHERE SystemModstamp")
	x.polled()
	if x.nextStep(id) != "" && strings.Contains(x.nextStep(id), "counter-signature") {
		t.Fatal("the scenario does not hold: the change came")
	}
	x.org.ClearFaults()
	x.later(20 * time.Minute)
	before := x.calls()
	x.polled()
	if got := x.nextStep(id); !strings.Contains(got, "counter-signature") {
		t.Errorf("the change did not come: the next step is %q", got)
	}
	if n := x.calls() - before; n != 2 {
		t.Errorf("the poll cost %d calls, want 2", n)
	}
}

// TestAPollThatSawNoOrgIsBusy: whatever answers each query without a row, stages included,
// is not the org. The sync says so, and what is cached is no younger for it.
func TestAPollThatSawNoOrgIsBusy(t *testing.T) {
	x := newOrgBench(t, 60)
	x.polled()
	x.quarters(2)
	asOf := x.streams()[crm.Opportunities].AsOf
	x.later(20 * time.Minute)
	x.noRows("SELECT")
	if _, err := x.poll(); !errors.Is(err, crm.ErrBusy) || !strings.Contains(err.Error(), "every org has rows of OpportunityStage") {
		t.Errorf("the sync says %v", err)
	}
	if st := x.streams()[crm.Opportunities]; !st.AsOf.Equal(asOf) || st.Error == "" {
		t.Errorf("the deals are as of %v, error %q", st.AsOf, st.Error)
	}
	x.org.ClearFaults()
	x.later(20 * time.Minute)
	x.polled()
	if st := x.streams()[crm.Opportunities]; st.Error != "" || !st.AsOf.After(asOf) {
		t.Errorf("after a good poll the deals are as of %v, error %q", st.AsOf, st.Error)
	}
}
