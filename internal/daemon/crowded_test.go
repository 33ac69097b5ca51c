package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// Where others use the calls of the account, a first sync waits and says so. It goes on by
// itself, and what was read before is polled meanwhile.
func TestABackfillLeavesCallsToOthers(t *testing.T) {
	for _, crowd := range []struct {
		name  string
		bench func() *orgBench
		set   func(x *orgBench, used int)
	}{
		{"org", func() *orgBench { return newOrgBench(t, 60) }, func(x *orgBench, used int) {
			x.org.Set(func(o *sim.SalesforceOptions) { o.LimitUsed, o.LimitMax = used, 10_000 })
		}},
		{"portal", func() *orgBench { return newPortalBench(t, 60).orgBench }, func(x *orgBench, used int) {
			x.company.HubSpot().OthersCall(0) // the count of a new day begins
			x.company.HubSpot().Set(func(o *sim.HubSpotOptions) { o.DailyUsed, o.Daily = used, 10_000 })
		}},
	} {
		x := crowd.bench()
		x.connect = func() crm.Source { return x.connectShare(0.2) }
		x.reborn()
		crowd.set(x, 8_600)
		begin := x.company.Now()
		calls := int64(0)
		for range 4 {
			_, err := x.poll()
			if err == nil || !strings.Contains(err.Error(), "waiting: 86 % of the "+crowd.name+"'s API calls") || !strings.Contains(err.Error(), "by others") {
				t.Errorf("%s: got %v", crowd.name, err)
			}
			x.later(15 * time.Minute)
		}
		if m, ok := x.src.Source.Source.(crm.Meter); ok {
			calls = m.Usage().Calls
		}
		if calls > 60 {
			t.Errorf("%s: waiting cost %d calls", crowd.name, calls)
		}
		if st := x.streams(); st[crm.Opportunities].Complete || !strings.HasPrefix(x.waitsIn(crm.Opportunities), "source sales") || !strings.Contains(x.waitsIn(crm.Opportunities), "waiting: 86 %") {
			t.Errorf("%s: status says %q", crowd.name, x.waitsIn(crm.Opportunities))
		}
		crowd.set(x, 8_000)
		x.later(15 * time.Minute)
		x.polled()
		if st := x.streams()[crm.Opportunities]; !st.Complete || st.Error != "" || x.company.Now().Sub(begin) > 90*time.Minute {
			t.Errorf("%s: it has not gone on: %+v", crowd.name, st)
		}
		// Polls go on in a crowded day, also when the daily reading is due.
		crowd.set(x, 9_000)
		for range 3 {
			x.later(13 * time.Hour)
			crowd.set(x, 9_000)
			x.polled()
		}
		if st := x.streams()[crm.Opportunities]; x.company.Now().Sub(st.AsOf) > time.Hour {
			t.Errorf("%s: as of %s at %s", crowd.name, st.AsOf, x.company.Now())
		}
		// A full reading waits, and what was read stays.
		before := len(x.cached(crm.Opportunities))
		err := x.Sync(t.Context(), x.src, true, func(api.SyncEvent) {})
		if err == nil || !strings.Contains(err.Error(), "waiting: 9") || len(x.cached(crm.Opportunities)) != before {
			t.Errorf("%s: sync --full: %v", crowd.name, err)
		}
	}
}

// waitsIn is what status says of a stream.
func (x *orgBench) waitsIn(s crm.Stream) string {
	x.t.Helper()
	st, err := x.Status(x.t.Context())
	if err != nil {
		x.t.Fatal(err)
	}
	for _, p := range st.Sources[0].Streams {
		if p.Stream == s {
			return p.Error
		}
	}
	return ""
}

// While a sync waits for the CRM to collect rows, status says so; afterwards it does not.
func TestStatusSaysWhatASyncWaitsFor(t *testing.T) {
	b := newBench(t, nil)
	b.account.waits = "waiting for Salesforce's Bulk job that collects 300 rows of Opportunity"
	said := func() string {
		st, err := b.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range st.Sources[0].Streams {
			if p.Stream == crm.Opportunities {
				return p.Waits
			}
		}
		return ""
	}
	during := ""
	err := b.Sync(t.Context(), &b.cfg.Sources[0], false, func(e api.SyncEvent) {
		if e.Waits != "" {
			during = said()
		}
	})
	if err != nil || during != b.account.waits || said() != "" {
		t.Errorf("status said %q, then %q; %v", during, said(), err)
	}
}
