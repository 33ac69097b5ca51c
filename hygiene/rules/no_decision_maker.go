package rules

import (
	"github.com/pipetidy/pipetidy/hygiene"
)

const noDecisionMakerID = "no-decision-maker"

func noDecisionMaker() hygiene.Rule {
	return hygiene.Rule{
		ID:       noDecisionMakerID,
		Title:    "No decision maker",
		Severity: hygiene.Medium,
		Offer:    hygiene.OfferMapped,
		Needs:    []string{"contacts"},
		Reads:    []string{"forecast_category"},
		Doc: hygiene.Doc{
			Why: "A deal that is about to close without the person who decides is decided by somebody you have not met.",
			Fix: "Name who decides, and link that person with the role.",
			Limit: []string{
				"It speaks of deals in late stages and in commit.",
				"Who decides is a contact with the role Decision Maker, Economic Buyer, Economic Decision Maker, Executive Sponsor, Budget Holder or Approver: the role of a Salesforce contact role, or a label of a HubSpot association. Titles and HubSpot's buying role are not read.",
				"Where no contact of the deal has any role it is silent: many teams never use them.",
				"A role of your own, or in another language, may be the one that decides: where a contact has one, the rule is unknown.",
				linkedDoc,
				linkedUnknownDoc,
				"In a stage that the CRM does not list it is unknown, unless the deal is in commit.",
			},
		},
		Check: checkNoDecisionMaker,
	}
}

func checkNoDecisionMaker(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	_, v, ok := linked(d)
	if !ok {
		return v
	}
	decides, doubt, others := authority(d)
	v = hygiene.Verdict{Value: hygiene.Say("a-decision-maker"), Threshold: hygiene.Say("a-decision-maker"), ThresholdFrom: hygiene.FromDefault}
	if decides {
		v.Reason, v.Done = hygiene.Say("decision-maker-linked"), hygiene.Say("has-decision-maker")
		return v
	}
	if !p.Committed(d) {
		if v, ok := notLate(p, d); ok {
			return v
		}
	}
	switch {
	case doubt != "":
		return unknown(hygiene.Say("role-own", hygiene.Text(doubt)))
	case len(others) == 0:
		return exempt(hygiene.Say("no-roles"))
	}
	v.Value = hygiene.Say("roles", hygiene.Texts(others))
	v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("no-decision-maker", hygiene.Part(inStage(p, d)), hygiene.Texts(others))
	return v
}
