package daemon_test

import (
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// A lap that takes many hours drops what was purged at its end, and nothing else: not what
// came back, or was made, behind its place, nor what it has not come to. Meanwhile the
// deals are judged as of each poll.
func TestALapOfManyHoursDropsWhatWasPurged(t *testing.T) {
	company := sim.New(sim.Options{Deals: 120, HubSpot: true})
	portal := company.HubSpot()
	portal.Set(func(o *sim.HubSpotOptions) { o.Burst, o.Daily = 1_000_000, 100_000_000 })
	srv := httptest.NewServer(portal)
	t.Cleanup(srv.Close)
	src, err := hubspot.New(hubspot.Config{
		Name: "sales", URL: srv.URL, Token: connectortest.Secret(t, portal.Options().Token), Budget: hubspot.DefaultBudget / 200, Now: company.Now,
		SearchRate: 1_000_000, CallRate: 1_000_000, PageLimit: 10,
	}, rest.New(rest.Config{Attempts: 1}))
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, func(b *bench) { b.cfg.Sources[0].Source.Source, b.cfg.Now = src, company.Now })
	cached := func() []string {
		t.Helper()
		out := map[string]bool{}
		_, _, err := b.store.Scan(t.Context(), "sales", "", 0, func(d *hygiene.Deal) error {
			out[strings.Clone(d.Opportunity.ID)] = true
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return slices.Sorted(maps.Keys(out))
	}
	b.sync()
	company.SetNow(company.Now().Add(25 * time.Hour))
	b.sync()
	var open []string
	for _, id := range portal.IDs("deals") {
		if portal.Properties("deals", id)["hs_is_closed"] == "false" {
			open = append(open, id)
		}
	}
	behind, purged := open[0], open[len(open)-1]
	if err := portal.Archive("deals", behind); err != nil {
		t.Fatal(err)
	}
	company.SetNow(company.Now().Add(10 * time.Minute))
	b.sync() // the lap begins
	if slices.Contains(cached(), behind) {
		t.Fatal("an archived deal is in the cache")
	}
	hours := 0
	for ; hours < 40 && slices.Contains(cached(), purged); hours++ {
		company.SetNow(company.Now().Add(61 * time.Minute))
		if hours == 3 {
			if err := portal.Restore("deals", behind); err != nil {
				t.Fatal(err)
			}
			if err := portal.SetProperty("deals", behind, "dealname", "back"); err != nil {
				t.Fatal(err)
			}
			if err := portal.Purge("deals", purged); err != nil {
				t.Fatal(err)
			}
			company.SetNow(company.Now().Add(2 * time.Minute))
		}
		b.sync()
		st := b.streams()[crm.Opportunities]
		if st.Held != "" || st.Error != "" || company.Now().Sub(st.AsOf) > time.Minute {
			t.Fatalf("hour %d: held %q, error %q, as of %v", hours, st.Held, st.Error, st.AsOf)
		}
	}
	if hours < 6 {
		t.Errorf("the lap was over after %d hours", hours)
	}
	have := cached()
	for _, id := range open {
		if want := id != purged; slices.Contains(have, id) != want {
			t.Errorf("deal %s is in the cache: %v", id, !want)
		}
	}
}
