package rules

import (
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

const noPrimaryContactID = "no-primary-contact"

func noPrimaryContact() hygiene.Rule {
	return hygiene.Rule{
		ID:       noPrimaryContactID,
		Title:    "No primary contact",
		Severity: hygiene.Low,
		Offer:    hygiene.OfferMapped,
		Needs:    []string{"contacts"},
		Params: []hygiene.Param{
			{Name: "from_stage", Default: 2, Min: 1, Max: 20, Doc: "the first stage that needs one, counted among the open stages of the pipeline"},
			{Name: "contacts", Default: 2, Min: 1, Max: 20, Doc: "from how many contacts on one of them has to be the primary one"},
		},
		Doc: hygiene.Doc{
			Why: "Where several people are linked and none is the primary one, whoever takes over calls the wrong one first.",
			Fix: "Mark the person you talk to as primary.",
			Limit: []string{
				"The only contact of a deal needs no mark.",
				"Primary is Salesforce's mark of a contact role; in HubSpot it is an association label of that name between deals and contacts, which few portals have: leave the rule off there.",
				linkedDoc,
				linkedUnknownDoc,
				"In a stage that the CRM does not list it is unknown.",
			},
		},
		Check: checkNoPrimaryContact,
	}
}

func checkNoPrimaryContact(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	n, v, ok := linked(d)
	if !ok {
		return v
	}
	first, from := days(p, noPrimaryContactID, "from_stage")
	least, source := days(p, noPrimaryContactID, "contacts")
	if from == hygiene.FromDefault {
		from = source
	}
	v = hygiene.Verdict{Value: hygiene.Say("contacts", hygiene.Number(n)), Threshold: hygiene.Say("a-primary-contact"), ThresholdFrom: from}
	if primary(d.Contacts) {
		v.Reason, v.Done = hygiene.Say("primary-linked"), hygiene.Say("has-primary-contact")
		return v
	}
	if n < least {
		return exempt(hygiene.Say("contacts-linked", hygiene.Number(n)))
	}
	if v, ok := before(p, d, first); ok {
		return v
	}
	v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("no-primary-contact", hygiene.Number(n))
	return v
}

// primary reports whether one of the people is marked as the one to turn to.
func primary(people []crm.Contact) bool {
	for i := range people {
		if people[i].Primary {
			return true
		}
	}
	return false
}
