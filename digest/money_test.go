package digest

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestWorth: an amount is compared in the currency of the report, by the rate of the
// file, else by the rates of its own CRM, or not at all.
func TestWorth(t *testing.T) {
	none := math.NaN()
	dollars := SourceStatus{Name: "sales", Currency: "USD"}
	rated := SourceStatus{Name: "sales", Currency: "usd", Rates: map[string]float64{"EUR": 1.25, "GBP": 2}}
	silent := SourceStatus{Name: "sales"}
	euros := SourceStatus{Name: "partners", Currency: "EUR"}
	toUSD := Exchange{Report: "USD", Rates: map[string]float64{"EUR": 1.1}}
	for name, tt := range map[string]struct {
		exchange Exchange
		sources  []SourceStatus
		source   string
		code     string
		want     float64 // of 100
		more     string  // the currency of two other deals of the source
	}{
		"the source's own is the report's":    {sources: []SourceStatus{dollars}, want: 100},
		"another, no rate":                    {sources: []SourceStatus{dollars}, code: "EUR", want: none},
		"another, the CRM's rate":             {sources: []SourceStatus{rated}, code: "eur", want: 125},
		"another, the file's rate first":      {exchange: toUSD, sources: []SourceStatus{rated}, code: "EUR", want: 110},
		"two CRMs, no report, the most":       {sources: []SourceStatus{dollars, euros}, want: 100},
		"two CRMs, no report, the others":     {sources: []SourceStatus{dollars, euros}, more: "EUR", want: none},
		"two CRMs, a report":                  {exchange: toUSD, sources: []SourceStatus{dollars, euros}, source: "partners", want: 110},
		"a rate is of its own CRM":            {exchange: Exchange{Report: "USD"}, sources: []SourceStatus{rated, euros}, source: "partners", want: none},
		"through the CRM's own, twice":        {exchange: Exchange{Report: "EUR"}, sources: []SourceStatus{rated, euros}, code: "GBP", want: 160},
		"through the CRM's own, then file":    {exchange: Exchange{Report: "CHF", Rates: map[string]float64{"USD": 0.5}}, sources: []SourceStatus{rated}, code: "GBP", want: 100},
		"nobody names it":                     {sources: []SourceStatus{silent}, want: 100},
		"nobody names it, the other is empty": {sources: []SourceStatus{silent, euros}, want: 100},
		"nobody names it beside a report":     {exchange: toUSD, sources: []SourceStatus{silent, euros}, want: none},
		"it could not be read":                {sources: []SourceStatus{dollars}, code: crm.NoCurrency, want: none},
		"it could not be read, of silence":    {sources: []SourceStatus{silent}, code: crm.NoCurrency, want: none},
		"a rate of zero":                      {exchange: Exchange{Report: "USD", Rates: map[string]float64{"EUR": 0}}, sources: []SourceStatus{euros}, source: "partners", want: none},
		"a source that is not there":          {exchange: toUSD, sources: []SourceStatus{dollars}, source: "old", want: none},
	} {
		d := &deal{source: "sales", facts: hygiene.Facts{Amount: crm.Num(100), Currency: tt.code}}
		if tt.source != "" {
			d.source = tt.source
		}
		in := Input{Exchange: tt.exchange, Sources: tt.sources}
		in.Lives = []hygiene.Life{{State: hygiene.Open, Finding: hygiene.Finding{Key: hygiene.Key{Source: d.source}, Deal: d.facts}}}
		for range 2 {
			if f := d.facts; tt.more != "" {
				f.Currency = tt.more
				in.Lives = append(in.Lives, hygiene.Life{State: hygiene.Open, Finding: hygiene.Finding{Key: hygiene.Key{Source: d.source}, Deal: f}})
			}
		}
		m := newMoney(&in)
		got, ok := m.worth(d.source, &d.facts)
		if ok == math.IsNaN(tt.want) || ok && math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%s: got %v, %v, want %v", name, got, ok, tt.want)
		}
		if d.facts.Amount = (crm.Number{}); ok {
			if _, ok := m.worth(d.source, &d.facts); ok {
				t.Errorf("%s: a deal without an amount is compared", name)
			}
		}
	}
}

// TestAPartIsTheSumOfItsDeals: the amounts of the deals that a part of the commit, a line for
// many deals or the number of those that wait stands for add up to it as they are printed, and
// the subject says the part as the line does.
func TestAPartIsTheSumOfItsDeals(t *testing.T) {
	m := newMornings(5)
	quarter := crm.NewDate(2026, 12, 31)
	m.in.Snapshots = []hygiene.Snapshot{{Source: "sales", At: m.in.Now, Quarter: quarter, Questions: true, Tallies: []hygiene.Tally{
		{Source: "sales", OwnerEmail: "ana@acme.example", Active: true, Team: "West", Deals: 20, Commit: map[string]float64{"USD": 771_347}, CommitDeals: 9}}}}
	for _, v := range []float64{67_449, 46_449, 14_449} {
		l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.High}})
		l.Deal.OwnerEmail, l.Deal.Amount, l.Deal.Commit, l.Deal.Forecast, l.Deal.CloseDate = "ana@acme.example", crm.Num(v), true, "Commit", quarter-20
	}
	for range 3 {
		l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.High}})
		l.Rule, l.Deal.OwnerEmail, l.Deal.OwnerName, l.Deal.OwnerActive, l.Deal.Amount = hygiene.OwnerInactive, "dana@acme.example", "Dana Reyes", false, crm.Num(20_449)
	}
	m.in.Now = m.in.Now.Add(time.Hour)
	_, d := m.send()
	got := d.Subject + "\n" + spoken(&d)
	for _, want := range []string{", $128.2k commit in doubt", "$771.3k = $643.1k without open doubt (83 %) + $128.2k in doubt (1, 2, 3).", "$67.4k", "$46.4k", "$14.4k", "3 deals, $61.2k"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
}
