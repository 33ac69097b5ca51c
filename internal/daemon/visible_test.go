package daemon_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// A deal that the login loses sight of leaves with the next sweep, and comes back
// with its activities when it is shared again, though no stamp of the CRM tells.
func TestADealLostFromSightLeavesAndComesBackWhole(t *testing.T) {
	company := sim.New(sim.Options{Deals: 60})
	srv := httptest.NewServer(company.Salesforce())
	t.Cleanup(srv.Close)
	o := company.Salesforce().Options()
	src, err := salesforce.New(salesforce.Config{
		Name: "sales", URL: srv.URL, ClientID: o.ClientID, ClientSecret: func() (string, error) { return o.ClientSecret, nil },
		Now: company.Now,
	}, rest.New(rest.Config{Attempts: 1}))
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, func(b *bench) {
		b.cfg.Sources[0].Source, b.cfg.Now = src, company.Now
	})
	b.sync()
	whole := map[string]int{} // activities of the open deals
	_, _, err = b.store.Scan(t.Context(), "sales", "", 0, func(d *hygiene.Deal) error {
		whole[strings.Clone(d.Opportunity.ID)] = len(d.Activities)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	lost := ""
	for id, n := range whole {
		if n > whole[lost] {
			lost = id
		}
	}
	later := func() (found bool, activities int) {
		t.Helper()
		company.SetNow(company.Now().Add(25 * time.Hour))
		b.sync()
		found, err := b.store.Deal(t.Context(), "sales", lost, func(d *hygiene.Deal) error {
			activities = len(d.Activities)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return found, activities
	}
	if found, n := later(); !found || n != whole[lost] {
		t.Fatalf("a day later: found %v with %d activities, want %d", found, n, whole[lost])
	}
	company.HideRecord(lost)
	if found, _ := later(); found {
		t.Error("the deal is still there after a sweep that did not see it")
	}
	if held := b.streams()[crm.Opportunities].Held; held != "" {
		t.Errorf("one deal was held back: %s", held)
	}
	company.ShowRecord(lost)
	if found, n := later(); !found || n != whole[lost] {
		t.Errorf("shared again: found %v with %d activities, want %d", found, n, whole[lost])
	}
}
