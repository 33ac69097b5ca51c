package digest

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/attention"
	"github.com/pipetidy/pipetidy/hygiene"
)

// mornings is a team whose deals live from one digest to the next.
type mornings struct {
	in    Input
	next  int // number of the next deal
	today crm.Date
}

func newMornings(backlog int) *mornings {
	monday := time.Date(2026, 11, 2, 16, 30, 0, 0, time.UTC)
	return &mornings{in: Input{
		Name: "manager-daily", For: "managers", Now: monday, Recipient: "maria@acme.example", BacklogPerWeek: backlog,
		Team:    hygiene.Team{Name: "West", Manager: "maria@acme.example", Calendar: &hygiene.Calendar{Location: time.UTC}},
		Sources: []SourceStatus{{Name: "sales", Label: "Salesforce", Complete: true, Currency: "USD"}},
	}, today: crm.DateOf(monday, time.UTC)}
}

// add begins a finding on a new deal.
func (m *mornings) add(l hygiene.Life) *hygiene.Life {
	m.next++
	l.Source, l.Kind, l.Record = "sales", crm.KindOpportunity, fmt.Sprintf("%04d", m.next)
	if l.Rule == "" {
		l.Rule = "no-activity"
	}
	l.State, l.Opened, l.First = hygiene.Open, m.in.Now, m.in.Now
	l.Message = "no contact"
	l.Deal.Name, l.Deal.Team, l.Deal.OwnerActive = "Deal "+l.Record, "West", true
	m.in.Lives = append(m.in.Lives, l)
	return &m.in.Lives[len(m.in.Lives)-1]
}

// send composes the morning's digest, as the reader is sent it, and returns it with its
// brief.
func (m *mornings) send() (*brief, Digest) {
	in := m.in
	in.Lives = append([]hygiene.Life(nil), m.in.Lives...)
	in.Sources = []SourceStatus{in.Sources[0]}
	in.Sources[0].AsOf, in.Sources[0].Newest = in.Now, in.Now
	d := Compose(in)
	m.in.Told, m.in.LastSent = d.Told, in.Now
	kept := m.in.Lives[:0]
	for _, l := range m.in.Lives {
		if l.State == hygiene.Open {
			kept = append(kept, l)
		}
	}
	m.in.Lives = kept
	return newBrief(&in, in.For == "reps"), d
}

// pass goes on to the next business day.
func (m *mornings) pass() {
	m.in.Now = m.in.Now.AddDate(0, 0, 1)
	for m.in.Now.Weekday() == time.Saturday || m.in.Now.Weekday() == time.Sunday {
		m.in.Now = m.in.Now.AddDate(0, 0, 1)
	}
	m.today = crm.DateOf(m.in.Now, time.UTC)
}

// find returns the deal of the n-th finding that was begun, from 1 on.
func (b *brief) find(n int) *deal {
	for _, d := range b.book.deals {
		if d.record == fmt.Sprintf("%04d", n) {
			return d
		}
	}
	return nil
}

