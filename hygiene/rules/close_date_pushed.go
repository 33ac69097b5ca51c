package rules

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

func closeDatePushed() hygiene.Rule {
	return hygiene.Rule{
		ID:       hygiene.CloseDatePushed,
		Title:    "Close date moved again and again",
		Severity: hygiene.Medium,
		Needs:    []string{"close_date"},
		Reads:    []string{"history"},
		Params: []hygiene.Param{
			{Name: "times", Default: 2, Min: 1, Max: 50, Doc: "how often the close date may be moved before it is told; high from one more on"},
			{Name: "slip", Unit: "calendar days", Default: 7, Min: 0, Max: 365, Doc: "a move by no more than this is not counted"},
		},
		Doc: hygiene.Doc{
			Why:    "A date that was moved twice is a hope. What the buyer has to do before the third is worth asking now.",
			Fix:    "What has to be true before this date is real?",
			Higher: "High from three moves on.",
			Limit: []string{
				"Counted by us from the deal's history, the CRM's and our own: moves to a later date by more than slip. What was moved back again does not count.",
				"Moves in the first stage do not count: the first date is a guess. Nor do moves in a stage that is not among the open ones. Where it would take moves in a stage that cannot be told, or that the CRM does not list, the rule is unknown.",
				"From three moves on it asks for a decision: lost, nurture, or a new date with evidence.",
				"Silent when the close date has passed: that finding names the moves.",
				"Dates that an administrator moved in bulk count like any other; who moved them does not say why. Switch the rule off for a while, or raise times.",
			},
		},
		Check: checkCloseDatePushed,
	}
}

func checkCloseDatePushed(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	if p.CloseDate(d).IsZero() {
		return exempt(hygiene.Say("no-close-date"))
	}
	limit, from := days(p, hygiene.CloseDatePushed, "times")
	left, unclear := pushes(p, d)
	v := hygiene.Verdict{
		Value: hygiene.Say("moves", hygiene.Number(len(left))), Threshold: hygiene.Say("moves", hygiene.Number(limit)), ThresholdFrom: from,
		Measured: float64(len(left)), Limit: float64(limit),
	}
	if len(left) < limit && len(left)+unclear >= limit {
		return unknown(hygiene.Say("pushes-unclear"))
	}
	if len(left) == 0 {
		v.Reason = hygiene.Say("no-pushes")
		return v
	}
	v.Reason = hygiene.Say("close-date-pushed", hygiene.Part(movedFrom(left)), hygiene.On(p.CloseDate(d)))
	if len(left) < limit {
		return v
	}
	v.Outcome = hygiene.Fail
	if len(left) > limit {
		v.Severity = hygiene.High
		v.Fix = decide
	}
	return v
}

// pushes returns the dates that the close date was moved away from to a later
// one, net: a move that was taken back is none.
// unclear is the number of further moves that may have been made in the first stage or
// not, because the stage at that time cannot be told, or the CRM does not list it.
func pushes(p *hygiene.Pass, d *hygiene.Deal) (left []crm.Date, unclear int) {
	slip, _ := days(p, hygiene.CloseDatePushed, "slip")
	type push struct {
		from, to crm.Date
		unclear  bool
	}
	var list []push
	for i := range d.Changes {
		c := &d.Changes[i]
		if c.Field != crm.FieldCloseDate {
			continue
		}
		from, to := p.CloseDates(d, c)
		if from.IsZero() || to.IsZero() {
			continue
		}
		for n := len(list); n > 0 && to < list[n-1].to; n = len(list) { // taken back
			if list[n-1].to = to; int(to)-int(list[n-1].from) > slip {
				break
			}
			list = list[:n-1]
		}
		if place, told := placeBefore(p, d, c.At); int(to)-int(from) > slip && (place > 1 || !told) {
			list = append(list, push{from, to, !told})
		}
	}
	for _, x := range list {
		if x.unclear {
			unclear++
			continue
		}
		left = append(left, x.from)
	}
	return left, unclear
}

// placeBefore is the place of the stage that the deal was in just before t; 0 is one that
// is not among the open ones, and told is false where the place cannot be told. Of what changed at one
// moment the stage counts as changed last: a date that is set on qualifying a
// deal is its first real one.
func placeBefore(p *hygiene.Pass, d *hygiene.Deal, t time.Time) (place int, told bool) {
	stage, known := stageBefore(d, t)
	if !known || !p.Listed(d, stage) {
		return 0, false
	}
	_, place = p.StageAt(d, stage)
	return place, true
}

// stageBefore is the stage that the deal was in just before t, as [placeBefore] has it; known
// is false where the history does not tell.
func stageBefore(d *hygiene.Deal, t time.Time) (stage string, known bool) {
	stage, known = d.Opportunity.Stage, true
	for i := len(d.Changes) - 1; i >= 0; i-- {
		c := &d.Changes[i]
		if c.Field != crm.FieldStage {
			continue
		}
		if c.At.Before(t) {
			return c.New, true
		}
		stage, known = c.Old, c.OldKnown
	}
	return stage, known
}
