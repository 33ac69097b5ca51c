package rules_test

import (
	"slices"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestUntoldRecords: where the CRM has activities, or rows of the history, that may be the
// deal's and were not read, no finding says that there are none. What was read still counts.
func TestUntoldRecords(t *testing.T) {
	for _, c := range []struct {
		rule    string
		stream  crm.Stream
		touched bool // there was contact long ago
	}{
		{"no-activity", crm.Activities, true},
		{"never-touched", crm.Activities, false},
		{"no-future-activity", crm.Activities, true},
		{"next-step-missing", crm.Activities, true},
		{"stage-skipped", crm.History, true},
	} {
		p := company()
		p.Settings[hygiene.NoActivity] = hygiene.Settings{Off: c.rule == "no-future-activity"}
		if err := p.Prepare(); err != nil {
			t.Fatal(err)
		}
		d := &hygiene.Deal{Source: "sales", Opportunity: crm.Opportunity{
			ID: "006A", Name: "Globex", Stage: "negotiation", OwnerID: "ana", CreatedAt: p.Now.AddDate(0, 0, -200), StageSince: p.Now.AddDate(0, 0, -3),
			CloseDate: crm.DateOf(p.Now, pacific) + 20, Amount: crm.Num(1000),
		}, Changes: []crm.Change{{ID: "1", OpportunityID: "006A", Field: crm.FieldStage, Old: "qualified", OldKnown: true, New: "negotiation", At: p.Now.AddDate(0, 0, -3)}}}
		if c.touched {
			d.Activities = []crm.Activity{{ID: "00T1", Kind: crm.Call, At: p.Now.AddDate(0, 0, -90), Done: true, CreatedAt: p.Now.AddDate(0, 0, -80)}}
		}
		if c.rule != "next-step-missing" {
			d.Opportunity.NextStep = "Ana sends the redlines"
		}
		if c.rule == "never-touched" {
			d.Opportunity.CreatedAt = p.Now.AddDate(0, 0, -40)
		}
		found := func() bool {
			return slices.ContainsFunc(p.Evaluate(d).Failed, func(f hygiene.Finding) bool { return f.Rule == c.rule })
		}
		if !found() {
			t.Errorf("%s: the scenario does not hold: %+v", c.rule, p.Evaluate(d).Failed)
			continue
		}
		d.Untold = []crm.Stream{c.stream}
		if found() {
			t.Errorf("%s is found though not all %s were read", c.rule, c.stream)
		}
		if c.stream == crm.History {
			continue
		}
		d.Activities = append(d.Activities, crm.Activity{ID: "00U1", Kind: crm.Meeting, At: p.Now.AddDate(0, 0, 3), CreatedAt: p.Now})
		for _, v := range p.Explain(d) {
			if v.Rule.ID == c.rule && v.Verdict.Outcome == hygiene.Unknown {
				t.Errorf("%s is unknown though a meeting was read", c.rule)
			}
		}
	}
}
