package edition

import (
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// off says why the date is no day of work for somebody of the team: a holiday, or a
// freeze. No digest goes out then, whatever its days. "" is a day of work, as far as
// nobody is away.
func (r *Run) off(email, team string, date crm.Date) string {
	why, off := r.calendar(email, team).OffOn(date)
	if !off || why == hygiene.Leave {
		return ""
	}
	return "no day of work on " + date.Short() + " (" + why + ")"
}

// instead says who reads the digest of the reader on the date: the reader, or who stands in
// for a manager who is away. why says why nobody reads it, as on a day off; lost that the
// digest has no reader left, though its day has come.
func (r *Run) instead(to reader, date crm.Date) (who reader, why, lost string) {
	if to.program {
		return to, "", "" // whoever is there looks after the program
	}
	x, away := r.almanac().Away(to.Email, date)
	if !away {
		return to, r.off(to.Email, to.Team, date), ""
	}
	gone := to.Email + " is away to " + weekday(x.To)
	if to.own {
		return to, gone, ""
	}
	for _, other := range r.standIns(to, date) {
		if _, also := r.almanac().Away(other, date); other == "" || other == to.Email || also {
			continue
		}
		who = to
		who.Email, who.Why = other, to.Why+", who is away to "+weekday(x.To)
		return who, r.off(other, to.Team, date), ""
	}
	if why := r.off(to.Email, to.Team, date); why != "" {
		return to, why, ""
	}
	return to, "", gone + ", and nobody stands in: name a deputy under teams, or somebody else as cover under away"
}

// standIns are those who may read a digest instead of its reader, in order: of a manager, of
// the team or of the team above it, the deputy first.
func (r *Run) standIns(to reader, date crm.Date) []string {
	var out []string
	parent := ""
	for i := range r.e.cfg.Teams.List {
		if t := &r.e.cfg.Teams.List[i]; t.Key() == to.Team {
			parent = t.Parent
		}
	}
	for i := range r.e.cfg.Teams.List {
		t := &r.e.cfg.Teams.List[i]
		if t.Manager == to.Email && t.Deputy != "" && (t.Key() == to.Team || parent != "" && t.Name == parent) && r.active(t.Deputy) {
			out = append(out, t.Deputy)
		}
	}
	if who := r.coverOf(to.Email, date); who != "" {
		out = append(out, who)
	}
	return out
}

func weekday(d crm.Date) string { return d.Weekday().String()[:3] + " " + d.Short() }

// rest says why no reader of the digest in the team has it on the date, "" where some do.
func (r *Run) rest(dg *Digest, team string, date crm.Date) string {
	why := ""
	for _, to := range r.e.readersOf(dg, team) {
		if _, why, _ = r.instead(to, date); why == "" {
			return ""
		}
	}
	return why
}

// thawed reports whether a freeze of the company ended between the two times, and this is the
// first day of the digest since. Who had nothing to read on that day reads as ever from then on.
func (r *Run) thawed(dg *Digest, cal *hygiene.Calendar, last, now time.Time) bool {
	from, to := cal.Date(last), cal.Date(now)
	return slices.ContainsFunc(r.almanac().Freezes, func(f hygiene.Span) bool {
		if from >= f.From || f.To >= to {
			return false
		}
		for d := f.To + 1; d < to; d++ {
			if _, off := cal.OffOn(d); dg.Schedule.On(d) && !off {
				return false
			}
		}
		return true
	})
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
