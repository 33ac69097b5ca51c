package doctor

import (
	"fmt"

	"github.com/pipetidy/pipetidy/crm"
)

// currencies finds sources whose amounts are in a currency that nobody names, or that
// cannot be added to those of the others.
func currencies(f *File, sources []Source) (out []Mistake) {
	var first *Source // the first source with a currency
	for i := range sources {
		s := &sources[i]
		if s.Info.Account == "" {
			continue // it has not been asked
		}
		m := Mistake{Place: "currency.report", Source: s.Name}
		own := s.Info.Currency
		switch {
		case s.Info.Fields.Access("currency") == crm.Hidden:
			why := s.Info.Why["currency"]
			if OfFile("currency", why) {
				continue // told among the fields
			}
			m.Place, m.Text = "sources "+s.Name, s.Name+": "+why
		case own == "" && f.Currency == "":
			m.Text = "currency.report: " + s.Name + " names no currency, so its amounts are in no sum with those of another source; add currency: {report: USD}, with your own code"
		case own == "":
			continue
		case f.Currency == "" && first != nil && first.Info.Currency != own && !convertible(&s.Info, first.Info.Currency):
			m.Text = fmt.Sprintf("currency.report: amounts of %s are in %s and those of %s in %s, so they are neither added up nor compared; add currency: {report: %s, rates: {%s: 1.09}}, with what one %s is worth in %s",
				first.Name, first.Info.Currency, s.Name, own, first.Info.Currency, own, own, first.Info.Currency)
		case f.Currency != "" && own != f.Currency && !(f.Rates[own] > 0) && !convertible(&s.Info, f.Currency):
			m.Place = "currency.rates"
			m.Text = fmt.Sprintf("currency.rates: amounts of %s are in %s, for which there is no rate, so they are in no sum and are compared with none; add rates: {%s: 1.09} to currency, with what one %s is worth in %s",
				s.Name, own, own, own, f.Currency)
		}
		if own != "" && first == nil {
			first = s
		}
		if m.Text != "" {
			out = append(out, m)
		}
	}
	return out
}

// convertible reports whether the account itself says what its currency is worth in another.
func convertible(info *crm.Info, other string) bool {
	return info.Currency == other || info.Rates[other] > 0
}
