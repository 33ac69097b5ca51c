package rules_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// deals makes n open deals as a company has them: five activities and four
// changes each, one in three in some disorder.
func deals(p *hygiene.Pass, n int) []hygiene.Deal {
	stages := []string{"qualified", "discovery", "proposal", "negotiation"}
	out := make([]hygiene.Deal, n)
	for i := range out {
		id := fmt.Sprintf("006%015d", i)
		fresh := p.Now.AddDate(0, 0, -i%9)
		if i%3 == 0 {
			fresh = p.Now.AddDate(0, 0, -20-i%60)
		}
		o := crm.Opportunity{
			ID: id, Name: "Deal " + id, Stage: stages[i%4], OwnerID: "ana", AccountID: "001" + id[3:], Amount: crm.Num(float64(i % 90 * 1000)),
			CloseDate: crm.DateOf(fresh.AddDate(0, 0, 12), pacific), NextStep: "Maya confirms the budget", ForecastCategory: "Pipeline",
			CreatedAt: fresh.AddDate(0, -3, 0), StageSince: fresh, LastActivityAt: fresh,
			Custom: []crm.Custom{{Name: "decision_criteria", Type: crm.Text, Value: "ROI in a year"}},
		}
		d := hygiene.Deal{Source: "sales", Opportunity: o}
		for j := range 5 {
			d.Activities = append(d.Activities, crm.Activity{ID: fmt.Sprint(j), Kind: crm.Call, Done: true, At: fresh.Add(time.Duration(j-5) * time.Hour)})
		}
		for j := range 4 {
			d.Changes = append(d.Changes, crm.Change{ID: fmt.Sprint(j), Field: crm.FieldStage, New: stages[j], At: fresh.AddDate(0, 0, j-4)})
		}
		out[i] = d
	}
	return out
}

func BenchmarkEvaluate(b *testing.B) {
	p := company()
	p.Source.Pipelines = []hygiene.Pipeline{{Name: "*", Stages: []hygiene.StageDefinition{
		{Name: "Discovery", Order: 0, MaxDays: 21, Exit: []string{"next_step", "decision_criteria"}},
		{Name: "Proposal", Order: 1, MaxDays: 14, Exit: []string{"economic_buyer", "amount"}},
		{Name: "Negotiation", Order: 2, MaxDays: 14, Late: true},
	}}}
	if err := p.Prepare(); err != nil {
		b.Fatal(err)
	}
	ds := deals(p, 1000)
	tallies := hygiene.NewTallies(p, nil)
	found, n := 0, 0
	b.ReportAllocs()
	for b.Loop() {
		d := &ds[n%len(ds)]
		r := p.Evaluate(d)
		tallies.Add(&r)
		found += len(r.Failed)
		n++
	}
	b.ReportMetric(float64(found)/float64(n), "findings/deal")
}

func BenchmarkDiff(b *testing.B) {
	p := company()
	if err := p.Prepare(); err != nil {
		b.Fatal(err)
	}
	var results []hygiene.Result
	ds := deals(p, 500)
	for i := range ds {
		results = append(results, p.Evaluate(&ds[i]))
	}
	e := &hygiene.Round{At: p.Now, Generation: 1, Is: p.Yardstick()}
	stored := hygiene.Diff(nil, results, nil, e)
	e.Generation, e.Was = 2, e.Is
	b.ReportAllocs()
	for b.Loop() {
		if got := hygiene.Diff(stored, results, nil, e); got != nil {
			b.Fatal("unchanged findings were written")
		}
	}
	b.ReportMetric(float64(len(stored)), "lives")
}
