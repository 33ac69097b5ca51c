package config

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/spelling"
)

// currencies are the codes of ISO 4217 in use at the end of 2026, and some that have ended
// and in which older amounts stand. The library golang.org/x/text lacks those of the last
// years. XXX, no currency, and precious metals are no currency of an amount.
const currencies = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW " +
	"CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS " +
	"INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV " +
	"MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC " +
	"SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL"

// notCurrency says what is wrong with a code, "" is nothing.
func notCurrency(code string) string {
	if len(code) != 3 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "must be an ISO 4217 code of three capital letters, as in USD"
	}
	near := ""
	for known := range strings.FieldsSeq(currencies) {
		switch {
		case known == code:
			return ""
		case spelling.Distance(code, known) != 1:
		case near == "" || known[:2] == code[:2] && near[:2] != code[:2]: // the first two letters are the country's
			near = known
		}
	}
	if near == "" {
		return fmt.Sprintf("ISO 4217 knows no currency %s; write the code of yours, as in USD", code)
	}
	return fmt.Sprintf("ISO 4217 knows no currency %s; did you mean %s?", code, near)
}

// currency checks in what sums are, and by which rates.
func (b *builder) currency() {
	c := b.file.Currency
	b.out.Currency = digest.Exchange{Report: c.Report, Rates: c.Rates}
	switch {
	case c.Report != "":
		if wrong := notCurrency(c.Report); wrong != "" {
			b.report("currency.report", "%s", wrong)
		}
	case len(c.Rates) > 0:
		b.report("currency.rates", "must lead to a currency; add report: with its ISO 4217 code, as in report: USD")
	}
	for _, code := range slices.Sorted(maps.Keys(c.Rates)) {
		rate := c.Rates[code]
		path := "currency.rates." + code
		switch wrong := notCurrency(code); {
		case wrong != "":
			b.report(path, "%s", wrong)
		case code == c.Report:
			b.report(path, "%s is the currency of report, so it has no rate; remove it", code)
		case !(rate > 0) || math.IsInf(rate, 1):
			b.report(path, "must be above 0: what one %s is worth in the currency of report, as in 1.09", code)
		}
	}
	if b.form.Has("currency.missing") && !isOne(c.Missing) {
		b.report("currency.missing", "%s", form.OneOf(string(c.Missing), c.Missing.Values()...))
	}
}
