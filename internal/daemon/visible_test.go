package daemon_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// A deal that the login loses sight of leaves the cache with the next sweep. When the
// deal is shared again it comes back with its activities, though it has no new stamp.
func TestADealLostFromSightLeavesAndComesBackWhole(t *testing.T) {
	company := sim.New(sim.Options{Deals: 60})
	srv := httptest.NewServer(company.Salesforce())
	t.Cleanup(srv.Close)
	o := company.Salesforce().Options()
	src, err := salesforce.New(salesforce.Config{
		Name: "sales", URL: srv.URL, Auth: salesforce.Auth{ClientID: o.ClientID, ClientSecret: connectortest.Secret(t, o.ClientSecret)},
		Now: company.Now,
	}, rest.New(rest.Config{Attempts: 1}))
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, func(b *bench) {
		b.cfg.Sources[0].Source.Source, b.cfg.Now = src, company.Now
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
		err := b.store.Lend(t.Context(), "sales", []string{lost}, func(d *hygiene.Deal) error {
			found, activities = true, len(d.Activities)
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

// TestCollapseIsNoticedWithinAPoll: one poll after the login lost the permission, findings
// are withheld; one poll after the login has it again, findings are shown.
func TestCollapseIsNoticedWithinAPoll(t *testing.T) {
	x := newOrgBench(t, 150)
	poll := func() {
		x.later(15 * time.Minute)
		x.polled()
	}
	x.polled()
	poll() // counts for the first time
	poll()
	deals := len(x.cached(crm.Opportunities))
	if c := x.check(); len(c.Findings) == 0 || c.Sources[0].Withheld != "" {
		t.Fatalf("the scenario does not hold: %d findings, withheld: %q", len(c.Findings), c.Sources[0].Withheld)
	}
	for _, id := range x.company.IDs("Opportunity")[4:] {
		x.company.HideRecord(id)
	}
	poll()
	if c := x.check(); len(c.Findings) != 0 || !strings.Contains(c.Sources[0].Withheld, "no longer visible") {
		t.Errorf("a poll later: %d findings, withheld: %q", len(c.Findings), c.Sources[0].Withheld)
	}
	if n := len(x.cached(crm.Opportunities)); n != deals {
		t.Errorf("%d of %d deals are left", n, deals)
	}
	for _, id := range x.company.IDs("Opportunity") {
		x.company.ShowRecord(id)
	}
	poll()
	if c := x.check(); len(c.Findings) == 0 || c.Sources[0].Withheld != "" {
		t.Errorf("a poll after it is back: %d findings, withheld: %q", len(c.Findings), c.Sources[0].Withheld)
	}
}
