package crm

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDate(t *testing.T) {
	for _, c := range []struct {
		text string
		want Date
	}{
		{"", 0}, {"0001-01-01", 1}, {"0001-01-08", 8}, {"1970-01-01", epochDays}, {"1969-12-31", epochDays - 1}, {"2026-02-28", NewDate(2026, 2, 28)},
	} {
		d, err := ParseDate(c.text)
		if err != nil || d != c.want || d.String() != c.text {
			t.Errorf("ParseDate(%q) = %d (%q), %v; want %d", c.text, d, d, err, c.want)
		}
	}
	for _, bad := range []string{"2026-02-30", "26-02-03", "2026-02-03T00:00:00Z", "tomorrow"} {
		if d, err := ParseDate(bad); err == nil {
			t.Errorf("ParseDate(%q) = %s, want an error", bad, d)
		}
	}
	if d := NewDate(2026, 11, 24); d.Weekday() != time.Tuesday || d.Short() != "24 Nov" || NewDate(2026, 11, 31) != NewDate(2026, 12, 1) {
		t.Errorf("%s is a %s, %q", d, d.Weekday(), d.Short())
	}
	if !DateOf(time.Time{}, time.UTC).IsZero() {
		t.Error("the zero time has a date")
	}
}

// The date in a zone is the date that the standard library formats there.
func TestDateOfAgreesWithTheWall(t *testing.T) {
	zones := []string{"UTC", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Apia", "America/Nuuk"}
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(-5e9, 5e9).Draw(t, "unix"), 0)
		d := DateOf(at, loc)
		if got, want := d.String(), at.In(loc).Format(time.DateOnly); got != want {
			t.Fatalf("DateOf(%v) = %s, want %s", at.In(loc), got, want)
		}
		if got, want := d.Weekday(), at.In(loc).Weekday(); got != want {
			t.Fatalf("%s is a %v, want %v", d, got, want)
		}
	})
}

func TestQuarterEnd(t *testing.T) {
	for from, want := range map[string]string{
		"2026-01-01": "2026-03-31", "2026-03-31": "2026-03-31", "2026-04-01": "2026-06-30", "2026-09-30": "2026-09-30", "2026-11-24": "2026-12-31",
		"2028-02-29": "2028-03-31",
	} {
		d, err := ParseDate(from)
		if err != nil {
			t.Fatal(err)
		}
		for _, starts := range []time.Month{0, time.January, time.April, time.October} {
			if got := d.QuarterEnd(starts).String(); got != want {
				t.Errorf("%s: got %s, want %s", from, got, want)
			}
		}
	}
	for _, c := range []struct {
		from   string
		starts time.Month
		want   string
	}{
		{"2026-11-24", time.February, "2027-01-31"}, {"2027-01-31", time.February, "2027-01-31"}, {"2027-02-01", time.February, "2027-04-30"},
		{"2026-11-24", time.November, "2027-01-31"}, {"2026-11-24", time.December, "2026-11-30"}, {"2026-12-01", time.December, "2027-02-28"},
		{"2027-12-01", time.March, "2028-02-29"}, {"2026-01-15", time.March, "2026-02-28"}, {"2026-01-15", time.September, "2026-02-28"},
	} {
		d, err := ParseDate(c.from)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.QuarterEnd(c.starts).String(); got != c.want {
			t.Errorf("%s, from %s: got %s, want %s", c.from, c.starts, got, c.want)
		}
	}
}
