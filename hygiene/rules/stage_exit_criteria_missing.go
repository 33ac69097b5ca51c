package rules

import (
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
				"A deal that passed a stage before the first day of its definition (applies_from) is not asked for it; without that day deals that passed the stage long ago are asked too.",
			},
		},
		Check: checkStageExitCriteriaMissing,
	}
}

func checkStageExitCriteriaMissing(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	if len(p.Definitions(d)) == 0 {
		return exempt(hygiene.Say("no-definitions"))
	}
	list, early, ok := criteria(p, d)
	if !ok && p.Stage(d) == nil {
		return unknown(unlisted(p, d))
	}
	if !ok {
		return unknown(hygiene.Say("stage-inactive-undefined", hygiene.Text(p.StageLabel(d))))
	}
	var empty []string
	var unseen []hygiene.Said
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
		v.Outcome, v.Reason = hygiene.Unknown, allOf(unseen)
	case len(list) == 0 && !early.IsZero():
		return exempt(hygiene.Say("before-definition", hygiene.On(early)))
	case len(list) == 0: // a pass: moving it back to here is one way to mend it
		v.Reason = hygiene.Say("nothing-asked", hygiene.Text(p.StageLabel(d)))
		v.Done = hygiene.Say("moved-to", hygiene.Text(p.StageLabel(d)))
	default:
		v.Reason, v.Done = hygiene.Say("all-filled"), hygiene.Say("has-all-filled")
	}
	return v
}

// allOf lists sentences in one.
func allOf(list []hygiene.Said) hygiene.Said { return hygiene.Say("all-of", hygiene.Parts(list)) }

// tally counts the criteria that could be looked at: what cannot be read counts
// neither as filled nor as empty.
func tally(all, empty, unseen int) (value, threshold hygiene.Said) {
	seen := all - unseen
	switch {
	case seen == 0 && unseen > 0:
		return hygiene.Say("unreadable", hygiene.Number(unseen)), hygiene.Say("of", hygiene.Number(all), hygiene.Number(all))
	case unseen > 0:
		return hygiene.Say("of-filled-unreadable", hygiene.Number(seen-empty), hygiene.Number(seen), hygiene.Number(unseen)), hygiene.Say("of", hygiene.Number(seen), hygiene.Number(seen))
	}
	return hygiene.Say("of-filled", hygiene.Number(all-empty), hygiene.Number(all)), hygiene.Say("of", hygiene.Number(all), hygiene.Number(all))
}

// lacking completes the verdict on a deal with empty criteria.
func lacking(p *hygiene.Pass, d *hygiene.Deal, v hygiene.Verdict, empty []string, unseen []hygiene.Said, back string) hygiene.Verdict {
	what := hygiene.Texts(empty)
	v.Reason = hygiene.Say("criteria-missing", hygiene.Part(inStage(p, d)), what)
	if since, ok := p.StageSince(d); ok {
		grace, _ := days(p, hygiene.StageExitCriteriaMissing, "grace")
		if p.Days(d, p.Calendar(d).Date(since)) < grace {
			v.Reason = withinGrace(v.Reason) // a pass: the rep has just moved it
			if len(unseen) > 0 {
				v.Outcome, v.Reason = hygiene.Unknown, hygiene.Say("unclear-as-well", hygiene.Part(v.Reason), hygiene.Part(allOf(unseen)))
			}
			return v
		}
	}
	v.Outcome = hygiene.Fail
	v.Fix = hygiene.Say("fix-fill", what)
	if back != "" {
		v.Fix = hygiene.Say("fix-fill-or-back", what, hygiene.Text(back))
	}
	if p.Late(d) || p.Committed(d) && slices.Contains(empty, "amount") {
		v.Severity = hygiene.High
	}
	return v
}
