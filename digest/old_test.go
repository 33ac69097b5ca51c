package digest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestTheShareMovesOn proves that five deals a week are the largest of those that were not
// listed yet, that a list stays the same within its week, but for what is fixed, and that
// all 23 have been listed after five weeks.
func TestTheShareMovesOn(t *testing.T) {
	var ds []*deal // by rank
	for i := range 23 {
		ds = append(ds, &deal{source: "sales", record: fmt.Sprintf("006A%02d", i)})
	}
	monday := crm.NewDate(2026, 11, 23)
	seen := map[*deal]bool{}
	list := func(day crm.Date) []*deal {
		these := weekly(ds, 5, monday)
		for _, d := range these {
			d.told = &ToldDeal{Listed: day}
			seen[d] = true
		}
		return these
	}
	for week := range 5 {
		first := list(monday)
		for i, d := range first {
			if want := fmt.Sprintf("006A%02d", week*5+i); week < 4 && d.record != want {
				t.Errorf("week %d lists %s in place %d, want %s", week+1, d.record, i+1, want)
			}
		}
		if next := list(monday + 1); !slices.Equal(next, first) {
			t.Errorf("week %d: another list on Tuesday", week+1)
		}
		monday += 7
	}
	if len(seen) != len(ds) {
		t.Errorf("%d of %d were listed", len(seen), len(ds))
	}
	before := list(monday)
	gone := before[2]
	ds = slices.DeleteFunc(ds, func(d *deal) bool { return d == gone })
	after := list(monday + 1)
	if len(after) != 5 {
		t.Errorf("%d are listed after one was fixed", len(after))
	}
	for _, d := range before {
		if d != gone && !slices.Contains(after, d) {
			t.Errorf("%s is not listed any more after another was fixed", d.record)
		}
	}
}

// TestOldSectionsSayWhatIsLeftOut proves that the last section counts the deals for
// which there is no room.
func TestOldSectionsSayWhatIsLeftOut(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC)
	in := Input{Now: now, BacklogPerWeek: 100, Sources: []SourceStatus{{Name: "sales", Complete: true, AsOf: now}}}
	for i := range 300 {
		in.Lives = append(in.Lives, hygiene.Life{State: hygiene.Open, Backlog: true, Opened: now, Finding: hygiene.Finding{
			Key:      hygiene.Key{Source: "sales", Record: fmt.Sprintf("%03d", i), Rule: "no-activity"},
			Severity: hygiene.Medium, Deal: hygiene.Facts{OwnerEmail: fmt.Sprintf("rep%d@acme.example", i/50)},
		}})
	}
	d := Compose(in)
	last := d.Overflow[len(d.Overflow)-1]
	if len(d.Overflow) != 6 || last.Title != "From before the start: 50 more" || last.Lines[0][0].Text != "Not listed here." {
		t.Errorf("%d sections, the last %+v", len(d.Overflow), last)
	}
}

// TestTriflesFromBeforeTheStartDoNotHideToday plays calm mornings on which twenty-five trifles
// from before the start had no number yet: what is high of today stays on the list.
func TestTriflesFromBeforeTheStartDoNotHideToday(t *testing.T) {
	for _, kind := range []string{"managers", "reps"} {
		m := newMornings(5)
		m.in.For, m.in.Recipient = kind, "ana@acme.example"
		mine := func(s hygiene.Severity, amount float64, old bool) {
			l := m.add(hygiene.Life{Backlog: old, Finding: hygiene.Finding{Severity: s}})
			l.Deal.OwnerEmail, l.Deal.Amount = "ana@acme.example", crm.Num(amount)
		}
		for range 4 {
			mine(hygiene.High, 500e3, false)
		}
		for range 25 {
			mine(hygiene.Medium, 5e3, true)
		}
		m.send()
		for day := 2; day < 5; day++ {
			m.pass()
			b, d := m.send()
			for n := 1; n <= 4; n++ {
				if b.list.number[b.find(n)] == 0 {
					t.Errorf("%s, day %d: high deal %d has no number:\n%s", kind, day, n, spoken(&d))
				}
			}
			if n := len(b.list.items); n != b.in.Attention.budget(b.own).Numbers {
				t.Errorf("%s, day %d: %d have a number", kind, day, n)
			}
		}
	}
}

// TestNewsHasTheOnlyNumber: a reader who wants one number a day reads of what is new, and not
// of what is from before the start, however large that is.
func TestNewsHasTheOnlyNumber(t *testing.T) {
	for _, kind := range []string{"managers", "reps"} {
		m := newMornings(5)
		m.in.For, m.in.Recipient, m.in.Attention = kind, "ana@acme.example", Attention{Managers: 1, Reps: 1}
		mine := func(amount float64, old bool) {
			l := m.add(hygiene.Life{Backlog: old, Finding: hygiene.Finding{Severity: hygiene.Medium}})
			l.Deal.OwnerEmail, l.Deal.Amount = "ana@acme.example", crm.Num(amount)
		}
		for range 8 {
			mine(400e3, true)
		}
		m.send()
		for day := range 4 {
			m.pass()
			mine(90e3, false)
			if b, d := m.send(); b.list.number[b.find(9+day)] != 1 {
				t.Errorf("%s, day %d: what is new has no number:\n%s", kind, day+2, spoken(&d))
			}
		}
	}
}
