package rules

import (
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

const closeDateTooFarID = "close-date-too-far"

func closeDateTooFar() hygiene.Rule {
	return hygiene.Rule{
		ID:       closeDateTooFarID,
		Title:    "Close date is far away",
		Severity: hygiene.Low,
		Offer:    hygiene.OfferNext,
		Needs:    []string{"close_date"},
		Params: []hygiene.Param{
			{Name: "days", Unit: "calendar days", Default: 365, Min: 30, Max: 1500, Doc: "how far ahead a close date may lie"},
		},
		Doc: hygiene.Doc{
			Why: "A close date more than a year ahead is rarely a plan: it keeps a deal in the pipeline that nobody works on.",
			Fix: "A real date, or out of the pipeline until there is one.",
			Limit: []string{
				"Tenders and renewals that are planned years ahead are found as well: skip their pipeline, or raise days.",
				"It counts calendar days from today where the owner is, and ends when the date is moved nearer. That time passes ends it too, which nobody is thanked for.",
				"A deal without a close date is close-date-missing's.",
			},
		},
		Check: checkCloseDateTooFar,
	}
}

func checkCloseDateTooFar(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	date := p.CloseDate(d)
	if date.IsZero() {
		return exempt(hygiene.Say("no-close-date"))
	}
	limit, from := days(p, closeDateTooFarID, "days")
	v := hygiene.Verdict{
		Value: hygiene.Say("on", hygiene.On(date)), Threshold: hygiene.Say("calendar-days", hygiene.Number(limit)), ThresholdFrom: from,
		Reason: hygiene.Say("close-date-is", hygiene.On(date)),
	}
	if int(date)-int(p.Today(d)) <= limit {
		if closeDateMoved(p, d, limit) {
			v.Done = hygiene.Say("has-close-date-on", hygiene.On(date))
		}
		return v
	}
	v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("close-date-too-far", hygiene.On(date), hygiene.Number(limit))
	return v
}

// closeDateMoved reports whether the last move of the close date is what brought it within
// the limit: on the day of the move the date before was beyond it.
func closeDateMoved(p *hygiene.Pass, d *hygiene.Deal, limit int) bool {
	for i := len(d.Changes) - 1; i >= 0; i-- {
		c := &d.Changes[i]
		if c.Field == crm.FieldCloseDate && c.OldKnown {
			from, to := p.CloseDates(d, c)
			return to < from && int(from)-int(p.Calendar(d).Date(c.At)) > limit
		}
	}
	return false
}
