package rules

import (
	"github.com/pipetidy/pipetidy/hygiene"
)

const noAccountID = "no-account"

func noAccount() hygiene.Rule {
	return hygiene.Rule{
		ID:       noAccountID,
		Title:    "No account",
		Severity: hygiene.Medium,
		Offer:    hygiene.OfferNext,
		Needs:    []string{"account"},
		Params: []hygiene.Param{
			{Name: "age", Unit: "business days", Default: 2, Min: 0, Max: 60, Doc: "how old a deal may be without an account"},
		},
		Doc: hygiene.Doc{
			Why: "A deal without an account (a company in HubSpot) is missing from all that is known of the customer.",
			Fix: "Link the account, or create it.",
			Limit: []string{
				"A team that sells to persons has none: skip its pipeline, or leave the rule off.",
				"Silent where a stage definition asks for the account and says that it is missing: one deal, one reason.",
				"HubSpot's companies of a deal are not read yet: there it is unknown.",
			},
		},
		Check: checkNoAccount,
	}
}

func checkNoAccount(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	age, from := days(p, noAccountID, "age")
	v := hygiene.Verdict{Value: hygiene.Say("empty"), Threshold: hygiene.Say("an-account"), ThresholdFrom: from}
	if d.Opportunity.AccountID != "" {
		v.Value, v.Reason, v.Done = hygiene.Say("filled"), hygiene.Say("account-linked"), hygiene.Say("has-account")
		return v
	}
	if p.Days(d, p.Calendar(d).Date(d.Opportunity.CreatedAt)) <= age {
		v.Outcome, v.Reason = hygiene.Exempt, hygiene.Say("not-older", hygiene.Number(age))
		return v
	}
	if asked(p, d, "account") {
		return askedAlready()
	}
	v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("no-account")
	return v
}
