package rules

import (
	"github.com/pipetidy/pipetidy/hygiene"
)

func neverTouched() hygiene.Rule {
	return hygiene.Rule{
		ID:       hygiene.NeverTouched,
		Title:    "Never contacted",
		Severity: hygiene.High,
		Version:  1, // what is booked after the close date does not count
		Needs:    []string{"activities", "emails"},
		Reads:    []string{"close_date", "last_activity_at", "next_activity_at"},
		Params: []hygiene.Param{
			{Name: "days", Unit: "business days", Default: 3, Min: 1, Max: 60, Doc: "how long a new deal may wait for its first contact"},
		},
		Doc: hygiene.Doc{
			Why: "Somebody created this deal and nobody has spoken to the buyer since. Interest cools within days.",
			Fix: "First touch, or disqualify.",
			Limit: []string{
				"What counts is what counts for no-activity: a person's call, email, meeting, note or task done, in either direction.",
				"A meeting or call ahead, or an open task due today or later, keeps it silent.",
				parkTaskDoc,
				afterCloseDoc,
				"It hides no-activity: one deal, one reason.",
				"Where the CRM's own last-activity field says that there was something this login cannot see, the rule is unknown.",
				"Where the CRM keeps emails apart from its activities (Einstein Activity Capture), the first touch may be among them: the rule is unknown.",
				"A deal older than a year is left to no-activity: CRMs archive activities after a year.",
				"Deals that were imported in bulk cannot be told apart one by one: each is told on its own until it is touched. Import with the original creation date, or switch the rule off for the first week.",
				"Contact with a lead before it was converted counts only where the CRM carries it over to the deal.",
			},
		},
		Check: checkNeverTouched,
	}
}

// archived is after how many calendar days a CRM may have put activities away.
const archived = 365

func checkNeverTouched(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	limit, from := days(p, hygiene.NeverTouched, "days")
	if last, ok := p.LastTouch(d); ok {
		return hygiene.Verdict{
			Value: hygiene.Say("contacted"), Threshold: businessDays(limit), ThresholdFrom: from,
			Reason: hygiene.Say("last-contact", hygiene.On(last)), Done: contacted(last),
		}
	}
	created := p.Calendar(d).Date(d.Opportunity.CreatedAt)
	n := p.Days(d, created)
	v := hygiene.Verdict{
		Value: daysSince(created), Since: created, Threshold: businessDays(limit), ThresholdFrom: from,
		Measured: float64(n), Limit: float64(limit),
	}
	if n <= limit {
		v.Reason = hygiene.Say("no-contact-yet-created", hygiene.On(created))
		return v
	}
	ahead := plan(p, d)
	if ahead.counts() {
		v.Reason, v.Done = ahead.words, ahead.done
		return v
	}
	if why := p.Concealed(d); why != "" {
		return unknown(why)
	}
	if int(p.Today(d))-int(created) > archived {
		return unknown(hygiene.Say("archived", hygiene.On(created)))
	}
	if ahead.unclear != "" {
		return unknown(ahead.unclear)
	}
	v.Outcome, v.Fix = hygiene.Fail, ahead.fix
	v.Reason = hygiene.Say("never-touched", hygiene.On(created), hygiene.Since(created), hygiene.Number(limit), hygiene.Part(ahead.or("nothing-booked")))
	return v
}
