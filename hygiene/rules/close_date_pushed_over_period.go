package rules

import (
	"strings"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

const closeDatePushedOverPeriodID = "close-date-pushed-over-period"

func closeDatePushedOverPeriod() hygiene.Rule {
	return hygiene.Rule{
		ID:       closeDatePushedOverPeriodID,
		Title:    "Close date moved out of the quarter",
		Severity: hygiene.Medium,
		Offer:    hygiene.OfferNext,
		Needs:    []string{"close_date", "forecast_category", "history"},
		Quarters: true,
		Params: []hygiene.Param{
			{Name: "days", Unit: hygiene.CountsBusinessDays, Default: 10, Min: 1, Max: 250, Doc: "how long it is told"},
		},
		Doc: hygiene.Doc{
			Why:    "A deal that somebody has promised and that is moved over the end of a quarter changes what the quarter brings. Whoever forecasts wants to know why, and on the same day.",
			Fix:    "State the reason in one line.",
			Higher: "High for deals in commit.",
			Limit: []string{
				"Only deals in commit, and those whose forecast category is called Best Case, as they are now.",
				"The quarters are those of the company's fiscal year (`fiscal_year`, else what the CRM says). Ends of months are not looked at: where a pipeline is counted in months, close-date-pushed tells its moves.",
				"Only a move after which the date still lies beyond the quarter that it left; one that was moved back is none, nor is one from a date that had stood for less than an hour.",
				"Moves in the first stage do not count, as for close-date-pushed, nor do moves in a stage that is not among the open ones. Where the stage of that time cannot be told, the rule is unknown.",
				"It is told for some business days, which is no fix. Where close-date-pushed finds the deal this one is silent, and a close date that has passed has a rule of its own.",
			},
		},
		Check: checkCloseDatePushedOverPeriod,
	}
}

// bestCase is what forecast categories next to the commit are called: "Best Case" of
// Salesforce, BEST_CASE of HubSpot.
const bestCase = "best case"

func checkCloseDatePushedOverPeriod(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	closes := p.CloseDate(d)
	switch {
	case closes.IsZero():
		return exempt(hygiene.Say("no-close-date"))
	case closes < p.Today(d):
		return exempt(hygiene.Say("close-date-passed", hygiene.On(closes)))
	case !p.Committed(d) && strings.ToLower(strings.TrimSpace(p.Forecast(d))) != bestCase:
		return exempt(hygiene.Say("not-promised"))
	}
	told, from := days(p, closeDatePushedOverPeriodID, "days")
	v := hygiene.Verdict{
		Value: hygiene.Say("on", hygiene.On(closes)), Threshold: hygiene.Say("in-the-quarter"), ThresholdFrom: from,
		Reason: hygiene.Say("not-over-period"),
	}
	unclear := false
	for i := len(d.Changes) - 1; i >= 0; i-- {
		left, to, ok := dateMove(p, d, i)
		if !ok || left.IsZero() {
			continue
		}
		end := left.QuarterEnd(p.Fiscal)
		if to <= end || closes <= end {
			if v.Done == "" && to < left && to == closes {
				v.Done = hygiene.Say("has-close-date-on", hygiene.On(closes))
			}
			continue
		}
		c := &d.Changes[i]
		switch place, known := placeBefore(p, d, c.At); {
		case !known:
			unclear = true
			continue
		case place <= 1:
			continue
		}
		v.Done = ""
		v.Reason = hygiene.Say("close-date-pushed-over-period", hygiene.On(left), hygiene.On(end), hygiene.On(closes))
		switch {
		case p.Days(d, p.Calendar(d).Date(c.At)) > told:
			v.Outcome, v.Reason = hygiene.Exempt, hygiene.Say("told-for", hygiene.Part(v.Reason), hygiene.Number(told))
			return v
		case p.Runs(hygiene.CloseDatePushed) && checkCloseDatePushed(p, d).Outcome == hygiene.Fail:
			return exempt(hygiene.Say("said-by", hygiene.Text(hygiene.CloseDatePushed)))
		}
		v.Outcome, v.Threshold = hygiene.Fail, hygiene.Say("by-date", hygiene.On(end))
		if p.Committed(d) {
			v.Severity = hygiene.High
		}
		return v
	}
	if unclear {
		return unknown(hygiene.Say("pushes-unclear"))
	}
	return v
}

// dateMove is the move of the close date at i: from the date that had stood before, to the
// new one. ok is false for any other change, and where no date before is known.
func dateMove(p *hygiene.Pass, d *hygiene.Deal, i int) (from, to crm.Date, ok bool) {
	if d.Changes[i].Field != crm.FieldCloseDate {
		return 0, 0, false
	}
	first := stood(d, i)
	if first < 0 {
		return 0, 0, false
	}
	_, to = p.CloseDates(d, &d.Changes[i])
	from, _ = p.CloseDates(d, &d.Changes[first])
	return from, to, true
}

// stood is the place of the change whose old value had stood for an hour at least when the
// one at i was made: a value that was put right within the hour was a mistake. -1 is that
// no such value is known.
func stood(d *hygiene.Deal, i int) int {
	for j := i - 1; j >= 0; j-- {
		if x := &d.Changes[j]; x.Field == d.Changes[i].Field {
			if x.Observed || d.Changes[i].At.Sub(x.At) >= slip {
				break
			}
			i = j
		}
	}
	if !d.Changes[i].OldKnown {
		return -1
	}
	return i
}
