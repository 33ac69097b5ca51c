package rules

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

const nextStepStaleID = "next-step-stale"

func nextStepStale() hygiene.Rule {
	return hygiene.Rule{
		ID:       nextStepStaleID,
		Title:    "Same next step for weeks",
		Severity: hygiene.Medium,
		Needs:    []string{"next_step", "activities"},
		Reads:    []string{"emails", "history", "last_activity_at", "next_activity_at"},
		Params: []hygiene.Param{
			{Name: "days", Unit: "business days", Default: 14, Min: 1, Max: 250, Doc: "how long a next step may stay as it is"},
			{Name: "late", Unit: "business days", Default: 10, Min: 1, Max: 250, Doc: "the same in late stages"},
		},
		Doc: hygiene.Doc{
			Why: "A next step that has been next for weeks is not being taken. Either something blocks it, or it is done and nobody wrote the following one.",
			Fix: "Still the next step?",
			Limit: []string{
				"Late stages have the shorter limit: where no stage definition marks them, they are the last two.",
				"In a stage that the CRM does not list (it was deleted, or belongs to another pipeline), it is unknown until the longer limit is over too.",
				"A date ahead in the text, written as 2026-12-04, keeps it silent until then; so does a meeting or call ahead. Tasks and other ways to write a date do not.",
				"Salesforce keeps no history of the next step that can be read: changes are seen by comparison from the first sync on, so that there the rule starts counting at install.",
				"A deal that the login could not see at first counts as watched from the first sync too.",
				"Deals that are paused cannot be told apart yet: a date ahead in the next step pauses the rule.",
				"Where activities cannot be read, or the CRM knows of one that we cannot see, there may be a meeting ahead: the rule is unknown.",
				"An empty next step is none that could be stale: next-step-missing speaks of it.",
			},
		},
		Check: checkNextStepStale,
	}
}

func checkNextStepStale(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	if !has(d.Opportunity.NextStep) {
		return exempt(hygiene.Say("no-next-step"))
	}
	since, exact, ok := unchanged(p, d)
	if !ok {
		return unknown(hygiene.Say("next-step-undated"))
	}
	limit, least, from := staleLimit(p, d)
	date := p.Calendar(d).Date(since)
	n := p.Days(d, date)
	v := hygiene.Verdict{
		Value: daysSince(date), Since: date, Threshold: businessDays(limit), ThresholdFrom: from,
		Measured: float64(n), Limit: float64(limit),
	}
	what := "next-step-stale"
	if !exact {
		what = "next-step-stale-at-least"
	}
	v.Reason = hygiene.Say(what, hygiene.On(date), hygiene.Since(date), hygiene.Number(limit))
	if n <= least {
		if exact && n <= shortest(p) {
			v.Done = hygiene.Say("has-new-next-step")
		}
		return v
	}
	if on, ok := ahead(p, d); ok {
		v.Reason, v.Done = hygiene.Say("dated-next-step", hygiene.On(on)), hygiene.Say("has-dated-next-step", hygiene.On(on))
		return v
	}
	if on, kind, ok := p.Appointment(d); ok {
		v.Reason, v.Done = booked(on, kind)
		return v
	}
	if n <= limit {
		return unknown(unlisted(p, d))
	}
	if why := p.Concealed(d); why != "" {
		return unknown(why)
	}
	v.Outcome = hygiene.Fail
	return v
}

// staleLimit is how long the next step may stay as it is, and who said so. In a stage
// that the CRM does not list, which of the two limits holds cannot be told: limit is the
// longer one then, and least the shorter.
func staleLimit(p *hygiene.Pass, d *hygiene.Deal) (limit, least int, from string) {
	early, from := days(p, nextStepStaleID, "days")
	late, fromLate := days(p, nextStepStaleID, "late")
	switch {
	case p.Stage(d) == nil && late > early:
		return late, early, fromLate
	case p.Stage(d) == nil:
		return early, late, from
	case p.Late(d):
		return late, late, fromLate
	}
	return early, early, from
}

// shortest is the shorter of the two limits. A next step that was stale by any of them and
// is not older than this is another one: a deal that went back to an early stage, where
// the same next step is stale later, has nothing new.
func shortest(p *hygiene.Pass) int {
	early, _ := days(p, nextStepStaleID, "days")
	late, _ := days(p, nextStepStaleID, "late")
	return min(early, late)
}

// unchanged returns since when the next step has had its text. Where no change of
// it is known, it has it since we began to look at least, or since the deal was
// created after that.
func unchanged(p *hygiene.Pass, d *hygiene.Deal) (since time.Time, exact, ok bool) {
	for i := len(d.Changes) - 1; i >= 0; i-- {
		if c := &d.Changes[i]; c.Field == crm.FieldNextStep {
			// A later change than the last one known is one that we know no time of.
			return c.At, true, c.New == d.Opportunity.NextStep
		}
	}
	start := p.Source.Since
	if start.IsZero() {
		return since, false, false
	}
	if created := d.Opportunity.CreatedAt; created.After(start) {
		return created, true, true
	}
	return start, false, true
}

// ahead returns the latest date in the next step when it is today or later.
func ahead(p *hygiene.Pass, d *hygiene.Deal) (on crm.Date, ok bool) {
	on = latestDate(d.Opportunity.NextStep)
	return on, !on.IsZero() && on >= p.Today(d)
}

// latestDate returns the latest date written as 2026-12-04 in s, zero is none.
func latestDate(s string) (latest crm.Date) {
	const width = len(time.DateOnly)
	digit := func(i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }
	for i := 0; i+width <= len(s); i++ {
		if s[i+4] != '-' || digit(i-1) || digit(i+width) {
			continue
		}
		if on, err := crm.ParseDate(s[i : i+width]); err == nil {
			latest = max(latest, on)
		}
	}
	return latest
}
