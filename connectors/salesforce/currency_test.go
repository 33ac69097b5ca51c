package salesforce_test

import (
	"fmt"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestOneCurrency: an org with a single currency says which.
func TestOneCurrency(t *testing.T) {
	for _, code := range []string{"EUR", "JPY", ""} {
		a := newAccount(t, sim.Options{Deals: 10})
		a.company.SetCurrency(code)
		info, err := a.Source(t).Describe(t.Context())
		if err != nil || info.Currency != code || info.Rates != nil || info.Fields.Access("currency") != crm.Unmapped {
			t.Errorf("%q: got %q, rates %v, the currency of a deal is %s, %v", code, info.Currency, info.Rates, info.Fields.Access("currency"), err)
		}
	}
}

// TestSeveralCurrencies: an org with several says in which each deal is, and what the active
// ones are worth.
func TestSeveralCurrencies(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	a.company.Enable(sim.MultiCurrency)
	euros := a.company.Find(sim.Globex)
	set(t, a, euros, "CurrencyIsoCode", "EUR")
	src := a.Source(t)
	info, err := src.Describe(t.Context())
	if err != nil || info.Fields.Access("currency") != crm.Readable || info.Currency != "USD" || fmt.Sprint(info.Rates) != "map[EUR:1.25]" {
		t.Fatalf("currency is %s, the org's %s, rates %v, %v", info.Fields.Access("currency"), info.Currency, info.Rates, err)
	}
	deals := newCache(t, crm.Opportunities)
	deals.run(src)
	for id, d := range deals.deals {
		if want := map[bool]string{true: "EUR", false: "USD"}[id == euros]; d.Currency != want {
			t.Fatalf("%s is in %q, want %q", id, d.Currency, want)
		}
	}
}

// TestCurrencyUnseen: where the login does not see in which of several currencies an amount
// is, the amount is in none that is known; a field that the file names says it.
func TestCurrencyUnseen(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 10})
	a.company.Enable(sim.MultiCurrency)
	a.company.HideField("Opportunity", "CurrencyIsoCode")
	info, err := a.Source(t).Describe(t.Context())
	if err != nil || info.Currency != "" || info.Fields.Access("currency") != crm.Hidden || info.Why["currency"] == "" {
		t.Errorf("got %q, the currency of a deal is %s (%s), %v", info.Currency, info.Fields.Access("currency"), info.Why["currency"], err)
	}
	a.cfg.Fields["currency"] = "Economic_Buyer__c"
	if info, err = a.Source(t).Describe(t.Context()); err != nil || info.Fields.Access("currency") != crm.Readable {
		t.Errorf("with a field of the file it is %s, %v", info.Fields.Access("currency"), err)
	}
}

// TestCurrencyRefused: an org that refuses to name its currency is judged like any other.
func TestCurrencyRefused(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 10})
	a.org.Fault(sim.Fault{Path: "/connect/organization", Status: 403, Body: `[{"errorCode":"FUNCTIONALITY_NOT_ENABLED","message":"no"}]`, Times: 2})
	info, err := a.Source(t).Describe(t.Context())
	if err != nil || info.Currency != "" || info.Fields.Access("amount") != crm.Readable {
		t.Errorf("got %q, amounts are %s, %v", info.Currency, info.Fields.Access("amount"), err)
	}
}
