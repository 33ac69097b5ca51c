package rules

import (
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

func commitNoActivity() hygiene.Rule {
	return hygiene.Rule{
		ID:       hygiene.CommitNoActivity,
		Title:    "Commit without a sign of life",
		Severity: hygiene.High,
		Offer:    hygiene.OfferNext,
		Needs:    []string{"activities", "emails", "forecast_category", "history"},
		Reads:    []string{"amount", "close_date", "last_activity_at", "next_activity_at", "next_step"},
		Params: []hygiene.Param{
			{Name: "days", Unit: hygiene.CountsBusinessDays, Default: 10, Min: 1, Max: 250, Doc: "how long a deal in commit may stay without contact and without a change"},
		},
		Doc: hygiene.Doc{
			Why: "A commit is a promise. Where nobody speaks to the buyer and nothing on the deal changes for weeks, the promise rests on nothing that anybody can see.",
			Fix: "Show evidence this week, or take it out of the commit.",
			Limit: []string{
				"A contact, and a new stage, close date, amount or next step each count, whoever wrote it.",
				"A meeting or call ahead, or an open task due today or later, keeps it silent.",
				parkTaskDoc,
				afterCloseDoc,
				"Deals that were promised by word and whose paper is under way are found as well: park such a deal until the signature.",
				"It hides no-future-activity, and never-touched, no-activity and new-owner-no-touch hide it: one deal, one reason. With the same limit as no-activity it says nothing that that rule does not say.",
				"Salesforce does not tell the history of the next step: until we have watched for as long as the limit, it may have changed before, and the rule is unknown. So it is where one of the four fields cannot be read, not all of the history was read, or the CRM knows of an activity that we cannot see.",
			},
		},
		Check: checkCommitNoActivity,
	}
}

// lively are the fields whose change is a sign that somebody works on the deal.
var lively = []crm.Field{crm.FieldStage, crm.FieldCloseDate, crm.FieldAmount, crm.FieldNextStep}

func checkCommitNoActivity(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	if !p.Committed(d) {
		return exempt(hygiene.Say("not-committed"))
	}
	limit, from := days(p, hygiene.CommitNoActivity, "days")
	cal := p.Calendar(d)
	date, touched := p.LastTouch(d)
	changed, told, byChange := cal.Date(d.Opportunity.CreatedAt), false, false
	for i := range d.Changes {
		if c := &d.Changes[i]; slices.Contains(lively, c.Field) {
			if on := cal.Date(c.At); on >= changed {
				changed, byChange = on, c.OldKnown
			}
			told = told || c.Field == crm.FieldNextStep && !c.Observed
		}
	}
	since := max(date, changed)
	n := p.Days(d, since)
	v := hygiene.Verdict{
		Value: daysSince(since), Since: since, Threshold: businessDays(limit), ThresholdFrom: from,
		Measured: float64(n), Limit: float64(limit), Reason: hygiene.Say("last-change", hygiene.On(since)),
	}
	if n <= limit {
		switch {
		case touched && date == since:
			v.Reason, v.Done = hygiene.Say("last-contact", hygiene.On(date)), contacted(date)
		case byChange:
			v.Done = hygiene.Say("was-changed", hygiene.On(since))
		}
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
	if ahead.unclear != "" {
		return unknown(ahead.unclear)
	}
	for _, f := range lively {
		if name := string(f); p.Source.Info.Fields.Access(name) == crm.Hidden {
			return unknown(hygiene.SayUnread(name, crm.Hidden))
		} else if d.Unclear(name) != "" {
			return unknown(hygiene.SayGarbled(name))
		}
	}
	watched := cal.Date(p.Source.Since)
	switch {
	case slices.Contains(d.Untold, crm.History):
		return unknown(hygiene.Say("history-untold", hygiene.Part(v.Reason)))
	case !told && p.Readable("next_step") && p.Source.Since.IsZero():
		return unknown(hygiene.Say("next-step-undated"))
	case !told && p.Readable("next_step") && p.Days(d, watched) <= limit:
		return unknown(hygiene.Say("watched-since", hygiene.On(watched)))
	}
	if p.Runs(hygiene.NewOwnerNoTouch) && checkNewOwnerNoTouch(p, d).Outcome == hygiene.Fail {
		return exempt(hygiene.Say("said-by", hygiene.Text(hygiene.NewOwnerNoTouch)))
	}
	if by := untouchedBy(p, d); by != "" {
		return exempt(hygiene.Say("said-by", hygiene.Text(by)))
	}
	v.Outcome, v.Fix = hygiene.Fail, ahead.fix
	v.Reason = hygiene.Say("commit-no-activity", hygiene.Text(p.Forecast(d)), hygiene.On(since), hygiene.Since(since), hygiene.Number(limit), hygiene.Part(ahead.or("nothing-booked")))
	return v
}
