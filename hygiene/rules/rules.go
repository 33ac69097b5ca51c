// Package rules is the catalogue of hygiene rules. Each rule has one file with
// its documentation, its parameters and its check, and cases under
// testdata/RULE. docs/rules.md is printed from the same data.
//
// A rule belongs here when it judges one deal by what the CRM holds. Rules of an
// operator's own are configuration, not code.
package rules

import (
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

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
		dealTooOld(),
		closeDateTooFar(),
		closeDatePushedOverPeriod(),
		closeDatePulledIn(),
		closeDateTooSoon(),
		closeDateUntouched(),
		amountChangedLate(),
		newOwnerNoTouch(),
		commitNoActivity(),
		commitNoNextMeeting(),
		buyerSilent(),
		noShowNotRebooked(),
		commitEarlyStage(),
		omittedButActive(),
		nextStepOverdue(),
		nextStepVague(),
		nextActivityTooFar(),
		overdueTasks(),
		meetingWithoutOutcome(),
		noAccount(),
		singleThreaded(),
		noDecisionMaker(),
		noPrimaryContact(),
		closeDateMicroSlip(),
		closeDateNonbusiness(),
		createdInLateStage(),
		stageRegressed(),
		stageBounced(),
		onHoldForever(),
	}
}

// days reads a parameter that counts days.
func days(p *hygiene.Pass, rule, param string) (n int, from string) {
	v, from := p.Param(rule, param)
	return int(v), from
}

// exempt and unknown are the verdicts that find nothing, and say why.
func exempt(reason hygiene.Said) hygiene.Verdict {
	return hygiene.Verdict{Outcome: hygiene.Exempt, Reason: reason}
}

func unknown(reason hygiene.Said) hygiene.Verdict {
	return hygiene.Verdict{Outcome: hygiene.Unknown, Reason: reason}
}

// inStage says where the deal is and, where that is known, since when: "in
// Negotiation since Mon".
func inStage(p *hygiene.Pass, d *hygiene.Deal) hygiene.Said {
	if since, ok := p.StageSince(d); ok {
		return hygiene.Say("in-stage-since", hygiene.Text(p.StageLabel(d)), hygiene.On(p.Calendar(d).Date(since)))
	}
	return hygiene.Say("in-stage", hygiene.Text(p.StageLabel(d)))
}

// businessDays is a limit in business days.
func businessDays(n int) hygiene.Said { return hygiene.Say("business-days", hygiene.Number(n)) }

// daysSince is how many business days have passed since a date.
func daysSince(on crm.Date) hygiene.Said { return hygiene.Say("days-since", hygiene.Since(on)) }

// withinGrace says of what would be a finding that it waits.
func withinGrace(what hygiene.Said) hygiene.Said {
	return hygiene.Say("within-grace", hygiene.Part(what))
}

// inactive says that the deal's stage has no place in its pipeline.
func inactive(p *hygiene.Pass, d *hygiene.Deal) hygiene.Said {
	return hygiene.Say("stage-inactive", hygiene.Text(p.StageLabel(d)))
}

// fromStage is a limit that holds from a stage on.
func fromStage(n int, what string) hygiene.Said {
	return hygiene.Say("from-stage", hygiene.Number(n), hygiene.Part(hygiene.Say(what)))
}

// unlisted says that nothing is known of the deal's stage.
func unlisted(p *hygiene.Pass, d *hygiene.Deal) hygiene.Said {
	return hygiene.Say("stage-unlisted", hygiene.Text(p.StageLabel(d)))
}

// before returns a verdict when the deal has not come as far as the stage at
// place from, or when it cannot be told; ok is false when the rule applies.
func before(p *hygiene.Pass, d *hygiene.Deal, from int) (v hygiene.Verdict, ok bool) {
	switch place, _ := p.Position(d); {
	case p.Stage(d) == nil:
		return unknown(unlisted(p, d)), true
	case place == 0:
		return unknown(inactive(p, d)), true
	case place < from:
		return exempt(hygiene.Say("stage-too-early", hygiene.Text(p.StageLabel(d)))), true
	}
	return v, false
}
