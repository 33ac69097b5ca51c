package daemon_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
)

// orderly are n deals in order, of u1, with a meeting booked.
func orderly(b *bench, n int) {
	b.account.deals, b.account.acts = nil, nil
	for i := range n {
		d := b.deal(fmt.Sprintf("006000000000%03dAAA", i), fmt.Sprintf("Initech %03d", i))
		d.CloseDate, d.ForecastCategory, d.CreatedAt = crm.NewDate(2026, 12, 18), "Pipeline", b.clock.Now().AddDate(0, -3, 0)
		b.account.deals = append(b.account.deals, d)
	}
	b.cfg.Settings = map[string]hygiene.Settings{
		hygiene.NoActivity: {Off: true}, hygiene.NoFutureActivity: {Off: true}, "stage-stuck": {Off: true}, "next-step-stale": {Off: true}, "never-touched": {Off: true},
	}
}

// TestASuddenJumpIsHeld: an integration empties the next steps of forty deals of sixty in one night. The
// manager is not told forty deals but that they are held, except the one in the commit; ops
// are told once; what a person lets through is new that day, and only then.
func TestASuddenJumpIsHeld(t *testing.T) {
	var b *bench
	b = newBench(t, func(n *bench) {
		b = n
		b.cfg.Ops, b.cfg.Currency.Report = []string{"revops@acme.example"}, "USD"
		orderly(b, 60)
		b.account.deals[59].NextStep = ""
		b.account.deals[39].ForecastCategory = "Commit"
	})
	b.sync()
	b.tick()
	nothing := func() {}
	empty := func() {
		for i := range 40 {
			b.account.deals[i].NextStep, b.account.deals[i].ModifiedAt = "", b.clock.Now()
		}
	}
	texts := mornings(b, nothing, nothing, empty, nothing)
	for i, text := range texts {
		held := strings.Contains(text, "Held back: no next step on 41 of 60 deals, 1 before; not listed here: 39 deals, high, $1,560k.")
		if held != (i >= 2) || strings.Contains(text, "Initech 000") {
			t.Errorf("morning %d: %s", i, text)
		}
		if i == 2 && (!strings.Contains(text, "1 new") || !strings.Contains(text, "Initech 039 $40k, Commit") || !strings.Contains(text, "not counting no next step on 39 deals (held back)")) {
			t.Errorf("the morning after: %s", text)
		}
	}
	b.minute()
	b.minute()
	said := b.bulletins()
	told := strings.Join(strings.Fields(strings.Join(said, " ")), " ")
	if n := strings.Count(told, "(next-step-missing) on 41 of 60 open deals (68 %), where it used to be 1:"); n != 1 || !strings.Contains(told, "pipetidy release next-step-missing") {
		t.Errorf("ops were told %d times: %s", n, told)
	}

	after := morningsFrom(b, 30, func() {
		out, err := b.Release(t.Context(), api.ReleaseRequest{Rule: "next-step-missing"})
		if err != nil || len(out) != 1 {
			t.Fatalf("%+v %v", out, err)
		}
	}, nothing)
	b.minute()
	if said := b.bulletins(); strings.Count(strings.Join(said, " "), "OVER") != 1 {
		t.Errorf("after the release ops were told: %s", said)
	}
	if !strings.Contains(after[0], "39 new") || strings.Contains(after[0], "Held back") {
		t.Errorf("the morning of the release: %s", after[0])
	}
	if !strings.Contains(after[1], "0 new") || strings.Contains(after[1], "Held back") {
		t.Errorf("the morning after the release: %s", after[1])
	}
}
