package rules

import (
	"github.com/pipetidy/pipetidy/hygiene"
)

const closeDateTooSoonID = "close-date-too-soon"

func closeDateTooSoon() hygiene.Rule {
	return hygiene.Rule{
		ID:       closeDateTooSoonID,
		Title:    "Closes soon, in an early stage",
		Severity: hygiene.Medium,
		Offer:    hygiene.OfferNext,
		Needs:    []string{"close_date"},
		Reads:    []string{"forecast_category", "history"},
		Params: []hygiene.Param{
			{Name: "days", Unit: hygiene.CountsCalendarDays, Default: 14, Min: 1, Max: 180, Doc: "how soon a deal in an early stage may not close"},
			{Name: "from_stage", Default: 3, Min: 2, Max: 20, Doc: "the first stage whose deals may close so soon, counted among the open stages of the pipeline"},
		},
		Doc: hygiene.Doc{
			Why:    "A deal that has most of its stages before it and closes within days has a wrong date, or a wrong stage.",
			Fix:    "Correct the date, or the stage.",
			Higher: "High for deals in commit.",
			Limit: []string{
				"The limit is one number for all deals: how long won deals took from their stage is not learned, so a few fast ones change nothing.",
				"Pipelines in which a deal is signed within days, such as self-service, are found as well: skip them, or lower days.",
				"A pipeline whose open stages are fewer than from_stage has its last one in its place.",
				"A close date that has passed has a rule of its own. Unknown in a stage that the CRM does not list or that is not among the active ones of its pipeline.",
			},
		},
		Check: checkCloseDateTooSoon,
	}
}

func checkCloseDateTooSoon(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	closes := p.CloseDate(d)
	switch {
	case closes.IsZero():
		return exempt(hygiene.Say("no-close-date"))
	case closes < p.Today(d):
		return exempt(hygiene.Say("close-date-passed", hygiene.On(closes)))
	}
	soon, from := days(p, closeDateTooSoonID, "days")
	v := hygiene.Verdict{
		Value: hygiene.Say("on", hygiene.On(closes)), Threshold: hygiene.Say("calendar-days", hygiene.Number(soon)), ThresholdFrom: from,
		Reason: hygiene.Say("close-date-is", hygiene.On(closes)),
	}
	if !within(p, d, soon) {
		if i := lastDate(d); i >= 0 {
			if old, to, ok := dateMove(p, d, i); ok && !old.IsZero() && to > old {
				v.Done = hygiene.Say("has-close-date-on", hygiene.On(closes))
			}
		}
		return v
	}
	first, _ := days(p, closeDateTooSoonID, "from_stage")
	place, total := p.Position(d)
	switch {
	case p.Stage(d) == nil:
		return unknown(unlisted(p, d))
	case place == 0:
		return unknown(inactive(p, d))
	case place >= min(first, total):
		v.Done = hygiene.Say("moved-to", hygiene.Text(p.StageLabel(d)))
		return v
	}
	v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("close-date-too-soon", hygiene.On(closes), hygiene.Text(p.StageLabel(d)))
	if p.Committed(d) {
		v.Severity = hygiene.High
	}
	return v
}
