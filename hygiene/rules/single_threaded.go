package rules

import (
	"github.com/pipetidy/pipetidy/hygiene"
)

const singleThreadedID = "single-threaded"

func singleThreaded() hygiene.Rule {
	return hygiene.Rule{
		ID:       singleThreadedID,
		Title:    "One contact in a large deal",
		Severity: hygiene.Medium,
		Offer:    hygiene.OfferNext,
		Needs:    []string{"amount", "contacts"},
		Params: []hygiene.Param{
			{Name: "amount", Default: 50000, Min: 0, Max: 1e12, Doc: "from which amount on a deal needs several contacts, in its own currency"},
			{Name: "contacts", Default: 2, Min: 2, Max: 20, Doc: "how many contacts it needs"},
		},
		Doc: hygiene.Doc{
			Why: "A large deal that rests on one person ends when that person leaves, is on holiday, or is overruled.",
			Fix: "Link who else signs, uses or blocks it.",
			Limit: []string{
				"In small deals one person decides: it speaks of deals from an amount on, in late stages. A deal without an amount has a rule of its own.",
				linkedDoc,
				linkedUnknownDoc,
				"In a stage that the CRM does not list it is unknown.",
			},
		},
		Check: checkSingleThreaded,
	}
}

func checkSingleThreaded(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	n, v, ok := linked(d)
	if !ok {
		return v
	}
	want, from := days(p, singleThreadedID, "contacts")
	v = hygiene.Verdict{
		Value: hygiene.Say("contacts", hygiene.Number(n)), Threshold: hygiene.Say("contacts-at-least", hygiene.Number(want)), ThresholdFrom: from,
		Reason: hygiene.Say("contacts-linked", hygiene.Number(n)),
	}
	if n >= want {
		v.Done = hygiene.Say("has-contacts", hygiene.Number(n))
		return v
	}
	least, source := p.Param(singleThreadedID, "amount")
	if a := d.Opportunity.Amount; !a.Known || a.Value < least {
		return exempt(hygiene.Say("amount-small"))
	}
	if v, ok := notLate(p, d); ok {
		return v
	}
	if from == hygiene.FromDefault {
		v.ThresholdFrom = source
	}
	v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("single-threaded", hygiene.Part(inStage(p, d)), hygiene.Number(n))
	return v
}
