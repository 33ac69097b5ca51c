package crm

// NoCurrency is ISO 4217's code for no currency. An amount is in it whose own currency
// could not be read: the amount is in none that is known, not even in the source's own, so
// it is never part of a sum.
const NoCurrency = "XXX"

// In is the currency that the amount of a deal names: "" where it names none, so that it is
// in the account's own.
func (i *Info) In(o *Opportunity) string {
	if o.IsUnclear("currency") || i.Fields.Access("currency") == Hidden {
		return NoCurrency
	}
	return o.Currency
}

// CurrencyOf is the currency of an amount that names code, as [Info.In] has it; "" is
// unknown.
func (i *Info) CurrencyOf(code string) string {
	switch code {
	case NoCurrency:
		return ""
	case "":
		return i.Currency
	}
	return code
}
