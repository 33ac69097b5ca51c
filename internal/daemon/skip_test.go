package daemon_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// skip.pipelines and commit of a source decide how its deals are judged: a skipped deal
// is in no list and no number, and its open findings end without having been fixed.
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
	if !slices.Contains(s.Forecasts, "Sure") {
		t.Errorf("forecast categories of the open deals: %q", s.Forecasts)
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

// Where every deal is skipped, the digest does not say that there are no deals.
func TestEveryDealIsSkipped(t *testing.T) {
	b := newBench(t, func(b *bench) {
		b.account.deals[0].Pipeline = "012R"
		b.cfg.Sources[0].Skip = []string{"012R"}
	})
	b.sync()
	if c := b.check(); len(c.Findings) != 0 || c.Sources[0].Skipped != 1 {
		t.Errorf("got %+v", c)
	}
	b.clock.Set(time.Date(2026, 11, 23, 8, 31, 0, 0, b.cfg.Location))
	b.tick()
	if len(b.slack.sent) == 0 || !strings.Contains(strings.Join(strings.Fields(string(b.slack.sent[0].Body)), " "), "the one open deal is in a skipped pipeline") {
		t.Errorf("the digest does not say where the deals are: %s", b.slack.sent[0].Body)
	}
	st, err := b.Status(t.Context())
	if n := strings.Join(st.Notices, "\n"); err != nil || !strings.Contains(n, "sales: no open deal is judged: skip.pipelines covers all (1)") || strings.Contains(n, "names") {
		t.Errorf("notices: %s, %v", n, err)
	}
}

// Ops are told of a configured name in commit that the source does not have, with the
// names that the source has. Of the default, which no operator wrote, nothing is told.
func TestCommitNamesACategoryThatIsNotThere(t *testing.T) {
	b := newBench(t, func(b *bench) {
		b.account.deals[0].ForecastCategory = "BEST_CASE"
	})
	b.sync()
	for _, c := range []struct {
		commit []string
		want   string
	}{
		{nil, ""},
		{[]string{"BEST_CASE"}, ""},
		{[]string{"Best Case", "Nonsense"}, `sales: commit names "Nonsense", but no stage and no open deal has that forecast category, so it adds nothing to the commit; those in use are Best Case`},
	} {
		b.cfg.Sources[0].Commit = c.commit
		b.restart()
		b.sync()
		st, err := b.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, n := range st.Notices {
			if strings.Contains(n, "commit names") {
				got = append(got, n)
			}
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("commit %q: %q", c.commit, got)
		}
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
