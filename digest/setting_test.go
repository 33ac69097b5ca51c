package digest

import (
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestWhatASettingMadeIsNoEvent: between two mornings the facts of a deal become others, by a
// person or by a setting. What a setting made is said as that, once, and of no deal.
func TestWhatASettingMadeIsNoEvent(t *testing.T) {
	forecast := func(category string, commit bool) func(*mornings) {
		return func(m *mornings) {
			for i := range m.in.Lives {
				m.in.Lives[i].Deal.Forecast, m.in.Lives[i].Deal.Commit = category, commit
			}
		}
	}
	first := func(change func(*hygiene.Facts)) func(*mornings) {
		return func(m *mornings) { change(&m.in.Lives[0].Deal) }
	}
	amount := func(v float64) func(*mornings) { return first(func(f *hygiene.Facts) { f.Amount = crm.Num(v) }) }
	nothing := func(*mornings) {}
	// on notes which categories the open deals of the source have, after what c changes.
	on := func(c func(*mornings), categories ...string) func(*mornings) {
		return func(m *mornings) {
			c(m)
			m.in.Previous, m.in.Snapshots = m.in.Snapshots, []hygiene.Snapshot{{Source: "sales", Forecasts: categories}}
		}
	}
	commit := []Change{{Source: "sales", Of: InCommit, Text: "other forecast categories count as commit"}}
	for _, c := range []struct {
		name           string
		before         func(*mornings) // the first morning
		between, after func(*mornings) // the second and third
		changed        []Change
		want           string // on the third
		not            []string
	}{
		{"somebody moves it into the commit", nothing, nothing, first(func(f *hygiene.Facts) { f.Commit, f.Forecast = true, "Commit" }), nil, movedWord, nil},
		{"other categories are the commit", forecast("Best Case", false), nothing, forecast("Best Case", true), commit, "5 counted as commit since Tue: other forecast categories count as commit.", []string{movedWord}},
		{"other categories are the commit, noted by nobody", forecast("Best Case", false), nothing, forecast("Best Case", true), nil, "no contact", []string{movedWord, "counted as commit"}},
		{"other categories are the commit, and somebody moves it", nothing, nothing, first(func(f *hygiene.Facts) { f.Commit, f.Forecast = true, "Commit" }), commit, "1 counted as commit", []string{movedWord}},
		{"no longer the commit", forecast("Commit", true), nothing, forecast("Commit", false), commit, "5 no longer counted as commit: other", []string{movedWord}},
		{"a setting of another source", nothing, nothing, first(func(f *hygiene.Facts) { f.Commit, f.Forecast = true, "Commit" }), []Change{{Source: "partners", Of: InCommit, Text: "x"}}, movedWord, nil},
		{"the stages of another pipeline", nothing, nothing, first(func(f *hygiene.Facts) { f.Commit, f.Forecast = true, "Commit" }), []Change{{Source: "sales", Pipeline: "renewals", Of: InCommit, Text: "x"}}, movedWord, nil},
		{"the stages of its pipeline", nothing, nothing, first(func(f *hygiene.Facts) { f.Commit, f.Forecast = true, "Commit" }), []Change{{Source: "sales", Pipeline: "new", Of: InCommit, Text: "the stages were changed in the CRM"}}, "1 counted as commit since Tue: the stages were changed in the CRM.", []string{movedWord}},
		{"the category is renamed", on(forecast("Safe", false), "Best Case", "Safe"), nothing, on(forecast("Commit", true), "Best Case", "Commit"), nil, "5 counted as commit since Tue: the forecast category Safe is called Commit now.", []string{movedWord}},
		{"the category is renamed to what is not the commit", on(forecast("Commit", true), "Commit"), nothing, on(forecast("Sure", false), "Sure"), nil, "5 no longer counted as commit: the forecast category Commit is called Sure now.", []string{movedWord}},
		{"people move all into the commit that others are in", on(forecast("Best Case", false), "Best Case", "Commit"), nothing, on(forecast("Commit", true), "Commit"), nil, movedWord, []string{"counted as commit"}},
		{"people take all out of the commit to where others are", on(forecast("Commit", true), "Best Case", "Commit"), nothing, on(forecast("Best Case", false), "Best Case"), nil, "no contact", []string{"counted as commit"}},
		{"people move all into the commit that was empty, and a deal in order stays", on(forecast("Best Case", false), "Best Case"), nothing, on(forecast("Commit", true), "Best Case", "Commit"), nil, movedWord, []string{"counted as commit"}},
		{"people may have moved all, and nobody knows what others had", forecast("Best Case", false), nothing, on(forecast("Commit", true), "Commit"), nil, movedWord, []string{"counted as commit"}},
		{"it grows", amount(20e3), nothing, amount(80e3), nil, grownWord + "$20k", nil},
		{"another field has the amounts", amount(20e3), nothing, amount(80e3), []Change{{Source: "sales", Of: Amount, Text: "the amounts are another field's"}}, "1 deal has another amount: the amounts are another field's.", []string{grownWord}},
		{"the amounts were hidden, and are shown", amount(20e3), first(func(f *hygiene.Facts) { f.Amount = crm.Number{} }), amount(80e3), nil, "no contact", []string{grownWord}},
		{"its currency was missing", func(m *mornings) { amount(20e3)(m); m.in.Lives[0].Deal.Currency = crm.NoCurrency }, nothing, func(m *mornings) { amount(80e3)(m); m.in.Lives[0].Deal.Currency = "USD" }, nil, "no contact", []string{grownWord}},
		{"the account has another currency", amount(20e3), nothing, func(m *mornings) { amount(80e3)(m); m.in.Sources[0].Currency = "JPY" }, nil, "no contact", []string{grownWord}},
		{"the rate is another", func(m *mornings) {
			first(func(f *hygiene.Facts) { f.Amount, f.Currency = crm.Num(20e3), "CHF" })(m)
			m.in.Exchange = Exchange{Report: "USD", Rates: map[string]float64{"CHF": 1}}
		}, nothing, func(m *mornings) { m.in.Exchange.Rates = map[string]float64{"CHF": 4} }, nil, "no contact", []string{grownWord, "amount"}},
		{"another field had the amounts since, when the source was withheld", amount(20e3), func(m *mornings) {
			m.in.Sources[0].Withheld, m.in.Sources[0].Cause = "28 hours old", HeldBack
		}, func(m *mornings) { amount(80e3)(m); m.in.Sources[0].Withheld, m.in.Sources[0].Cause = "", 0 }, nil, "no contact", []string{grownWord}},
		{"other categories were the commit since, when it could not be judged", forecast("Pipeline", false), func(m *mornings) { m.in.Lives[0].Held = true }, func(m *mornings) {
			m.in.Lives[0].Held, m.in.Lives[0].Deal.Commit, m.in.Lives[0].Deal.Forecast = false, true, "Commit"
		}, nil, "no contact", []string{movedWord}},
		{"a change of what findings there are", nothing, nothing, first(func(f *hygiene.Facts) { f.Commit, f.Forecast = true, "Commit" }), []Change{{Source: "sales", Text: "the time zone"}}, movedWord, []string{"time zone"}},
	} {
		for _, kind := range []string{"managers", "reps"} {
			t.Run(c.name+" "+kind, func(t *testing.T) {
				m := newMornings(5)
				m.in.For, m.in.Recipient = kind, "ana@acme.example"
				for range 5 {
					l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.Medium}})
					l.Deal.Pipeline, l.Deal.OwnerEmail = "New", "ana@acme.example"
				}
				c.before(m)
				m.send()
				m.pass()
				c.between(m)
				m.send()
				m.pass()
				c.after(m)
				m.in.Changed = c.changed
				_, d := m.send()
				got := spoken(&d)
				if !strings.Contains(got, c.want) {
					t.Errorf("no %q in:\n%s", c.want, got)
				}
				for _, wrong := range c.not {
					if strings.Contains(got, wrong) {
						t.Errorf("%q in:\n%s", wrong, got)
					}
				}
				m.pass()
				m.in.Changed = nil
				if _, d := m.send(); strings.Contains(spoken(&d), "counted as commit") || strings.Contains(spoken(&d), "another amount") {
					t.Errorf("said twice:\n%s", spoken(&d))
				}
			})
		}
	}
}
