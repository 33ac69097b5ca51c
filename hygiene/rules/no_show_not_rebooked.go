package rules

import (
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

const noShowNotRebookedID = "no-show-not-rebooked"

func noShowNotRebooked() hygiene.Rule {
	return hygiene.Rule{
		ID:       noShowNotRebookedID,
		Title:    "Missed meeting not rebooked",
		Severity: hygiene.Medium,
		Offer:    hygiene.OfferMapped,
		Needs:    []string{"activities", "meetings.outcome"},
		Reads:    []string{"close_date", "emails", "forecast_category", "history", "last_activity_at", "next_activity_at", "next_step", "stage_since"},
		Params: []hygiene.Param{
			{Name: "days", Unit: "business days", Default: 2, Min: 0, Max: 60, Doc: "how long after the meeting nothing is said"},
		},
		Doc: hygiene.Doc{
			Why: "A buyer who did not come, and has no new date, is on the way out.",
			Fix: "Book a new date, or take your doubt into the forecast.",
			Limit: []string{
				"It speaks of the last meeting before today, where its outcome is no-show or cancelled. A call that somebody made on that day or later keeps it silent, and so does another meeting, or a call ahead.",
				"Where the buyer asked for a pause, park the deal: a park pauses this finding as any other.",
				"Silent where another finding of the deal says that nothing is booked or that there was no contact: one deal, one reason.",
				"Salesforce keeps no outcome of events: there it is unknown. Where the CRM knows of an activity that we cannot see, it is unknown as well.",
			},
		},
		Check: checkNoShowNotRebooked,
	}
}

func checkNoShowNotRebooked(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	limit, from := days(p, noShowNotRebookedID, "days")
	last, on := lastMeeting(p, d)
	if last == nil {
		return exempt(hygiene.Say("no-meeting-yet"))
	}
	what := ""
	switch strings.ToLower(last.Outcome) {
	case "no_show":
		what = "no-show"
	case "canceled":
		what = "meeting-cancelled"
	default:
		return hygiene.Verdict{Value: hygiene.Say("on", hygiene.On(on)), Threshold: businessDays(limit), ThresholdFrom: from, Reason: hygiene.Say("meeting-not-missed", hygiene.On(on))}
	}
	n := p.Days(d, on)
	v := hygiene.Verdict{
		Value: daysSince(on), Since: on, Threshold: businessDays(limit), ThresholdFrom: from, Measured: float64(n), Limit: float64(limit),
		Reason: hygiene.Say(what, hygiene.On(on)),
	}
	if next, kind, ok := p.Appointment(d); ok {
		v.Reason, v.Done = booked(next, kind)
		return v
	}
	for i := range d.Activities {
		a := &d.Activities[i]
		talk := a.Kind == crm.Meeting || a.Kind == crm.Call && a.Done && !a.Automated
		if !talk || p.Cancelled(a) {
			continue
		}
		if date := past(p, d, a); date == 0 || date >= on { // what has no date may be the new one
			v.Reason = hygiene.Say("talk-since", hygiene.On(on))
			return v
		}
	}
	if n <= limit {
		return v
	}
	if why := p.Concealed(d); why != "" {
		return unknown(why)
	}
	if d.Twin != nil { // the new meeting may be in the other CRM
		if touch, ok := p.LastTouch(d); ok && touch >= on {
			v.Reason = hygiene.Say("last-contact", hygiene.On(touch))
			return v
		}
	}
	if why := saidBy(p, d, hygiene.NeverTouched, noActivityID, hygiene.NextStepMissing, hygiene.NoFutureActivity, commitNoNextMeetingID); why != "" {
		return exempt(why)
	}
	v.Outcome = hygiene.Fail
	return v
}
