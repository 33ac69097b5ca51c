package rules

import "github.com/pipetidy/pipetidy/hygiene"

const dealTooOldID = "deal-too-old"

func dealTooOld() hygiene.Rule {
	return hygiene.Rule{
		ID:       dealTooOldID,
		Title:    "Open for too long",
		Severity: hygiene.Medium,
		Offer:    hygiene.OfferNext,
		Params: []hygiene.Param{
			{Name: "days", Unit: "calendar days", Default: 180, Min: 7, Max: 3000, Doc: "how long a deal may be open"},
			{Name: "high_from", Unit: "calendar days", Default: 365, Min: 7, Max: 3000, Doc: "from which age on it is high"},
		},
		Doc: hygiene.Doc{
			Why:    "Deals that are won are won within a cycle. One that is far older is seldom decided any more, and makes the pipeline look larger than it is.",
			Fix:    "Qualify it anew, park it with a date, or close it with a reason.",
			Higher: "High from high_from on.",
			Limit: []string{
				"It counts calendar days from the day on which the deal was created in the CRM, where its owner is. A deal that was imported is as old as its record, unless the import kept the date.",
				"Renewals that are created a year ahead, tenders and frame contracts are found as well: skip their pipeline, or raise days.",
				"Nothing that a person does makes a deal younger: the finding ends when the deal is closed, or is parked.",
				"Where the CRM does not tell when the deal was created, the rule is unknown.",
			},
		},
		Check: checkDealTooOld,
	}
}

func checkDealTooOld(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	limit, from := days(p, dealTooOldID, "days")
	high, _ := days(p, dealTooOldID, "high_from")
	created := p.Calendar(d).Date(d.Opportunity.CreatedAt)
	v := hygiene.Verdict{
		Value: hygiene.Say("created-on", hygiene.On(created)), Threshold: hygiene.Say("calendar-days", hygiene.Number(limit)), ThresholdFrom: from,
		Reason: hygiene.Say("open-since", hygiene.On(created)),
	}
	age := int(p.Today(d)) - int(created)
	if age <= limit {
		return v
	}
	v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("deal-too-old", hygiene.On(created), hygiene.Number(limit))
	if age >= high {
		v.Severity = hygiene.High
	}
	return v
}