func spoken(d *Digest) string {
	var b strings.Builder
	for _, s := range d.Sections {
		b.WriteString(s.Title + "\n")
		for _, l := range s.Lines {
			for _, span := range l {
				b.WriteString(span.Text)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

// checkWaiting counts anew what is high or due and has no number: each is in one sentence of the
// page, with its money, and what is due and was not judged is named.
func checkWaiting(t *rapid.T, b *brief, page string) {
	t.Helper()
	count := map[string]int{}
	money := map[string]float64{}
	for _, d := range b.book.deals {
		in := ""
		switch _, has := b.list.number[d]; {
		case has:
		case d.class == Unjudged && d.soon && d.unknown >= hygiene.Medium:
			if !strings.Contains(page, "DUE IN THE COMMIT, AND NOT JUDGED TODAY") || !strings.Contains(page, d.facts.Name) && len(b.unjudged()) <= maxUnjudged {
				t.Fatalf("%s is due and was not judged, and is not named:\n%s", d.facts.Name, page)
			}
		case d.class == Needs && d.soon && d.severity() >= hygiene.Medium:
			in = `(\d+) more(?:, (\S+),)? (?:is|are) in the commit and close`
		case d.class == Needs && d.severity() == hygiene.High:
			in = `(\d+) also high(?:, (\S+),)? waits? for`
		case d.class == Old && d.severity() == hygiene.High:
			in = `(\d+) of them high(?:, (\S+),)? waits? for a number`
		}
		if in != "" {
			count[in]++
			money[in] += math.Round(d.facts.Amount.Value/100) * 100 // as the list says it
		}
	}
	for in, n := range count {
		said := regexp.MustCompile(in).FindStringSubmatch(page)
		if said == nil || said[1] != fmt.Sprint(n) || said[2] != b.sources.money.write(money[in], "USD") {
			t.Fatalf("%d deals of %.0f have no number, and the page says %q:\n%s", n, money[in], said, page)
		}
	}
}

// TestTenMornings holds ten mornings of random lives to what a reader is promised.
func TestTenMornings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMornings(5)
		numbers := rapid.SampledFrom([]int{1, 2, ManagerNumbers, 50}).Draw(t, "numbers")
		m.in.Attention.Managers = numbers
		unseen := map[string]int{} // mornings on which a deal was high without a number
		calm := 0                  // mornings on which what is high had room
		for morning := range 10 {
			for i := range m.in.Lives {
				l := &m.in.Lives[i]
				switch rapid.IntRange(0, 19).Draw(t, "fate") {
				case 0, 1:
					l.State, l.Ended = hygiene.Fixed, m.in.Now
				case 2:
					l.Severity = hygiene.High
				case 3:
					l.Deal.Amount = crm.Num(l.Deal.Amount.Value * 1.5)
				case 4:
					l.Deal.Commit, l.Deal.CloseDate = true, m.today+crm.Date(rapid.IntRange(-30, 30).Draw(t, "closes"))
				case 5:
					l.Rule = hygiene.OwnerInactive
					l.Deal.OwnerEmail, l.Severity = rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "leaver")+"@acme.example", hygiene.High
				}
			}
			for range rapid.IntRange(0, 8).Draw(t, "born") {
				l := m.add(hygiene.Life{Backlog: morning == 0 && rapid.Bool().Draw(t, "old"), Finding: hygiene.Finding{
					Severity: hygiene.Severity(rapid.IntRange(int(hygiene.Low), int(hygiene.High)).Draw(t, "severity")),
				}})
				l.Deal.Amount = crm.Num(float64(rapid.IntRange(1, 500).Draw(t, "amount") * 1000))
				l.Held = rapid.IntRange(0, 9).Draw(t, "held") == 0
			}
			b, d := m.send()
			all := spoken(&d)
			waits, high, numbered, room := 0, 0, 0, 0
			for _, x := range b.book.needs {
				_, has := b.list.number[x]
				due := x.soon && x.severity() >= hygiene.Medium
				switch {
				case has && (due || x.inactive() != nil):
				case due && !strings.Contains(all, x.facts.Name) && len(b.list.due()) <= maxNamed:
					t.Fatalf("morning %d: %s is due in the commit, and hidden:\n%s", morning, x.facts.Name, all)
				case x.inactive() != nil:
					t.Fatalf("morning %d: the owner of %s left, and it is hidden:\n%s", morning, x.facts.Name, all)
				case due:
				case has:
					numbered++
				case x.severity() >= hygiene.Medium:
					waits++
				}
				if x.severity() == hygiene.High && !has && !due {
					high++
				}
				if x.severity() == hygiene.High && !due && x.inactive() == nil {
					room++
				}
			}
			if waits > 0 && len(b.list.items) < numbers {
				t.Fatalf("morning %d: %d wait, and the list is not full:\n%s", morning, waits, all)
			}
			if says := fmt.Sprintf("%d also high", high); high > 0 != strings.Contains(all, " also high") || high > 0 && !strings.Contains(all, says) {
				t.Fatalf("morning %d: %d high have no number:\n%s", morning, high, all)
			}
			checkWaiting(t, b, all)
			if strings.Contains(all, "none high") && high > 0 {
				t.Fatalf("morning %d: none is high, it says:\n%s", morning, all)
			}
			if calm++; room > min(2, numbers)*attention.Within { // so many numbers a day are left whatever is always there
				calm = 0
			}
			for _, x := range b.book.needs {
				switch {
				case x.severity() != hygiene.High || b.list.number[x] > 0 || x.soon:
					delete(unseen, x.record)
				default:
					if unseen[x.record]++; unseen[x.record] >= attention.Within && calm >= attention.Within {
						t.Fatalf("morning %d: %s was high on %d mornings without a number:\n%s", morning, x.facts.Name, unseen[x.record], all)
					}
				}
			}
			m.pass()
		}
	})
}
