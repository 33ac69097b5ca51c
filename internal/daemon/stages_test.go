package daemon_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/internal/api"
)

// A stage is deleted in the CRM with a deal in it. What rests on the stage is unknown
// from then on: it is neither found nor fixed. The name by which people know the stage
// stays, and status says what happened.
func TestAStageIsDeletedWithADealInIt(t *testing.T) {
	b := newBench(t, func(b *bench) {
		o := &b.account.deals[0]
		o.Stage, o.StageSince, o.CloseDate = "p2", b.clock.Now().AddDate(0, -2, 0), o.CloseDate+60
		b.account.stages = "p2=Proposal"
	})
	states := func() string { return strings.Join(b.lives(), ", ") }
	b.sync()
	if got := states(); !strings.Contains(got, "stage-stuck open") {
		t.Fatalf("before: %s", got)
	}
	b.account.unlisted = "p2"
	b.clock.Set(b.clock.Now().Add(20 * time.Minute))
	b.sync()
	for _, f := range b.check().Findings {
		if f.Rule == "stage-stuck" {
			t.Errorf("found: %+v", f)
		}
	}
	if got := states(); !strings.Contains(got, "stage-stuck open") {
		t.Errorf("a stage that is gone fixed something: %s", got)
	}
	e, err := b.Explain(t.Context(), b.account.deals[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range e.Rules {
		if strings.Contains(fmt.Sprint(r), "p2") {
			t.Errorf("a raw id is told: %+v", r)
		}
		switch r.Rule {
		case "stage-stuck", "next-step-missing", "amount-missing", "stage-skipped":
			if r.Outcome != "unknown" || !strings.Contains(r.Reason, "does not list stage Proposal") {
				t.Errorf("%s: %s, %s", r.Rule, r.Outcome, r.Reason)
			}
		}
	}
	st, err := b.Status(t.Context())
	if n := strings.Join(st.Notices, "\n"); err != nil || !strings.Contains(n, `1 open deal is in stage "Proposal", which the CRM does not list`) {
		t.Errorf("notices: %s, %v", n, err)
	}
	b.account.unlisted = ""
	b.clock.Set(b.clock.Now().Add(20 * time.Minute))
	b.sync()
	if got := states(); !strings.Contains(got, "stage-stuck open") || strings.Contains(got, "fixed") {
		t.Errorf("the stage is back: %s", got)
	}
}

// A pipeline is deleted with deals in it: those that were skipped by its name stay so.
func TestASkippedPipelineIsDeleted(t *testing.T) {
	b := newBench(t, func(b *bench) {
		b.account.deals[0].Pipeline = "012R"
		b.account.deals = append(b.account.deals, b.deal("006000000000002AAA", "Umbrella"))
		b.account.deals[1].Pipeline = "012N"
		b.account.pipelines = map[string]string{"012N": "New business", "012R": "Renewals"}
		b.cfg.Sources[0].Skip = []string{"Renewals"}
	})
	b.sync()
	before := len(b.check().Findings)
	delete(b.account.pipelines, "012R")
	b.clock.Set(b.clock.Now().Add(20 * time.Minute))
	b.sync()
	c, err := b.Check(t.Context(), api.CheckRequest{})
	if err != nil || len(c.Findings) != before || c.Sources[0].Skipped != 1 {
		t.Errorf("%d findings, before %d; %d skipped; %v", len(c.Findings), before, c.Sources[0].Skipped, err)
	}
}
