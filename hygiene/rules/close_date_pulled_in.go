package rules

import (
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

const closeDatePulledInID = "close-date-pulled-in"

func closeDatePulledIn() hygiene.Rule {
	return hygiene.Rule{
		ID:       closeDatePulledInID,
		Title:    "Close date brought into the quarter",
		Severity: hygiene.Medium,
		Offer:    hygiene.OfferCoach,
		Needs:    []string{"activities", "close_date", "emails", "history"},
		Reads:    []string{"amount", "forecast_category", "last_activity_at", "next_activity_at", "next_step"},
		Quarters: true,
		Params: []hygiene.Param{
			{Name: "days", Unit: hygiene.CountsCalendarDays, Default: 15, Min: 1, Max: 90, Doc: "in how many last days of the quarter the date was moved"},
			{Name: "before", Unit: hygiene.CountsCalendarDays, Default: 7, Min: 0, Max: 60, Doc: "how long before the move a contact or a later stage explains it"},
		},
		Doc: hygiene.Doc{
			Why: "A date that comes into the quarter in its last days, while nothing else happens on the deal, follows the target and not the buyer.",
			Fix: "What made it faster? Log it, or move the date back.",
			Limit: []string{
				"Counted is the last move from a later quarter into the present one, of the company's fiscal year (`fiscal_year`, else what the CRM says), in its last days. It is over with the quarter.",
				"A contact since some days before the move, a meeting or task ahead, or a move to a later stage in that time explains it, and it is silent.",
				"A signature or a discount that made it faster is found as well, as long as neither a contact nor a later stage is in the CRM.",
				parkTaskDoc,
				"Where another finding of the deal says that there was no contact, it is silent: one deal, one reason.",
				"A move that only our own comparison saw is unknown: nobody knows on which day it was made. So is a deal with an activity that we cannot see, or that moved from or to a stage without a place in its pipeline.",
			},
		},
		Check: checkCloseDatePulledIn,
	}
}

func checkCloseDatePulledIn(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	closes, today := p.CloseDate(d), p.Today(d)
	end := today.QuarterEnd(p.Fiscal)
	switch {
	case closes.IsZero():
		return exempt(hygiene.Say("no-close-date"))
	case closes < today:
		return exempt(hygiene.Say("close-date-passed", hygiene.On(closes)))
	case closes > end:
		return exempt(hygiene.Say("closes-after-quarter", hygiene.On(end)))
	}
	window, from := days(p, closeDatePulledInID, "days")
	before, _ := days(p, closeDatePulledInID, "before")
	v := hygiene.Verdict{
		Value: hygiene.Say("on", hygiene.On(closes)), Threshold: hygiene.Say("contact-or-stage"), ThresholdFrom: from,
		Reason: hygiene.Say("not-pulled-in"),
	}
	i, left, to := pulledIn(p, d, end)
	if i < 0 {
		return v
	}
	c := &d.Changes[i]
	on := p.Calendar(d).Date(c.At)
	if int(end)-int(on) >= window {
		return v
	}
	v.Reason = hygiene.Say("close-date-moved", hygiene.On(left), hygiene.On(to), hygiene.On(on))
	start := on - crm.Date(before)
	if date, ok := p.LastTouch(d); ok && date >= start {
		v.Reason, v.Done = hygiene.Say("last-contact", hygiene.On(date)), contacted(date)
		return v
	}
	switch forward, why := advanced(p, d, start); {
	case why != "":
		return unknown(why)
	case forward:
		v.Done = hygiene.Say("moved-to", hygiene.Text(p.StageLabel(d)))
		return v
	}
	ahead := plan(p, d)
	switch {
	case ahead.counts():
		v.Reason, v.Done = ahead.words, ahead.done
		return v
	case c.Observed:
		return unknown(hygiene.Say("seen-by-comparison", hygiene.Part(v.Reason)))
	}
	if why := p.Concealed(d); why != "" {
		return unknown(why)
	}
	if ahead.unclear != "" {
		return unknown(ahead.unclear)
	}
	if slices.Contains(d.Untold, crm.History) {
		return unknown(hygiene.Say("history-untold", hygiene.Part(v.Reason)))
	}
	if by := untouchedBy(p, d); by != "" {
		return exempt(hygiene.Say("said-by", hygiene.Text(by)))
	}
	v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("close-date-pulled-in", hygiene.Part(v.Reason), hygiene.On(start))
	return v
}

// pulledIn finds the last move of the close date from after the end of the quarter into it;
// -1 is none.
func pulledIn(p *hygiene.Pass, d *hygiene.Deal, end crm.Date) (i int, from, to crm.Date) {
	for i := range slices.Backward(d.Changes) {
		if from, to, ok := dateMove(p, d, i); ok && from > end && !to.IsZero() && to <= end {
			return i, from, to
		}
	}
	return -1, 0, 0
}

// advanced reports whether the deal was moved to a later stage on or after a date, and is
// not in an earlier one now. why says why that cannot be told.
func advanced(p *hygiene.Pass, d *hygiene.Deal, start crm.Date) (forward bool, why hygiene.Said) {
	var unclear hygiene.Said
	now, _ := p.Position(d)
	for i := range d.Changes {
		c := &d.Changes[i]
		if c.Field != crm.FieldStage || !c.OldKnown || p.Calendar(d).Date(c.At) < start {
			continue
		}
		label, was := p.StageAt(d, c.Old)
		switch {
		case now == 0:
			unclear = inactive(p, d)
			if p.Stage(d) == nil {
				unclear = unlisted(p, d)
			}
		case was == 0:
			unclear = hygiene.Say("from-stage-inactive", hygiene.Text(label))
		case was < now:
			return true, ""
		}
	}
	return false, unclear
}

// untouchedBy is the rule that runs and says of the deal that nobody is in contact with the
// buyer; "" is none.
func untouchedBy(p *hygiene.Pass, d *hygiene.Deal) string {
	for _, other := range []struct {
		id    string
		check func(*hygiene.Pass, *hygiene.Deal) hygiene.Verdict
	}{{hygiene.NeverTouched, checkNeverTouched}, {noActivityID, checkNoActivity}} {
		if p.Runs(other.id) && other.check(p, d).Outcome == hygiene.Fail {
			return other.id
		}
	}
	return ""
}
