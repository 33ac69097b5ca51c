package daemon_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// A deal that was read is archived and restored while the windows of polls overlap. It has
// its old stamp, and comes back with its activities all the same.
func TestADealRestoredWithinTheOverlapComesBack(t *testing.T) {
	company := sim.New(sim.Options{Deals: 60, HubSpot: true})
	portal := company.HubSpot()
	srv := httptest.NewServer(portal)
	t.Cleanup(srv.Close)
	src, err := hubspot.New(hubspot.Config{
		Name: "sales", URL: srv.URL, Token: connectortest.Secret(t, portal.Options().Token), Budget: 1, Now: company.Now, SearchRate: 1_000_000, CallRate: 1_000_000,
	}, rest.New(rest.Config{Attempts: 1}))
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, func(b *bench) { b.cfg.Sources[0].Source.Source, b.cfg.Now = src, company.Now })
	id := ""
	for _, deal := range portal.IDs("deals") {
		if portal.Properties("deals", deal)["hs_is_closed"] == "false" && len(portal.Links("deals", deal, "calls")) > 0 {
			id = deal
			break
		}
	}
	poll := func() (found bool, activities int) {
		t.Helper()
		company.SetNow(company.Now().Add(2 * time.Minute))
		b.sync()
		err := b.store.Lend(t.Context(), "sales", []string{id}, func(d *hygiene.Deal) error {
			found = true
			activities = len(d.Activities)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return found, activities
	}
	b.sync()
	company.SetNow(company.Now().Add(40 * time.Minute))
	if err := portal.SetProperty("deals", id, "dealname", "changed"); err != nil {
		t.Fatal(err)
	}
	found, whole := poll()
	if !found || whole == 0 {
		t.Fatalf("the scenario does not hold: found %v with %d activities", found, whole)
	}
	if err := portal.Archive("deals", id); err != nil {
		t.Fatal(err)
	}
	if found, _ := poll(); found {
		t.Error("an archived deal is in the cache")
	}
	if err := portal.Restore("deals", id); err != nil {
		t.Fatal(err)
	}
	if found, n := poll(); !found || n != whole {
		t.Errorf("restored: found %v with %d activities, want %d", found, n, whole)
	}
}
