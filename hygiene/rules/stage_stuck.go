package rules

import (
	"github.com/pipetidy/pipetidy/hygiene"
)

const stageStuckID = "stage-stuck"

func stageStuck() hygiene.Rule {
	return hygiene.Rule{
		ID:       stageStuckID,
		Title:    "Too long in its stage",
		Severity: hygiene.Medium,
		Reads:    []string{"history", "stage_since"},
		Params: []hygiene.Param{
			{Name: "days", Unit: "business days", Default: 0, Min: 0, Max: 500, Doc: "one limit for all stages without max_days of their own; 0 keeps the three below"},
			{Name: "early", Unit: "business days", Default: 21, Min: 1, Max: 500, Doc: "limit of early stages"},
			{Name: "late", Unit: "business days", Default: 14, Min: 1, Max: 500, Doc: "limit of late stages"},
			{Name: "other", Unit: "business days", Default: 30, Min: 1, Max: 500, Doc: "limit of stages that are not among the active ones of their pipeline"},
		},
		Doc: hygiene.Doc{
			Why:    "Deals that are won move. One that stays in its stage far longer than agreed is usually waiting for something that nobody has named.",
			Fix:    "What must happen for it to move?",
			Higher: "High from twice the limit on.",
			Limit: []string{
				"max_days of the stage's definition goes first, then what is configured here, then the defaults. A stage that is meant to be long (legal, a pilot) gets a max_days of its own.",
				"A deal that came back into a stage counts from its last return.",
				"Calls and meetings do not silence it: contact is not progress, and has a rule of its own.",
				"Where the stages of the pipeline cannot be read, nobody knows which of the three limits holds: the rule is unknown between the smallest and the largest.",
				"Where the CRM does not list the deal's stage (it was deleted, or belongs to another pipeline), its limit is not known: the rule is unknown. An inactive stage is listed.",
				"Where neither the CRM's date of the last stage change nor its history tells when the deal entered the stage, the rule is unknown.",
				"Imported deals often carry the day of the import as the day they entered their stage; they are found later than they should be, never earlier.",
			},
		},
		Check: checkStageStuck,
	}
}

func checkStageStuck(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	stage := hygiene.Text(p.StageLabel(d))
	since, ok := p.StageSince(d)
	if !ok {
		return unknown(hygiene.Say("stage-since-unknown", stage))
	}
	if p.Stage(d) == nil {
		return unknown(unlisted(p, d))
	}
	limit, most, from := stageLimit(p, d)
	on := p.Calendar(d).Date(since)
	n := p.Days(d, on)
	switch {
	case n > most:
		limit = most
	case n > limit:
		return unknown(hygiene.Say("stage-limit-unknown", hygiene.Since(on), stage, hygiene.Number(limit), hygiene.Number(most)))
	}
	v := hygiene.Verdict{
		Value: daysSince(on), Since: on, Threshold: businessDays(limit), ThresholdFrom: from,
		Measured: float64(n), Limit: float64(limit),
	}
	v.Reason = hygiene.Say("stage-stuck", hygiene.Since(on), stage, hygiene.Number(limit))
	if from == hygiene.FromDefinition {
		v.Reason = hygiene.Say("stage-stuck-defined", hygiene.Since(on), stage, hygiene.Number(limit))
	}
	if n <= limit {
		v.Done = hygiene.Say("moved-to", stage)
		return v
	}
	v.Outcome = hygiene.Fail
	if n >= 2*limit {
		v.Severity = hygiene.High
	}
	return v
}

// stageLimit is how long the deal may stay in its stage, and who said so. Where the place
// of the stage is not known, the limit is between n and most.
func stageLimit(p *hygiene.Pass, d *hygiene.Deal) (n, most int, from string) {
	if def := p.Definition(d); def != nil && def.MaxDays > 0 {
		return def.MaxDays, def.MaxDays, hygiene.FromDefinition
	}
	if n, from := days(p, stageStuckID, "days"); n > 0 {
		return n, n, from
	}
	if p.Unplaced(d) {
		n, from = days(p, stageStuckID, "other")
		most = n
		for _, param := range []string{"early", "late"} {
			limit, said := days(p, stageStuckID, param)
			n, most = min(n, limit), max(most, limit)
			if said != from {
				from = hygiene.FromSettings
			}
		}
		return n, most, from
	}
	param := "early"
	if place, _ := p.Position(d); place == 0 {
		param = "other"
	} else if p.Late(d) {
		param = "late"
	}
	n, from = days(p, stageStuckID, param)
	return n, n, from
}
