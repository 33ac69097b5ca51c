package rules

import (
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

func closeDatePast() hygiene.Rule {
	return hygiene.Rule{
		ID:          hygiene.CloseDatePast,
		Title:       "Close date has passed",
		Severity:    hygiene.High,
		NeverFolded: true,
		Young:       true,
		Needs:       []string{"close_date"},
		Params: []hygiene.Param{
			{Name: "grace", Unit: "business days", Default: 1, Min: 0, Max: 30, Doc: "how long after the close date nothing is said"},
		},
		Doc: hygiene.Doc{
			Why: "An open deal whose close date has passed is counted in a forecast for a day that is over. Whoever adds up the pipeline gets a wrong sum.",
			Fix: "Won, lost, or a new date with the buyer's reason.",
			Limit: []string{
				"The close date is a calendar date: it is compared with today's date in the owner's calendar, so no time zone moves it by a day. HubSpot keeps a moment, and shows each user the day in the user's own zone: the day in the owner's calendar counts.",
				"The first business day after the close date is grace: a deal signed on the last day of a quarter is booked on the next.",
				"A deal without a close date is exempt.",
				"It does not wait until a deal is two business days old: one created with a date in the past is told at once.",
				"It names each move to a later date, also a small one or one in the first stage. After two of them it asks for a decision: lost, nurture, or a new date with evidence.",
				"A later date ends the finding as re-dated, not as fixed, and the message of the next one lists the dates it was moved from.",
				"Signed deals that wait in a stage of their own for booking cannot be told apart: give them a close date, or close them.",
			},
		},
		Check: checkCloseDatePast,
	}
}

func checkCloseDatePast(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	date := p.CloseDate(d)
	if date.IsZero() {
		return exempt(hygiene.Say("no-close-date"))
	}
	grace, from := days(p, hygiene.CloseDatePast, "grace")
	past := p.Days(d, date)
	v := hygiene.Verdict{
		Value:         hygiene.Say("days-past", hygiene.Since(date)),
		Since:         date,
		Threshold:     businessDays(grace),
		ThresholdFrom: from,
		Measured:      float64(past), // without a limit: the threshold is a grace
	}
	switch {
	case date >= p.Today(d):
		v.Reason = hygiene.Say("close-date-ahead", hygiene.On(date))
		v.Done = hygiene.Say("has-close-date-on", hygiene.On(date))
		if n := len(later(p, d)); n > 1 {
			v.Done = hygiene.Say("has-close-date-moved", hygiene.On(date), hygiene.Number(n))
		}
	case past <= grace:
		v.Reason = withinGrace(hygiene.Say("close-date-past", hygiene.On(date)))
	default:
		v.Outcome = hygiene.Fail
		v.Reason = hygiene.Say("close-date-past", hygiene.On(date))
		left := later(p, d)
		if len(left) > 0 {
			v.Reason = hygiene.Say("close-date-past-moved", hygiene.On(date), hygiene.Part(movedFrom(left)))
		}
		if len(left) > 1 { // another date would be the third one after the first
			v.Fix = decide
		}
	}
	return v
}

// decide is the advice on a close date that was moved again and again.
const decide hygiene.Said = "fix-decide"

// later are the dates that the close date was moved away from to a later one. Earlier dates
// and restatements are no moves, nor is the first date.
func later(p *hygiene.Pass, d *hygiene.Deal) (left []crm.Date) {
	for i := range d.Changes {
		c := &d.Changes[i]
		if c.Field != crm.FieldCloseDate || !c.OldKnown {
			continue
		}
		if from, to := p.CloseDates(d, c); !from.IsZero() && to > from {
			left = append(left, from)
		}
	}
	return left
}

// movedFrom tells which dates a close date was moved away from, one at least:
// "moved twice (30 Sep, 30 Oct)".
func movedFrom(left []crm.Date) hygiene.Said {
	const shown = 3
	switch n := len(left); {
	case n == 1:
		return hygiene.Say("moved-once", hygiene.Dates(left))
	case n == 2:
		return hygiene.Say("moved-twice", hygiene.Dates(left))
	case n > shown:
		return hygiene.Say("moved-times-last", hygiene.Number(n), hygiene.Dates(left[n-shown:]))
	}
	return hygiene.Say("moved-times", hygiene.Number(len(left)), hygiene.Dates(left))
}
