package rules

import (
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

const stageBouncedID = "stage-bounced"

func stageBounced() hygiene.Rule {
	return hygiene.Rule{
		ID:       stageBouncedID,
		Title:    "In and out of its stage",
		Severity: hygiene.Low,
		Offer:    hygiene.OfferOps,
		Needs:    []string{"history"},
		Params: []hygiene.Param{
			{Name: "times", Default: 3, Min: 2, Max: 50, Doc: "how often a deal enters its stage before it is told"},
			{Name: "days", Unit: "calendar days", Default: 30, Min: 1, Max: 365, Doc: "within how many days it enters the stage so often"},
		},
		Doc: hygiene.Doc{
			Why: "A deal that enters the same stage again and again is moved by somebody and moved back by something: often a workflow works against the rep.",
			Fix: "Look in the history who moves it, and stop one of the two.",
			Limit: []string{
				"Counted are the entries into the deal's present stage in the days until now, by the CRM's own history; what our own comparison saw does not count, nor does the creation.",
				"It ends by itself when the days are over.",
			},
		},
		Check: checkStageBounced,
	}
}

func checkStageBounced(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
	times, from := days(p, stageBouncedID, "times")
	window, _ := days(p, stageBouncedID, "days")
	entered := 0
	for i := range d.Changes {
		c := &d.Changes[i]
		if c.Field == crm.FieldStage && c.OldKnown && !c.Observed && c.New == d.Opportunity.Stage && int(p.Today(d))-int(p.Calendar(d).Date(c.At)) < window {
			entered++
		}
	}
	v := hygiene.Verdict{
		Value: hygiene.Say("entries", hygiene.Number(entered)), Threshold: hygiene.Say("entries", hygiene.Number(times)), ThresholdFrom: from,
		Measured: float64(entered), Limit: float64(times),
		Reason: hygiene.Say("stage-entered", hygiene.Text(p.StageLabel(d)), hygiene.Number(entered), hygiene.Number(window)),
	}
	if entered >= times {
		v.Outcome = hygiene.Fail
	}
	return v
}
