package digest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// crowdOf begins new, larger, high deals, which take all the numbers of a day.
func (m *mornings) crowdOf(n int) {
	for range n {
		l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.High}})
		l.Deal.Amount, l.Deal.OwnerEmail = crm.Num(900e3), "ana@acme.example"
	}
}

// TestAnEventWaitsForItsNumber: what happened to a deal on a day whose numbers went to others is
// said, with its day, once the deal has a number, and then no more.
func TestAnEventWaitsForItsNumber(t *testing.T) {
	commit := func(l *hygiene.Life) {
		l.Deal.Commit, l.Deal.Forecast, l.Deal.CloseDate = true, "Commit", crm.NewDate(2027, 1, 20)
	}
	high := func(l *hygiene.Life) { l.Severity = hygiene.High }
	for _, c := range []struct {
		name   string
		change func(*hygiene.Life) // on Tuesday
		undo   func(*hygiene.Life) // on Wednesday, nil for nothing
		want   string              // once it has a number; "" is no word of it
	}{
		{"into the commit", commit, nil, "no contact; in the commit since Tue."},
		{"high", high, nil, "no contact; high since Tue."},
		{"twice the limit", func(l *hygiene.Life) { l.Measured = 29 }, nil, "no contact; twice the limit or more since Tue."},
		{"grown", func(l *hygiene.Life) { l.Deal.Amount = crm.Num(80e3) }, nil, "no contact; the amount was $40k."},
		{"high and grown", func(l *hygiene.Life) { high(l); l.Deal.Amount = crm.Num(80e3) }, nil, "no contact; high since Tue, the amount was $40k."},
		{"into the commit and grown", func(l *hygiene.Life) { commit(l); l.Deal.Amount = crm.Num(80e3) }, nil, "no contact; in the commit since Tue, the amount was $40k."},
		{"into the commit, and out of it", commit, func(l *hygiene.Life) { l.Deal.Commit, l.Deal.Forecast = false, "Best Case" }, ""},
		{"high, and no longer", high, func(l *hygiene.Life) { l.Severity = hygiene.Medium }, ""},
		{"grown, and shrunk", func(l *hygiene.Life) { l.Deal.Amount = crm.Num(80e3) }, func(l *hygiene.Life) { l.Deal.Amount = crm.Num(40e3) }, ""},
		{"into the commit, and not judged for a day", commit, func(l *hygiene.Life) { l.Held = true }, "no contact; in the commit since Tue."},
	} {
		for _, kind := range []string{"managers", "reps"} {
			t.Run(c.name+" "+kind, func(t *testing.T) {
				m := newMornings(5)
				m.in.For, m.in.Recipient = kind, "ana@acme.example"
				l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.Medium, Measured: 20, Limit: 14}})
				l.Deal.Amount, l.Deal.Forecast, l.Deal.OwnerEmail = crm.Num(40e3), "Best Case", "ana@acme.example"
				m.send()
				of := func() *hygiene.Life { return &m.in.Lives[0] }
				m.pass()
				c.change(of())
				m.crowdOf(7)
				if _, d := m.send(); strings.Contains(spoken(&d), "Deal 0001") {
					t.Fatalf("it has a number on the day:\n%s", spoken(&d))
				}
				m.pass()
				if c.undo != nil {
					c.undo(of())
				}
				m.crowdOf(7)
				said := 0
				for range 7 {
					b, d := m.send()
					if c.want != "" && strings.Contains(spoken(&d), c.want) {
						said++
					}
					if n := b.list.number[b.find(1)]; said == 0 && n > 0 && c.want != "" || c.want == "" && strings.Contains(spoken(&d), "no contact;") {
						t.Errorf("want %q, in\n%s", c.want, spoken(&d))
					}
					m.in.Lives = m.in.Lives[:1]
					of().Held = false
					m.pass()
				}
				if said != 1 && c.want != "" {
					t.Errorf("said on %d days", said)
				}
			})
		}
	}
}

// TestCommitInDoubtIsNumberedAtOnce: a deal of the commit that becomes high, grows or came today
// has its number today, whatever larger ones are new; one that was in doubt before has no more
// than its turn.
func TestCommitInDoubtIsNumberedAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*hygiene.Life)
		want   string // "" is no number
	}{
		"high since today":   {func(l *hygiene.Life) { l.Severity = hygiene.High }, "high since today"},
		"in doubt as it was": {func(*hygiene.Life) {}, ""},
	} {
		for _, kind := range []string{"managers", "reps"} {
			m := newMornings(5)
			m.in.For, m.in.Recipient = kind, "ana@acme.example"
			l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.Medium}})
			l.Deal.Amount, l.Deal.Commit, l.Deal.CloseDate, l.Deal.OwnerEmail = crm.Num(40e3), true, crm.NewDate(2027, 1, 20), "ana@acme.example"
			m.send()
			m.pass()
			c.change(&m.in.Lives[0])
			m.crowdOf(7)
			b, d := m.send()
			if n := b.list.number[b.find(1)]; (n > 0) != (c.want != "") || !strings.Contains(spoken(&d), c.want) {
				t.Errorf("%s, %s: it has number %d:\n%s", name, kind, n, spoken(&d))
			}
		}
	}
}

