package hubspot_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestProbe probes with a token that lacks a scope.
func TestProbe(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	a.cfg.Fields = map[string]string{"champion": "no_such_property"}
	a.portal.Set(func(o *sim.HubSpotOptions) {
		o.Scopes, o.Daily = []string{"crm.objects.deals.read", "crm.objects.owners.read"}, 250_000
	})
	probes := func() (lines []string) {
		list, err := a.Source(t).(crm.Prober).Probe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			lines = append(lines, map[bool]string{true: "ok ", false: "-- "}[p.OK]+p.What+": "+p.Said)
		}
		return lines
	}
	lacks := func(object, scope string) string {
		return "-- " + object + ": the token may not read " + object + ": the token lacks " + scope + "; add what is missing to the service key in HubSpot, under Settings → Integrations → Service Keys (in some accounts Development → Keys → Service keys)"
	}
	const contacts = "the scope crm.objects.contacts.read"
	want := []string{
		"ok the portal: portal 149063119, US/Eastern, USD",
		"ok the properties of deals: 27 fields are there; missing: champion",
		"ok the pipelines of deals: 12 stages",
		"ok deals: may be read",
		"ok owners: may be read",
		lacks("contacts", contacts), lacks("calls", contacts),
		lacks("emails", "one or both of the scopes crm.objects.contacts.read, sales-email-read"),
		lacks("meetings", contacts), lacks("tasks", contacts), lacks("notes", contacts),
		"ok the daily API limit: 11 of 250,000 calls of the portal are used today; this source may use 20% of them",
	}
	if diff := cmp.Diff(want, probes()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	a.portal.Set(func(o *sim.HubSpotOptions) { o.Expired = true })
	if _, err := a.Source(t).(crm.Prober).Probe(t.Context()); !errors.Is(err, crm.ErrAuth) {
		t.Errorf("with an expired token: got %v, want ErrAuth", err)
	}
	app, _ := installed(t, func(*sim.HubSpotOAuth) {})
	list, err := app.Source(t).(crm.Prober).Probe(t.Context())
	if err != nil || !strings.HasPrefix(list[len(list)-1].Said, "HubSpot does not tell the limit to OAuth apps") {
		t.Errorf("got %v, %v", list, err)
	}
}
