package rules

import (
	"github.com/pipetidy/pipetidy/hygiene"
)

const commitEarlyStageID = "commit-early-stage"

func commitEarlyStage() hygiene.Rule {
	return hygiene.Rule{
		ID:       commitEarlyStageID,
		Title:    "Commit in an early stage",
		Severity: hygiene.Medium,
		Offer:    hygiene.OfferNext,
		Needs:    []string{"forecast_category"},
		Params: []hygiene.Param{
			{Name: "from_stage", Default: 3, Min: 2, Max: 20, Doc: "the first stage whose deals may be in the commit, counted among the open stages of the pipeline"},
		},
		Doc: hygiene.Doc{
			Why: "A deal that is promised for the quarter and has not come far says two things, of which one is wrong.",
			Fix: "Correct the forecast category, or the stage.",
			Limit: []string{
				"What counts as commit is the key commit of the source. A manager who commits an early deal on purpose finds it here all the same: park the deal for this rule.",
				"Unknown in a stage that the CRM does not list or that is not among the active ones of its pipeline.",
			},
		},
		Check: checkCommitEarlyStage,
	}
}

func checkCommitEarlyStage(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	if !p.Committed(d) {
		return exempt(hygiene.Say("not-committed"))
	}
	first, from := days(p, commitEarlyStageID, "from_stage")
	v := hygiene.Verdict{
		Value: hygiene.Say("text", hygiene.Text(p.StageLabel(d))), Threshold: hygiene.Say("stage-number", hygiene.Number(first)), ThresholdFrom: from,
		Reason: hygiene.Say("in-stage", hygiene.Text(p.StageLabel(d))),
	}
	switch place, _ := p.Position(d); {
	case p.Stage(d) == nil:
		return unknown(unlisted(p, d))
	case place == 0:
		return unknown(inactive(p, d))
	case place >= first:
		v.Done = hygiene.Say("moved-to", hygiene.Text(p.StageLabel(d)))
		return v
	}
	v.Outcome, v.Reason = hygiene.Fail, hygiene.Say("commit-early-stage", hygiene.Text(p.Forecast(d)), hygiene.Text(p.StageLabel(d)))
	return v
}
