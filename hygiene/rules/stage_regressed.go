package rules

import (
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
)

const stageRegressedID = "stage-regressed"

func stageRegressed() hygiene.Rule {
	return hygiene.Rule{
		ID:       stageRegressedID,
		Title:    "Moved back",
		Severity: hygiene.Info,
		Offer:    hygiene.OfferCoach,
		Needs:    []string{"history"},
		Reads:    []string{"forecast_category"},
		Params: []hygiene.Param{
			{Name: "days", Unit: "business days", Default: 5, Min: 1, Max: 250, Doc: "how long it is told"},
		},
		Doc: hygiene.Doc{
			Why:    "A deal that is moved back is news, and often good news: somebody has looked. Its date and its amount rarely fit any more.",
			Fix:    "What was learned? The date and the amount follow.",
			Higher: "Medium for deals in commit.",
			Limit: []string{
				"Only the move into the deal's present stage counts, and only a stage that comes before the one it left, among the active ones of its pipeline.",
				"A deal that had been in the later stage for less than an hour was put right, not moved back.",
				"It is told for some business days; after that it is told no longer, which is no fix.",
				"A move that only our own comparison saw is unknown: there may have been several.",
			},
		},
		Check: checkStageRegressed,
	}
}

// slip is how long a deal may be in a stage by mistake.
const slip = time.Hour

func checkStageRegressed(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	place, _ := p.Position(d)
	switch {
	case p.Stage(d) == nil:
		return unknown(unlisted(p, d))
	case place == 0:
		return unknown(inactive(p, d))
	}
	told, from := days(p, stageRegressedID, "days")
	v := hygiene.Verdict{Value: hygiene.Say("not-back"), Threshold: hygiene.Say("not-back"), ThresholdFrom: from}
	i := lastStage(d)
	if i < 0 || !d.Changes[i].OldKnown {
		v.Reason = hygiene.Say("no-move")
		return v
	}
	c := &d.Changes[i]
	if c.New != d.Opportunity.Stage {
		return unknown(hygiene.Say("last-move-elsewhere", hygiene.Text(p.StageLabel(d))))
	}
	label, was := p.StageAt(d, c.Old)
	on := p.Calendar(d).Date(c.At)
	move := hygiene.Say("moved-from", hygiene.Text(label), hygiene.Text(p.StageLabel(d)), hygiene.On(on))
	v.Reason = move
	switch {
	case was == 0:
		return unknown(hygiene.Say("from-stage-inactive", hygiene.Text(label)))
	case was <= place:
		return v
	case c.Observed:
		return unknown(hygiene.Say("seen-by-comparison", hygiene.Part(move)))
	case corrected(d, i):
		v.Reason = hygiene.Say("put-right", hygiene.Part(move))
		return v
	case p.Days(d, on) > told:
		v.Outcome, v.Reason = hygiene.Exempt, hygiene.Say("told-for", hygiene.Part(move), hygiene.Number(told))
		return v
	}
	v.Outcome, v.Value = hygiene.Fail, hygiene.Say("back-from", hygiene.Text(label))
	v.Reason = hygiene.Say("stage-regressed", hygiene.Text(label), hygiene.Text(p.StageLabel(d)), hygiene.On(on))
	if p.Committed(d) {
		v.Severity = hygiene.Medium
	}
	return v
}

// corrected reports whether the change at i took back a move that had been made within
// the hour before.
func corrected(d *hygiene.Deal, i int) bool {
	c := &d.Changes[i]
	for j := i - 1; j >= 0; j-- {
		if x := &d.Changes[j]; x.Field == c.Field {
			return !x.Observed && x.New == c.Old && c.At.Sub(x.At) < slip
		}
	}
	return false
}
