package crm

import "testing"

// TestIn: an amount whose currency could not be read is not in the account's own.
func TestIn(t *testing.T) {
	for name, tt := range map[string]struct {
		info Info
		deal Opportunity
		want string
	}{
		"named":                       {Info{Currency: "USD"}, Opportunity{Currency: "EUR"}, "EUR"},
		"not named":                   {Info{Currency: "USD"}, Opportunity{}, "USD"},
		"the answer garbled it":       {Info{Currency: "USD"}, Opportunity{Unclear: []string{"currency"}}, ""},
		"the login does not see it":   {Info{Currency: "USD", Fields: Fields{"currency": Hidden}}, Opportunity{}, ""},
		"nobody names it":             {Info{}, Opportunity{}, ""},
		"the account has no such one": {Info{Currency: "USD", Fields: Fields{"currency": Unmapped}}, Opportunity{}, "USD"},
	} {
		if got := tt.info.CurrencyOf(tt.info.In(&tt.deal)); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}
