package digest

import (
	"maps"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Exchange is how amounts in several currencies are added up and compared.
type Exchange struct {
	// Report is the currency of sums over several currencies, as an ISO code; "" is the one
	// that all sources have, if they have one in common.
	Report string
	// Rates are what one unit of other currencies is worth in Report. They go before the
	// rates of a CRM.
	Rates map[string]float64
}

// money says in which currency each amount is, and converts amounts for sums and
// comparisons. Amounts are added up and compared in the currency of the report, or not
// at all. An amount whose currency nobody names is in a currency of its source alone, so
// it is never added to what another source has.
type money struct {
	locale   words.Locale
	report   string // "" is none
	base     string // in which amounts are compared: report, else the currency of most amounts
	rates    map[string]float64
	accounts map[string]SourceStatus
	unnamed  []string // the sources with amounts in no currency that is known
	// alone says that all amounts are in the one currency of one source that does not name
	// it: they can be added up and compared, and the number alone says all that is known.
	alone bool
}

func newMoney(in *Input) *money {
	m := &money{locale: words.Locale(in.Team.Locale), report: strings.ToUpper(in.Exchange.Report), rates: in.Exchange.Rates, accounts: make(map[string]SourceStatus, len(in.Sources))}
	common := true
	for i, x := range in.Sources {
		m.accounts[x.Name] = x
		common = common && x.Currency != "" && strings.EqualFold(x.Currency, in.Sources[0].Currency)
		if m.report == "" && i == len(in.Sources)-1 && common {
			m.report = strings.ToUpper(x.Currency)
		}
	}
	named, unnamed := false, map[string]bool{}
	note := func(source, code string) {
		if m.own(source, code) == "" {
			unnamed[source] = true
		} else {
			named = true
		}
	}
	for i := range in.Lives {
		if l := &in.Lives[i]; l.Deal.Amount.Known {
			note(l.Source, l.Deal.Currency)
		}
	}
	for i := range in.Snapshots {
		for _, t := range in.Snapshots[i].Tallies {
			for code := range t.Commit {
				note(in.Snapshots[i].Source, code)
			}
		}
	}
	m.unnamed = slices.Sorted(maps.Keys(unnamed))
	m.alone = !named && len(unnamed) == 1 && m.report == ""
	m.base = m.commonest(in.Lives)
	return m
}

// commonest is the currency of the report; where there is none, that of most amounts.
func (m *money) commonest(lives []hygiene.Life) string {
	if m.report != "" {
		return m.report
	}
	count := map[string]int{}
	for i := range lives {
		if l := &lives[i]; l.State == hygiene.Open && l.Deal.Summed() {
			count[m.code(l.Source, l.Deal.Currency)]++
		}
	}
	best := ""
	for code, n := range count {
		if n > count[best] || n == count[best] && code < best {
			best = code
		}
	}
	return best
}

// own is the currency that an amount names, or that its source has: "" is unknown.
func (m *money) own(source, code string) string {
	if code == "" {
		code = m.accounts[source].Currency
	}
	return strings.ToUpper(code)
}

// code is the code under which an amount is added up and written: "" is the currency of
// the one source that does not name it.
func (m *money) code(source, code string) string {
	switch own := m.own(source, code); {
	case own == crm.NoCurrency:
		return words.Unknown // nobody knows whether two such amounts are in one
	case own != "" || m.alone:
		return own
	}
	return words.Unknown + source
}

// rate is what one unit of a currency is worth in that of the report; ok is false where
// neither the configuration nor the CRM of the source says so.
func (m *money) rate(source, code string) (rate float64, ok bool) {
	switch {
	case code == m.report:
		return 1, code != "" || m.alone
	case m.report == "" || strings.HasPrefix(code, words.Unknown):
		return 0, false
	case m.rates[code] > 0:
		return m.rates[code], true
	}
	account := m.accounts[source]
	home := strings.ToUpper(account.Currency)
	in, out := account.Rates[code], 0.0
	if code == home {
		in = 1
	}
	switch {
	case home == m.report:
		out = 1
	case m.rates[home] > 0:
		out = m.rates[home]
	case account.Rates[m.report] > 0:
		out = 1 / account.Rates[m.report]
	}
	return in * out, in > 0 && out > 0
}

// worth is the amount of a deal in the currency in which amounts are compared. It is not ok
// for a deal without an amount, and for one whose amount nobody can convert: such a deal is
// neither larger nor smaller than another.
func (m *money) worth(source string, f *hygiene.Facts) (value float64, ok bool) {
	if !f.Summed() {
		return 0, false
	}
	code := m.code(source, f.Currency)
	if m.report == "" {
		return f.Amount.Value, code == m.base
	}
	rate, ok := m.rate(source, code)
	return f.Amount.Value * rate, ok
}

// add adds an amount to a purse: in the currency of the report where it can be converted,
// else in its own.
func (m *money) add(p words.Purse, source, code string, v float64) {
	code, v = m.converted(source, code, v)
	p[code] += v
}

// converted is an amount as add adds it up, and in which currency.
func (m *money) converted(source, code string, v float64) (as string, value float64) {
	as = m.code(source, code)
	if rate, ok := m.rate(source, as); ok {
		return m.report, v * rate
	}
	return as, v
}

// order lists the currencies of a purse: that of the report first, the unknown ones last.
func (m *money) order(p words.Purse) []string {
	codes := slices.Sorted(maps.Keys(p))
	slices.SortStableFunc(codes, func(a, b string) int {
		if c := falseFirst(a != m.report, b != m.report); c != 0 {
			return c
		}
		return falseFirst(strings.HasPrefix(a, words.Unknown), strings.HasPrefix(b, words.Unknown))
	})
	return codes
}

// apart says what of a purse is listed beside the sum in the currency of the report, and
// why: no sum hides an amount.
func (m *money) apart(p words.Purse) string {
	var amounts, codes []string
	for _, code := range m.order(p) {
		if code != m.report && !strings.HasPrefix(code, words.Unknown) {
			amounts, codes = append(amounts, m.write(p[code], code)), append(codes, code)
		}
	}
	if m.report == "" || len(codes) == 0 {
		return ""
	}
	return words.List(amounts) + " " + words.Plural(len(codes), "is", "are") + " not converted: no rate for " + words.List(codes) + "."
}

func (m *money) write(v float64, code string) string { return m.locale.Money(v, code) }

func (m *money) sum(whole float64, parts []float64, code string) (total string, of []string) {
	return m.locale.Sum(whole, parts, code)
}

// list writes the sums of a purse: "$412k and ¥5M".
func (m *money) list(p words.Purse) string {
	var out []string
	for _, code := range m.order(p) {
		if w := m.write(p[code], code); w != "" {
			out = append(out, w)
		}
	}
	return words.List(out)
}

// unnamedLine says whose amounts are in no known currency, and which key names it.
func (s *sources) unnamedLine() Line {
	var names []string
	for _, x := range s.all {
		if slices.Contains(s.money.unnamed, x.Name) && x.Currency == "" {
			names = append(names, s.label(x))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return note(words.List(names) + " " + words.Plural(len(names), "does", "do") + " not say in which currency amounts are; the key currency.report names it.")
}
