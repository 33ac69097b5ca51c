package rules

import (
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

func ownerInactive() hygiene.Rule {
	return hygiene.Rule{
		ID:          hygiene.OwnerInactive,
		Title:       "Owner has left",
		Severity:    hygiene.High,
		Young:       true,
		Reads:       []string{string(crm.Users)},
		NeverFolded: true,
		Doc: hygiene.Doc{
			Why: "A deal whose owner has been deactivated belongs to nobody: no reminder reaches a person, and the buyer waits.",
			Fix: "Reassign today.",
			Limit: []string{
				"It hides the deal's other findings: the deal needs an owner before anybody can follow up on them.",
				"It does not wait until a deal is two business days old.",
				"Owners that the CRM does not list as users, such as queues, are unknown, never inactive.",
			},
		},
		Check: checkOwnerInactive,
	}
}

func checkOwnerInactive(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	if d.Opportunity.OwnerID == "" {
		return exempt(hygiene.Say("no-owner"))
	}
	u := p.Owner(d)
	if u == nil {
		return unknown(hygiene.Say("owner-unlisted"))
	}
	name := u.Name
	if !has(name) {
		name = u.Email
	}
	v := hygiene.Verdict{Value: hygiene.Say("active"), Threshold: hygiene.Say("active"), ThresholdFrom: hygiene.FromDefault}
	if u.Active {
		v.Reason, v.Done = hygiene.Say("owner-active", hygiene.Text(name)), hygiene.Say("has-active-owner", hygiene.Text(name))
		return v
	}
	v.Outcome, v.Value, v.Reason = hygiene.Fail, hygiene.Say("deactivated"), hygiene.Say("owner-inactive", hygiene.Text(name))
	return v
}
