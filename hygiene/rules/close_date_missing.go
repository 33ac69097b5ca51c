package rules

import (
	"github.com/pipetidy/pipetidy/hygiene"
)

func closeDateMissing() hygiene.Rule {
	return hygiene.Rule{
		ID:       hygiene.CloseDateMissing,
		Title:    "No close date",
		Severity: hygiene.Medium,
		Needs:    []string{"close_date"},
		Params: []hygiene.Param{
			{Name: "from_stage", Default: 2, Min: 1, Max: 20, Doc: "the first stage that needs a close date, counted among the open stages of the pipeline"},
		},
		Doc: hygiene.Doc{
			Why: "A deal without a close date is in no month's forecast, and no rule about dates can speak of it.",
			Fix: "Set the buyer's date, not yours.",
			Limit: []string{
				"Deals in the first stage are exempt: many teams leave the date open until a deal is qualified. Where that holds for longer, raise from_stage.",
				"Silent where a stage definition asks for the close date and says that it is missing: one deal, one reason.",
				"Salesforce does not save an opportunity without a close date; HubSpot does.",
			},
		},
		Check: checkCloseDateMissing,
	}
}

func checkCloseDateMissing(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	from, source := days(p, hygiene.CloseDateMissing, "from_stage")
	if v, ok := before(p, d, from); ok {
		return v
	}
	v := hygiene.Verdict{Value: hygiene.Say("empty"), Threshold: fromStage(from, "a-close-date"), ThresholdFrom: source}
	if date := p.CloseDate(d); !date.IsZero() {
		v.Value, v.Reason, v.Done = hygiene.Say("on", hygiene.On(date)), hygiene.Say("close-date-filled"), hygiene.Say("has-close-date")
		return v
	}
	if asked(p, d, "close_date") {
		return askedAlready()
	}
	v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("close-date-missing", hygiene.Part(inStage(p, d)))
	return v
}
