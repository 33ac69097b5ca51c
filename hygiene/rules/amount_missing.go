package rules

import (
	"strconv"

	"github.com/pipetidy/pipetidy/hygiene"
)

func amountMissing() hygiene.Rule {
	return hygiene.Rule{
		ID:       hygiene.AmountMissing,
		Title:    "No amount",
		Severity: hygiene.Medium,
		Needs:    []string{"amount"},
		Params: []hygiene.Param{
			{Name: "from_stage", Default: 2, Min: 1, Max: 20, Doc: "the first stage that needs an amount, counted among the open stages of the pipeline"},
		},
		Doc: hygiene.Doc{
			Why:    "A deal without an amount is missing from every sum that is made of the pipeline.",
			Fix:    "Best current number.",
			Higher: "High for deals in commit.",
			Limit: []string{
				"Empty and zero are the same here. The middle of a range is a good number until there is a better one.",
				"Deals in the first stage are exempt.",
				"Silent where a stage definition asks for the amount and says that it is missing: one deal, one reason.",
				"Free pilots and renewals at zero cannot be told apart yet: keep them in a pipeline of their own, or raise from_stage.",
				"A team that plans by another figure than the CRM's amount maps it as amount.",
			},
		},
		Check: checkAmountMissing,
	}
}

func checkAmountMissing(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	from, source := days(p, hygiene.AmountMissing, "from_stage")
	if v, ok := before(p, d, from); ok {
		return v
	}
	v := hygiene.Verdict{Value: hygiene.Say("empty"), Threshold: fromStage(from, "an-amount"), ThresholdFrom: source}
	if a := d.Opportunity.Amount; a.Known {
		v.Value = hygiene.Say("text", hygiene.Text(strconv.FormatFloat(a.Value, 'f', -1, 64)))
		if a.Value != 0 {
			v.Reason, v.Done = hygiene.Say("amount-filled"), hygiene.Say("has-amount")
			return v
		}
	}
	if asked(p, d, "amount") {
		return askedAlready()
	}
	v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("amount-missing", hygiene.Part(inStage(p, d)))
	if p.Committed(d) {
		v.Severity = hygiene.High
	}
	return v
}
