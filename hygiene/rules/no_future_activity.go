package rules

import (
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

func noFutureActivity() hygiene.Rule {
	return hygiene.Rule{
		ID:       hygiene.NoFutureActivity,
		Title:    "Nothing booked",
		Severity: hygiene.Medium,
		Version:  2, // 1: what is booked after the close date does not count; 2: as grave in the grace of the close date
		Needs:    []string{"activities"},
		Reads:    []string{"close_date", "history", "last_activity_at", "next_activity_at", "next_step", "stage_since"},
		Wants:    func(*hygiene.Pass) []string { return []string{"emails"} },
		Params: []hygiene.Param{
			{Name: "from_stage", Default: 2, Min: 1, Max: 20, Doc: "the first stage that needs something booked, counted among the open stages of the pipeline"},
			{Name: "closing", Unit: "calendar days", Default: 30, Min: 0, Max: 365, Doc: "a deal that closes within this needs it in any stage"},
			{Name: "days", Unit: "business days", Default: 3, Min: 0, Max: 60, Doc: "how long after the last contact nothing is said; late stages are told at once"},
			{Name: "soon", Unit: "calendar days", Default: 14, Min: 0, Max: 365, Doc: "high where the deal closes within this"},
			{Name: "dated_next_step", Default: 0, Min: 0, Max: 1, Doc: "1: a date ahead in the next step, written as 2026-12-04, counts as booked"},
		},
		Doc: hygiene.Doc{
			Why:    "Deals die between meetings. With a date in the calendar the next conversation happens by itself.",
			Fix:    "Book the next meeting, even a 15-minute check-in.",
			Higher: "High where the deal closes within soon, and in the grace of a close date that has passed.",
			Limit: []string{
				"Booked is an open task of any type (a call or email to make, too) whose date is today or later where the team is, a meeting or call ahead (also a call that has no status yet), or what the CRM's own next-activity field announces. Cancelled and automated ones are not.",
				parkTaskDoc,
				afterCloseDoc + " It is told at once: there is no contact to wait for.",
				"The days count from the last contact, from the stage or from the creation, whichever is latest. Within them it passes.",
				"Silent when another finding of the deal says that nothing is booked: next-step-missing, never-touched, no-activity, or a stage definition that asks for the next step.",
				"Where the CRM keeps emails apart from its activities (Einstein Activity Capture), one of them may be the last contact: unknown where the days would count from it; in late stages, where nothing is waited for, it is found all the same.",
				"Where the CRM knows of an activity that we cannot see, the rule is unknown; so it is in a stage that the CRM does not list, unless the deal closes soon and the days are over.",
				"Calendars that never reach the CRM (Einstein Activity Capture, Gong) and deals that a partner runs look unbooked: switch the rule off there, or set dated_next_step.",
			},
		},
		Check: checkNoFutureActivity,
	}
}

func checkNoFutureActivity(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	closing, _ := days(p, hygiene.NoFutureActivity, "closing")
	if !within(p, d, closing) {
		from, _ := days(p, hygiene.NoFutureActivity, "from_stage")
		if v, ok := before(p, d, from); ok {
			return v
		}
	}
	limit, from := days(p, hygiene.NoFutureActivity, "days")
	if p.Late(d) {
		limit = 0
	}
	v := hygiene.Verdict{Value: hygiene.Say("nothing"), Threshold: hygiene.Say("an-activity-ahead"), ThresholdFrom: from}
	next := plan(p, d)
	if use, _ := days(p, hygiene.NoFutureActivity, "dated_next_step"); use == 1 && !next.counts() {
		if on, ok := ahead(p, d); ok && (next.on == 0 || on < next.on) {
			next = planned{on: on, words: hygiene.Say("dated-next-step", hygiene.On(on)), done: hygiene.Say("has-dated-next-step", hygiene.On(on))}
			next.against(p, d, "next step")
		}
	}
	if next.on != 0 {
		v.Value, v.Reason = hygiene.Say("on", hygiene.On(next.on)), next.words
		return tooLate(p, d, v, &next)
	}
	last, when := lastMove(p, d)
	v.Reason = hygiene.Say("no-future-activity", hygiene.Part(when))
	if p.Stage(d) == nil && p.Days(d, last) <= limit { // in a late stage there is no grace
		return unknown(unlisted(p, d))
	}
	if limit > 0 && p.Days(d, last) <= limit {
		v.Reason = hygiene.Say("no-future-activity-grace", hygiene.Part(when)) // a pass: the rep has just done something
		return v
	}
	if why := p.Concealed(d); why != "" {
		return unknown(why)
	}
	if !p.Readable("emails") {
		if limit > 0 {
			return unknown(hygiene.Say("email-unread", hygiene.Number(limit)))
		}
		v.Reason = hygiene.Say("nothing-booked") // the last contact that we know of need not be the last
	}
	if asked(p, d, "next_step") {
		return askedAlready()
	}
	v.Outcome = hygiene.Fail
	if soon, _ := days(p, hygiene.NoFutureActivity, "soon"); within(p, d, soon) {
		v.Severity = hygiene.High
		v.Value = hygiene.Say("nothing-closes", hygiene.On(p.CloseDate(d)))
	}
	return v
}

// tooLate completes the verdict on a deal that has something booked.
func tooLate(p *hygiene.Pass, d *hygiene.Deal, v hygiene.Verdict, next *planned) hygiene.Verdict {
	switch {
	case next.counts():
		v.Done = next.done
		return v
	case next.unclear != "":
		return unknown(next.unclear)
	}
	if why := p.Concealed(d); why != "" {
		return unknown(why)
	}
	v.Outcome, v.Fix = hygiene.Fail, next.fix
	// On the day after the close date the finding is what it was.
	if soon, _ := days(p, hygiene.NoFutureActivity, "soon"); int(p.CloseDate(d))-int(p.Today(d)) <= soon {
		v.Severity = hygiene.High
	}
	return v
}

// within reports whether the deal closes within n calendar days from today on. A date that
// has passed has a rule of its own, close-date-past; as long as that one still grants grace,
// the deal is what it was: a day without any answer makes nothing less grave.
func within(p *hygiene.Pass, d *hygiene.Deal, n int) bool {
	on, today := p.CloseDate(d), p.Today(d)
	if on < today {
		if on.IsZero() || !p.Runs(hygiene.CloseDatePast) {
			return false
		}
		grace, _ := days(p, hygiene.CloseDatePast, "grace")
		return p.Days(d, on) <= grace
	}
	return int(on)-int(today) <= n
}

// lastMove returns when something happened last that leaves a rep some days to
// book what follows, and what is known of the contact.
func lastMove(p *hygiene.Pass, d *hygiene.Deal) (on crm.Date, contact hygiene.Said) {
	cal := p.Calendar(d)
	on, contact = cal.Date(d.Opportunity.CreatedAt), hygiene.Say("no-contact-yet")
	if since, ok := p.StageSince(d); ok {
		on = max(on, cal.Date(since))
	}
	if last, ok := p.LastTouch(d); ok {
		on = max(on, last)
		contact = hygiene.Say("last-contact", hygiene.On(last))
	}
	return on, contact
}
