package digest

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestAdviceSettlesMost: of all that is wrong with a deal, the advice is about what settles
// most, whichever finding is the worst.
func TestAdviceSettlesMost(t *testing.T) {
	thursday := crm.NewDate(2026, 12, 3)
	booked := found(hygiene.NoFutureActivity, hygiene.High, "Book the next meeting.")
	linked := found(hygiene.NoContact, hygiene.Low, "Link the person.")
	past := found(hygiene.CloseDatePast, hygiene.Medium, "Won, lost, or a new date.")
	twice := found(hygiene.CloseDatePushed, hygiene.Medium, "What has to be true?")
	twice.Measured, twice.Limit = 2, 2
	thrice := found(hygiene.CloseDatePushed, hygiene.Medium, "Decide.")
	thrice.Measured, thrice.Limit = 3, 2
	left := found(hygiene.OwnerInactive, hygiene.Medium, "Reassign today.")
	for _, c := range []struct {
		name   string
		today  crm.Date
		closes crm.Date
		open   []*hygiene.Life
		want   string
	}{
		{"the worst", thursday, thursday + 9, []*hygiene.Life{booked, linked}, "Book the next meeting."},
		{"a second move is a question of the worst", thursday, thursday + 9, []*hygiene.Life{booked, twice}, "Book the next meeting."},
		{"a third move", thursday, thursday + 9, []*hygiene.Life{booked, thrice}, "Decide."},
		{"a third move, and it closes today", thursday, thursday, []*hygiene.Life{booked, thrice}, "Won today, lost, nurture, or a new date with evidence."},
		{"tomorrow", thursday, thursday + 1, []*hygiene.Life{booked}, "Won tomorrow, lost, or a new date with the buyer's reason."},
		{"the day after", thursday, thursday + 2, []*hygiene.Life{booked}, "Book the next meeting."},
		{"before the next business day", thursday + 1, thursday + 3, []*hygiene.Life{booked}, "Won by Sun 6 Dec, lost, or a new date with the buyer's reason."},
		{"on the next business day", thursday + 1, thursday + 4, []*hygiene.Life{booked}, "Won by Mon 7 Dec, lost, or a new date with the buyer's reason."},
		{"after the next business day", thursday + 1, thursday + 5, []*hygiene.Life{booked}, "Book the next meeting."},
		{"a trifle on the last day", thursday, thursday, []*hygiene.Life{linked}, "Link the person."},
		{"the date has passed, whatever is worse", thursday, thursday - 3, []*hygiene.Life{booked, past}, "Won, lost, or a new date."},
		{"in the grace after it", thursday, thursday - 1, []*hygiene.Life{booked}, "Won, lost, or a new date with the buyer's reason."},
		{"no date", thursday, 0, []*hygiene.Life{booked}, "Book the next meeting."},
		{"nobody owns it", thursday, thursday, []*hygiene.Life{booked, left}, "Reassign today."},
	} {
		cal := &hygiene.Calendar{Location: time.UTC}
		x := &wording{wall: &wall{today: c.today, cal: cal, loc: time.UTC}, people: newPeople(&Input{}, nil)}
		if got := x.advice(&deal{facts: hygiene.Facts{CloseDate: c.closes}, open: c.open}); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	x := &wording{wall: &wall{today: thursday, cal: &hygiene.Calendar{Location: time.UTC}}, people: newPeople(&Input{}, nil)}
	if got := x.advice(&deal{facts: hygiene.Facts{CloseDate: thursday, Unclear: "close_date"}, open: []*hygiene.Life{booked}}); got != "Book the next meeting." {
		t.Errorf("%q though the close date could not be read", got)
	}
}

// TestAdviceGoesToWhoIsThere: whoever covers for the deal's owner is named to others than that
// one, and nobody where the reader covers, or where the deal is to be given to somebody else.
func TestAdviceGoesToWhoIsThere(t *testing.T) {
	booked, left := found(hygiene.NoFutureActivity, hygiene.High, "Book the next meeting."), found(hygiene.OwnerInactive, hygiene.High, "Reassign today.")
	for _, c := range []struct {
		name, cover string
		open        []*hygiene.Life
		want        string
	}{
		{"a colleague covers", "ben@acme.example", []*hygiene.Life{booked}, "Ask Ben: book the next meeting."},
		{"the manager covers", "", []*hygiene.Life{booked}, "Book the next meeting."},
		{"the reader covers", "maria@acme.example", []*hygiene.Life{booked}, "Book the next meeting."},
		{"the owner has left", "ben@acme.example", []*hygiene.Life{left}, "Reassign today."},
	} {
		in := &Input{Recipient: "maria@acme.example", Away: []Absent{{Person: "ana@acme.example", Cover: c.cover, CoverName: "Ben Brandt"}}}
		if c.cover == "" {
			in.Away[0].CoverName = ""
		}
		x := &wording{wall: &wall{today: 10, cal: &hygiene.Calendar{Location: time.UTC}}, people: newPeople(in, nil)}
		for owner, want := range map[string]string{"ana@acme.example": c.want, "cleo@acme.example": c.open[0].Fix} {
			if got := x.advice(&deal{facts: hygiene.Facts{OwnerEmail: owner, CloseDate: 100}, open: c.open}); got != want {
				t.Errorf("%s, the deal of %s: %q, want %q", c.name, owner, got, want)
			}
		}
	}
}

func found(rule string, s hygiene.Severity, fix string) *hygiene.Life {
	return &hygiene.Life{State: hygiene.Open, Finding: hygiene.Finding{Key: hygiene.Key{Rule: rule}, Severity: s, Fix: fix}}
}

// TestClosingWords: the day on which a deal closes is said as a person would say it that day.
func TestClosingWords(t *testing.T) {
	today := crm.NewDate(2026, 12, 3)
	x := &wording{wall: &wall{today: today}}
	for days, want := range map[int]string{
		0: "closes today", 1: "closes tomorrow", 2: "closes Sat 5 Dec", 20: "closes 23 Dec", 60: "closes 1 Feb 2027",
		-1: "should have closed Wed 2 Dec", -6: "should have closed Fri 27 Nov", -30: "should have closed 3 Nov",
	} {
		if got := x.closing(&deal{facts: hygiene.Facts{CloseDate: today + crm.Date(days)}}); got != want {
			t.Errorf("%d days: %q, want %q", days, got, want)
		}
	}
	if got := x.closing(&deal{facts: hygiene.Facts{CloseDate: today - 3}, open: []*hygiene.Life{found(hygiene.CloseDatePast, hygiene.High, "")}}); got != "" {
		t.Errorf("%q though a reason says that the date has passed", got)
	}
}

// TestStillNamesAllThatIsLeft: what a better deal lacks is named, or counted.
func TestStillNamesAllThatIsLeft(t *testing.T) {
	last := time.Date(2026, 12, 2, 8, 0, 0, 0, time.UTC)
	b := &brief{wall: &wall{last: last}}
	finding := func(message string, opened time.Time) *hygiene.Life {
		return &hygiene.Life{State: hygiene.Open, Opened: opened, Finding: hygiene.Finding{Message: message}}
	}
	a, n := finding("nothing booked (late)", last.Add(-time.Hour)), finding("no contact linked", last.Add(time.Hour))
	c := finding("no amount", last.Add(-time.Hour))
	for want, d := range map[string]*deal{
		"still: nothing booked":                                    {open: []*hygiene.Life{a}},
		"still: nothing booked; now: no contact linked":            {open: []*hygiene.Life{a, n}},
		"now: no contact linked; still: no amount; and 1 more":     {open: []*hygiene.Life{n, c, a}},
		"still: no amount; nothing booked; 1 could not be checked": {open: []*hygiene.Life{c, a}, unclear: []*hygiene.Life{n}},
		"still: the rest could not be checked":                     {unclear: []*hygiene.Life{n}},
	} {
		if got := b.still(d); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := judgedSo([]*deal{{open: []*hygiene.Life{a}}}); !strings.Contains(got, "in part") {
		t.Errorf("%q for a deal that was judged in part", got)
	}
}
