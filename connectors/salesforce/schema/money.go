package schema

import (
	"encoding/json"
	"errors"
	"math"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/connectors/salesforce/soql"
)

// Money is the currency of an org: the only one, or the corporate one of several.
type Money struct {
	Currency string // ISO 4217, "" is unknown
	// Rates are what one unit of the other currencies of the org is worth in Currency. Dated
	// rates are not read, so these are the org's rates of today.
	Rates map[string]float64
	// Unseen says that amounts are in several currencies, and that the login does not see
	// in which: an amount alone says nothing.
	Unseen bool
}

// moneyQuestion asks for the org's currency. An org with one names it in the features of
// /connect/organization, and has no field CurrencyIsoCode; one with several lists them in
// CurrencyType. What was known stays where the org refuses: no org loses its currency.
func (s *Schema) moneyQuestion(opportunity *Object, found *Money, before Money) question {
	q := question{keep: func(error) { *found = before }, refusable: true}
	if opportunity.Field("CurrencyIsoCode") != nil {
		q.path = s.small(soql.Query{Columns: currencyColumns, Object: "CurrencyType", Where: soql.All{soql.Is("IsActive", "=", soql.Truth(true))}})
		q.take = func(a *api.Reply) error { return found.readSeveral(a.Body) }
		return q
	}
	q.path = s.org.Root() + "/connect/organization"
	q.take = func(a *api.Reply) error { return found.readOne(a.Body) }
	return q
}

var currencyColumns = []string{"ConversionRate", "IsCorporate", "IsoCode"}

// errNoCurrency says that an answer that should name a currency names none. Each org has
// one, so it is asked again.
var errNoCurrency = errors.New("an org without a currency")

func (m *Money) readOne(body []byte) error {
	var about struct {
		Features struct {
			Several *bool  `json:"multiCurrency"`
			Default string `json:"defaultCurrencyIsoCode"`
		} `json:"features"`
	}
	if err := json.Unmarshal(body, &about); err != nil {
		return err
	}
	f := about.Features
	switch {
	case f.Several == nil:
		return errNoCurrency
	case *f.Several:
		m.Unseen = true
	case !isCode(f.Default):
		return errNoCurrency
	default:
		m.Currency = f.Default
	}
	return nil
}

// readSeveral decodes the rows of CurrencyType. Salesforce keeps how much of a currency one
// unit of the corporate currency is.
func (m *Money) readSeveral(body []byte) error {
	of, corporate := map[string]float64{}, ""
	_, err := row.Page(body, currencyColumns, func(r *row.Row) error {
		code, rate := r.Text("IsoCode"), r.Number("ConversionRate").Value
		if !isCode(code) {
			return errNoCurrency
		}
		if r.Flag("IsCorporate") {
			corporate = code
		}
		if rate > 0 && !math.IsInf(1/rate, 0) {
			of[code] = 1 / rate
		}
		return r.Err()
	})
	switch {
	case err != nil:
		return err
	case corporate == "":
		return errNoCurrency
	}
	delete(of, corporate)
	*m = Money{Currency: corporate}
	if len(of) > 0 {
		m.Rates = of
	}
	return nil
}

// isCode reports whether s has the form of a currency code of ISO 4217.
func isCode(s string) bool {
	return len(s) == 3 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
