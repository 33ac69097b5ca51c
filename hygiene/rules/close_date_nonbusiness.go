package rules

import (
	"github.com/pipetidy/pipetidy/hygiene"
)

const closeDateNonbusinessID = "close-date-nonbusiness"

func closeDateNonbusiness() hygiene.Rule {
	return hygiene.Rule{
		ID:       closeDateNonbusinessID,
		Title:    "Close date on a day off",
		Severity: hygiene.Info,
		Offer:    hygiene.OfferCoach,
		Needs:    []string{"close_date"},
		Doc: hygiene.Doc{
			Why: "A contract is seldom signed on a Sunday: the date was typed, not agreed.",
			Fix: "Ask the buyer for the day.",
			Limit: []string{
				"Days off are Saturday and Sunday and the holidays of the owner's team; leave of the owner is none, nor is a freeze. The buyer's holidays are not known.",
				"A date that has passed has a rule of its own.",
			},
		},
		Check: checkCloseDateNonbusiness,
	}
}

func checkCloseDateNonbusiness(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	date := p.CloseDate(d)
	switch {
	case date.IsZero():
		return exempt(hygiene.Say("no-close-date"))
	case date < p.Today(d):
		return exempt(hygiene.Say("close-date-passed", hygiene.On(date)))
	}
	v := hygiene.Verdict{
		Value: hygiene.Say("on-weekday", hygiene.On(date)), Threshold: hygiene.Say("a-business-day"), ThresholdFrom: hygiene.FromDefault,
		Reason: hygiene.Say("close-date-is", hygiene.On(date)),
	}
	calendar := hygiene.Calendar{Location: p.Calendar(d).Location, Holidays: p.Calendar(d).Holidays}
	if calendar.Business(date) {
		v.Done = hygiene.Say("has-close-date-on", hygiene.On(date))
		return v
	}
	v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("close-date-nonbusiness", hygiene.On(date))
	return v
}
