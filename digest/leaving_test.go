package digest

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestEachMoveNamesItsDeals: what the numbers of a digest lost since the last one is named
// where nobody fixed it, and what was fixed of a deal that is not in order is named too.
func TestEachMoveNamesItsDeals(t *testing.T) {
	const ana, ben, cleo = "ana@acme.example", "ben@acme.example", "cleo@acme.example"
	ends := func(s hygiene.State, done string) func(*mornings) {
		return func(m *mornings) {
			l := &m.in.Lives[0]
			l.State, l.Ended, l.Done = s, m.in.Now, done
		}
	}
	given := func(team, owner string) func(*mornings) {
		return func(m *mornings) {
			l := m.in.Lives[0]
			l.Moved, l.From = m.in.Now, hygiene.Holder{Team: l.Deal.Team, Owner: l.Deal.OwnerEmail}
			l.Deal.Team, l.Deal.OwnerEmail, l.Deal.OwnerID, l.Deal.OwnerName = team, owner, owner, strings.ToUpper(owner[:1])+owner[1:strings.Index(owner+"@", "@")]+" Brandt"
			if m.in.Lives[0] = l; team != "West" {
				m.in.Elsewhere, m.in.Lives = []hygiene.Life{l}, m.in.Lives[1:]
			}
		}
	}
	began := func(s hygiene.Severity, done string) func(*mornings) {
		return func(m *mornings) {
			ends(hygiene.Fixed, done)(m)
			l := m.in.Lives[0]
			l.Rule, l.State, l.Severity, l.Opened, l.Ended, l.Message, l.Done = "amount-missing", hygiene.Open, s, m.in.Now, time.Time{}, "no amount (stage Proposal)", ""
			m.in.Lives = append(m.in.Lives, l)
		}
	}
	for _, c := range []struct {
		name         string
		do           func(*mornings)
		manager, rep string // what is said
		not          string
	}{
		{"a high reason is fixed, and a smaller one begins", began(hygiene.Medium, "has its meeting on 2 Dec"), "BETTER 1: Deal 0001 $86k has its meeting on 2 Dec (now: no amount).", "Better: Deal 0001 $86k has its meeting on 2 Dec (now: no amount). Thank you.", "still: no amount"},
		{"a high reason is fixed, and another begins", began(hygiene.High, "has its meeting on 2 Dec"), "0 fixed", "3 deals need an update", "has its meeting"},
		{"a new date", func(m *mornings) {
			m.in.Lives[0].Deal.CloseDate = crm.NewDate(2026, 10, 20)
			ends(hygiene.Redated, "has the close date 15 Dec")(m)
		}, "NEW DATE 1: Deal 0001 $86k was to close on 20 Oct and has the close date 15 Dec.", "NEW DATE 1: Deal 0001 $86k", "Thank you"},
		{"a new date, and nobody noted which", ends(hygiene.Redated, ""), "NEW DATE 1: Deal 0001 $86k.", "NEW DATE 1: Deal 0001 $86k.", "0001 $86k was"},
		{"gone", ends(hygiene.Gone, ""), "GONE FROM VIEW 1: Deal 0001 $86k.", "GONE FROM VIEW 1: Deal 0001 $86k.", "Thank you"},
		{"merged", ends(hygiene.Gone, "was merged into Globex II"), "GONE FROM VIEW 1: Deal 0001 $86k was merged into Globex II.", "GONE FROM VIEW 1: Deal 0001 $86k was merged into Globex II.", "Thank you"},
		{"lost", ends(hygiene.Lost, ""), "CLOSED 1: Deal 0001 $86k lost.", "CLOSED 1: Deal 0001 $86k lost.", "Thank you"},
		{"given to another team", given("East", cleo), "1 moved to other teams", "", "no longer checked"},
		{"given to another team, by name", given("East", cleo), "MOVED 1: Deal 0001 $86k moved to Cleo, East.", "MOVED 1: Deal 0001 $86k moved to Cleo, East.", "with "},
		{"its owner is in another team by the file", given("East", ana), "MOVED 1: Deal 0001 $86k moved to East with Ana.", "", ""},
		{"given to somebody without a team", given("", cleo), "MOVED 1: Deal 0001 $86k moved to an owner without a team.", "", ""},
		{"given to a colleague", given("West", ben), "From Ana.", "MOVED 1: Deal 0001 $86k moved to Ben.", "MOVED 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for kind, want := range map[string]string{"managers": c.manager, "reps": c.rep} {
				m := newMornings(5)
				m.in.For, m.in.Recipient, m.in.Teams = kind, ana, map[string]string{"West": "West", "East": "East"}
				m.in.Team.Members = []string{ana, ben}
				for range 3 {
					l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.High}})
					l.Deal.OwnerEmail, l.Deal.OwnerName, l.Deal.OwnerID, l.Deal.Amount = ana, "Ana Silva", "u1", crm.Num(86e3)
				}
				m.send()
				m.pass()
				c.do(m)
				_, d := m.send()
				if got := spoken(&d); !strings.Contains(got, want) || c.not != "" && strings.Contains(got, c.not) {
					t.Errorf("%s: want %q, and not %q, in:\n%s", kind, want, c.not, got)
				}
			}
		})
	}
}

