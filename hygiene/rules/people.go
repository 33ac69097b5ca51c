package rules

import (
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/hygiene"
)

// linkedDoc documents who is counted by the rules about a deal's people.
const linkedDoc = "Counted are the people linked to the deal itself: contact roles in Salesforce, associated contacts in HubSpot. People on its account are not, nor is who only took part in an activity."

// linkedUnknownDoc documents when nobody knows the people of a deal.
const linkedUnknownDoc = "Unknown until the contacts of the deal were read completely. A deal without any contact is what no-contact speaks of."

// linked returns how many people are linked to the deal, each counted once. Where that is not known, or there is
// none, the rules about them have the verdict v, and ok is false.
func linked(d *hygiene.Deal) (n int, v hygiene.Verdict, ok bool) {
	have := d.Opportunity.Contacts
	switch {
	case !have.Known:
		return 0, unknown(hygiene.Say("contacts-unknown")), false
	case have.Value < 1:
		return 0, exempt(hygiene.Say("no-contact")), false
	case int(have.Value) != len(d.Contacts): // their number is known, and not who they are
		return 0, unknown(hygiene.Say("contacts-unknown")), false
	}
	seen := make([]string, 0, 8)
	for i := range d.Contacts { // Salesforce lets one person have several roles
		if id := d.Contacts[i].ContactID; !slices.Contains(seen, id) {
			seen = append(seen, id)
		}
	}
	return len(seen), v, true
}

// notLate returns a verdict where the deal is in no late stage, or where it cannot be told; ok is
// false where the deal is in one.
func notLate(p *hygiene.Pass, d *hygiene.Deal) (v hygiene.Verdict, ok bool) {
	switch place, _ := p.Position(d); {
	case p.Stage(d) == nil:
		return unknown(unlisted(p, d)), true
	case place == 0:
		return unknown(inactive(p, d)), true
	case !p.Late(d):
		return exempt(hygiene.Say("stage-not-late", hygiene.Text(p.StageLabel(d)))), true
	}
	return v, false
}

// deciders and helpers are the roles of people in a deal that CRMs come with, in lower case:
// who decides on the money, and who does not. Of any other word nobody but the team knows
// what it means.
var (
	deciders = []string{"approver", "budget holder", "decision maker", "economic buyer", "economic decision maker", "executive sponsor"}
	helpers  = []string{"blocker", "business user", "champion", "end user", "evaluator", "influencer", "legal & compliance", "legal and compliance", "other", "technical buyer"}
)

// authority sums up the roles of the deal's people: whether one of them decides, the first
// role of which nobody knows whether it does, and the roles that do not, sorted.
func authority(d *hygiene.Deal) (decides bool, doubt string, others []string) {
	for i := range d.Contacts {
		for role := range strings.SplitSeq(d.Contacts[i].Role, ",") { // HubSpot has several
			role = strings.TrimSpace(role)
			switch word := strings.ToLower(strings.NewReplacer("_", " ", "-", " ").Replace(role)); {
			case word == "":
			case slices.Contains(deciders, word):
				decides = true
			case !slices.Contains(helpers, word):
				if doubt == "" {
					doubt = role
				}
			case !slices.Contains(others, role):
				others = append(others, role)
			}
		}
	}
	slices.Sort(others)
	return decides, doubt, others
}
