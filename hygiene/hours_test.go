package hygiene

import (
	"testing"
	"time"
)

func TestAfter(t *testing.T) {
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	day := Hours{9 * time.Hour, 17*time.Hour + 30*time.Minute}
	night := Hours{0, 24 * time.Hour}
	cal := &Calendar{Location: ny, Holidays: thanksgiving(), Off: []Span{{nov(30), nov(30), "freeze"}}}
	for _, c := range []struct {
		name string
		from string
		h    Hours
		n    time.Duration
		want string
	}{
		{"within a day", "2026-11-23 09:15", day, 8 * time.Hour, "2026-11-23 17:15"},
		{"to the end of the day", "2026-11-23 09:30", day, 8 * time.Hour, "2026-11-23 17:30"},
		{"over the evening", "2026-11-23 16:30", day, 8 * time.Hour, "2026-11-24 16:00"},
		{"before the hours", "2026-11-23 06:00", day, time.Hour, "2026-11-23 10:00"},
		{"after the hours", "2026-11-23 20:00", day, time.Hour, "2026-11-24 10:00"},
		{"nothing to count", "2026-11-23 20:00", day, 0, "2026-11-24 09:00"},
		{"nothing to count within the hours", "2026-11-23 11:00", day, 0, "2026-11-23 11:00"},
		{"over a weekend", "2026-11-20 17:00", day, time.Hour, "2026-11-23 09:30"},
		{"from a Saturday", "2026-11-21 12:00", day, time.Hour, "2026-11-23 10:00"},
		{"over holidays, the weekend and a freeze", "2026-11-25 17:00", day, time.Hour, "2026-12-01 09:30"},
		{"the clocks go back", "2026-11-01 00:00", night, 0, "2026-11-02 00:00"}, // a Sunday
		{"three days", "2026-11-16 09:00", day, 3*8*time.Hour + 90*time.Minute, "2026-11-18 17:30"},
	} {
		from, err := time.ParseInLocation("2006-01-02 15:04", c.from, ny)
		if err != nil {
			t.Fatal(err)
		}
		if got := cal.After(from.UTC(), c.n, c.h).In(ny).Format("2006-01-02 15:04"); got != c.want {
			t.Errorf("%s: %s after %s: got %s, want %s", c.name, c.n, c.from, got, c.want)
		}
	}
	// Cairo changes its clocks on Fridays, which are days of work here.
	cairo, err := time.LoadLocation("Africa/Cairo")
	if err != nil {
		t.Fatal(err)
	}
	there := &Calendar{Location: cairo}
	short := time.Date(2026, 4, 24, 0, 0, 0, 0, cairo) // the hour after midnight does not exist
	if got, want := there.After(short, 23*time.Hour, night), time.Date(2026, 4, 25, 0, 0, 0, 0, cairo); !got.Equal(want) {
		t.Errorf("a day of 23 hours: got %s, want %s", got, want)
	}
	none := &Calendar{Location: ny, Off: []Span{{nov(1), nov(30) + 10*366, "freeze"}}}
	if got := none.After(nov(20).In(ny), time.Hour, day); !got.IsZero() {
		t.Errorf("no day of work: got %s", got)
	}
}
