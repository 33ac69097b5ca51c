package digest

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestWhatIsToldOfADeal plays two mornings and looks for what the second says, and must not.
func TestWhatIsToldOfADeal(t *testing.T) {
	at := func(m *mornings) time.Time { return m.in.Now.Add(-time.Hour) }
	with := func(m *mornings, s hygiene.Severity, change func(*hygiene.Life)) *hygiene.Life {
		l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: s}})
		l.Deal.OwnerName, l.Deal.OwnerEmail, l.Deal.Amount = "Ana Silva", "ana@acme.example", crm.Num(50e3)
		if change != nil {
			change(l)
		}
		return l
	}
	end := func(s hygiene.State) func(*mornings) {
		return func(m *mornings) { m.in.Lives[0].State, m.in.Lives[0].Ended, m.in.Lives[0].Done = s, at(m), "is done" }
	}
	hand := func(s hygiene.State, team, who string, i int) func(*mornings) {
		return func(m *mornings) {
			l := &m.in.Lives[i]
			l.State, l.Ended, l.Done, l.Moved, l.From, l.To = s, at(m), "is done", at(m), hygiene.Holder{Team: l.Deal.Team, Owner: l.Deal.OwnerEmail}, hygiene.Holder{Team: team}
			if who != "" {
				l.To.Owner = who + "@acme.example"
			}
		}
	}
	left := func(l *hygiene.Life) {
		l.Rule, l.Deal.OwnerName, l.Deal.OwnerEmail, l.Deal.OwnerActive = hygiene.OwnerInactive, "Dana Reyes", "dana@acme.example", false
	}
	commit := func(days crm.Date) func(*hygiene.Life) {
		return func(l *hygiene.Life) {
			l.Deal.Commit, l.Deal.Forecast, l.Deal.CloseDate = true, "Commit", 0
			if days > 0 {
				l.Deal.CloseDate = crm.NewDate(2026, 11, 3) + days
			}
		}
	}
	sums := func(m *mornings) {
		m.in.Snapshots = []hygiene.Snapshot{{Source: "sales", Quarter: crm.NewDate(2026, 12, 31), Questions: true, Tallies: []hygiene.Tally{
			{Source: "sales", OwnerEmail: "ana@acme.example", Active: true, Team: "West", Deals: 20, Commit: map[string]float64{"USD": 500e3}, CommitDeals: 5}}}}
	}
	folds := func(m *mornings) {
		m.in.Folded = []Fold{{Fold: hygiene.Fold{Rule: "no-contact", Since: m.in.Now.AddDate(0, 0, -30)}, Source: "sales", Title: "No contact person", Failed: 73, Judged: 100}}
	}
	const high, medium = hygiene.High, hygiene.Medium
	for _, c := range []struct {
		name          string
		reps          bool
		first, second func(*mornings)
		want, not     []string
	}{
		{"a leaver's deal was reassigned", false, func(m *mornings) { with(m, high, left); with(m, high, nil) }, hand(hygiene.Fixed, "West", "ben", 0),
			[]string{"FIXED 1: 1 was reassigned to ben. Deal 0001 $50k is done."}, []string{"Dana 1", "Dana 0", "Dana ·"}},
		{"a leaver's deal was reassigned to another team", false, func(m *mornings) { with(m, high, left); with(m, high, nil) }, hand(hygiene.Fixed, "East", "cleo", 0),
			[]string{"0 fixed, 1 moved to other teams.", "MOVED 1: Deal 0001 $50k reassigned to Cleo, East."}, []string{"FIXED", "is done", "Thank"}},
		{"a leaver's deal was reassigned to nobody's team", false, func(m *mornings) { with(m, high, left); with(m, high, nil) }, hand(hygiene.Fixed, "", "", 0),
			[]string{"MOVED 1: Deal 0001 $50k reassigned to an owner without a team."}, []string{"FIXED"}},
		{"a leaver's deal was reassigned and won", false, func(m *mornings) { with(m, high, left); with(m, high, nil) }, hand(hygiene.Won, "East", "cleo", 0),
			[]string{"1 won.", "WON from this list: Deal 0001 $50k (Cleo, East)."}, []string{"MOVED", "FIXED"}},
		{"a leaver's deal was reassigned and lost", false, func(m *mornings) { with(m, high, left); with(m, high, nil) }, hand(hygiene.Lost, "West", "ben", 0),
			[]string{"CLOSED 1: Deal 0001 $50k lost (ben)."}, []string{"MOVED", "FIXED"}},
		{"the leaver is back", false, func(m *mornings) { with(m, high, left); with(m, high, nil) }, end(hygiene.Fixed),
			[]string{"FIXED 1: 1 has an active owner again."}, []string{"reassigned"}},
		{"a deal was given away as it was fixed", false, func(m *mornings) { with(m, high, nil); with(m, high, nil) }, hand(hygiene.Fixed, "East", "cleo", 0),
			[]string{"0 fixed, 1 moved to other teams.", "MOVED 1: Deal 0001 $50k moved to Cleo, East; it is done."}, []string{"FIXED"}},
		{"a deal was given to a colleague as it was fixed", false, func(m *mornings) { with(m, high, nil); with(m, high, nil) }, hand(hygiene.Fixed, "West", "ben", 0),
			[]string{"FIXED 1: Ana 1. Deal 0001 $50k is done."}, []string{"MOVED"}},
		{"a rep's deal was given to a colleague as it was fixed", true, func(m *mornings) { with(m, high, nil); with(m, high, nil) }, hand(hygiene.Fixed, "West", "ben", 0),
			[]string{"MOVED 1: Deal 0001 $50k moved to ben; it is done."}, []string{"Thank you"}},
		{"a deal of another team comes with a finding", false, func(m *mornings) { with(m, high, nil) }, func(m *mornings) {
			with(m, medium, func(l *hygiene.Life) {
				l.Moved, l.From = at(m), hygiene.Holder{Team: "East", Owner: "dana@acme.example"}
			})
		}, []string{"0 new, 1 from other teams", "Deal 0002 $50k, Ana: no contact. From East, was Dana's."}, nil},
		{"a deal of somebody who left comes with a finding", false, func(m *mornings) { with(m, high, nil) }, func(m *mornings) {
			with(m, medium, func(l *hygiene.Life) {
				l.Moved, l.From, l.Leaver = at(m), hygiene.Holder{Team: "East", Owner: "dana@acme.example"}, "Dana Reyes"
			})
		}, []string{"0 new, 1 from other teams", "Deal 0002 $50k, Ana: no contact. From East, of Dana Reyes who left."}, nil},
		{"a deal of a colleague who left comes with a finding", true, func(m *mornings) { with(m, high, nil) }, func(m *mornings) {
			with(m, medium, func(l *hygiene.Life) {
				l.Moved, l.From, l.Leaver = at(m), hygiene.Holder{Team: "West", Owner: "ben@acme.example"}, "Ben Brandt"
			})
		}, []string{"1 from colleagues", "From ben, who left."}, nil},
		{"a leaver's deal was reassigned, and a rep fixed one", false, func(m *mornings) {
			with(m, high, nil)
			with(m, high, left)
			with(m, high, left)
			with(m, high, nil)
			with(m, high, left)
		}, func(m *mornings) {
			end(hygiene.Fixed)(m)
			hand(hygiene.Fixed, "West", "ben", 1)(m)
			hand(hygiene.Fixed, "West", "ben", 2)(m)
			hand(hygiene.Fixed, "West", "ana", 4)(m)
		}, []string{"FIXED 4: Ana 1, 3 were reassigned (ben 2, Ana 1)."}, []string{"Dana"}},
		{"a leaver's deal was won", false, func(m *mornings) { with(m, high, left); with(m, high, nil) }, end(hygiene.Won), []string{"WON from this list: Deal 0001 $50k."}, []string{"(Dana"}},
		{"an unjudged deal was won", false, func(m *mornings) {
			with(m, high, func(l *hygiene.Life) { l.Held = true })
			with(m, high, nil)
			with(m, high, nil)
		}, func(m *mornings) {
			end(hygiene.Won)(m)
			m.in.Lives[1].State, m.in.Lives[1].Ended = hygiene.Won, at(m)
		}, []string{"1 won.", "Deal 0001 $50k (Ana, not counted then)", "Deal 0002 $50k (Ana)."}, nil},
		{"it was out of sight when the last digest was sent", false, func(m *mornings) { with(m, high, nil) }, func(m *mornings) {
			l := with(m, medium, nil)
			l.Opened = m.in.Now.AddDate(0, 0, -14)
		}, []string{"1 in sight again", "Deal 0002 $50k, Ana: no contact. Day 1."}, []string{"Day 11"}},
		{"it went into the commit, where nothing is folded", false, func(m *mornings) {
			folds(m)
			with(m, high, nil)
			with(m, high, func(l *hygiene.Life) { l.Rule, l.Opened = "no-contact", m.in.Now.AddDate(0, 0, -14) })
		}, func(m *mornings) { commit(40)(&m.in.Lives[1]) }, []string{"2 need an update: 0 new, 1 newly checked,", "no contact. Newly checked."}, []string{"in sight again", "Day 11"}},
		{"its finding of before the start went into the commit, where nothing is folded", false, func(m *mornings) {
			folds(m)
			with(m, high, nil)
			with(m, high, func(l *hygiene.Life) { l.Rule, l.Opened, l.Backlog = "no-contact", m.in.Now.AddDate(0, 0, -14), true })
		}, func(m *mornings) { commit(3)(&m.in.Lives[1]) }, []string{"2 need an update: 0 new, 1 newly checked,", "Newly checked."}, []string{"in sight again", startWord}},
		{"a setting began it", false, func(m *mornings) { with(m, high, nil) }, func(m *mornings) {
			with(m, medium, func(l *hygiene.Life) { l.Backlog, l.Newly, l.Opened = true, true, at(m) })
		}, []string{"no contact. Newly checked."}, []string{startWord}},
		{"a setting began it, and then it was due", false, func(m *mornings) {
			with(m, medium, func(l *hygiene.Life) { l.Backlog, l.Newly = true, true })
		}, func(m *mornings) { commit(3)(&m.in.Lives[0]) }, []string{"since today. Newly checked."}, []string{startWord}},
		{"it is from before the start", false, func(m *mornings) {
			with(m, medium, func(l *hygiene.Life) { l.Backlog = true })
		}, func(m *mornings) { commit(3)(&m.in.Lives[0]) }, []string{"since today. From before the start."}, []string{"Newly"}},
		{"the worst of a commit deal was not judged", false, func(m *mornings) {
			sums(m)
			with(m, medium, commit(40))
			other := m.in.Lives[0]
			other.Rule, other.Severity, other.Held = "no-contact", high, true
			m.in.Lives = append(m.in.Lives, other)
			with(m, high, func(l *hygiene.Life) { commit(40)(l); l.Held = true })
		}, func(*mornings) {}, []string{"+ $100k not judged in full today (1 and 1 more)"}, nil},
		{"none of what was not judged has a number", false, func(m *mornings) {
			sums(m)
			with(m, high, nil)
			with(m, high, func(l *hygiene.Life) { commit(40)(l); l.Held = true })
		}, func(*mornings) {}, []string{"+ $50k not judged today."}, nil},
		{"a commit deal has no close date", false, func(m *mornings) { sums(m); with(m, high, commit(0)) }, func(*mornings) {}, []string{"1 deal more in the commit has no close date (1)."}, nil},
		{"it is the only one of the commit", false, func(m *mornings) { with(m, high, commit(0)); with(m, high, commit(0)) }, func(*mornings) {}, []string{"2 deals in the commit have no close date (1, 2)."}, nil},
		{"the close date of a commit deal is not readable", false, func(m *mornings) {
			with(m, high, func(l *hygiene.Life) { commit(0)(l); l.Deal.Unclear = "close_date" })
		}, func(*mornings) {}, []string{"close date not readable"}, []string{"no close date"}},
		{"a rep has new ones", true, func(m *mornings) { with(m, high, nil) }, func(m *mornings) {
			with(m, medium, nil)
			with(m, medium, func(l *hygiene.Life) { l.Backlog, l.Newly, l.Opened = true, true, at(m) })
		}, []string{"1 of them new", "2 Deal 0002 $50k: no contact. New."}, []string{"Day", "1 Deal 0001 $50k: no contact. New."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMornings(5)
			m.in.Teams = map[string]string{"West": "West", "East": "East"}
			if c.reps {
				m.in.For, m.in.Recipient = "reps", "ana@acme.example"
			}
			c.first(m)
			m.send()
			m.pass()
			c.second(m)
			_, d := m.send()
			got := spoken(&d)
			for _, w := range c.want {
				if !strings.Contains(got, w) {
					t.Errorf("no %q in:\n%s", w, got)
				}
			}
			for _, w := range c.not {
				if strings.Contains(got, w) {
					t.Errorf("%q in:\n%s", w, got)
				}
			}
			for _, s := range d.Sections {
				for i := range len(c.not) {
					if s.Table != nil && strings.Contains(strings.Join(s.Table.Rows[0], " · "), c.not[i]) {
						t.Errorf("%q in the table", c.not[i])
					}
				}
			}
		})
	}
}
