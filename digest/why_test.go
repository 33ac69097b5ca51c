package digest

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/attention"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestWhy compares what is said of each line with the digest of the same input, for a
// manager and a rep, on a first morning and the next.
func TestWhy(t *testing.T) {
	for _, kind := range KindNames() {
		if k, _ := KindOf(kind); !k.Lists {
			continue
		}
		m := newMornings(5)
		m.in.For = kind
		for i := range 30 {
			l := m.add(hygiene.Life{Backlog: i%3 == 0, Finding: hygiene.Finding{Severity: hygiene.Low + hygiene.Severity(i%3)}})
			l.Deal.Amount, l.Deal.OwnerEmail = crm.Num(float64(1000*i)), m.in.Recipient
			if i < 12 {
				l.Deal.Commit, l.Deal.CloseDate = true, m.today+crm.Date(i)
			}
		}
		for range 2 {
			in := m.in
			in.Sources = slices.Clone(in.Sources)
			in.Sources[0].AsOf, in.Sources[0].Newest = in.Now, in.Now
			in.Lives = slices.Clone(in.Lives)
			why := Why(in)
			b, d := m.send()
			deals, last := 0, 0
			for i, w := range why {
				deals += len(w.Deals)
				switch {
				case w.Name == "" || w.Reason == "" || w.Place == "" || !strings.Contains(w.Sum, " = "):
					t.Fatalf("%s: %+v", kind, w)
				case w.Number > 0 && (w.Number != i+1 || !strings.Contains(spoken(&d), w.Name)):
					t.Errorf("%s: line %d is said to be number %d, and the digest has\n%s", kind, i+1, w.Number, spoken(&d))
				case w.Number == 0 && i > len(b.list.items) && b.ranking.place(b.deal(w)).Points > last:
					t.Errorf("%s: %s has no number and stands behind one of %d points: %s", kind, w.Name, last, w.Sum)
				}
				last = b.ranking.place(b.deal(w)).Points
			}
			if deals != len(b.book.needs)+len(b.book.old) {
				t.Errorf("%s: %d deals have a reason, %d are in the counts", kind, deals, len(b.book.needs)+len(b.book.old))
			}
			m.pass()
		}
	}
}

// deal finds the deals of a line.
func (b *brief) deal(w Reasoned) (out []*deal) {
	for _, d := range b.book.deals {
		if slices.Contains(w.Deals, [2]string{d.source, d.record}) {
			out = append(out, d)
		}
	}
	return out
}

// TestWithoutANumber has one deal for each reason not to be listed today.
func TestWithoutANumber(t *testing.T) {
	m := newMornings(5)
	rests := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.Medium}})
	rests.Deal.Amount = crm.Num(10e3)
	m.send()
	m.pass()
	m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.Low}})
	m.add(hygiene.Life{Backlog: true, Finding: hygiene.Finding{Severity: hygiene.Low + 1}}).Deal.Amount = crm.Num(1)
	m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.Medium}}).Deal.Amount = crm.Num(1)
	for range attention.MostDue + 1 {
		l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.High}})
		l.Deal.Commit, l.Deal.CloseDate = true, m.today
	}
	for range 3 {
		m.add(hygiene.Life{Backlog: true, Finding: hygiene.Finding{Severity: hygiene.High}}).Deal.Amount = crm.Num(50e3)
	}
	m.crowd(5, hygiene.High)
	in := m.in
	in.Sources = slices.Clone(in.Sources)
	in.Sources[0].AsOf, in.Sources[0].Newest = in.Now, in.Now
	said := map[string]bool{}
	for _, w := range Why(in) {
		if w.Number == 0 {
			said[w.Reason] = true
		}
		if w.Deals[0][1] == "0001" && w.Reason != "had a number on 2 Nov, and rests while others wait" {
			t.Errorf("the deal that rests: %q", w.Reason)
		}
	}
	for _, want := range []string{"low, ", "the list has no room", "had a number on ", "from before the start, ", "the numbers went to others"} {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(said)), func(s string) bool { return strings.HasPrefix(s, want) }) {
			t.Errorf("no line says %q: %v", want, said)
		}
	}
}