// TestADecisionReachesTheManagerAtOnce: where the close date was moved once too often, the list
// of the owner asks for a decision, and the manager has the deal with the next digest, though it
// was high and shown before.
func TestADecisionReachesTheManagerAtOnce(t *testing.T) {
	pushed := func(n float64) func(*hygiene.Life) {
		return func(l *hygiene.Life) {
			l.Rule, l.Measured, l.Limit, l.Message, l.Fix = hygiene.CloseDatePushed, n, 2, "close date moved again", "Decide: lost."
		}
	}
	for name, c := range map[string]struct {
		before, today func(*hygiene.Life)
		commit, want  bool
	}{
		"its date had passed, and was moved":   {func(l *hygiene.Life) { l.Rule = hygiene.CloseDatePast }, pushed(3), true, true},
		"the same, not in the commit":          {func(l *hygiene.Life) { l.Rule = hygiene.CloseDatePast }, pushed(3), false, true},
		"it was moved for the third time":      {pushed(2), pushed(3), true, true},
		"it was moved for the fourth time":     {pushed(3), pushed(4), true, true},
		"it was moved as often before":         {pushed(3), pushed(3), true, false},
		"it was moved for the second time":     {func(l *hygiene.Life) { l.Rule = hygiene.CloseDatePast }, pushed(2), true, false},
		"what was told is of an older version": {pushed(4), pushed(5), true, false},
	} {
		for _, kind := range []string{"managers", "reps"} {
			m := newMornings(5)
			m.in.For, m.in.Recipient = kind, "ana@acme.example"
			l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.High}})
			l.Deal.Amount, l.Deal.OwnerEmail = crm.Num(40e3), "ana@acme.example"
			if c.commit {
				l.Deal.Commit, l.Deal.CloseDate = true, crm.NewDate(2027, 1, 20)
			}
			c.before(l)
			m.send()
			if name == "what was told is of an older version" {
				m.in.Told.Deals[0].Pushes = 0
			}
			m.pass()
			c.today(&m.in.Lives[0])
			if c.commit {
				m.crowdOf(7)
			} else {
				m.crowdOf(2)
				m.crowd(3, hygiene.High)
			}
			b, d := m.send()
			said := strings.Contains(spoken(&d), pushedWord+"today")
			if n := b.list.number[b.find(1)]; (n > 0) != c.want || said != c.want {
				t.Errorf("%s, %s: number %d, want one: %v:\n%s", name, kind, n, c.want, spoken(&d))
			}
			if kind == "managers" && c.want && !strings.Contains(spoken(&d), "→ Decide: lost.") {
				t.Errorf("%s: it asks for no decision:\n%s", name, spoken(&d))
			}
		}
	}
}

// TestGrowthAddsUp: an amount that grows by less than a fifth each day is news when it has grown
// by a fifth from what was told, and again from there; one that grows and shrinks is not.
func TestGrowthAddsUp(t *testing.T) {
	for _, c := range []struct {
		name    string
		amounts []float64
		want    []string // by day, "" is no word
	}{
		{"19 % a day", []float64{40e3, 47e3, 56e3, 66e3, 79e3}, []string{"", "", "$40k", "", "$56k"}},
		{"up and down", []float64{40e3, 47e3, 40e3, 47e3, 40e3}, []string{"", "", "", "", ""}},
		{"down, and up again", []float64{40e3, 20e3, 30e3}, []string{"", "", "$20k"}},
	} {
		m := newMornings(5)
		m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.Medium}})
		for day, v := range c.amounts {
			m.in.Lives[0].Deal.Amount = crm.Num(v)
			_, d := m.send()
			said := fmt.Sprint(grownWord, c.want[day], ".")
			if got := spoken(&d); strings.Contains(got, grownWord) != (c.want[day] != "") || c.want[day] != "" && !strings.Contains(got, said) {
				t.Errorf("%s, day %d: want %q, in\n%s", c.name, day+1, c.want[day], got)
			}
			m.pass()
		}
	}
}

// TestADueDealIsDecidedWeekly: a deal of the commit that is due has a number on each day, and
// asks for a decision once a week after its first two weeks like any other.
func TestADueDealIsDecidedWeekly(t *testing.T) {
	m := newMornings(5)
	l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.Medium, Fix: "Ask."}})
	l.Deal.Commit, l.Deal.CloseDate = true, m.today+3
	var days []int
	for day := 1; day <= 27; day++ {
		if _, d := m.send(); strings.Contains(spoken(&d), "→ "+decision) {
			days = append(days, day)
		}
		m.pass()
	}
	if fmt.Sprint(days) != "[15 20 25]" {
		t.Errorf("it is a decision on the days %v", days)
	}
}

// TestNothingIsListedBelow: the line about what is from before the start sends nobody to a list
// that is not there.
func TestNothingIsListedBelow(t *testing.T) {
	for _, kind := range []string{"managers", "reps"} {
		for n, want := range map[int]bool{1: false, 4: false, 30: true} {
			m := newMornings(5)
			m.in.For, m.in.Recipient = kind, "ana@acme.example"
			for range n {
				m.add(hygiene.Life{Backlog: true, Finding: hygiene.Finding{Severity: hygiene.Medium}}).Deal.OwnerEmail = "ana@acme.example"
			}
			_, d := m.send()
			if got := strings.Contains(spoken(&d), "listed below"); got != want || got != (len(d.Overflow) > 0) {
				t.Errorf("%s, %d from before the start: a list is named %v, there are %d:\n%s", kind, n, got, len(d.Overflow), spoken(&d))
			}
		}
	}
}
