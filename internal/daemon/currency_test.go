package daemon_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// twoCurrencies is a bench with an org that has a single currency, and a portal with
// several: one deal of West in each, and one more of the portal in another currency.
func twoCurrencies(t *testing.T, exchange digest.Exchange) *bench {
	t.Helper()
	company := sim.New(sim.Options{Deals: 20, HubSpot: true, NoHostile: true})
	org, portal := httptest.NewServer(company.Salesforce()), httptest.NewServer(company.HubSpot())
	t.Cleanup(org.Close)
	t.Cleanup(portal.Close)
	company.HubSpot().Set(func(o *sim.HubSpotOptions) { o.Currency, o.Currencies = "EUR", []string{"JPY"} })
	o := company.Salesforce().Options()
	sf, err := salesforce.New(salesforce.Config{
		Name: "sales", URL: org.URL, Auth: salesforce.Auth{ClientID: o.ClientID, ClientSecret: connectortest.Secret(t, o.ClientSecret)}, Budget: 1, Now: company.Now,
	}, rest.New(rest.Config{}))
	if err != nil {
		t.Fatal(err)
	}
	hub, err := hubspot.New(hubspot.Config{
		Name: "partners", URL: portal.URL, Token: connectortest.Secret(t, company.HubSpot().Options().Token), Budget: 1, Now: company.Now, SearchRate: 1_000_000, CallRate: 1_000_000,
	}, rest.New(rest.Config{}))
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range company.HubSpot().IDs("deals") {
		code := "" // the portal's own
		if i%2 == 1 {
			code = "JPY"
		}
		for name, value := range map[string]string{"deal_currency_code": code, "hs_manual_forecast_category": "Commit", "amount": "70000", "closedate": "2026-12-20T12:00:00Z", "hs_next_step": ""} {
			if err := company.HubSpot().SetProperty("deals", id, name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	b := newBench(t, func(b *bench) {
		b.cfg.Now, b.cfg.Currency = company.Now, exchange
		b.cfg.Sources = []daemon.Source{
			{Source: evaluation.Source{Source: sf, Label: "Salesforce"}, Type: "salesforce", Every: 15 * time.Minute},
			{Source: evaluation.Source{Source: hub, Label: "HubSpot"}, Type: "hubspot", Every: 15 * time.Minute},
		}
		b.cfg.Teams.List[0].Members = []string{"ana@acme.example", "ben@acme.example", "cleo@acme.example", "dai@acme.example", "eve@acme.example",
			"finn@acme.example", "gus@acme.example", "hana@acme.example", "ivo@acme.example", "cleo@oldco.example", "dana@acme.example", "max@acme.example", "oli@acme.example"}
	})
	for i := range b.cfg.Sources {
		if err := b.Sync(t.Context(), &b.cfg.Sources[i], false, nil); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// TestTwoCRMsInThreeCurrencies: one digest tells of an org that has dollars and of a portal
// that has euros and yen. Each deal keeps its own currency; sums are in that of the report,
// and what has no rate stands beside them.
func TestTwoCRMsInThreeCurrencies(t *testing.T) {
	for _, c := range []struct {
		name     string
		exchange digest.Exchange
		notice   string // of status
	}{
		{"nothing is configured", digest.Exchange{}, "amounts of sales are in USD and those of partners in EUR, so they are neither added up nor compared; add currency: {report: USD, rates: {EUR: 1.09}}"},
		{"a report without a rate", digest.Exchange{Report: "USD"}, "amounts of partners are in EUR, for which there is no rate"},
		{"a report with a rate", digest.Exchange{Report: "USD", Rates: map[string]float64{"EUR": 1.1}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := twoCurrencies(t, c.exchange)
			for _, f := range b.check().Findings {
				if o := f.Opportunity; o.Amount != nil && (f.Source == "sales") != (o.Currency == "USD") || o.Currency == "" {
					t.Errorf("%s of %s is in %q", o.Name, f.Source, o.Currency)
				}
			}
			ps, err := b.PreviewNow(t.Context(), api.PreviewRequest{Name: b.cfg.Digests[0].Name})
			if err != nil || len(ps) == 0 {
				t.Fatal(len(ps), err)
			}
			said := strings.Join(strings.Fields(ps[0].Text), " ")
			for _, sign := range []string{"$", "€", "¥"} {
				if !strings.Contains(said, sign) {
					t.Errorf("nothing is in %s:\n%s", sign, said)
				}
			}
			_, commit, _ := strings.Cut(said, "Commit to ")
			commit, _, _ = strings.Cut(commit, "Deals in order")
			if got := strings.Contains(commit, "€"); got != (c.notice != "") {
				t.Errorf("euros apart in the commit: %v: %s", got, commit)
			}
			if got := strings.Contains(commit, "not converted: no rate for"); got != (c.exchange.Report != "") || strings.Contains(commit, "no rate for JPY") != (c.exchange.Rates != nil) {
				t.Errorf("what is not converted: %s", commit)
			}
			st, err := b.Status(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(st.Notices, "\n"); strings.Contains(got, "currency.") != (c.notice != "") || !strings.Contains(got, c.notice) {
				t.Errorf("status says %q, want %q", got, c.notice)
			}
		})
	}
}
