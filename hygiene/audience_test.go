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
	// Of ten business days from 16 November the last is 1 December: Thanksgiving and the day
	// after are none.
	change := RepFirst{Changes: []Change{{On: crm.NewDate(2026, 11, 16), Teams: []string{"East", "West"}, Grace: 10}}}
	onSunday := RepFirst{Changes: []Change{{On: crm.NewDate(2026, 11, 15), Teams: []string{"West"}, Grace: 1}}}
	novice := RepFirst{Starts: map[string]crm.Date{"ana@acme.example": crm.NewDate(2026, 9, 1)}, Grace: 3} // new until 29 November
	both := first
	both.Changes = change.Changes
	high := func(l *Life) { l.Severity = High }
	type hearing = func(*Hearing)
	onLeave := func(h *Hearing) {
		h.Calendar = &Calendar{Location: ny, Holidays: thanksgiving(), Off: []Span{{From: crm.NewDate(2026, 11, 24), To: crm.NewDate(2026, 12, 8), Why: Leave}}}
	}
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
		{"a fortnight's leave from the day after", "2026-11-23 12:00", "2026-11-23 16:00", "2026-11-24 15:30", nil, onLeave, nil, false, "2026-11-24 15:30", false},
		{"a fortnight's leave, in the hours", "2026-11-23 12:00", "2026-11-23 16:00", "2026-11-24 08:30", nil, onLeave, nil, true, "2026-11-24 15:30", false},
		{"a rep on leave", "2026-11-23 12:00", "2026-11-23 16:00", "2026-11-24 08:30", high, onLeave, &novice, true, "2026-11-26 00:00", false},
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
		{"a change, the day before", "2026-11-15 23:59", "2026-11-16 08:15", "2026-11-16 08:30", nil, nil, &change, false, "", false},
		{"a change, the first day", "2026-11-16 00:00", "2026-11-16 08:15", "2026-11-16 08:30", nil, nil, &change, true, "2026-12-02 00:00", false},
		{"a change, the last day", "2026-12-01 12:00", "2026-12-01 16:00", "2026-12-01 23:59", nil, nil, &change, true, "2026-12-02 00:00", false},
		{"a change, a day later", "2026-12-01 12:00", "2026-12-01 16:00", "2026-12-02 00:00", nil, nil, &change, false, "2026-12-02 00:00", false},
		{"began after a change", "2026-12-02 00:00", "2026-12-02 08:15", "2026-12-02 08:30", nil, nil, &change, false, "", false},
		{"high, in a change", "2026-11-16 12:00", "2026-11-17 08:15", "2026-11-17 08:30", high, nil, &change, true, "2026-12-02 00:00", false},
		{"in the commit, in a change", "2026-11-16 12:00", "2026-11-17 08:15", "2026-11-17 08:30", commit(quarter), nil, &change, false, "", true},
		{"in the commit, after a change", "2026-11-16 12:00", "2026-11-17 08:15", "2026-12-02 08:30", commit(quarter), nil, &change, false, "", false},
		{"told to the team before, in a change", "2026-11-16 12:00", "2026-11-17 08:15", "2026-11-17 08:30", nil, func(h *Hearing) { h.Seen = true }, &change, false, "", false},
		{"from before the start, in a change", "2026-11-16 12:00", "2026-11-17 08:15", "2026-11-17 08:30", func(l *Life) { l.Backlog = true }, nil, &change, false, "", false},
		{"the manager's own deal, in a change", "2026-11-16 12:00", "2026-11-17 08:15", "2026-11-17 08:30", nil, func(h *Hearing) { h.Lead = true }, &change, false, "", false},
		{"no list arrived, in a change", "2026-11-16 12:00", "", "2026-11-17 08:30", nil, nil, &change, false, "", false},
		{"the list is on its way, in a change", "2026-11-16 12:00", "", "2026-11-17 08:00", high, func(h *Hearing) { h.Coming = true }, &change, true, "", false},
		{"a change of another team", "2026-11-16 12:00", "2026-11-17 08:15", "2026-11-17 08:30", nil, func(h *Hearing) { h.Team = "North" }, &change, false, "", false},
		{"a change on a Sunday", "2026-11-15 12:00", "2026-11-16 08:15", "2026-11-16 08:30", nil, nil, &onSunday, true, "2026-11-17 00:00", false},
		{"the days of a change are the team's", "2026-11-16 12:00", "2026-11-17 08:15", "2026-11-17 08:30", nil, func(h *Hearing) {
			h.Calendar = &Calendar{Location: ny, Holidays: thanksgiving(), Off: []Span{{From: crm.NewDate(2026, 11, 18), To: crm.NewDate(2026, 11, 20)}}}
		}, &change, true, "2026-12-02 00:00", false},
		{"a change ends later than the hours", "2026-11-23 12:00", "2026-11-24 08:15", "2026-11-25 08:30", nil, nil, &both, true, "2026-12-02 00:00", false},
		{"the hours end later than a change", "2026-12-01 12:00", "2026-12-02 08:15", "2026-12-02 08:30", nil, nil, &both, true, "2026-12-02 17:00", false},
		{"high, and the hours would be later than a change", "2026-12-01 12:00", "2026-12-02 08:15", "2026-12-02 08:30", high, nil, &both, false, "2026-12-02 00:00", false},
		{"a rep, the day before the start", "2026-08-31 12:00", "2026-09-01 08:15", "2026-09-01 08:30", nil, nil, &novice, false, "", false},
		{"a rep, the first day", "2026-09-01 12:00", "2026-09-02 08:15", "2026-09-02 08:30", high, nil, &novice, true, "2026-09-04 00:00", false},
		{"a rep, the last day of grace", "2026-11-24 12:00", "2026-11-25 08:15", "2026-11-30 23:59", nil, nil, &novice, true, "2026-12-01 00:00", false}, // a holiday inside
		{"a rep, the grace is over", "2026-11-24 12:00", "2026-11-25 08:15", "2026-12-01 00:00", nil, nil, &novice, false, "2026-12-01 00:00", false},
		{"a rep, the last day of being new", "2026-11-29 12:00", "2026-11-30 08:15", "2026-11-30 08:30", nil, nil, &novice, true, "2026-12-03 00:00", false},
		{"a rep who is not new any more", "2026-11-30 12:00", "2026-12-01 08:15", "2026-12-01 08:30", nil, nil, &novice, false, "", false},
		{"another rep", "2026-11-23 12:00", "2026-11-24 08:15", "2026-11-24 08:30", nil, func(h *Hearing) { h.Owner = "ben@acme.example" }, &novice, false, "", false},
		{"told in a former life", "2026-11-23 12:00", "2026-11-20 08:15", "2026-11-24 08:30", nil, nil, nil, false, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := Life{State: Open, Opened: at(c.opened)}
			l.Severity, l.Deal.CloseDate = Medium, quarter
			if c.life != nil {
				c.life(&l)
			}
			h := Hearing{Owner: "ana@acme.example", Calendar: cal, Team: "West", Place: cal, Told: at(c.told), Quarter: quarter}
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

// TestGraceIsOverBeforeTheList: a list that is late keeps nothing back for longer than the
// days of grace.
func TestGraceIsOverBeforeTheList(t *testing.T) {
	cal := &Calendar{Location: time.UTC}
	r := RepFirst{Changes: []Change{{On: crm.NewDate(2026, 11, 16), Teams: []string{"West"}, Grace: 1}}}
	for hour, want := range map[int]bool{23: true, 24: false} {
		l := Life{State: Open, Opened: time.Date(2026, 11, 16, 20, 0, 0, 0, time.UTC)}
		l.Severity = High
		h := Hearing{Calendar: cal, Team: "West", Place: cal, Coming: true, Quarter: crm.NewDate(2026, 12, 31)}
		if got := r.Audience(&l, &h, time.Date(2026, 11, 16, hour, 0, 0, 0, time.UTC)); got.Owner != want {
			t.Errorf("at %d hours: %+v", hour, got)
		}
	}
}
