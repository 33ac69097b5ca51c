package holiday_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/holiday"
)

// in reports which of the dates are days off.
func in(days []hygiene.DayOff, dates ...string) (out []string) {
	for _, d := range days {
		if slices.Contains(dates, d.Date.String()) {
			out = append(out, d.Date.String())
		}
	}
	slices.Sort(out)
	return out
}

// TestCountries: the days that calendars on walls have, and not the days beside them.
func TestCountries(t *testing.T) {
	for _, c := range []struct {
		code, region string
		asked, want  []string
	}{
		{"us", "", []string{"2026-11-25", "2026-11-26", "2026-11-27", "2026-12-24", "2026-12-25"}, []string{"2026-11-26", "2026-12-25"}},
		{"us", "", []string{"2026-07-03", "2026-07-04"}, []string{"2026-07-03"}},                             // a Saturday is observed on Friday
		{"us", "", []string{"2021-12-31", "2022-01-01"}, []string{"2021-12-31"}},                             // in the year before
		{"de", "", []string{"2026-04-03", "2026-04-06", "2026-01-06"}, []string{"2026-04-03", "2026-04-06"}}, // Easter
		{"de", "by", []string{"2026-01-06", "2026-11-01", "2026-10-31"}, []string{"2026-01-06", "2026-11-01"}},
		{"gb", "", []string{"2026-12-25", "2026-12-26", "2026-12-28"}, []string{"2026-12-25", "2026-12-28"}},
		{"au", "nsw", []string{"2026-01-26", "2026-01-27"}, []string{"2026-01-26"}},
	} {
		days, err := holiday.Of(c.code, c.region, "holiday")
		if err != nil {
			t.Fatal(err)
		}
		if got := in(days, c.asked...); !slices.Equal(got, c.want) {
			t.Errorf("%s %s: got %v, want %v", c.code, c.region, got, c.want)
		}
	}
	for _, code := range holiday.Codes() {
		if code == "au" {
			continue
		}
		if days, err := holiday.Of(code, "", ""); err != nil || len(days) < 5*(holiday.LastYear-holiday.FirstYear) {
			t.Errorf("%s: %d days, %v", code, len(days), err)
		}
	}
}

func TestUnknownCountries(t *testing.T) {
	for _, c := range []struct{ code, region, want string }{
		{"uk", "", `no country has the code "uk"; did you mean "gb"?`},
		{"USA", "", `did you mean "us"?`},
		{"germny", "", `did you mean "de" (Germany)?`},
		{"dl", "", `did you mean de or dk or nl or pl?`},
		{"xxxx", "", `write one of ar, at, au,`},
		{"us", "ca", `no regions of United States are known`},
		{"de", "bav", `Germany has no region "bav"; write one of bb, be,`},
		{"au", "", `name one under holidays, as in {country: au, region: act}`},
	} {
		_, err := holiday.Of(c.code, c.region, "")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: got %v, want %s", c.code, c.region, err, c.want)
		}
	}
}

func calendar(events ...string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + strings.Join(events, "") + "END:VCALENDAR\r\n"
}

func event(lines ...string) string {
	return "BEGIN:VEVENT\r\nUID:1\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\n"
}

