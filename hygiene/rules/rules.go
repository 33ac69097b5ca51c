// Package rules is the catalogue of hygiene rules. Each rule has one file with
// its documentation, its parameters and its check, and cases under
// testdata/RULE. docs/rules.md is printed from the same data.
//
// A rule belongs here when it judges one deal by what the CRM holds. Rules of an
// operator's own are configuration, not code.
package rules

import "github.com/pipetidy/pipetidy/hygiene"

// All returns the catalogue in the order in which findings of one deal are told.
func All() []hygiene.Rule {
	return []hygiene.Rule{
		ownerInactive(),
		ownerMissing(),
		closeDatePast(),
		neverTouched(),
		noActivity(),
		stageStuck(),
		stageExitCriteriaMissing(),
		nextStepMissing(),
		noFutureActivity(),
		nextStepStale(),
		closeDatePushed(),
		closeDateMissing(),
		amountMissing(),
		noContact(),
		stageSkipped(),
	}
}

// days reads a parameter that counts days.
func days(p *hygiene.Pass, rule, param string) (n int, from string) {
	v, from := p.Param(rule, param)
	return int(v), from
}

// exempt and unknown are the verdicts that find nothing, and say why.
func exempt(reason string) hygiene.Verdict {
	return hygiene.Verdict{Outcome: hygiene.Exempt, Reason: reason}
}

func unknown(reason string) hygiene.Verdict {
	return hygiene.Verdict{Outcome: hygiene.Unknown, Reason: reason}
}

// inStage says where the deal is and, where that is known, since when: "in
// Negotiation since Mon".
func inStage(p *hygiene.Pass, d *hygiene.Deal) string {
	s := "in " + p.StageLabel(d)
	if since, ok := p.StageSince(d); ok {
		s += " since " + p.Day(d, p.Calendar(d).Date(since))
	}
	return s
}

// unlisted says that nothing is known of the deal's stage.
func unlisted(p *hygiene.Pass, d *hygiene.Deal) string {
	return "the CRM does not list stage " + p.StageLabel(d) + " in this pipeline"
}

// before returns a verdict when the deal has not come as far as the stage at
// place from, or when it cannot be told; ok is false when the rule applies.
func before(p *hygiene.Pass, d *hygiene.Deal, from int) (v hygiene.Verdict, ok bool) {
	switch place, _ := p.Position(d); {
	case p.Stage(d) == nil:
		return unknown(unlisted(p, d)), true
	case place == 0:
		return unknown("stage " + p.StageLabel(d) + " is not among the active stages of its pipeline"), true
	case place < from:
		return exempt("not asked for in stage " + p.StageLabel(d) + " yet"), true
	}
	return v, false
}
