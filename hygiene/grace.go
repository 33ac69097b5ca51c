package hygiene

import (
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Change is a day from which deals have other owners, or their owners other work: what is
// found in the first days is about what was there before.
type Change struct {
	On    crm.Date
	Teams []string // names
	Grace int      // business days of the team, On included
}

// Newness is how many calendar days from the start a rep is new.
const Newness = 90

// grace is until when the finding is its owner's alone because it began in the first days of
// a change of the team, or of the owner; zero is no such time. The days of a change are those
// of the team, so that they end for everybody at once; those of a new rep are the rep's, with
// those on leave, and are counted from the day on which the finding began.
func (r *RepFirst) grace(l *Life, h *Hearing) (until time.Time) {
	later := func(c *Calendar, d crm.Date) {
		if at := c.wall(d, 0); at.After(until) {
			until = at
		}
	}
	for _, x := range r.Changes {
		if h.Place == nil || !slices.Contains(x.Teams, h.Team) {
			continue
		}
		began := h.Place.Date(l.Opened)
		if ends := h.Place.past(x.On, x.Grace); x.On <= began && began < ends {
			later(h.Place, ends)
		}
	}
	if start, ok := r.Starts[h.Owner]; ok && h.Calendar != nil && r.Grace > 0 {
		began := h.Calendar.Date(l.Opened)
		if start <= began && began < start+Newness {
			own := h.Calendar.WithoutLeave()
			later(own, own.past(began, r.Grace))
		}
	}
	return until
}

// Now reports whether what begins now may be its owner's alone, in the team with its
// calendar, for any of the people.
func (r *RepFirst) Now(team string, place *Calendar, people []string, now time.Time) bool {
	today := place.Date(now)
	return r.hours() || slices.ContainsFunc(r.Changes, func(x Change) bool {
		return slices.Contains(x.Teams, team) && x.On <= today && today < place.past(x.On, x.Grace)
	}) || r.Grace > 0 && slices.ContainsFunc(people, func(who string) bool {
		start, ok := r.Starts[who]
		return ok && start <= today && today < start+Newness
	})
}

// past is the day after n business days from d on, d included. It looks no further ahead
// than five years.
func (c *Calendar) past(d crm.Date, n int) crm.Date {
	for last := d + furthest; n > 0 && d < last; d++ {
		if c.Business(d) {
			n--
		}
	}
	return d
}
