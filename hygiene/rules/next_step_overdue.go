package rules

import (
	"github.com/pipetidy/pipetidy/hygiene"
)

const nextStepOverdueID = "next-step-overdue"

func nextStepOverdue() hygiene.Rule {
	return hygiene.Rule{
		ID:       nextStepOverdueID,
		Title:    "Next step is past its date",
		Severity: hygiene.Medium,
		Version:  1, // as grave in the grace of the close date
		Offer:    hygiene.OfferMapped,
		Needs:    []string{"next_step"},
		Reads:    []string{"close_date"},
		Params: []hygiene.Param{
			{Name: "days", Unit: "business days", Default: 1, Min: 0, Max: 60, Doc: "how long the date of a next step may be past"},
			{Name: "closing", Unit: "calendar days", Default: 30, Min: 0, Max: 365, Doc: "high where the deal closes within this"},
		},
		Doc: hygiene.Doc{
			Why:    "The next step has happened or it has not: either way the entry says something that is over.",
			Fix:    "Did it happen? Write what comes next, with its date.",
			Higher: "High where the deal closes within closing.",
			Limit: []string{
				"A date is what is written as 2026-12-04; of several the latest counts. Other ways to write a date (4/12, Friday, end of Q1) mean another day in another country, and are none.",
				"It is for teams that write dates so, or fill the field by a form. A next step without a date is next-step-stale's.",
			},
		},
		Check: checkNextStepOverdue,
	}
}

func checkNextStepOverdue(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	on := latestDate(d.Opportunity.NextStep)
	if on.IsZero() {
		return exempt(hygiene.Say("next-step-without-date"))
	}
	limit, from := days(p, nextStepOverdueID, "days")
	v := hygiene.Verdict{
		Value: hygiene.Say("days-past", hygiene.Since(on)), Since: on, Threshold: businessDays(limit), ThresholdFrom: from,
		Reason: hygiene.Say("dated-next-step", hygiene.On(on)),
	}
	past := p.Days(d, on)
	v.Measured = float64(past) // without a limit: the threshold is a grace
	if on >= p.Today(d) {
		v.Done = hygiene.Say("has-dated-next-step", hygiene.On(on))
	}
	if past <= limit {
		return v
	}
	v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("next-step-overdue", hygiene.On(on))
	if closing, _ := days(p, nextStepOverdueID, "closing"); within(p, d, closing) {
		v.Severity = hygiene.High
	}
	return v
}
