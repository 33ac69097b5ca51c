package digest

import (
	"os"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the same rules on every machine

	"pgregory.net/rapid"

	"github.com/pipetidy/pipetidy/crm"
)

func TestInstant(t *testing.T) {
	table, err := os.ReadFile("testdata/schedule/instants.txt")
	if err != nil {
		t.Fatal(err)
	}
	for row := range strings.Lines(string(table)) {
		f := strings.Fields(row)
		if f[0] == "#" {
			continue
		}
		loc, err := time.LoadLocation(f[0])
		if err != nil {
			t.Fatal(err)
		}
		d, err := crm.ParseDate(f[1])
		if err != nil {
			t.Fatal(err)
		}
		at, err := ParseAt(f[2])
		if err != nil {
			t.Fatal(err)
		}
		got := "none"
		if v, ok := (Schedule{At: at}).Instant(d, loc); ok {
			got = v.Format(time.RFC3339)
		}
		if got != f[3] {
			t.Errorf("%s %s %s: got %s, want %s", f[0], f[1], f[2], got, f[3])
		}
	}
}

var zones = []string{"UTC", "America/New_York", "America/Los_Angeles", "Europe/London", "Africa/Cairo", "America/Santiago", "Australia/Lord_Howe",
	"America/Nuuk", "America/Scoresbysund", "Pacific/Apia", "Asia/Kathmandu", "Africa/Casablanca", "Asia/Tehran", "America/Sao_Paulo",
	"Pacific/Kiritimati", "Asia/Gaza", "Antarctica/Troll", "America/Havana", "Asia/Beirut", "Pacific/Kwajalein", "Africa/Monrovia"}

// TestInstantOnce compares Instant, in every zone and on every date, with a search
// minute by minute.
func TestInstantOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		d := crm.NewDate(1965, 1, 1) + crm.Date(rapid.IntRange(0, 75*365).Draw(t, "day"))
		if rapid.Bool().Draw(t, "at a change") { // clocks rarely change; go there
			if _, change := d.In(loc).ZoneBounds(); !change.IsZero() {
				d = crm.DateOf(change, loc) + crm.Date(rapid.IntRange(-1, 1).Draw(t, "beside"))
			}
		}
		s := Schedule{At: At{rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute")}}
		got, ok := s.Instant(d, loc)
		want, wantOK := search(s.At, d, loc)
		if ok != wantOK || !got.Equal(want) {
			t.Fatalf("%s %v %v: got %v %v, want %v %v", loc, d, s.At, got, ok, want, wantOK)
		}
		if !ok {
			return
		}
		if crm.DateOf(got, loc) != d {
			t.Fatalf("%v is not on %v", got, d)
		}
		if next := s.Next(got.Add(-time.Second).In(loc)); !next.Equal(got) {
			t.Fatalf("Next before %v gives %v", got, next)
		}
		if next := s.Next(got); !next.After(got) || crm.DateOf(next, loc) == d {
			t.Fatalf("Next after %v gives %v: the same date twice", got, next)
		}
	})
}

// search finds the instant by looking at every minute there is.
func search(at At, d crm.Date, loc *time.Location) (time.Time, bool) {
	y, m, dom := d.Civil()
	begin := time.Date(y, m, dom, 0, 0, 0, 0, time.UTC).Add(-27 * time.Hour)
	var last, best time.Time
	bestMinute, lastMinute := -1, -1
	for i := range 78 * 60 * 60 / 15 { // steps of 15 s: zones before 1972 had offsets with seconds
		t := begin.Add(time.Duration(i) * 15 * time.Second).In(loc)
		if t.Second() != 0 || crm.DateOf(t, loc) != d {
			continue
		}
		minute := t.Hour()*60 + t.Minute()
		if minute > lastMinute {
			last, lastMinute = t, minute
		}
		if minute >= at.Hour*60+at.Minute && (bestMinute < 0 || minute < bestMinute) {
			best, bestMinute = t, minute
		}
	}
	if bestMinute >= 0 {
		return best, true
	}
	return last, lastMinute >= 0
}

func TestNextKeepsToItsDays(t *testing.T) {
	loc, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	days, err := ParseDays("monday", "Thu")
	if err != nil {
		t.Fatal(err)
	}
	s := Schedule{At: At{8, 30}, Days: days}
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, loc) // a Tuesday
	for _, want := range []string{"Thu 26 Nov 08:30", "Mon 30 Nov 08:30", "Thu 3 Dec 08:30"} {
		if at = s.Next(at); at.Format("Mon 2 Jan 15:04") != want {
			t.Errorf("got %s, want %s", at.Format("Mon 2 Jan 15:04"), want)
		}
	}
}

func TestParseAt(t *testing.T) {
	for _, s := range []string{"00:00", "08:30", "23:59"} {
		if at, err := ParseAt(s); err != nil || at.String() != s {
			t.Errorf("ParseAt(%q) = %v, %v", s, at, err)
		}
	}
	for _, s := range []string{"", "8:30", "24:00", "08:60", "08:30:00", "0830", " 8:30", "TZ=", "-1:00", "٠٨:٣٠"} {
		if at, err := ParseAt(s); err == nil {
			t.Errorf("ParseAt(%q) = %v, want an error", s, at)
		}
	}
}

func TestParseDays(t *testing.T) {
	for _, c := range []struct {
		words []string
		want  int
	}{{[]string{"weekdays"}, 5}, {[]string{"daily"}, 7}, {[]string{"Monday", "monday", "sun"}, 2}} {
		if days, err := ParseDays(c.words...); err != nil || len(days) != c.want {
			t.Errorf("ParseDays(%q) = %v, %v", c.words, days, err)
		}
	}
	for _, words := range [][]string{nil, {""}, {"someday"}, {"weekdays", "x"}} {
		if days, err := ParseDays(words...); err == nil {
			t.Errorf("ParseDays(%q) = %v, want an error", words, days)
		}
	}
}
