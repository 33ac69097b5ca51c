package edition

import (
	"context"
	"fmt"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
)

// liveFrom is the first date, from date on, on which the readers of a team get their own
// digests, and why they do not before. In the first days nobody who knows the data has seen
// it yet, so those who run Pipetidy get the digests first (start.shadow); and teams may start
// one by one (live_from).
func (r *Run) liveFrom(ctx context.Context, team string, date crm.Date) (from crm.Date, why string, err error) {
	from = date
	if days := r.e.cfg.Shadow; days > 0 {
		start, err := r.started(ctx)
		if err != nil {
			return 0, "", err
		}
		if start.IsZero() {
			start = r.e.cfg.Now()
		}
		cal := r.calendar("", team)
		// Business days from the start on that are over: a start on a weekend counts
		// from Monday.
		over := func(date crm.Date) int { return cal.Between(cal.Date(start)-1, date-1) }
		for over(from) < days {
			from++
		}
		if from > date {
			why = fmt.Sprintf("first days (start.shadow: %dd): readers get their digests from %s on", days, weekday(from))
		}
	}
	for i := range r.e.cfg.Teams.List {
		if t := &r.e.cfg.Teams.List[i]; t.Key() == team && t.LiveFrom > from {
			from = t.LiveFrom
			why = fmt.Sprintf("team %s is not live yet (live_from: %s): its readers get their digests from %s on", t.Name, from, weekday(from))
		}
	}
	return from, why, nil
}

// Mode says in one line who gets the digests today: "live; East from Mon 7 Dec".
func (e *Edition) Mode(ctx context.Context) (string, error) {
	if e.cfg.Redirect != "" {
		return "redirect: everything goes to " + e.cfg.Redirect, nil
	}
	r := e.Run()
	var later []string
	live := 0
	for i := range e.cfg.Teams.List {
		t := &e.cfg.Teams.List[i]
		today := crm.DateOf(e.cfg.Now(), e.Zone(t.Key()))
		from, _, err := r.liveFrom(ctx, t.Key(), today)
		if err != nil {
			return "", err
		}
		if from <= today {
			live++
			continue
		}
		later = append(later, t.Name+" from "+weekday(from))
	}
	switch {
	case len(later) == 0:
		return "live", nil
	case live > 0:
		return "live; " + strings.Join(later, ", "), nil
	case len(e.cfg.Ops) == 0:
		return "shadow: nobody gets digests yet; " + strings.Join(later, ", "), nil
	}
	return "shadow: digests go to ops only; " + strings.Join(later, ", "), nil
}
