package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// skip.pipelines and commit of a source reach its judgement: a skipped deal is in no
// list and no number, and what it had open ends without having been fixed.
func TestASourceSkipsPipelinesAndNamesItsCommit(t *testing.T) {
	b := newBench(t, func(b *bench) {
		renewal := b.deal("006000000000002AAA", "Umbrella renewal")
		renewal.Pipeline = "012R"
		b.account.deals = append(b.account.deals, renewal)
		b.account.deals[0].Pipeline, b.account.deals[0].ForecastCategory = "012N", "Sure"
		b.account.pipelines = map[string]string{"012N": "New business", "012R": "Renewals"}
	})
	b.sync()
	both := len(b.check().Findings)
	b.cfg.Sources[0].Skip, b.cfg.Sources[0].Commit = []string{"renewals", "Upsell"}, []string{"sure"}
	b.restart()
	b.clock.Set(b.clock.Now().Add(20 * time.Minute))
	b.sync()
	c := b.check()
	if len(c.Findings) == 0 || len(c.Findings) == both {
		t.Errorf("%d findings, before the skip %d", len(c.Findings), both)
	}
	for _, f := range c.Findings {
		if f.Opportunity.ID == "006000000000002AAA" {
			t.Errorf("a skipped deal has a finding: %+v", f)
		}
	}
	s, _, err := b.store.Snapshot(t.Context(), "sales", b.clock.Now())
	if err != nil || len(s.Tallies) != 1 || s.Tallies[0].Deals != 1 || s.Tallies[0].CommitDeals != 1 || s.Tallies[0].Commit[""] != 40000 {
		t.Errorf("tallies %+v, %v", s.Tallies, err)
	}
	for _, l := range b.lives() {
		if strings.HasSuffix(l, " fixed") {
			t.Errorf("life %q: a skipped deal was not fixed", l)
		}
	}
	e, err := b.Explain(t.Context(), "006000000000002AAA")
	if err != nil || !strings.Contains(e.Rules[0].Reason, "renewals are skipped") {
		t.Errorf("explain: %+v, %v", e, err)
	}
	st, err := b.Status(t.Context())
	if n := strings.Join(st.Notices, "\n"); err != nil || !strings.Contains(n, `skip.pipelines names "Upsell"`) || strings.Contains(n, `"renewals"`) {
		t.Errorf("notices: %s, %v", n, err)
	}
}

// stagesIn gives each pipeline the same stages.
func stagesIn(pipelines map[string]string, stages []crm.Stage) (out []crm.Stage) {
	for id, label := range pipelines {
		for _, s := range stages {
			s.Pipeline, s.PipelineLabel = id, label
			out = append(out, s)
		}
	}
	return out
}
