package rules

import (
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

const meetingWithoutOutcomeID = "meeting-without-outcome"

func meetingWithoutOutcome() hygiene.Rule {
	return hygiene.Rule{
		ID:       meetingWithoutOutcomeID,
		Title:    "Meeting without an outcome",
		Severity: hygiene.Low,
		Offer:    hygiene.OfferMapped,
		Needs:    []string{"activities", "meetings.outcome"},
		Params: []hygiene.Param{
			{Name: "days", Unit: "business days", Default: 2, Min: 0, Max: 60, Doc: "how long after the meeting nothing is said"},
			{Name: "most", Unit: "business days", Default: 20, Min: 1, Max: 250, Doc: "after how long nothing is said any more"},
		},
		Doc: hygiene.Doc{
			Why: "A meeting of which nobody says whether it took place counts as contact, and may have been none.",
			Fix: "Set its outcome: completed, no-show, or rescheduled.",
			Limit: []string{
				"It speaks of the last meeting before today alone.",
				"Calendars and other integrations never set outcomes: where no meeting of the deal has one, it is silent.",
				"An outcome Scheduled of a meeting that is over is none.",
				"Salesforce keeps no outcome of events: there it is unknown.",
			},
		},
		Check: checkMeetingWithoutOutcome,
	}
}

func checkMeetingWithoutOutcome(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	limit, from := days(p, meetingWithoutOutcomeID, "days")
	most, _ := days(p, meetingWithoutOutcomeID, "most")
	last, on := lastMeeting(p, d)
	if last == nil {
		return exempt(hygiene.Say("no-meeting-yet"))
	}
	n := p.Days(d, on)
	v := hygiene.Verdict{
		Value: daysSince(on), Since: on, Threshold: businessDays(limit), ThresholdFrom: from, Measured: float64(n), Limit: float64(limit),
		Reason: hygiene.Say("meeting-without-outcome", hygiene.On(on)),
	}
	if told(last) {
		v.Reason, v.Done = hygiene.Say("meeting-outcome", hygiene.On(on)), hygiene.Say("has-meeting-outcome", hygiene.On(on))
		return v
	}
	recorded := false
	for i := range d.Activities {
		recorded = recorded || d.Activities[i].Kind == crm.Meeting && told(&d.Activities[i])
	}
	switch {
	case !recorded:
		return exempt(hygiene.Say("no-outcomes"))
	case n > most:
		return exempt(hygiene.Say("meeting-long-ago", hygiene.On(on)))
	case n <= limit:
		return v
	}
	v.Outcome = hygiene.Fail
	return v
}
