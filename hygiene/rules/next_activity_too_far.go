package rules

import (
	"github.com/pipetidy/pipetidy/hygiene"
)

const nextActivityTooFarID = "next-activity-too-far"

func nextActivityTooFar() hygiene.Rule {
	return hygiene.Rule{
		ID:       nextActivityTooFarID,
		Title:    "Next date is far away",
		Severity: hygiene.Low,
		Offer:    hygiene.OfferNext,
		Needs:    []string{"activities"},
		Reads:    []string{"forecast_category", "last_activity_at", "next_activity_at"},
		Params: []hygiene.Param{
			{Name: "days", Unit: "calendar days", Default: 14, Min: 1, Max: 365, Doc: "how far ahead the next date of a late or committed deal may lie"},
		},
		Doc: hygiene.Doc{
			Why: "A deal that is about to be decided and has nothing planned for weeks is waiting, and others do not wait.",
			Fix: "Is there nothing to do before then?",
			Limit: []string{
				"It judges deals in a late stage and in the commit that have a meeting, call or dated task ahead; where nothing is booked no-future-activity says so.",
				"Legal and procurement take their time: give their stage max_days of its own, or park the deal for this rule.",
				"Where the CRM knows of an activity that we cannot see, the rule is unknown.",
			},
		},
		Check: checkNextActivityTooFar,
	}
}

func checkNextActivityTooFar(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	if !p.Committed(d) {
		switch place, _ := p.Position(d); {
		case p.Stage(d) == nil:
			return unknown(unlisted(p, d))
		case place == 0:
			return unknown(inactive(p, d))
		case !p.Late(d):
			return exempt(hygiene.Say("stage-not-late", hygiene.Text(p.StageLabel(d))))
		}
	}
	limit, from := days(p, nextActivityTooFarID, "days")
	on, kind, ok := p.Planned(d)
	if !ok {
		return exempt(hygiene.Say("nothing-booked"))
	}
	v := hygiene.Verdict{Value: hygiene.Say("on", hygiene.On(on)), Threshold: hygiene.Say("calendar-days", hygiene.Number(limit)), ThresholdFrom: from}
	v.Reason, _ = booked(on, kind)
	if int(on)-int(p.Today(d)) <= limit {
		return v // a pass by the time that passed is nobody's work
	}
	if why := p.Concealed(d); why != "" {
		return unknown(why)
	}
	v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("next-activity-too-far", hygiene.Part(v.Reason), hygiene.Number(limit))
	return v
}
