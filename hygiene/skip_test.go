package hygiene

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pipetidy/pipetidy/crm"
)

// A deal in a skipped pipeline has no findings and is in no number, and its earlier
// findings end without being counted as fixed.
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
		all := NewTallies(p, nil)
		all.Add(&r)
		skipped := c.skipped != ""
		if r.Skipped != skipped || (len(r.Failed) == 0) != skipped || (len(all.List()) == 0) != skipped {
			t.Errorf("%q of %q: got %+v, tallies %+v", c.names, c.pipeline, r, all.List())
		}
		if e := p.Explain(d)[0]; skipped && (e.Verdict.Outcome != Exempt || e.Reason != "deals of the pipeline "+c.skipped+" are skipped (skip.pipelines)") {
			t.Errorf("explain: %+v", e)
		}
		open := Life{Finding: found(r.Record, "a", "old words", 0), State: Open, Opened: day1, First: day0}
		got := Diff([]Life{open}, []Result{r}, nil, again(now, 9))
		if ended := len(got) == 1 && got[0].State == Off; ended != skipped {
			t.Errorf("%q of %q: the finding of before is %+v", c.names, c.pipeline, got)
		}
		if s := all.Skipped()[r.Facts.Team]; (s == 1) != skipped {
			t.Errorf("%q of %q: %d counted as skipped", c.names, c.pipeline, s)
		}
		if d := cmp.Diff(c.unknown, (&Seen{}).UnmatchedSkips(p), cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%q: unmatched (-want +got):\n%s", c.names, d)
		}
	}
}

// A source may list no stages of a pipeline, so a name by which a deal was skipped is
// no typo even if the source does not list it.
func TestUnmatchedSkips(t *testing.T) {
	everywhere, renewals := crm.Stage{ID: "x"}, crm.Stage{Pipeline: "012A", PipelineLabel: "Renewals", ID: "x"}
	for _, c := range []struct {
		name   string
		stages []crm.Stage
		of     string // the pipeline of an open deal
		want   bool   // is it reported?
	}{
		{"Renewals", []crm.Stage{everywhere, renewals}, "", false},
		{" 012a", []crm.Stage{everywhere, renewals}, "", false},
		{"Renewal", []crm.Stage{everywhere, renewals}, "012A", true},
		{"Renewals", []crm.Stage{everywhere}, "renewals ", true},
		{"Renewals", []crm.Stage{everywhere}, "renewals", false},
		{"Renewals", nil, "renewals", false},
		{"Renewals", nil, "", true},
	} {
		p := testPass(t, always("a", failing))
		p.Source.Stages, p.Skip = c.stages, []string{c.name}
		if err := p.Prepare(); err != nil {
			t.Fatal(err)
		}
		d := testDeal()
		d.Opportunity.Pipeline = c.of
		r := p.Evaluate(d)
		var seen Seen
		seen.Add(&r)
		if got := seen.UnmatchedSkips(p); (len(got) > 0) != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
	}
}

// A name in commit that is the category of no stage and of no open deal is reported.
func TestUnmatchedCommit(t *testing.T) {
	stages := []crm.Stage{{ID: "x", Forecast: "PIPELINE"}, {ID: "y"}}
	for _, c := range []struct {
		commit []string
		stages []crm.Stage
		of     string // the category of an open deal
		closed bool
		want   []string
		have   []string
	}{
		{[]string{"Commit"}, stages, "Commit", false, nil, []string{"Commit", "Pipeline"}},
		{[]string{"commit ", "BEST_CASE"}, stages, "Best Case", false, []string{"commit "}, []string{"Best Case", "Pipeline"}},
		{[]string{"Commit"}, stages, "Commit", true, []string{"Commit"}, []string{"Pipeline"}},
		{[]string{"pipeline"}, stages, "", false, nil, []string{"Pipeline"}},
		{[]string{"Nonsense"}, nil, "", false, nil, nil}, // nothing is known
	} {
		p := testPass(t, always("a", failing))
		p.Source.Stages, p.Commit = c.stages, c.commit
		if err := p.Prepare(); err != nil {
			t.Fatal(err)
		}
		d := testDeal()
		d.Opportunity.ForecastCategory, d.Opportunity.Stage, d.Opportunity.Closed = c.of, "y", c.closed
		r := p.Evaluate(d)
		var seen Seen
		seen.Add(&r)
		got, have := seen.UnmatchedCommit(p)
		if d := cmp.Diff([][]string{c.want, c.have}, [][]string{got, have}); d != "" {
			t.Errorf("%+v (-want +got):\n%s", c, d)
		}
		if counts := p.Committed(d); !c.closed && c.of != "" && !counts && slices.Equal(c.commit, []string{"commit ", "BEST_CASE"}) {
			t.Error("the CRM's own way to write Best Case does not count")
		}
	}
}
