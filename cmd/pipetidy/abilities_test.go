package main

import "testing"

func TestResolve(t *testing.T) {
	const want = "006Hs0000000Q1bIAE"
	for _, ref := range []string{
		want, want[:15], "https://acme.lightning.force.com/lightning/r/Opportunity/" + want + "/view?ws=1", "https://acme.my.salesforce.com/" + want[:15],
	} {
		if got := (salesforceResolver{}).Resolve(ref); got != want {
			t.Errorf("Resolve(%q) = %q, want %q", ref, got, want)
		}
	}
	for _, ref := range []string{"", "001Hs0000000Q1bIAE", "006", "Globex renewal", "https://acme.lightning.force.com/lightning/o/Opportunity/list", want + "/view", "%zz"} {
		if got := (salesforceResolver{}).Resolve(ref); got != "" {
			t.Errorf("Resolve(%q) = %q, want none", ref, got)
		}
	}
}
