package rules

import (
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

func newOwnerNoTouch() hygiene.Rule {
	return hygiene.Rule{
		ID:       hygiene.NewOwnerNoTouch,
		Title:    "No contact since it was given away",
		Severity: hygiene.High,
		Offer:    hygiene.OfferNext,
		Needs:    []string{"activities", "emails", "history", "owner"},
		Reads:    []string{"close_date", "last_activity_at", "next_activity_at"},
		Params: []hygiene.Param{
			{Name: "days", Unit: hygiene.CountsBusinessDays, Default: 3, Min: 1, Max: 60, Doc: "how long a deal may wait for its new owner"},
		},
		Doc: hygiene.Doc{
			Why: "The buyer knew somebody, and does not know yet that this person is gone. Deals are lost between two owners.",
			Fix: "Introduce yourself to the buyer.",
			Limit: []string{
				"Counted from the last change of the owner, where the deal has had an owner before or was waiting for its first one. Contact on that day or later counts, whoever made it. A change that was taken back within the hour is none.",
				"A meeting or call ahead, or an open task due today or later, keeps it silent.",
				parkTaskDoc,
				afterCloseDoc,
				"Territories that change hands: `events` with the kind territory-change keep what begins in the days of grace with the owner alone.",
				"It hides no-future-activity, and never-touched and no-activity hide it: one deal, one reason.",
				"Salesforce does not tell the history of owners: the change is seen by our comparison, so the finding says “by”. Where the new owner has done anything on the deal before that, nobody knows whether that was after the change: unknown.",
				"Where the CRM knows of an activity that we cannot see, or does not list the owner as a user, the rule is unknown.",
			},
		},
		Check: checkNewOwnerNoTouch,
	}
}

func checkNewOwnerNoTouch(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	limit, from := days(p, hygiene.NewOwnerNoTouch, "days")
	v := hygiene.Verdict{Value: hygiene.Say("no-handover"), Threshold: businessDays(limit), ThresholdFrom: from, Reason: hygiene.Say("no-handover")}
	owner := d.Opportunity.OwnerID
	i := last(d, crm.FieldOwner)
	if i < 0 || !d.Changes[i].OldKnown || owner == "" {
		return v
	}
	c := &d.Changes[i]
	user := p.Owner(d)
	switch {
	case c.New != owner:
		return unknown(hygiene.Say("last-owner-elsewhere"))
	case user == nil:
		return unknown(hygiene.Say("owner-unlisted"))
	}
	if first := stood(d, i); first >= 0 && d.Changes[first].Old == owner {
		return v // a mistake that was put right within the hour
	}
	on := p.Calendar(d).Date(c.At)
	n := p.Days(d, on)
	v.Value, v.Since = daysSince(on), on
	v.Measured, v.Limit = float64(n), float64(limit)
	if date, ok := p.LastTouch(d); ok && date >= on {
		v.Reason, v.Done = hygiene.Say("last-contact", hygiene.On(date)), contacted(date)
		return v
	}
	what := "given-to-on"
	if c.Observed {
		what = "given-to-by"
	}
	given := hygiene.Say(what, hygiene.Text(user.Name), hygiene.On(on))
	if n <= limit {
		v.Reason = given
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
	// Our comparison may be late, and what the new owner did until then may be the touch.
	if c.Observed && slices.ContainsFunc(d.Activities, func(a crm.Activity) bool { return a.Done && (a.OwnerID == owner || user.Is(a.By)) }) {
		return unknown(hygiene.Say("owner-active-before", hygiene.Part(given)))
	}
	if by := untouchedBy(p, d); by != "" {
		return exempt(hygiene.Say("said-by", hygiene.Text(by)))
	}
	v.Outcome, v.Fix = hygiene.Fail, ahead.fix
	v.Reason = hygiene.Say("new-owner-no-touch", hygiene.Part(given), hygiene.Since(on), hygiene.Number(limit), hygiene.Part(ahead.or("nothing-booked")))
	return v
}
