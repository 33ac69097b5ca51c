package rules

import (
	"fmt"
	"slices"

	"github.com/pipetidy/pipetidy/hygiene"
)

func stageExitCriteriaMissing() hygiene.Rule {
	return hygiene.Rule{
		ID:       hygiene.StageExitCriteriaMissing,
		Title:    "Stage entered without what its definition asks for",
		Severity: hygiene.Medium,
		Wants:    criteriaFields,
		Reads:    []string{"activities", "emails", "history", "last_activity_at", "next_activity_at", "stage_since"},
		Params: []hygiene.Param{
			{Name: "grace", Unit: "business days", Default: 1, Min: 0, Max: 30, Doc: "how long after entering the stage nothing is said"},
		},
		Doc: hygiene.Doc{
			Why:    "A stage means something only as long as every deal in it meets its definition. Forecasts by stage rest on that.",
			Fix:    "Fill what is missing, or move it back.",
			Higher: "High in late stages, and where an amount is missing on a deal in commit.",
			Limit: []string{
				"It asks for what your stage definitions name (pipelines[].stages): the exit fields of all stages before the deal's, and the entry fields of its own. Without definitions it is silent.",
				"Passes on the day a deal enters its stage: fields are often filled minutes later. Where nobody knows when it entered, there is no grace.",
				"A field that cannot be read or is not mapped is unknown, never missing, and is counted apart; the others are judged all the same.",
				"An amount of zero and a box that is not ticked count as empty; any other zero is a value. next_step is also met by a meeting, call or dated task ahead.",
				"Deals that passed a stage before its definition was written are asked too.",
			},
		},
		Check: checkStageExitCriteriaMissing,
	}
}

func checkStageExitCriteriaMissing(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	if len(p.Definitions(d)) == 0 {
		return exempt("no stage definitions for this pipeline")
	}
	list, ok := criteria(p, d)
	if !ok && p.Stage(d) == nil {
		return unknown(unlisted(p, d))
	}
	if !ok {
		return unknown("stage " + p.StageLabel(d) + " is not among the active stages of its pipeline, nor defined")
	}
	var empty, unseen []string
	back := ""
	for _, c := range list {
		switch filled, unclear := look(p, d, c.name); {
		case unclear != "":
			unseen = append(unseen, unclear)
		case !filled:
			if len(empty) == 0 {
				back = c.back
			}
			empty = append(empty, hygiene.Words(c.name))
		}
	}
	v := hygiene.Verdict{ThresholdFrom: hygiene.FromDefinition}
	v.Value, v.Threshold = tally(len(list), len(empty), len(unseen))
	switch {
	case len(empty) > 0:
		return lacking(p, d, v, empty, unseen, back)
	case len(unseen) > 0:
		v.Outcome, v.Reason = hygiene.Unknown, hygiene.List(unseen)
	case len(list) == 0: // a pass: moving it back to here is one way to mend it
		v.Reason = "your definitions ask for nothing up to " + p.StageLabel(d)
		v.Done = "was moved to " + p.StageLabel(d)
	default:
		v.Reason, v.Done = "all that your definitions ask for is filled", "has all that its stage asks for"
	}
	return v
}

// tally counts the criteria that could be looked at: what cannot be read counts
// neither as filled nor as empty.
func tally(all, empty, unseen int) (value, threshold string) {
	seen := all - unseen
	switch {
	case seen == 0 && unseen > 0:
		return fmt.Sprintf("%d cannot be read", unseen), fmt.Sprintf("%d of %d", all, all)
	case unseen > 0:
		return fmt.Sprintf("%d of %d filled, %d cannot be read", seen-empty, seen, unseen), fmt.Sprintf("%d of %d", seen, seen)
	}
	return fmt.Sprintf("%d of %d filled", all-empty, all), fmt.Sprintf("%d of %d", all, all)
}

// lacking completes the verdict on a deal with empty criteria.
func lacking(p *hygiene.Pass, d *hygiene.Deal, v hygiene.Verdict, empty, unseen []string, back string) hygiene.Verdict {
	what := hygiene.List(empty)
	v.Reason = inStage(p, d) + ", " + what + " empty"
	if since, ok := p.StageSince(d); ok {
		grace, _ := days(p, hygiene.StageExitCriteriaMissing, "grace")
		if p.Days(d, p.Calendar(d).Date(since)) < grace {
			v.Reason += ", within the grace" // a pass: the rep has just moved it
			if len(unseen) > 0 {
				v.Outcome, v.Reason = hygiene.Unknown, v.Reason+"; "+hygiene.List(unseen)
			}
			return v
		}
	}
	v.Outcome = hygiene.Fail
	v.Fix = "Fill " + what + "."
	if back != "" {
		v.Fix = "Fill " + what + ", or move it back to " + back + "."
	}
	if p.Late(d) || p.Committed(d) && slices.Contains(empty, "amount") {
		v.Severity = hygiene.High
	}
	return v
}
