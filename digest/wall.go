package digest

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// wall is the reader's time: the clock and the calendar on the wall there, and the
// evaluation that the reader was told of last.
type wall struct {
	now   time.Time
	loc   *time.Location
	cal   *hygiene.Calendar
	today crm.Date
	last  time.Time // zero is none: nothing was ever sent to this reader
	since string    // last, in the words of a reader: "Mon"
	// thawed says that a freeze ended since last.
	thawed bool
}

// newWall is the time of the team, UTC for a team without a zone.
func newWall(in *Input) *wall {
	w := &wall{now: in.Now, cal: in.Team.Calendar, last: in.LastSent, thawed: in.Thawed}
	if w.cal == nil {
		w.cal = &hygiene.Calendar{Location: time.UTC}
	}
	w.loc = w.cal.Location
	if w.loc == nil {
		w.loc = time.UTC
		w.cal = &hygiene.Calendar{Location: w.loc, Holidays: w.cal.Holidays, Off: w.cal.Off}
	}
	w.today = w.cal.Date(in.Now)
	if !w.first() {
		w.since = words.Moment(in.LastSent, in.Now, w.loc)
	}
	return w
}

// day writes today as "Tue 24 Nov".
func (w *wall) day() string { return w.today.Weekday().String()[:3] + " " + w.today.Short() }

// first reports whether it is the reader's first digest.
func (w *wall) first() bool { return w.last.IsZero() }

// morning reports whether it is before noon.
func (w *wall) morning() bool { return w.now.In(w.loc).Hour() < 12 }

// monday is the day on which this week began.
func (w *wall) monday() crm.Date {
	return w.today - crm.Date((int(w.today.Weekday())+6)%7)
}

// sameWeek reports whether the reader was last sent a digest in this ISO week.
func (w *wall) sameWeek() bool {
	y1, w1 := w.last.In(w.loc).ISOWeek()
	y2, w2 := w.now.In(w.loc).ISOWeek()
	return y1 == y2 && w1 == w2
}

// sinceDay is since with the whole name of the weekday.
func (w *wall) sinceDay() string {
	d := crm.DateOf(w.last, w.loc)
	if d < w.today && d > w.today-7 {
		return d.Weekday().String()
	}
	return w.since
}

// farAway is a date of this year for words.Day, which writes the end of the quarter,
// relative to that date, without a weekday, and without the year unless it is another.
func (w *wall) farAway() crm.Date {
	y, _, _ := w.today.Civil()
	return crm.NewDate(y, 1, 1)
}

// stamp is a past time on the clock, with the day unless that is today.
func (w *wall) stamp(t time.Time) string {
	clock := t.In(w.loc).Format("15:04")
	if crm.DateOf(t, w.loc) == w.today {
		return clock
	}
	return words.Moment(t, w.now, w.loc) + " " + clock
}

// when is a day up to today after "since": "today", "Thu", "9 Nov".
func (w *wall) when(d crm.Date) string {
	switch {
	case d == w.today:
		return "today"
	case d > w.today-7:
		return d.Weekday().String()[:3]
	}
	return words.Day(d, w.today)
}
