package hygiene

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

func TestAudience(t *testing.T) {
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		x, err := time.ParseInLocation("2006-01-02 15:04", s, ny)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	cal := &Calendar{Location: ny, Holidays: thanksgiving()}
	first := RepFirst{For: 8 * time.Hour, Severities: []Severity{Low, Medium}, Day: Hours{9 * time.Hour, 17*time.Hour + 30*time.Minute}}
	night := first
	night.Day = Hours{0, 24 * time.Hour}
	quarter := crm.NewDate(2026, 12, 31)
	type hearing = func(*Hearing)
	commit := func(closes crm.Date) func(*Life) {
		return func(l *Life) { l.Deal.Commit, l.Deal.CloseDate = true, closes }
	}
	for _, c := range []struct {
		name    string
		opened  string
		told    string
		now     string
		life    func(*Life)
		hearing hearing
		by      *RepFirst
		owner   bool
		until   string // "" is none
		also    bool
	}{
		{"the morning of the list", "2026-11-23 12:00", "2026-11-24 08:15", "2026-11-24 08:30", nil, nil, nil, true, "2026-11-24 17:00", false},
		{"the evening", "2026-11-23 12:00", "2026-11-24 08:15", "2026-11-24 16:59", nil, nil, nil, true, "2026-11-24 17:00", false},
		{"the hours have passed", "2026-11-23 12:00", "2026-11-24 08:15", "2026-11-24 17:00", nil, nil, nil, false, "2026-11-24 17:00", false},
		{"the day after", "2026-11-23 12:00", "2026-11-24 08:15", "2026-11-25 08:30", nil, nil, nil, false, "2026-11-24 17:00", false},
		{"Friday evening", "2026-11-20 12:00", "2026-11-20 16:00", "2026-11-23 08:30", nil, nil, nil, true, "2026-11-23 15:30", false},
		{"a holiday", "2026-11-25 12:00", "2026-11-25 16:00", "2026-11-27 08:30", nil, nil, nil, true, "2026-11-30 15:30", false}, // Thanksgiving, and the day after
		{"the clocks go forward", "2027-03-12 12:00", "2027-03-12 23:00", "2027-03-13 00:00", nil, nil, &night, true, "2027-03-15 07:00", false},
		{"told at night before the clocks go back", "2026-10-30 12:00", "2026-10-30 16:00", "2026-11-02 08:30", nil, nil, nil, true, "2026-11-02 15:30", false},
		{"low", "2026-11-23 12:00", "2026-11-24 08:15", "2026-11-24 08:30", func(l *Life) { l.Severity = Low }, nil, nil, true, "2026-11-24 17:00", false},
		{"high", "2026-11-23 12:00", "2026-11-24 08:15", "2026-11-24 08:30", func(l *Life) { l.Severity = High }, nil, nil, false, "", false},
		{"a severity that is not asked for", "2026-11-23 12:00", "2026-11-24 08:15", "2026-11-24 08:30", nil, nil, &RepFirst{For: time.Hour, Severities: []Severity{Low}, Day: first.Day}, false, "", false},
		{"off", "2026-11-23 12:00", "2026-11-24 08:15", "2026-11-24 08:30", nil, nil, &RepFirst{}, false, "", false},
		{"in the commit of the quarter", "2026-11-23 12:00", "2026-11-24 08:15", "2026-11-24 08:30", commit(quarter), nil, nil, false, "", true},
		{"in the commit, the next day", "2026-11-23 12:00", "2026-11-24 08:15", "2026-11-25 08:30", commit(quarter), nil, nil, false, "", false},
		{"in the commit of another quarter", "2026-11-23 12:00", "2026-11-24 08:15", "2026-11-24 08:30", commit(quarter + 1), nil, nil, true, "2026-11-24 17:00", false},
		{"perhaps in the commit", "2026-11-23 12:00", "2026-11-24 08:15", "2026-11-24 08:30", func(l *Life) { l.Deal.CloseDate, l.Deal.Unclear = quarter, "forecast_category" }, nil, nil, false, "", true},
		{"in the commit, and the quarter is not known", "2026-11-23 12:00", "2026-11-24 08:15", "2026-11-24 08:30", commit(quarter + 200), func(h *Hearing) { h.Quarter = 0 }, nil, false, "", true},
		{"from before the start", "2026-11-23 12:00", "2026-11-24 08:15", "2026-11-24 08:30", func(l *Life) { l.Backlog = true }, nil, nil, false, "", false},
		{"told to the team before", "2026-11-23 12:00", "2026-11-24 08:15", "2026-11-24 08:30", nil, func(h *Hearing) { h.Seen = true }, nil, false, "", false},
		{"the manager's own deal", "2026-11-23 12:00", "2026-11-24 08:15", "2026-11-24 08:30", nil, func(h *Hearing) { h.Lead = true }, nil, false, "", false},
		{"no list with it arrived", "2026-11-23 12:00", "", "2026-11-24 08:30", nil, nil, nil, false, "", false},
		{"the list is on its way", "2026-11-23 12:00", "", "2026-11-24 08:30", nil, func(h *Hearing) { h.Coming = true }, nil, true, "", false},
		{"told in a former life", "2026-11-23 12:00", "2026-11-20 08:15", "2026-11-24 08:30", nil, nil, nil, false, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := Life{State: Open, Opened: at(c.opened)}
			l.Severity, l.Deal.CloseDate = Medium, quarter
			if c.life != nil {
				c.life(&l)
			}
			h := Hearing{Calendar: cal, Told: at(c.told), Quarter: quarter}
			if c.hearing != nil {
				c.hearing(&h)
			}
			by := &first
			if c.by != nil {
				by = c.by
			}
			got := by.Audience(&l, &h, at(c.now))
			if got.Owner != c.owner || !got.Until.Equal(at(c.until)) || got.Also != c.also || got.First != (c.owner || c.until != "") {
				t.Errorf("got %+v, want the owner's alone %v, until %q, also with the manager %v", got, c.owner, c.until, c.also)
			}
		})
	}
}