func TestCalendarFiles(t *testing.T) {
	for _, c := range []struct {
		name, file string
		asked      string
		want       string
		note       string
	}{
		{"one day", calendar(event("DTSTART;VALUE=DATE:20261224")), "2026-12-23 2026-12-24 2026-12-25", "2026-12-24", ""},
		{"the end is the day after", calendar(event("DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261226")), "2026-12-23 2026-12-24 2026-12-25 2026-12-26", "2026-12-24 2026-12-25", ""},
		{"a length", calendar(event("DTSTART;VALUE=DATE:20261224", "DURATION:P1W")), "2026-12-30 2026-12-31", "2026-12-30", ""},
		{"a date without the parameter", calendar(event("DTSTART:20261224")), "2026-12-24", "2026-12-24", ""},
		{"folded", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:A long\r\n  name\r\nDTSTART;VALUE=DA\r\n TE:20261224\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", "2026-12-24", "2026-12-24", ""},
		{"every year", calendar(event("DTSTART;VALUE=DATE:20201224", "RRULE:FREQ=YEARLY")), "2019-12-24 2020-12-24 2026-12-24 2050-12-24", "2020-12-24 2026-12-24 2050-12-24", ""},
		{"every other year", calendar(event("DTSTART;VALUE=DATE:20201224", "RRULE:FREQ=YEARLY;INTERVAL=2;BYMONTH=12;BYMONTHDAY=24")), "2025-12-24 2026-12-24", "2026-12-24", ""},
		{"until", calendar(event("DTSTART;VALUE=DATE:20201224", "RRULE:FREQ=YEARLY;UNTIL=20251224T000000Z")), "2025-12-24 2026-12-24", "2025-12-24", ""},
		{"so often", calendar(event("DTSTART;VALUE=DATE:20241224", "RRULE:FREQ=YEARLY;COUNT=2")), "2024-12-24 2025-12-24 2026-12-24", "2024-12-24 2025-12-24", ""},
		{"not this year", calendar(event("DTSTART;VALUE=DATE:20241224", "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20261224")), "2025-12-24 2026-12-24", "2025-12-24", ""},
		{"a leap day", calendar(event("DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY")), "2024-02-29 2025-03-01 2028-02-29", "2024-02-29 2028-02-29", ""},
		{"further dates", calendar(event("DTSTART;VALUE=DATE:20241224", "RDATE;VALUE=DATE:20261231,20271231")), "2026-12-31 2027-12-31", "2026-12-31 2027-12-31", ""},
		{"a rule by weekday", calendar(event("DTSTART;VALUE=DATE:20261126", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH")), "2026-11-26 2027-11-25", "2026-11-26", "line 3 of the file: only events that are repeated every year on one date are understood"},
		{"every week", calendar(event("DTSTART;VALUE=DATE:20261126", "RRULE:FREQ=WEEKLY")), "2026-11-26 2026-12-03", "2026-11-26", "line 3 of the file: only events"},
		{"a time", calendar(event("DTSTART:20261224T090000Z"), event("DTSTART;VALUE=DATE:20261225")), "2026-12-24 2026-12-25", "2026-12-25", "line 3 of the file: the event has a time"},
		{"the second event", calendar(event("DTSTART;VALUE=DATE:20261225"), event("SUMMARY:none")), "2026-12-25", "2026-12-25", "line 7 of the file: the event has no first day"},
		{"called off", calendar(event("DTSTART;VALUE=DATE:20261224", "STATUS:CANCELLED")), "2026-12-24", "", ""},
		{"another century", calendar(event("DTSTART;VALUE=DATE:19001224", "DTEND;VALUE=DATE:20261225")), "2026-12-24", "", "the dates are not within 2015 to 2050"},
		{"no end", calendar(event("DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20401225")), "2026-12-24", "", "longer than a year"},
		{"an end before it begins", calendar(event("DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261222")), "2026-12-22 2026-12-23 2026-12-24 2026-12-25", "2026-12-24", "line 3 of the file: the event ends before it begins"},
		{"an end on its first day", calendar(event("DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261224")), "2026-12-23 2026-12-24 2026-12-25", "2026-12-24", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			days, notes, err := holiday.Read([]byte(c.file), "holiday plant")
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(in(days, strings.Fields(c.asked)...), " "); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if got := strings.Join(notes, "\n"); !strings.Contains(got, c.note) || (c.note == "") != (got == "") {
				t.Errorf("got the notes %q, want %q", got, c.note)
			}
		})
	}
}

// TestNoCalendar: what is no whole calendar has no days off, and its error shows nothing of
// the file.
func TestNoCalendar(t *testing.T) {
	whole := calendar(event("DTSTART;VALUE=DATE:20261224"))
	for name, c := range map[string]struct{ file, want string }{
		"empty":         {"", "no whole calendar"},
		"no events":     {calendar(), "no event, so no day off"},
		"cut":           {whole[:len(whole)-20], "no whole calendar"},
		"cut in a line": {whole[:40], "no whole calendar"},
		"another file":  {"password: hunter2\nEND:VCALENDAR\n", "no calendar that can be read"},
		"an open event": {"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n", "no calendar that can be read"},
		"too large":     {strings.Repeat("x", holiday.MaxSize+1), "larger than 1024 KiB"},
		"too many":      {calendar(strings.Repeat(event("DTSTART;VALUE=DATE:20261224"), 5001)), "5,001 events, more than 5,000"},
		"too deep":      {strings.Repeat("BEGIN:X\r\n", 1000), "line 9 of the file"},
	} {
		_, _, err := holiday.Read([]byte(c.file), "")
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

// TestNotesAreBounded: a calendar of meetings says a few of them.
func TestNotesAreBounded(t *testing.T) {
	for n, last := range map[int]string{100: "80 more events are not understood", 21: "1 more event is not understood"} {
		_, notes, err := holiday.Read([]byte(calendar(strings.Repeat(event("DTSTART:20261224T090000Z"), n))), "")
		if err != nil || len(notes) != 21 || notes[20] != last {
			t.Errorf("got %d notes, %v", len(notes), err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(calendar(event("DTSTART;VALUE=DATE:20201224", "RRULE:FREQ=YEARLY;INTERVAL=2", "EXDATE:20261224")))
	f.Fuzz(func(t *testing.T, file string) {
		days, _, _ := holiday.Read([]byte(file), "x")
		for _, d := range days {
			if y, _, _ := d.Date.Civil(); y < holiday.FirstYear || y > holiday.LastYear {
				t.Fatalf("a day off on %s", d.Date)
			}
		}
	})
}
