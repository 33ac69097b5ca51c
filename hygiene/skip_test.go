package hygiene

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
)

// A deal in a skipped pipeline has no findings, is in no number, and what was found
// on it before ends without having been fixed.
func TestSkippedPipelines(t *testing.T) {
	stages := []crm.Stage{
		{Pipeline: "012A", PipelineLabel: "Renewals", ID: "x", Active: true},
		{Pipeline: "012B", PipelineLabel: "New business", ID: "x", Active: true},
	}
	for _, c := range []struct {
		names    []string
		pipeline string
		skipped  string
		unknown  []string
	}{
		{nil, "012A", "", nil},
		{[]string{"renewals"}, "012A", "renewals", nil},
		{[]string{" 012a "}, "012A", "012a", nil},
		{[]string{"Renewals"}, "012B", "", nil},
		{[]string{"Renewals"}, "", "", nil},
		{[]string{"Renewal"}, "012A", "", []string{"Renewal"}},
	} {
		p := testPass(t, always("a", failing))
		p.Source.Stages, p.Skip = stages, c.names
		if err := p.Prepare(); err != nil {
			t.Fatal(err)
		}
		d := testDeal()
		d.Opportunity.Pipeline = c.pipeline
		r := p.Evaluate(d)
		all := NewTallies(p)
		all.Add(&r, d)
		skipped := c.skipped != ""
		if r.Skipped != skipped || (len(r.Failed) == 0) != skipped || (len(all.List()) == 0) != skipped {
			t.Errorf("%q of %q: got %+v, tallies %+v", c.names, c.pipeline, r, all.List())
		}
		if e := p.Explain(d)[0].Verdict; skipped && (e.Outcome != Exempt || e.Reason != "deals of the pipeline "+c.skipped+" are skipped (skip.pipelines)") {
			t.Errorf("explain: %+v", e)
		}
		open := Life{Finding: found(r.Record, "a", "old words", 0), State: Open, Opened: day1, First: day0}
		got := Diff([]Life{open}, []Result{r}, nil, now, 9, false)
		if ended := len(got) == 1 && got[0].State == Off; ended != skipped {
			t.Errorf("%q of %q: the finding of before is %+v", c.names, c.pipeline, got)
		}
		if d := cmp.Diff(c.unknown, p.UnmatchedSkips()); d != "" && len(c.unknown)+len(p.UnmatchedSkips()) > 0 {
			t.Errorf("%q: unmatched (-want +got):\n%s", c.names, d)
		}
	}
}
