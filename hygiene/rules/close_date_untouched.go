package rules

import (
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

const closeDateUntouchedID = "close-date-untouched"

func closeDateUntouched() hygiene.Rule {
	return hygiene.Rule{
		ID:       closeDateUntouchedID,
		Title:    "Close date set long ago, and near",
		Severity: hygiene.Low,
		Offer:    hygiene.OfferNext,
		Needs:    []string{"close_date", "history"},
		Params: []hygiene.Param{
			{Name: "days", Unit: hygiene.CountsCalendarDays, Default: 60, Min: 7, Max: 1000, Doc: "how long a close date may stay as it is"},
			{Name: "closing", Unit: hygiene.CountsCalendarDays, Default: 30, Min: 1, Max: 365, Doc: "how soon the deal closes"},
		},
		Doc: hygiene.Doc{
			Why: "A date that was set months ago and comes near was often right once. The buyer's plan has seldom stood still for so long.",
			Fix: "Confirm the date with the buyer, or move it.",
			Limit: []string{
				"It ends with a new date, or when the date has passed. That the buyer confirmed the date is in no field: park the deal for this rule then.",
				"A date that a contract sets is found as well: park the deal for this rule, or skip the pipeline of such deals.",
				"A deal whose history has no entry of the close date counts from the day on which all deals had been read for the first time, or from its creation after that, and the finding says “at least”. So it does where only our own comparison saw the date change.",
				"Where the last change that is known led to another date, or not all of the history could be read, the rule is unknown.",
			},
		},
		Check: checkCloseDateUntouched,
	}
}

func checkCloseDateUntouched(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	closes := p.CloseDate(d)
	closing, _ := days(p, closeDateUntouchedID, "closing")
	switch {
	case closes.IsZero():
		return exempt(hygiene.Say("no-close-date"))
	case closes < p.Today(d):
		return exempt(hygiene.Say("close-date-passed", hygiene.On(closes)))
	case !within(p, d, closing):
		return exempt(hygiene.Say("not-closing-within", hygiene.Number(closing)))
	}
	since, exact, why := dated(p, d)
	if why != "" {
		return unknown(why)
	}
	limit, from := days(p, closeDateUntouchedID, "days")
	on := p.Calendar(d).Date(since)
	what, value := "close-date-untouched", "unchanged-since"
	if !exact {
		what, value = "close-date-untouched-at-least", "unchanged-since-at-least"
	}
	v := hygiene.Verdict{
		Value: hygiene.Say(value, hygiene.On(on)), Threshold: hygiene.Say("calendar-days", hygiene.Number(limit)), ThresholdFrom: from,
		Reason: hygiene.Say(what, hygiene.On(closes), hygiene.On(on)),
	}
	switch {
	case int(p.Today(d))-int(on) < limit:
		if i := lastDate(d); i >= 0 && d.Changes[i].OldKnown {
			v.Done = hygiene.Say("has-close-date-on", hygiene.On(closes))
		}
		return v
	case slices.Contains(d.Untold, crm.History):
		return unknown(hygiene.Say("history-untold", hygiene.Part(v.Reason)))
	}
	v.Outcome = hygiene.Fail
	return v
}

// lastDate is the place of the deal's last change of the close date, -1 is none.
func lastDate(d *hygiene.Deal) int { return last(d, crm.FieldCloseDate) }

// last is the place of the deal's last change of a field, -1 is none.
func last(d *hygiene.Deal, f crm.Field) int {
	for i := range slices.Backward(d.Changes) {
		if d.Changes[i].Field == f {
			return i
		}
	}
	return -1
}

// dated says since when the deal has had its close date; exact is false where it may have had
// it for longer. why says why that cannot be told.
func dated(p *hygiene.Pass, d *hygiene.Deal) (since time.Time, exact bool, why hygiene.Said) {
	if i := lastDate(d); i >= 0 {
		c := &d.Changes[i]
		if c.New != crm.FieldValue(&d.Opportunity, crm.FieldCloseDate) {
			return since, false, hygiene.Say("last-date-elsewhere", hygiene.On(p.CloseDate(d)))
		}
		cal := p.Calendar(d)
		return c.At, !c.Observed && (c.OldKnown || cal.Date(c.At) == cal.Date(d.Opportunity.CreatedAt)), ""
	}
	since = p.Source.Since
	if since.IsZero() {
		return since, false, hygiene.Say("close-date-undated")
	}
	if created := d.Opportunity.CreatedAt; created.After(since) {
		since = created
	}
	return since, false, ""
}
