package rules

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

func ownerMissing() hygiene.Rule {
	return hygiene.Rule{
		ID:       hygiene.OwnerMissing,
		Title:    "No owner",
		Severity: hygiene.High,
		Young:    true,
		Needs:    []string{"owner"},
		Reads:    []string{"history"},
		Params: []hygiene.Param{
			{Name: "grace", Unit: "business days", Default: 1, Min: 0, Max: 30, Doc: "how long a deal may wait for its owner"},
		},
		Doc: hygiene.Doc{
			Why: "A deal without an owner is nobody's: no reminder reaches a person, and no list of a person's deals has it.",
			Fix: "Assign it.",
			Limit: []string{
				"It hides the deal's other findings: the deal needs an owner before anybody can follow up on them.",
				"The first business day is grace: a round robin or a queue assigns it in the meantime. It counts from the day the owner was taken away, else from the creation.",
				"An owner that the CRM does not list as a user, such as a queue of Salesforce, is unknown to us, not missing.",
				"It does not wait until a deal is two business days old.",
			},
		},
		Check: checkOwnerMissing,
	}
}

func checkOwnerMissing(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	grace, from := days(p, hygiene.OwnerMissing, "grace")
	v := hygiene.Verdict{Value: hygiene.Say("an-owner"), Threshold: businessDays(grace), ThresholdFrom: from}
	if d.Opportunity.OwnerID != "" {
		v.Reason, v.Done = hygiene.Say("owned"), hygiene.Say("has-owner-again")
		if p.Owner(d) == nil {
			v.Reason, v.Done = hygiene.Say("owned-unlisted"), "" // a queue: nobody has taken it
		}
		return v
	}
	v.Outcome, v.Value, v.Reason = hygiene.Fail, hygiene.Say("no-owner"), hygiene.Say("no-owner")
	since := unowned(d)
	if since.IsZero() { // nobody knows since when: then there is no grace
		return v
	}
	date := p.Calendar(d).Date(since)
	n := p.Days(d, date)
	v.Value, v.Since, v.Measured = daysSince(date), date, float64(n) // without a limit: the threshold is a grace
	v.Reason = hygiene.Say("no-owner-since", hygiene.On(date))
	if n <= grace {
		v.Outcome, v.Reason = hygiene.Exempt, withinGrace(v.Reason)
	}
	return v
}

// unowned is when the deal lost its owner, or was created without one. A history that ends
// with an owner does not tell when the owner went: not before that entry, at least.
func unowned(d *hygiene.Deal) time.Time {
	for i := len(d.Changes) - 1; i >= 0; i-- {
		if c := &d.Changes[i]; c.Field == crm.FieldOwner {
			return c.At
		}
	}
	return d.Opportunity.CreatedAt
}
