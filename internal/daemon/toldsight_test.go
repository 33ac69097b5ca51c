package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestWhatChangedInOurSightIsSaid hides a field, shows it again, raises a limit and switches
// a rule off: each morning's digest says what changed since the one before, once.
func TestWhatChangedInOurSightIsSaid(t *testing.T) {
	var b *bench
	b = newBench(t, func(n *bench) {
		b = n
		n.account.deals[0].CloseDate += 60
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
		var got strings.Builder
		for _, p := range b.slack.sent[n:] {
			got.WriteString(" " + strings.Join(strings.Fields(string(p.Body)), " "))
		}
		return got.String()
	}
	news := []string{"since Mon:", "since Tue:", "Checked again", "longer checked", "newly checked"}
	expect(t, "first", morning(23, func() {}), []string{"Not checked: contacts"}, news...)
	expect(t, "hidden", morning(24, func() { b.account.fields["next_step"] = crm.Hidden }),
		[]string{"Not checked since Mon: next step on Salesforce deals (our login cannot read it). Not checked: contacts on Salesforce deals (field not mapped)."}, "Checked again")
	expect(t, "shown", morning(25, func() { b.account.fields["next_step"] = crm.Readable }),
		[]string{"Checked again: next step on Salesforce deals. Not checked: contacts"}, "since Tue:")
	expect(t, "limit", morning(26, func() {
		b.cfg.Settings = map[string]hygiene.Settings{
			hygiene.NeverTouched: {Params: map[string]float64{"days": 60}}, hygiene.NoActivity: {Params: map[string]float64{"days": 60}},
			hygiene.NoFutureActivity: {Off: true},
		}
	}), []string{"1 no longer checked: the rule never-touched was changed."}, "since Wed:", "Checked again")
	expect(t, "off", morning(27, func() {
		b.cfg.Settings = map[string]hygiene.Settings{hygiene.NoContact: {Off: true}}
	}), []string{"1 newly checked: the rule never-touched was changed."}, "Checked again", "Not checked", "no-contact")
}

// TestAnotherSeverityIsSaid: the file gives a rule another severity, and nobody did anything.
// The deal of the commit was as bad as that before.
func TestAnotherSeverityIsSaid(t *testing.T) {
	var b *bench
	weigh := func(s hygiene.Severity) func() {
		return func() {
			b.limit(14)
			set := b.cfg.Settings[hygiene.NoActivity]
			set.Severity = s
			b.cfg.Settings[hygiene.NoActivity] = set
		}
	}
	b = newBench(t, func(n *bench) {
		b = n
		quietDeals(b, 2)
		b.account.deals[0].ForecastCategory = "Commit"
		weigh(hygiene.Medium)()
	})
	b.sync()
	got := mornings(b, func() {}, weigh(hygiene.High), func() {})
	expect(t, "raised", got[1], []string{"1 judged otherwise: the severity of the rule no-activity was changed."}, "since today", "newly checked", "by that alone")
	expect(t, "the day after", got[2], nil, "judged otherwise:")
}