// TestWhatMovedIsBounded: seven deals are given away, and five are named.
func TestWhatMovedIsBounded(t *testing.T) {
	m := newMornings(5)
	m.in.Teams = map[string]string{"East": "East"}
	for i := range 7 {
		m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.High}}).Deal.Amount = crm.Num(float64(1000 * (i + 1)))
	}
	m.send()
	m.pass()
	m.in.Elsewhere, m.in.Lives = m.in.Lives, nil
	for i := range m.in.Elsewhere {
		m.in.Elsewhere[i].Deal.Team = "East"
	}
	_, d := m.send()
	if got := spoken(&d); !strings.Contains(got, "MOVED 7: Deal 0007 $7k moved to East; ") || !strings.Contains(got, "Deal 0003 $3k moved to East; 2 more to East, $3k.") {
		t.Error(got)
	}
}

// TestAGiftIsNewToItsReader: a rep who got a deal of a colleague reads from whom, on the day
// of the gift alone; the manager of both reads it in place of the number of the day.
func TestAGiftIsNewToItsReader(t *testing.T) {
	for kind, days := range map[string][]string{"managers": {"Day 2.", "From Ben.", "Day 4."}, "reps": {"", "From Ben.", ""}} {
		m := newMornings(5)
		m.in.For, m.in.Recipient, m.in.Teams = kind, "ana@acme.example", map[string]string{"West": "West"}
		m.in.Team.Members = []string{"ana@acme.example", "ben@acme.example"}
		m.in.Snapshots = []hygiene.Snapshot{{Source: "sales", Tallies: []hygiene.Tally{{OwnerEmail: "ben@acme.example", OwnerName: "Ben Brandt", Team: "West", Active: true}}}}
		l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.High}})
		l.Deal.OwnerEmail, l.Deal.OwnerName = "ben@acme.example", "Ben Brandt"
		m.send()
		for i, want := range days {
			m.pass()
			if l := &m.in.Lives[0]; i == 1 { // with a second reason, that began since
				l.Moved, l.From = m.in.Now, hygiene.Holder{Team: "West", Owner: l.Deal.OwnerEmail}
				l.Deal.OwnerEmail, l.Deal.OwnerName = "ana@acme.example", "Ana Silva"
				second := *l
				second.Rule, second.Opened, second.Moved, second.From = "amount-missing", m.in.Now, time.Time{}, hygiene.Holder{}
				m.in.Lives = append(m.in.Lives, second)
			}
			_, d := m.send()
			got := ""
			for _, s := range d.Sections {
				for _, l := range s.Lines {
					for _, x := range l {
						if x.Role == Status {
							got += strings.TrimSpace(x.Text)
						}
					}
				}
			}
			if got != want {
				t.Errorf("%s, morning %d: %q, want %q", kind, i+2, got, want)
			}
		}
	}
}

// TestAFoldIsSaid: the share of deals in order becomes another one because a rule is folded,
// and then because it is no longer, and each time the digest says so, once.
func TestAFoldIsSaid(t *testing.T) {
	m := newMornings(5)
	m.in.For = "managers"
	for i := range 4 {
		l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.Medium}})
		if l.Rule = "no-contact"; i == 0 {
			l.Rule = "amount-missing"
		}
		l.Deal.OwnerEmail = "ana@acme.example"
	}
	m.in.Snapshots = []hygiene.Snapshot{{Source: "sales", Questions: true, Tallies: []hygiene.Tally{{OwnerEmail: "ana@acme.example", Team: "West", Deals: 10}}}}
	m.in.Recipient = "ana@acme.example"
	fold := Fold{Fold: hygiene.Fold{Rule: "no-contact"}, Source: "sales", Title: "No contact person", Failed: 60, Judged: 100}
	morning := 0
	for _, c := range []struct{ manager, rep, not string }{
		{"6 of 10 (60 %). ", "", "counting no contact"},
		{"9 of 10 (90 %, Mon 60 %), no longer counting no contact person (folded). ", "Since Monday: 3 no longer checked, no longer counting no contact person (folded).", ""},
		{"9 of 10 (90 %, Tue 90 %), not counting no contact person (folded). ", "", "no longer counting"},
		{"6 of 10 (60 %, Wed 90 %), now counting no contact person (no longer folded). ", "Since Wednesday: now counting no contact person (no longer folded).", ""},
		{"6 of 10 (60 %, Thu 60 %). ", "", "counting no contact"},
	} {
		if morning++; morning == 2 {
			fold.Since = m.in.Now
		} else if morning == 4 {
			fold.Until = m.in.Now
		}
		if m.in.Folded = nil; morning > 1 {
			m.in.Folded = []Fold{fold}
		}
		for kind, want := range map[string]string{"managers": c.manager, "reps": c.rep} {
			in := m.in
			in.For = kind
			d := Compose(in)
			if got := spoken(&d); !strings.Contains(got, want) || c.not != "" && strings.Contains(got, c.not) {
				t.Errorf("%s, morning %d: want %q, and not %q, in:\n%s", kind, morning, want, c.not, got)
			}
		}
		m.send()
		m.pass()
	}
}
