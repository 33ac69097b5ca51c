package rules

import (
	"strconv"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

const amountChangedLateID = "amount-changed-late"

func amountChangedLate() hygiene.Rule {
	return hygiene.Rule{
		ID:       amountChangedLateID,
		Title:    "Amount changed late",
		Severity: hygiene.Info,
		Offer:    hygiene.OfferCoach,
		Needs:    []string{"amount", "history"},
		Reads:    []string{"forecast_category"},
		Params: []hygiene.Param{
			{Name: "down", Default: 20, Min: 1, Max: 100, Doc: "by how many percent an amount has to fall to be told"},
			{Name: "up", Default: 50, Min: 1, Max: 10000, Doc: "by how many percent an amount has to rise to be told"},
			{Name: "days", Unit: hygiene.CountsBusinessDays, Default: 5, Min: 1, Max: 250, Doc: "how long it is told"},
		},
		Doc: hygiene.Doc{
			Why:    "An amount that falls or rises much in a late stage changes what the forecast says, and whoever adds it up seldom hears of it.",
			Fix:    "Tell whoever owns the forecast why.",
			Higher: "Medium for deals in commit.",
			Limit: []string{
				"Only changes in a late stage, in which the deal still is: where no stage definition marks them, they are the last two.",
				"The changes of the last day on which the amount was changed count as one, from what it was the evening before: an amount that grows line by line on one day is one change. Line items that are entered over several days are told by the last of these days, where that is enough.",
				"The numbers are compared as the CRM has them, in the deal's own currency. A new exchange rate changes only amounts that the CRM converts, and seldom by so much; a deal that gets another currency is found.",
				"An amount that was empty or zero before has not changed but was filled; one that is empty or zero now is amount-missing's.",
				"It is told for some business days; after that it is told no longer, which is no fix.",
				"A change that only our own comparison saw is unknown: nobody knows in which stage it was made.",
			},
		},
		Check: checkAmountChangedLate,
	}
}

func checkAmountChangedLate(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	switch place, _ := p.Position(d); {
	case p.Stage(d) == nil:
		return unknown(unlisted(p, d))
	case place == 0:
		return unknown(inactive(p, d))
	case !p.Late(d):
		return exempt(hygiene.Say("stage-not-late", hygiene.Text(p.StageLabel(d))))
	}
	down, from := days(p, amountChangedLateID, "down")
	told, _ := days(p, amountChangedLateID, "days")
	v := hygiene.Verdict{Value: hygiene.Say("percent-lower", hygiene.Number(0)), Threshold: hygiene.Say("percent-lower", hygiene.Number(down)), ThresholdFrom: from}
	amount := d.Opportunity.Amount
	i := last(d, crm.FieldAmount)
	if i < 0 || !d.Changes[i].OldKnown || !amount.Known || amount.Value <= 0 {
		v.Reason = hygiene.Say("amount-same")
		return v
	}
	c := &d.Changes[i]
	if now, err := strconv.ParseFloat(c.New, 64); err != nil || now != amount.Value {
		return unknown(hygiene.Say("last-amount-elsewhere"))
	}
	first := sameDay(p, d, i)
	was, err := strconv.ParseFloat(d.Changes[first].Old, 64)
	if !d.Changes[first].OldKnown || err != nil || was <= 0 {
		v.Reason = hygiene.Say("amount-same")
		return v
	}
	on := p.Calendar(d).Date(c.At)
	percent, limit, what, measure := change(was, amount.Value), down, "amount-lower", "percent-lower"
	if amount.Value > was {
		limit, v.ThresholdFrom = days(p, amountChangedLateID, "up")
		what, measure = "amount-higher", "percent-higher"
	}
	v.Value, v.Threshold = hygiene.Say(measure, hygiene.Number(percent)), hygiene.Say(measure, hygiene.Number(limit))
	v.Reason = hygiene.Say(what, hygiene.Number(percent), hygiene.On(on))
	if percent < limit {
		return v
	}
	stage, known := stageBefore(d, d.Changes[first].At)
	switch {
	case c.Observed || d.Changes[first].Observed:
		return unknown(hygiene.Say("seen-by-comparison", hygiene.Part(hygiene.Say("amount-changed", hygiene.On(on)))))
	case !known || !p.Listed(d, stage):
		return unknown(hygiene.Say("amount-stage-unclear", hygiene.On(on)))
	case !p.LateStage(d, stage):
		v.Reason = hygiene.Say("amount-changed-early", hygiene.On(on))
		return v
	case p.Days(d, on) > told:
		v.Outcome, v.Reason = hygiene.Exempt, hygiene.Say("told-for", hygiene.Part(v.Reason), hygiene.Number(told))
		return v
	}
	v.Outcome = hygiene.Fail
	v.Measured, v.Limit = float64(percent), float64(limit)
	if p.Committed(d) {
		v.Severity = hygiene.Medium
	}
	return v
}

// sameDay is the place of the first change of the field at i on the day of that change, with
// none on another day between.
func sameDay(p *hygiene.Pass, d *hygiene.Deal, i int) int {
	cal := p.Calendar(d)
	on := cal.Date(d.Changes[i].At)
	first := i
	for j := i - 1; j >= 0 && cal.Date(d.Changes[j].At) == on; j-- {
		if d.Changes[j].Field == d.Changes[i].Field {
			first = j
		}
	}
	return first
}

// change is by how many percent the amount changed, in either direction, rounded down.
func change(was, is float64) int {
	const rounding = 1e-9 // of the division, so that 100 to 80 is 20
	ratio := (is - was) / was
	if ratio < 0 {
		ratio = -ratio
	}
	return int(min(100*ratio+rounding, 1e6))
}
