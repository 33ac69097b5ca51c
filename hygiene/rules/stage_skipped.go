package rules

import (
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

const stageSkippedID = "stage-skipped"

func stageSkipped() hygiene.Rule {
	return hygiene.Rule{
		ID:       stageSkippedID,
		Title:    "Jumped over stages",
		Severity: hygiene.Low,
		Needs:    []string{"history"},
		Params: []hygiene.Param{
			{Name: "stages", Default: 2, Min: 1, Max: 20, Doc: "how many stages a move may not leave out"},
			{Name: "days", Unit: "business days", Default: 10, Min: 1, Max: 250, Doc: "how long it is told"},
		},
		Doc: hygiene.Doc{
			Why:    "A deal that jumps over stages has often skipped what is learned in them, and its forecast rests on the stage alone.",
			Fix:    "Confirm the skipped steps really happened, or move it back.",
			Higher: "Medium where the jump led into a late stage.",
			Limit: []string{
				"Only the move into the deal's present stage counts, and only stages that the deal has never been in.",
				"It is told for ten business days: what has been skipped cannot be made good, only confirmed. After that it is told no longer.",
				"A stage set on the day on which the deal was created is where it begins, not a jump.",
				"Stages that are inactive in the CRM are none that could be skipped. Stages that are optional by agreement cannot be told apart: raise stages.",
				"A pipeline needs at least four open stages for two of them to be left out; short ones are silent.",
				"Moves that only our own comparison saw may have been several: unknown. Moves that an administrator made in bulk count like any other.",
			},
		},
		Check: checkStageSkipped,
	}
}

func checkStageSkipped(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	place, _ := p.Position(d)
	if p.Stage(d) == nil {
		return unknown(unlisted(p, d))
	}
	if place == 0 {
		return unknown(inactive(p, d))
	}
	limit, from := days(p, stageSkippedID, "stages")
	v := hygiene.Verdict{Value: hygiene.Say("stages", hygiene.Number(0)), Threshold: hygiene.Say("stages", hygiene.Number(limit)), ThresholdFrom: from}
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
	n := skipped(p, d, i, was, place)
	v.Value = hygiene.Say("stages", hygiene.Number(n))
	v.Measured, v.Limit = float64(n), float64(limit)
	v.Reason = hygiene.Say("moved-from", hygiene.Text(label), hygiene.Text(p.StageLabel(d)), hygiene.On(on))
	switch told, _ := days(p, stageSkippedID, "days"); {
	case was == 0:
		return unknown(hygiene.Say("from-stage-inactive", hygiene.Text(label)))
	case n < limit:
		return v
	case c.Observed:
		return unknown(hygiene.Say("seen-by-comparison", hygiene.Part(v.Reason)))
	case slices.Contains(d.Untold, crm.History):
		return unknown(hygiene.Say("history-untold", hygiene.Part(v.Reason)))
	case on == p.Calendar(d).Date(d.Opportunity.CreatedAt):
		v.Outcome, v.Reason = hygiene.Exempt, hygiene.Say("on-first-day", hygiene.Part(v.Reason))
		return v
	case p.Days(d, on) > told:
		// Nobody confirmed anything: time has passed, which is no fix.
		v.Outcome, v.Reason = hygiene.Exempt, hygiene.Say("told-for", hygiene.Part(v.Reason), hygiene.Number(told))
		return v
	}
	v.Outcome = hygiene.Fail
	v.Reason = hygiene.Say("stage-skipped", hygiene.Text(label), hygiene.Text(p.StageLabel(d)), hygiene.On(on), hygiene.Number(n))
	if p.Late(d) {
		v.Severity = hygiene.Medium
	}
	return v
}

// lastStage is the place of the deal's last change of stage, -1 is none.
func lastStage(d *hygiene.Deal) int { return last(d, crm.FieldStage) }

// skipped counts the stages between was and place that the deal had not been in
// before the change at last.
func skipped(p *hygiene.Pass, d *hygiene.Deal, last, was, place int) int {
	if was == 0 {
		return 0
	}
	between := make(map[int]bool)
	for at := was + 1; at < place; at++ {
		between[at] = true
	}
	for i := range d.Changes[:last] {
		if c := &d.Changes[i]; c.Field == crm.FieldStage {
			_, left := p.StageAt(d, c.Old) // what it entered it has left since
			delete(between, left)
		}
	}
	return len(between)
}
