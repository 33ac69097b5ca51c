package rules

import (
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

const onHoldForeverID = "on-hold-forever"

func onHoldForever() hygiene.Rule {
	return hygiene.Rule{
		ID:       onHoldForeverID,
		Title:    "Parked again and again",
		Severity: hygiene.Low,
		Offer:    hygiene.OfferNext,
		Params: []hygiene.Param{
			{Name: "times", Default: 3, Min: 2, Max: 50, Doc: "how often a deal is parked before it is told"},
			{Name: "days", Unit: hygiene.CountsCalendarDays, Default: 90, Min: 7, Max: 1000, Doc: "for how many days in all a deal may be parked"},
		},
		Doc: hygiene.Doc{
			Why: "A deal that is parked again and again is no deal at present. It makes the pipeline look larger, and nobody decides about it.",
			Fix: "Close it, and open a new one when the buyer is back.",
			Limit: []string{
				"Counted are the parks of the whole deal that Pipetidy knows, by command, field or task, also those of a former owner; parks of a single rule do not count, nor does a park that was taken back on its first day.",
				"Where somebody sets another day, the park goes on and counts once.",
				"While a park of the deal holds, this finding is paused like any other: it is told on the day on which the deal wakes up.",
				"Nothing but the end of the deal makes it end.",
			},
		},
		Check: checkOnHoldForever,
	}
}

func checkOnHoldForever(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	times, from := days(p, onHoldForeverID, "times")
	most, fromDays := days(p, onHoldForeverID, "days")
	n, total, first := parkings(p, d)
	v := hygiene.Verdict{
		Value: hygiene.Say("parkings", hygiene.Number(n)), Threshold: hygiene.Say("parkings", hygiene.Number(times)), ThresholdFrom: from,
		Measured: float64(n), Limit: float64(times), Reason: hygiene.Say("parkings", hygiene.Number(n)),
	}
	switch {
	case n >= times:
		v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("on-hold-times", hygiene.Number(n), hygiene.On(first))
	case total > most:
		v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("on-hold-days", hygiene.Number(most), hygiene.On(first))
		v.Value, v.Threshold, v.ThresholdFrom = hygiene.Say("parked-since", hygiene.On(first)), hygiene.Say("calendar-days", hygiene.Number(most)), fromDays
		v.Measured, v.Limit = 0, 0
	}
	return v
}

// parkings counts how often the whole deal was parked, for how many calendar days in all up
// to today, and since when.
func parkings(p *hygiene.Pass, d *hygiene.Deal) (n, total int, first crm.Date) {
	cal, today := p.Calendar(d), p.Today(d)
	goesOn := false
	for _, k := range p.Parked[d.Opportunity.ID] {
		if !k.Whole() {
			continue
		}
		until := min(k.Until, today)
		if !k.Holds() {
			until = min(until, cal.Date(k.Ended))
		}
		if spent := int(until) - int(k.From); spent > 0 || k.Holds() {
			total += max(spent, 0)
			if !goesOn {
				n++
			}
			if first.IsZero() {
				first = k.From
			}
		}
		goesOn = k.End == hygiene.EndReplaced
	}
	return n, total, first
}
