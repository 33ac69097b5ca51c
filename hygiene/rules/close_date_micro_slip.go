package rules

import (
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

const closeDateMicroSlipID = "close-date-micro-slip"

func closeDateMicroSlip() hygiene.Rule {
	return hygiene.Rule{
		ID:       closeDateMicroSlipID,
		Title:    "Close date slips by days",
		Severity: hygiene.Low,
		Offer:    hygiene.OfferNext,
		Needs:    []string{"close_date", "history"},
		Params: []hygiene.Param{
			{Name: "times", Default: 2, Min: 2, Max: 20, Doc: "how many small moves make a slip"},
			{Name: "slip", Unit: "calendar days", Default: 7, Min: 1, Max: 31, Doc: "by how many days at most a small move goes later"},
			{Name: "days", Unit: "calendar days", Default: 21, Min: 2, Max: 120, Doc: "within how many days they are made"},
		},
		Doc: hygiene.Doc{
			Why: "A date that is moved by a few days again and again follows the calendar, not the buyer.",
			Fix: "What is the buyer's next step, and when?",
			Limit: []string{
				"Counted are moves to a later date by slip days at most, by the CRM's own history and our comparison, in the days until now. Larger moves are close-date-pushed's, and where that rule finds the deal this one is silent.",
				"In the week of the signature such moves are natural: it ends by itself when the days are over.",
			},
		},
		Check: checkCloseDateMicroSlip,
	}
}

func checkCloseDateMicroSlip(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	if p.CloseDate(d).IsZero() {
		return exempt(hygiene.Say("no-close-date"))
	}
	times, from := days(p, closeDateMicroSlipID, "times")
	slip, _ := days(p, closeDateMicroSlipID, "slip")
	window, _ := days(p, closeDateMicroSlipID, "days")
	var left []crm.Date
	for i := range d.Changes {
		c := &d.Changes[i]
		if c.Field != crm.FieldCloseDate || !c.OldKnown || int(p.Today(d))-int(p.Calendar(d).Date(c.At)) >= window {
			continue
		}
		if old, to := p.CloseDates(d, c); !old.IsZero() && to > old && int(to)-int(old) <= slip {
			left = append(left, old)
		}
	}
	v := hygiene.Verdict{
		Value: hygiene.Say("moves", hygiene.Number(len(left))), Threshold: hygiene.Say("moves", hygiene.Number(times)), ThresholdFrom: from,
		Measured: float64(len(left)), Limit: float64(times), Reason: hygiene.Say("no-small-moves"),
	}
	if len(left) > 0 {
		v.Reason = hygiene.Say("close-date-pushed", hygiene.Part(movedFrom(left)), hygiene.On(p.CloseDate(d)))
	}
	if len(left) < times {
		return v
	}
	if p.Runs(hygiene.CloseDatePushed) && checkCloseDatePushed(p, d).Outcome == hygiene.Fail {
		return exempt(hygiene.Say("said-by", hygiene.Text(hygiene.CloseDatePushed)))
	}
	v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("close-date-micro-slip", hygiene.Part(movedFrom(left)), hygiene.Number(slip), hygiene.On(p.CloseDate(d)))
	return v
}
