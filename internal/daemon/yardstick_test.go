package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// mornings tells what the manager reads on the following mornings, one text each; before
// each, something is done and the account is synced.
func mornings(b *bench, do ...func()) []string {
	b.t.Helper()
	var out []string
	for i, f := range do {
		day := time.Date(2026, 11, 24+i, 8, 0, 0, 0, b.cfg.Location)
		b.clock.Set(day)
		f()
		b.restart()
		b.sync()
		b.clock.Set(day.Add(31 * time.Minute))
		b.sync()
		n := len(b.slack.sent)
		b.tick()
		var text string
		for _, p := range b.slack.sent[n:] {
			text += string(p.Body)
		}
		out = append(out, strings.Join(strings.Fields(text), " "))
	}
	return out
}

// quietDeals are n deals in order but for the last contact, 15 business days before Tue 24 Nov 2026.
func quietDeals(b *bench, n int) {
	b.account.deals = nil
	for i := range n {
		d := b.deal("00600000000000"+string(rune('1'+i))+"AAA", "Initech "+string(rune('A'+i)))
		d.CloseDate, d.ForecastCategory = crm.NewDate(2026, 12, 18), "Pipeline"
		d.CreatedAt = b.clock.Now().AddDate(0, -3, 0)
		b.account.deals = append(b.account.deals, d)
		b.account.acts = append(b.account.acts, crm.Activity{
			ID: "00T" + d.ID, Kind: crm.Call, Done: true, OpportunityIDs: []string{d.ID},
			At: time.Date(2026, 11, 2, 12, 0, 0, 0, b.cfg.Location), CreatedAt: time.Date(2026, 11, 2, 12, 0, 0, 0, b.cfg.Location),
		})
	}
}

// limit sets how long a deal may go without contact.
func (b *bench) limit(days float64) {
	b.cfg.Settings = map[string]hygiene.Settings{
		hygiene.NoActivity:       {Params: map[string]float64{"days": days}},
		hygiene.NoFutureActivity: {Off: true},
		"stage-stuck":            {Off: true},
		"next-step-stale":        {Off: true},
	}
}

// TestALimitThatIsRaisedFixesNothing: a limit goes from 14 to 40 and back, and the digest
// says that deals are checked no longer and newly, thanks nobody, and calls nothing new.
func TestALimitThatIsRaisedFixesNothing(t *testing.T) {
	var b *bench
	b = newBench(t, func(n *bench) {
		b = n
		quietDeals(b, 3)
		b.limit(14)
	})
	b.sync()
	got := mornings(b, func() {}, func() { b.limit(40) }, func() { b.limit(14) })
	for i, want := range []string{"3 need an update", "3 no longer checked", "3 newly checked"} {
		if !strings.Contains(got[i], want) {
			t.Errorf("morning %d does not say %q:\n%s", i+1, want, got[i])
		}
	}
	for _, text := range got[1:] {
		for _, wrong := range []string{"FIXED", "3 fixed", "3 new,", "3 new.", "New.", "ack again", "3 from before"} {
			if strings.Contains(text, wrong) {
				t.Errorf("%q in:\n%s", wrong, text)
			}
		}
	}
}
