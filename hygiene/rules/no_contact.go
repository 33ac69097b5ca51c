package rules

import (
	"github.com/pipetidy/pipetidy/hygiene"
)

func noContact() hygiene.Rule {
	return hygiene.Rule{
		ID:       hygiene.NoContact,
		Title:    "No contact person",
		Severity: hygiene.Medium,
		Needs:    []string{"contacts"},
		Params: []hygiene.Param{
			{Name: "age", Unit: "business days", Default: 2, Min: 0, Max: 60, Doc: "how old a deal may be without one"},
			{Name: "high_from", Default: 3, Min: 1, Max: 20, Doc: "the stage from which it is high, counted among the open stages of the pipeline"},
		},
		Doc: hygiene.Doc{
			Why:    "A deal without a person cannot be called, and nobody else can take it over.",
			Fix:    "Link the person you talk to.",
			Higher: "High from the third stage on.",
			Limit: []string{
				"Counted are the people linked to the deal itself: contact roles in Salesforce, associated contacts in HubSpot. People on its account are not.",
				"Many Salesforce orgs never use contact roles, and find this on every deal: switch it off there, or begin with the late stages by a stage definition that asks for contact.",
				"Unknown until the contacts were read completely, for a deal created since, and for a deal that HubSpot left out of its answer, or, for half a day, counts contacts of and names none.",
				"Silent where a stage definition asks for a contact and says that it is missing: one deal, one reason.",
			},
		},
		Check: checkNoContact,
	}
}

func checkNoContact(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	have := d.Opportunity.Contacts
	if !have.Known {
		return unknown(hygiene.Say("contacts-unknown"))
	}
	age, from := days(p, hygiene.NoContact, "age")
	v := hygiene.Verdict{Value: hygiene.Say("contacts", hygiene.Number(int(have.Value))), Threshold: hygiene.Say("contacts", hygiene.Number(1)), ThresholdFrom: from}
	if have.Value > 0 {
		v.Reason, v.Done = hygiene.Say("contact-linked"), hygiene.Say("has-contact")
		return v
	}
	if p.Days(d, p.Calendar(d).Date(d.Opportunity.CreatedAt)) <= age {
		v.Outcome, v.Reason = hygiene.Exempt, hygiene.Say("not-older", hygiene.Number(age))
		return v
	}
	if asked(p, d, "contacts") {
		return askedAlready()
	}
	v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("no-contact")
	high, source := days(p, hygiene.NoContact, "high_from")
	if place, _ := p.Position(d); place >= high {
		v.Severity = hygiene.High
		if from == hygiene.FromDefault {
			v.ThresholdFrom = source
		}
		v.Threshold = hygiene.Say("one-contact-high-from", hygiene.Number(high))
	}
	return v
}
