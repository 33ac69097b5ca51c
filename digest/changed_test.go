package digest

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestWhatIsJudgedOtherwiseIsSaid: a deal that both digests count gets another severity. Where
// a limit, a severity, a rule or our sight made it, a line says so with the money of the commit
// that is in doubt by it, or no longer; where somebody did, no line does.
func TestWhatIsJudgedOtherwiseIsSaid(t *testing.T) {
	limit := []Change{{Source: "sales", Rule: "stage-stuck", Text: "the rule stage-stuck was changed"}}
	contacts := []Change{{Source: "sales", Rule: "no-contact", Text: "contacts can be read now"}}
	at := func(m *mornings) time.Time { return m.in.Now.Add(-time.Hour) }
	const high, medium, info = hygiene.High, hygiene.Medium, hygiene.Info
	// begin adds a finding to the deal of the first one.
	begin := func(m *mornings, rule string, s hygiene.Severity, newly bool) {
		l := m.in.Lives[0]
		l.Rule, l.Severity, l.Opened, l.Backlog, l.Newly, l.Rejudged = rule, s, at(m), newly, newly, time.Time{}
		m.in.Lives = append(m.in.Lives, l)
	}
	weigh := func(m *mornings, s hygiene.Severity) { m.in.Lives[0].Severity, m.in.Lives[0].Rejudged = s, at(m) }
	end := func(m *mornings, i int, s hygiene.State) {
		l := &m.in.Lives[i]
		if l.State, l.Ended = s, at(m); s == hygiene.Off {
			l.Rejudged = l.Ended
		}
	}
	for _, c := range []struct {
		name     string
		severity hygiene.Severity // of the first morning
		second   hygiene.Severity // of another finding then, 0 is none
		change   func(*mornings)
		changed  []Change
		want     string
	}{
		{"contacts can be read", medium, 0, func(m *mornings) { begin(m, "no-contact", high, true) }, contacts,
			"1 judged otherwise: contacts can be read now. Of the commit, by that alone in doubt: 1 deal, $400k."},
		{"the limit is raised", high, 0, func(m *mornings) { weigh(m, medium) }, limit,
			"1 judged otherwise: the rule stage-stuck was changed. Of the commit, by that alone no longer in doubt: 1 deal, $400k."},
		{"the severity is raised", medium, 0, func(m *mornings) { weigh(m, high) }, limit, "1 judged otherwise: the rule stage-stuck was changed. Of the commit, by that alone in doubt: 1 deal, $400k."},
		{"the rule is off, and another finds less", high, medium, func(m *mornings) { end(m, 0, hygiene.Off) }, limit,
			"1 judged otherwise: the rule stage-stuck was changed. Of the commit, by that alone no longer in doubt: 1 deal, $400k."},
		{"the limit is raised so that nothing is left", high, 0, func(m *mornings) { end(m, 0, hygiene.Off) }, limit,
			"1 no longer checked: the rule stage-stuck was changed. Of the commit, by that alone no longer in doubt: 1 deal, $400k."},
		{"the severity falls below what is told", high, 0, func(m *mornings) { weigh(m, info) }, limit,
			"1 no longer checked: the rule stage-stuck was changed. Of the commit, by that alone no longer in doubt: 1 deal, $400k."},
		{"the severity rises to what is told", info, 0, func(m *mornings) { weigh(m, high) }, limit,
			"1 newly checked: the rule stage-stuck was changed. Of the commit, by that alone in doubt: 1 deal, $400k."},
		{"outside the commit", medium, 0, func(m *mornings) { m.in.Lives[0].Deal.Commit = false; begin(m, "no-contact", high, true) }, contacts,
			"1 judged otherwise: contacts can be read now.\n"},
		{"it is as bad as before", high, 0, func(m *mornings) { begin(m, "no-contact", high, true) }, contacts, ""},
		{"somebody fixed the worst", high, medium, func(m *mornings) { end(m, 0, hygiene.Fixed) }, limit, ""},
		{"something worse began", medium, 0, func(m *mornings) { begin(m, "no-contact", high, false) }, contacts, ""},
		{"something worse began, and the limit is another", medium, 0, func(m *mornings) {
			begin(m, "no-activity", high, false)
			begin(m, "no-contact", high, true)
		}, contacts, ""},
		{"nobody knows why", high, 0, func(m *mornings) { weigh(m, medium) }, nil, ""},
	} {
		for _, kind := range []string{"managers", "reps"} {
			t.Run(c.name+" "+kind, func(t *testing.T) {
				m := newMornings(5)
				m.in.For, m.in.Recipient = kind, "ana@acme.example"
				l := m.add(hygiene.Life{Finding: hygiene.Finding{Key: hygiene.Key{Rule: "stage-stuck"}, Severity: c.severity}})
				l.Deal.OwnerEmail, l.Deal.Commit, l.Deal.Forecast = "ana@acme.example", true, "Commit"
				l.Deal.Amount, l.Deal.CloseDate = crm.Num(400e3), crm.NewDate(2026, 12, 18)
				if c.second != 0 {
					other := *l
					other.Rule, other.Severity = "no-activity", c.second
					m.in.Lives = append(m.in.Lives, other)
				}
				m.send()
				m.pass()
				c.change(m)
				m.in.Changed = c.changed
				_, d := m.send()
				got := spoken(&d)
				if !strings.Contains(got, c.want) || c.want == "" && (strings.Contains(got, "otherwise") || strings.Contains(got, "alone")) {
					t.Errorf("no %q in:\n%s", c.want, got)
				}
				m.pass()
				m.in.Changed = nil
				if _, d := m.send(); strings.Contains(spoken(&d), "alone") {
					t.Errorf("said twice:\n%s", spoken(&d))
				}
			})
		}
	}
}
