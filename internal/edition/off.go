package edition

import (
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// off says why the date is no day of work for the reader: a holiday of the reader's, or a
// freeze. No digest goes out then, whatever its days. "" is none.
func (r *Run) off(to reader, date crm.Date) string {
	why, off := r.calendar(to.Email, to.Team).OffOn(date)
	if !off {
		return ""
	}
	return "no day of work on " + date.Short() + " (" + why + ")"
}

// rest says why no reader of the digest in the team works on the date, "" where some do.
func (r *Run) rest(dg *Digest, team string, date crm.Date) string {
	why := ""
	for _, to := range r.e.readersOf(dg, team) {
		if why = r.off(to, date); why == "" {
			return ""
		}
	}
	return why
}

// thawed reports whether a freeze of the company began and ended between the two times.
func (r *Run) thawed(cal *hygiene.Calendar, last, now time.Time) bool {
	from, to := cal.Date(last), cal.Date(now)
	return slices.ContainsFunc(r.almanac().Freezes, func(f hygiene.Span) bool { return from < f.From && f.To < to })
}

// resting is the dates of a digest that are passed over, as one sentence; "" for none.
func resting(dates []crm.Date, whys []string) string {
	if len(dates) == 0 {
		return ""
	}
	var said []string
	for _, w := range whys {
		_, w, _ = strings.Cut(strings.TrimSuffix(w, ")"), "(")
		if w != "" && !slices.Contains(said, w) {
			said = append(said, w)
		}
	}
	s := "not on " + dates[0].Short()
	if last := dates[len(dates)-1]; last != dates[0] {
		s = "not from " + dates[0].Short() + " to " + last.Short()
	}
	return s + ": " + strings.Join(said, ", ")
}
