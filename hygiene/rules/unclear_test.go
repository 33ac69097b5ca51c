package rules_test

import (
	"slices"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestUnclearValues: an empty value is a finding, a value that could not be read is not,
// and the other rules judge the deal as before.
func TestUnclearValues(t *testing.T) {
	for _, c := range []struct {
		rule    string
		unclear []string
		act     bool // an activity is unclear
	}{
		{rule: "amount-missing", unclear: []string{"amount"}},
		{rule: "close-date-missing", unclear: []string{"close_date"}},
		{rule: "stage-exit-criteria-missing", unclear: []string{"decision_criteria", "economic_buyer"}},
		{rule: "next-step-missing", unclear: []string{"next_step"}},
		{rule: "next-step-missing", act: true},
		{rule: "no-activity", unclear: []string{"last_activity_at"}},
		{rule: "no-activity", act: true},
	} {
		p := company()
		p.Source.Pipelines = []hygiene.Pipeline{{Name: "*", Stages: []hygiene.StageDefinition{
			{Name: "Discovery", Order: 0, Exit: []string{"decision_criteria", "economic_buyer"}}, {Name: "Proposal", Order: 1}, {Name: "Negotiation", Order: 2, Late: true},
		}}}
		if err := p.Prepare(); err != nil {
			t.Fatal(err)
		}
		d := &hygiene.Deal{Source: "sales", Opportunity: crm.Opportunity{
			ID: "006A", Name: "Globex", Stage: "proposal", OwnerID: "ana", CreatedAt: p.Now.AddDate(0, 0, -200), StageSince: p.Now.AddDate(0, 0, -20),
		}, Activities: []crm.Activity{{ID: "00T1", Kind: crm.Call, At: p.Now.AddDate(0, 0, -90), Done: true, CreatedAt: p.Now.AddDate(0, 0, -80)}}}
		found := func() (out []string) {
			for _, f := range p.Evaluate(d).Failed {
				out = append(out, f.Rule)
			}
			return out
		}
		before := found()
		if !slices.Contains(before, c.rule) {
			t.Errorf("%s: the scenario does not hold: %v", c.rule, before)
			continue
		}
		d.Opportunity.Unclear, d.Activities[0].Unclear = c.unclear, c.act
		after := found()
		if slices.Contains(after, c.rule) {
			t.Errorf("%s is found though %v or an activity (%v) cannot be read", c.rule, c.unclear, c.act)
		}
		if c.unclear != nil && c.unclear[0] == "amount" && len(after) != len(before)-1 {
			t.Errorf("%s: other rules changed: %v, %v", c.rule, before, after)
		}
	}
}

// TestUnclearCloseDate: whether a meeting comes in time cannot be told where the close date
// cannot be read, so the finding neither begins nor ends.
func TestUnclearCloseDate(t *testing.T) {
	for _, rule := range []string{hygiene.NoActivity, hygiene.NoFutureActivity, hygiene.NeverTouched} {
		p := company()
		if err := p.Prepare(); err != nil {
			t.Fatal(err)
		}
		d := &hygiene.Deal{Source: "sales", Opportunity: crm.Opportunity{
			ID: "006A", Name: "Globex", Stage: "negotiation", OwnerID: "ana", NextStep: "see Maya", CloseDate: crm.NewDate(2026, 11, 30), CreatedAt: p.Now.AddDate(0, 0, -200), StageSince: p.Now.AddDate(0, 0, -20),
		}, Activities: []crm.Activity{{ID: "00T2", Kind: crm.Meeting, At: p.Now.AddDate(0, 0, 9), CreatedAt: p.Now.AddDate(0, 0, -1)}}}
		if rule != hygiene.NeverTouched {
			d.Activities = append(d.Activities, crm.Activity{ID: "00T1", Kind: crm.Call, At: p.Now.AddDate(0, 0, -90), Done: true, CreatedAt: p.Now.AddDate(0, 0, -80)})
		}
		if got := outcomeOf(p, d, rule); got != hygiene.Fail && (rule != hygiene.NoFutureActivity || got != hygiene.Exempt) {
			t.Errorf("%s: the scenario does not hold: %v", rule, got)
		}
		d.Opportunity.CloseDate, d.Opportunity.Unclear = 0, []string{"close_date"}
		if got := outcomeOf(p, d, rule); got != hygiene.Unknown {
			t.Errorf("%s: %v though the close date cannot be read", rule, got)
		}
	}
}

func outcomeOf(p *hygiene.Pass, d *hygiene.Deal, rule string) hygiene.Outcome {
	return p.Evaluate(d).Outcomes[rule]
}
