package daemon_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// An empty hs_is_closed, which HubSpot calculates late, hides a deal from a search for
// open deals. The deal's contacts are read all the same, by the first reading, by the
// daily reading, by a full one and by the hour's look.
func TestADealThatIsNotYetKnownToBeOpenHasItsContacts(t *testing.T) {
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
	contacts := func() map[string]float64 {
		t.Helper()
		out := map[string]float64{}
		_, _, err := b.store.Scan(t.Context(), "sales", "", 0, func(d *hygiene.Deal) error {
			if o := d.Opportunity; !o.Closed && o.Contacts.Known {
				out[strings.Clone(o.ID)] = o.Contacts.Value
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	var empty []string
	for _, id := range portal.IDs("deals") {
		if portal.Properties("deals", id)["hs_is_closed"] == "false" && len(empty) < 5 {
			empty = append(empty, id)
			if err := portal.SetQuietly("deals", id, "hs_is_closed", ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	linked := 0
	check := func(when string) {
		t.Helper()
		have := contacts()
		linked = 0
		for _, id := range empty {
			n, known := have[id]
			if want := len(portal.Links("deals", id, "contacts")); !known || int(n) != want {
				t.Errorf("%s: deal %s has %v contacts (known: %v), want %d", when, id, n, known, want)
			} else if want > 0 {
				linked++
			}
		}
	}
	b.sync()
	check("the first reading")
	if linked == 0 {
		t.Fatal("the scenario does not hold: no deal has a contact")
	}
	company.SetNow(company.Now().Add(40 * time.Minute))
	b.sync()
	for _, id := range empty {
		if err := portal.Associate("deals", id, "contacts", portal.IDs("contacts")[0]); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // an hour after the last look began the next poll looks
		company.SetNow(company.Now().Add(40 * time.Minute))
		b.sync()
	}
	check("the hour's look")
	company.SetNow(company.Now().Add(25 * time.Hour))
	b.sync()
	check("the daily reading")
	if err := b.Sync(t.Context(), &b.cfg.Sources[0], true, nil); err != nil {
		t.Fatal(err)
	}
	check("a full reading")
}
