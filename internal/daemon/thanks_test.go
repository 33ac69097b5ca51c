package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// TestThanksSayWhatWasDone: one deal gets its amount and a meeting, one its amount alone, one
// another date, and one is won. The manager reads what was done, and what is still missing;
// another date is not thanked, and the win is told as a win.
func TestThanksSayWhatWasDone(t *testing.T) {
	var b *bench
	b = newBench(t, func(n *bench) {
		b = n
		hooli := b.deal("006000000000002AAA", "Hooli pilot")
		hooli.CloseDate, hooli.Amount = hooli.CloseDate+60, crm.Number{}
		vandelay := hooli
		vandelay.ID, vandelay.Name = "006000000000004AAA", "Vandelay"
		b.account.deals = append(b.account.deals, hooli, b.deal("006000000000003AAA", "Umbrella"), vandelay)
	})
	b.sync()
	morning := func(day int, do func()) string {
		at := time.Date(2026, 11, day, 8, 0, 0, 0, b.cfg.Location)
		b.clock.Set(at)
		do()
		b.restart()
		b.sync()
		b.clock.Set(at.Add(31 * time.Minute))
		n := len(b.slack.sent)
		b.tick()
		for i, p := range b.slack.sent[n:] {
			if b.slack.to[n+i] == "maria@acme.example" {
				return strings.Join(strings.Fields(string(p.Body)), " ")
			}
		}
		return ""
	}
	expect(t, "first", morning(24, func() {}), []string{"4 need an update"}, "FIXED", "WON")
	got := morning(25, func() {
		ds := b.account.deals
		ds[0].CloseDate += 60
		ds[1].Amount = crm.Num(40000)
		ds[2].Closed, ds[2].Won = true, true
		ds[3].Amount = crm.Num(50000)
		b.account.acts = append(b.account.acts, crm.Activity{
			ID: "m1", Kind: crm.Meeting, OpportunityIDs: []string{ds[1].ID}, CreatedAt: b.clock.Now(), At: b.clock.Now().AddDate(0, 0, 7),
		})
	})
	expect(t, "second", got, []string{
		"2 need an update: 0 new, 2 from before. 1 fixed, 1 won.",
		"FIXED 1: Ana 1. Hooli pilot has an amount and has its meeting on 2 Dec, no doubt left.",
		"1 more is better: Vandelay $50k has an amount (still: no contact since it was created on 23 Oct).",
		"WON from this list: Umbrella $40k (Ana).",
	}, "CLOSED", "BETTER")
}
