package rules

import (
	"slices"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

const createdInLateStageID = "created-in-late-stage"

func createdInLateStage() hygiene.Rule {
	return hygiene.Rule{
		ID:       createdInLateStageID,
		Title:    "Created in a late stage",
		Severity: hygiene.Low,
		Offer:    hygiene.OfferCoach,
		Needs:    []string{"history"},
		Reads:    []string{crm.HistoryApp, "stage_since"},
		Params: []hygiene.Param{
			{Name: "days", Unit: hygiene.CountsBusinessDays, Default: 10, Min: 3, Max: 250, Doc: "how long after its creation it is told"},
		},
		Doc: hygiene.Doc{
			Why: "A deal that begins at the end was worked on before, and nobody saw it. What is learned in the stages before is seldom written down afterwards.",
			Fix: "Fill in what the earlier stages ask for, or move it back.",
			Limit: []string{
				"A deal begins in the stage in which it is at the end of the day of its creation, where its owner is; what was put right on that day counts as never been. A late stage is one that its definition calls late, else one of the last two open stages of its pipeline.",
				"It is told for some business days after the creation, and while the deal is in a late stage: then no longer, which is no fix.",
				"Renewals and upsells begin late by nature: where they have a pipeline of their own, skip it (skip.pipelines).",
				"What an import, a migration, an integration (such as a registration by a partner) or a workflow created is not found where the CRM tells so, as HubSpot does. Salesforce does not: there such deals are found, and many at once are told as one import.",
				"Where neither the history nor the CRM's date of the last stage change reaches back to the day of the creation, the rule is unknown, and so it is in a stage that has no place in its pipeline.",
			},
		},
		Check: checkCreatedInLateStage,
	}
}

// nobody are the ways in HubSpot by which records come that no rep has created.
var nobody = []string{"API", "AUTOMATION_PLATFORM", "IMPORT", "INTEGRATION", "MIGRATION", "WORKFLOWS"}

func checkCreatedInLateStage(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	place, _ := p.Position(d)
	switch {
	case p.Stage(d) == nil:
		return unknown(unlisted(p, d))
	case place == 0:
		return unknown(inactive(p, d))
	}
	told, from := days(p, createdInLateStageID, "days")
	created := p.Calendar(d).Date(d.Opportunity.CreatedAt)
	v := hygiene.Verdict{
		Value: hygiene.Say("created-on", hygiene.On(created)), Threshold: hygiene.Say("an-early-stage"), ThresholdFrom: from,
		Reason: hygiene.Say("in-stage", hygiene.Text(p.StageLabel(d))),
	}
	if !p.Late(d) {
		v.Done = hygiene.Say("moved-to", hygiene.Text(p.StageLabel(d)))
		return v
	}
	stage, via, ok := began(p, d, created)
	if !ok {
		return unknown(hygiene.Say("first-stage-unknown"))
	}
	label, was := p.StageAt(d, stage)
	v.Value = hygiene.Say("text", hygiene.Text(label))
	v.Reason = hygiene.Say("began-in", hygiene.Text(label), hygiene.On(created))
	switch {
	case !p.Listed(d, stage) || was == 0:
		return unknown(hygiene.Say("from-stage-inactive", hygiene.Text(label)))
	case !p.LateStage(d, stage):
		return v
	case slices.Contains(nobody, via):
		return exempt(hygiene.Say("created-by-no-rep", hygiene.Text(via)))
	case slices.Contains(d.Untold, crm.History):
		return unknown(hygiene.Say("history-untold", hygiene.Part(v.Reason)))
	case p.Days(d, created) > told:
		v.Outcome, v.Reason = hygiene.Exempt, hygiene.Say("told-for", hygiene.Part(v.Reason), hygiene.Number(told))
		return v
	}
	v.Outcome = hygiene.Fail
	return v
}

// began is the stage in which the deal was at the end of the day of its creation, and by
// which way it came into the CRM, "" is not told. ok is false where that is not known.
func began(p *hygiene.Pass, d *hygiene.Deal, created crm.Date) (stage, via string, ok bool) {
	cal, first := p.Calendar(d), true
	for i := range d.Changes {
		c := &d.Changes[i]
		if c.Field != crm.FieldStage || c.Observed {
			continue
		}
		switch on := cal.Date(c.At); {
		case on == created:
			if first {
				via = c.Via
			}
			stage, ok = c.New, true
		case first && on > created && c.OldKnown:
			return c.Old, "", true // the CRM tells the stage before its first entry
		}
		first = false
	}
	if !ok && first {
		since, known := p.StageSince(d)
		return d.Opportunity.Stage, "", known && cal.Date(since) == created && lastStage(d) < 0
	}
	return stage, via, ok
}
