package hygiene

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pipetidy/pipetidy/crm"
)

func TestBetween(t *testing.T) {
	thanksgiving := func(d crm.Date) bool {
		return d == crm.NewDate(2026, 11, 26) || d == crm.NewDate(2026, 11, 27) || d == crm.NewDate(2026, 11, 28) // the last a Saturday
	}
	nov := func(day int) crm.Date { return crm.NewDate(2026, 11, day) }
	for _, c := range []struct {
		name     string
		from, to crm.Date
		holiday  func(crm.Date) bool
		want     int
	}{
		{"same day", nov(24), nov(24), nil, 0},
		{"backwards", nov(24), nov(23), nil, 0},
		{"no date", 0, nov(24), nil, 0},
		{"next day", nov(23), nov(24), nil, 1},
		{"over a weekend", nov(20), nov(23), nil, 1},
		{"to a Saturday", nov(20), nov(21), nil, 0},
		{"from a Sunday", nov(22), nov(23), nil, 1},
		{"a week", nov(17), nov(24), nil, 5},
		{"over holidays", nov(25), nov(30), thanksgiving, 1},
		{"a holiday on a Saturday takes nothing away", nov(27), nov(30), thanksgiving, 1},
	} {
		cal := &Calendar{Location: time.UTC, Holiday: c.holiday}
		if got := cal.Between(c.from, c.to); got != c.want {
			t.Errorf("%s: %s to %s: got %d, want %d", c.name, c.from, c.to, got, c.want)
		}
	}
}

// The arithmetic agrees with counting days one by one on the calendar of
// package time.
func TestBetweenCountsDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := crm.Date(rapid.IntRange(-800, 740_000).Filter(func(n int) bool { return n != 0 }).Draw(t, "from"))
		to := from + crm.Date(rapid.IntRange(-10, 800).Draw(t, "days"))
		every := crm.Date(rapid.IntRange(0, 40).Draw(t, "a holiday every"))
		cal := &Calendar{Location: time.UTC}
		if every > 0 {
			cal.Holiday = func(d crm.Date) bool { return d%every == 0 }
		}
		want := 0
		for d := from + 1; d <= to; d++ {
			weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
			if !weekend && (every == 0 || d%every != 0) {
				want++
			}
		}
		if got := cal.Between(from, to); got != want {
			t.Fatalf("%d to %d (%s to %s): got %d, want %d", from, to, from, to, got, want)
		}
		if cal.Business(to) != (cal.Between(to-1, to) == 1) && to-1 != 0 {
			t.Fatalf("Business(%s) and Between disagree", to)
		}
	})
}

// Days counts dates on the wall, so a change of the clocks moves nothing.
func TestDaysAcrossClockChange(t *testing.T) {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	cal := &Calendar{Location: zone}
	friday := time.Date(2026, 10, 30, 23, 30, 0, 0, zone) // clocks go back on 1 Nov
	monday := time.Date(2026, 11, 2, 0, 30, 0, 0, zone)
	if got := cal.Days(friday, monday); got != 1 {
		t.Errorf("Friday night to Monday after midnight: got %d, want 1", got)
	}
	if got := cal.Days(friday.UTC(), friday.Add(40*time.Minute).UTC()); got != 0 {
		t.Errorf("Friday night to Saturday: got %d, want 0", got)
	}
}
