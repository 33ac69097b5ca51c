package hygiene

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pipetidy/pipetidy/crm"
)

func nov(day int) crm.Date { return crm.NewDate(2026, 11, day) }

// thanksgiving has a Thursday, the Friday after it, and a Saturday.
func thanksgiving() *Holidays {
	return NewHolidays([]DayOff{{nov(27), "holiday us"}, {nov(26), "holiday us"}, {nov(28), "holiday us"}})
}

func TestBetween(t *testing.T) {
	for _, c := range []struct {
		name     string
		from, to crm.Date
		holidays *Holidays
		off      []Span
		want     int
	}{
		{"same day", nov(24), nov(24), nil, nil, 0},
		{"backwards", nov(24), nov(23), nil, nil, 0},
		{"no date", 0, nov(24), nil, nil, 0},
		{"next day", nov(23), nov(24), nil, nil, 1},
		{"over a weekend", nov(20), nov(23), nil, nil, 1},
		{"to a Saturday", nov(20), nov(21), nil, nil, 0},
		{"from a Sunday", nov(22), nov(23), nil, nil, 1},
		{"a week", nov(17), nov(24), nil, nil, 5},
		{"over holidays", nov(25), nov(30), thanksgiving(), nil, 1},
		{"the day before a holiday", nov(24), nov(25), thanksgiving(), nil, 1},
		{"to a holiday", nov(25), nov(26), thanksgiving(), nil, 0},
		{"a holiday on a Saturday takes nothing away", nov(27), nov(30), thanksgiving(), nil, 1},
		{"over leave", nov(13), nov(24), nil, []Span{{From: nov(16), To: nov(20)}}, 2},
		{"into leave", nov(13), nov(18), nil, []Span{{From: nov(16), To: nov(20)}}, 0},
		{"out of leave", nov(17), nov(23), nil, []Span{{From: nov(16), To: nov(20)}}, 1},
		{"within leave", nov(17), nov(19), nil, []Span{{From: nov(16), To: nov(20)}}, 0},
		{"leave over a holiday takes the day away once", nov(20), nov(30), thanksgiving(), []Span{{From: nov(25), To: nov(29)}}, 3},
		{"two spans", nov(13), nov(30), nil, []Span{{From: nov(16), To: nov(17)}, {From: nov(23), To: nov(23)}}, 8},
	} {
		cal := &Calendar{Location: time.UTC, Holidays: c.holidays, Off: c.off}
		if got := cal.Between(c.from, c.to); got != c.want {
			t.Errorf("%s: %s to %s: got %d, want %d", c.name, c.from, c.to, got, c.want)
		}
	}
}

// The arithmetic agrees with counting days one by one on the calendar of
// package time, and what Without lists makes up the difference.
func TestBetweenCountsDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := crm.Date(rapid.IntRange(-800, 740_000).Filter(func(n int) bool { return n != 0 }).Draw(t, "from"))
		to := from + crm.Date(rapid.IntRange(-10, 800).Draw(t, "days"))
		every := crm.Date(rapid.IntRange(0, 40).Draw(t, "a holiday every"))
		cal, off := &Calendar{Location: time.UTC}, map[crm.Date]bool{}
		if every > 0 {
			var days []DayOff
			for d := from - 50; d < to+50; d++ {
				if d%every == 0 {
					days, off[d] = append(days, DayOff{Date: d}), true
				}
			}
			cal.Holidays = NewHolidays(days)
		}
		var spans []Span
		for range rapid.IntRange(0, 4).Draw(t, "spans") {
			first := from + crm.Date(rapid.IntRange(-30, 800).Draw(t, "first"))
			if first == 0 {
				continue
			}
			last := first + crm.Date(rapid.IntRange(0, 30).Draw(t, "last"))
			spans = append(spans, Span{From: first, To: last})
			for d := first; d <= last; d++ {
				off[d] = true
			}
		}
		cal.Off = Apart(spans)
		want, all := 0, 0
		for d := from + 1; d <= to; d++ {
			weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
			if !weekend {
				all++
				if !off[d] {
					want++
				}
			}
		}
		got := cal.Between(from, to)
		if got != want {
			t.Fatalf("%d to %d (%s to %s): got %d, want %d", from, to, from, to, got, want)
		}
		if cal.Business(to) != (cal.Between(to-1, to) == 1) && to-1 != 0 {
			t.Fatalf("Business(%s) and Between disagree", to)
		}
		without := 0
		for _, s := range cal.Without(from, to) {
			for d := s.From; d <= s.To; d++ {
				if workday(d) && (cal.Holidays == nil || every == 0 || d%every != 0 || s.From == s.To) {
					without++
				}
			}
		}
		if len(spans) == 0 && without != all-want {
			t.Fatalf("Without lists %d days, and %d of %d are counted", without, want, all)
		}
	})
}

// Days off say why, and a span of leave is cut to what is asked for.
func TestWithout(t *testing.T) {
	cal := &Calendar{Location: time.UTC, Holidays: thanksgiving(), Off: []Span{{nov(16), nov(18), "away"}, {nov(27), nov(29), "freeze"}}}
	want := []Span{{nov(18), nov(18), "away"}, {nov(26), nov(26), "holiday us"}, {nov(27), nov(29), "freeze"}}
	if diff := cmp.Diff(want, cal.Without(nov(17), nov(30))); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	for d, want := range map[crm.Date]string{nov(15): "", nov(16): "away", nov(18): "away", nov(19): "", nov(25): "", nov(26): "holiday us", nov(27): "freeze", nov(30): ""} {
		if why, off := cal.OffOn(d); why != want || off != (want != "") {
			t.Errorf("%s: got %q, want %q", d, why, want)
		}
	}
}

func TestApart(t *testing.T) {
	got := Apart([]Span{{nov(20), nov(25), "b"}, {nov(10), nov(21), "a"}, {nov(12), nov(13), "in a"}, {nov(26), nov(26), "next"}, {nov(9), nov(8), "backwards"}})
	want := []Span{{nov(10), nov(21), "a"}, {nov(22), nov(25), "b"}, {nov(26), nov(26), "next"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
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

// BenchmarkBetween counts over five years with holidays and leave: it is asked for
// every rule and deal.
func BenchmarkBetween(b *testing.B) {
	var days []DayOff
	for y := firstYear; y <= lastYear; y++ {
		for m := time.January; m <= time.December; m++ {
			days = append(days, DayOff{Date: crm.NewDate(y, m, 15)})
		}
	}
	cal := &Calendar{Location: time.UTC, Holidays: NewHolidays(days), Off: []Span{{nov(16), nov(18), "away"}, {nov(27), nov(29), "freeze"}}}
	for b.Loop() {
		cal.Between(crm.NewDate(2022, 1, 1), nov(30))
	}
}
