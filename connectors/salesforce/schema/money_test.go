package schema

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const several = `{"totalSize":3,"done":true,"records":[
{"IsoCode":"EUR","ConversionRate":1,"IsCorporate":true},
{"IsoCode":"GBP","ConversionRate":0.8,"IsCorporate":false},
{"IsoCode":"JPY","ConversionRate":null,"IsCorporate":false}]}`

// TestMoney: the org names its currency, and what lacks a part of it names none. A currency
// that was known stays, whatever the org answers later.
func TestMoney(t *testing.T) {
	dollars, euros := Money{Currency: "USD"}, Money{Currency: "EUR", Rates: map[string]float64{"GBP": 1.25}}
	for name, tt := range map[string]struct {
		multi bool
		body  string
		want  Money
		wait  bool // it is asked again within the hour
	}{
		"one currency":            {body: `{"features":{"multiCurrency":false,"defaultCurrencyIsoCode":"USD"}}`, want: dollars},
		"several, none is seen":   {body: `{"features":{"multiCurrency":true,"defaultCurrencyIsoCode":"USD"}}`, want: Money{Unseen: true}},
		"no features":             {body: `{"name":"Acme"}`, wait: true},
		"not whether several":     {body: `{"features":{"defaultCurrencyIsoCode":"USD"}}`, wait: true},
		"no code":                 {body: `{"features":{"multiCurrency":false}}`, wait: true},
		"a code of another form":  {body: `{"features":{"multiCurrency":false,"defaultCurrencyIsoCode":"$"}}`, wait: true},
		"a number for a code":     {body: `{"features":{"multiCurrency":false,"defaultCurrencyIsoCode":840}}`, wait: true},
		"HTML":                    {body: `<html>`, wait: true},
		"busy":                    {body: "503", wait: true},
		"several":                 {multi: true, body: several, want: euros},
		"several, none corporate": {multi: true, body: strings.Replace(several, "true}", "false}", 1), wait: true},
		"several, a code is cut":  {multi: true, body: strings.Replace(several, `"IsoCode":"GBP",`, "", 1), wait: true},
		"several, a rate of text": {multi: true, body: strings.Replace(several, "0.8", `"0,8"`, 1), wait: true},
		"several, a rate of zero": {multi: true, body: strings.Replace(several, "0.8", "0", 1), want: Money{Currency: "EUR"}},
		"several, a rate below 0": {multi: true, body: strings.Replace(several, "0.8", "-0.8", 1), want: Money{Currency: "EUR"}},
		"several, a rate of 1e-320": {multi: true, body: strings.Replace(several, "0.8", "1e-320", 1),
			want: Money{Currency: "EUR"}},
		"several, no rows": {multi: true, body: `{"totalSize":0,"done":true,"records":[]}`, wait: true},
	} {
		part := "/connect/organization"
		o := acme()
		if tt.multi {
			part = "FROM CurrencyType"
			o.set("/sobjects/Opportunity/", strings.Replace(deal, `{"name":"NextStep"`, `{"name":"CurrencyIsoCode","type":"picklist"},{"name":"NextStep"`, 1))
		}
		o.set(part, tt.body)
		s, now := opened(t, o, Config{})
		found, err := s.Object(t.Context(), "Opportunity")
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Ask(t.Context(), found)
		if err != nil || !cmp.Equal(got.Money, tt.want) || (got.Wait > 0) != tt.wait || got.Zone == "" {
			t.Errorf("%s: got %+v, asked again after %s, zone %q, %v", name, got.Money, got.Wait, got.Zone, err)
		}
		if tt.wait {
			continue
		}
		for _, later := range []string{"503", "", `{}`} { // "" is refused
			if o.set(part, later); later == "" {
				delete(o.answer, part)
			}
			*now = now.Add(25 * time.Hour)
			if got, err := s.Ask(t.Context(), found); err != nil || !cmp.Equal(got.Money, tt.want) {
				t.Errorf("%s, then %q: got %+v, %v", name, later, got, err)
			}
		}
	}
}
