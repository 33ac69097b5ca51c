package rules

import (
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// past is the date on which an activity took place, as the CRM dates it; zero is that it lies
// ahead, or has no date, or that nobody says that it was done. A meeting takes place at its
// time, because it need not be read again once it has ended; a call of the buyer's that nobody
// took took place as well.
func past(p *hygiene.Pass, d *hygiene.Deal, a *crm.Activity) crm.Date {
	on, today := a.Due, p.Today(d)
	if !a.At.IsZero() {
		if at := p.Calendar(d).Date(a.At); on == 0 || at < on {
			on = at
		}
	}
	switch {
	case a.At.After(p.Now), on > today, a.Kind == crm.Meeting && a.At.IsZero() && on == today:
		return 0
	case a.Done, a.Kind == crm.Meeting, a.Kind == crm.Call && a.Direction == crm.In:
		return on
	}
	return 0
}

// lastMeeting is the latest meeting before today that a person made, and its date; nil is none.
func lastMeeting(p *hygiene.Pass, d *hygiene.Deal) (last *crm.Activity, on crm.Date) {
	for i := range d.Activities {
		a := &d.Activities[i]
		if a.Kind != crm.Meeting || a.Automated {
			continue
		}
		if date := past(p, d, a); date < p.Today(d) && (date > on || date == on && date != 0 && told(a)) {
			last, on = a, date
		}
	}
	return last, on
}

// told reports whether somebody has said what became of a meeting.
func told(a *crm.Activity) bool {
	return a.Outcome != "" && !strings.EqualFold(a.Outcome, "scheduled")
}

// saidBy names the first of the rules that runs and finds that nobody follows the deal up; ""
// is none: one deal, one reason.
func saidBy(p *hygiene.Pass, d *hygiene.Deal, ids ...string) hygiene.Said {
	for _, id := range ids {
		i := slices.IndexFunc(p.Rules, func(r hygiene.Rule) bool { return r.ID == id })
		if i < 0 || !p.Runs(id) || d.Unclear(p.Rules[i].Needs...) != "" {
			continue
		}
		unread := slices.ContainsFunc(p.Rules[i].Needs, func(f string) bool { return !p.Readable(f) })
		if !unread && p.Rules[i].Check(p, d).Outcome == hygiene.Fail {
			return hygiene.Say("said-by", hygiene.Text(id))
		}
	}
	return ""
}
