package daemon_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/store"
	"github.com/pipetidy/pipetidy/store/bolt"
)

// mornings tells what the manager reads on the following mornings, one text each; before
// each, something is done and the account is synced.
func mornings(b *bench, do ...func()) []string {
	b.t.Helper()
	return morningsFrom(b, 24, do...)
}

// morningsFrom begins on a day of November 2026.
func morningsFrom(b *bench, first int, do ...func()) []string {
	b.t.Helper()
	var out []string
	for i, f := range do {
		day := time.Date(2026, 11, first+i, 8, 0, 0, 0, b.cfg.Location)
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
	for i, want := range []string{"3 need an update", "(judged otherwise than Tue). 3 no longer checked", "(0 %, judged otherwise than Wed). 3 need an update: 0 new, 3 newly checked"} {
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

// nobodysWork fails for a finding that ended as somebody's work, or began as new, after since.
// It returns how many ended, and how many began.
func nobodysWork(x *orgBench, what string, since time.Time) (ended, begun int) {
	x.t.Helper()
	for _, l := range x.life() {
		switch {
		case l.State != hygiene.Open && l.Ended.After(since):
			ended++
			if l.State != hygiene.Off {
				x.t.Errorf("%s: %s of %s is %s", what, l.Rule, l.Record, l.State)
			}
		case l.Opened.After(since):
			begun++
			if !l.Backlog || !l.Newly || l.Back {
				x.t.Errorf("%s: %s of %s is new: %+v", what, l.Rule, l.Record, l)
			}
		}
	}
	return ended, begun
}

// openOf is how many findings of the rule are open and judged.
func openOf(x *orgBench, rule string) (n int) {
	for _, l := range x.life() {
		if l.Rule == rule && l.State == hygiene.Open && !l.Held {
			n++
		}
	}
	return n
}

// TestAHiddenFieldMakesNothingNew: field-level security hides the next step, so deals appear
// that have nothing booked; then the field is shown again.
func TestAHiddenFieldMakesNothingNew(t *testing.T) {
	t.Parallel()
	x := newOrgBench(t, 60)
	x.polled()
	missing, booked := openOf(x, hygiene.NextStepMissing), openOf(x, hygiene.NoFutureActivity)
	at := x.company.Now()
	x.company.HideField("Opportunity", "NextStep")
	x.quarters(2)
	if n := openOf(x, hygiene.NextStepMissing); n != 0 || missing == 0 {
		t.Fatalf("the scenario does not hold: %d next steps missing, before %d", n, missing)
	}
	nobodysWork(x, "hidden", at)
	if n := openOf(x, hygiene.NoFutureActivity); n <= booked {
		t.Fatalf("the scenario does not hold: nothing booked on %d, before on %d", n, booked)
	}
	for _, l := range x.life() {
		if l.Rule == hygiene.NoFutureActivity && l.State == hygiene.Open && (l.Opened.After(at) || l.Newly) {
			t.Errorf("hidden: nothing booked on %s since %v, newly %v", l.Record, l.Opened, l.Newly)
		}
	}
	changes := func() (out []string) {
		cs, err := x.Changes(t.Context(), x.src, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cs {
			if c.Kind == "sight" {
				out = append(out, c.Of+" "+string(c.Access))
			}
		}
		return out
	}
	if got := changes(); !slices.Equal(got, []string{"next_step hidden"}) {
		t.Errorf("what changed in our sight is %v", got)
	}
	x.company.ShowField("Opportunity", "NextStep")
	x.quarters(2)
	nobodysWork(x, "shown", at)
	if n := openOf(x, hygiene.NextStepMissing); n != missing {
		t.Errorf("shown: %d next steps missing, before %d", n, missing)
	}
	if got := changes(); !slices.Equal(got, []string{"next_step readable"}) {
		t.Errorf("what changed in our sight is %v", got)
	}
}

// TestAFieldThatIsSeenForTheFirstTimeMakesNothingNew: the contacts of deals are hidden at
// first.
func TestAFieldThatIsSeenForTheFirstTimeMakesNothingNew(t *testing.T) {
	t.Parallel()
	x := newOrgBench(t, 60)
	x.company.HideObject("OpportunityContactRole")
	x.polled()
	at := x.company.Now()
	x.company.ShowObject("OpportunityContactRole")
	x.quarters(1)
	if _, begun := nobodysWork(x, "shown", at); begun == 0 {
		t.Error("the scenario does not hold: nothing began")
	}
}

// TestAnotherMappingMakesNothingNew: `fields` names another field for a value, in both CRMs.
func TestAnotherMappingMakesNothingNew(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		open func(map[string]string) *orgBench
	}{
		{"salesforce", func(fields map[string]string) *orgBench {
			return newOrgBench(t, 60, func(c *salesforce.Config) { c.Fields = fields })
		}},
		{"hubspot", func(fields map[string]string) *orgBench {
			return newPortalBench(t, 60, func(c *hubspot.Config) { c.Fields = fields }).orgBench
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			fields := map[string]string{"next_step": map[string]string{"salesforce": "Description", "hubspot": "description"}[c.name]}
			x := c.open(fields)
			x.polled()
			at := x.company.Now()
			delete(fields, "next_step")
			x.reborn()
			x.quarters(1)
			ended, begun := nobodysWork(x, "mapped otherwise", at)
			if ended+begun == 0 {
				t.Error("the scenario does not hold: nothing changed")
			}
		})
	}
}

var errCrash = errors.New("killed")

// crashing is a journal whose process is killed after the last slice.
type crashing struct{ *bolt.Store }

func (crashing) FinishGeneration(context.Context, store.Fence, uint64, hygiene.Snapshot) error {
	return errCrash
}

// TestACrashWhileALimitIsRaised: the process ends after the lives were written and before
// the yardstick was. The next evaluation comes to the same.
func TestACrashWhileALimitIsRaised(t *testing.T) {
	var b *bench
	b = newBench(t, func(n *bench) {
		b = n
		quietDeals(b, 3)
		b.limit(14)
	})
	b.sync()
	for _, days := range []float64{40, 14} {
		b.limit(days)
		b.restart()
		dying, err := daemon.New(b.cfg, b.store, crashing{b.store}, b.store.Fence(), zap.NewNop())
		if err != nil {
			t.Fatal(err)
		}
		if err := dying.Evaluate(t.Context(), &b.cfg.Sources[0]); !errors.Is(err, errCrash) {
			t.Fatalf("limit %v: %v", days, err)
		}
		b.clock.Set(b.clock.Now().Add(15 * time.Minute))
		b.restart()
		b.sync()
		want := "no-activity off"
		if days == 14 {
			want = "no-activity open"
		}
		for _, l := range b.lives() {
			if strings.HasPrefix(l, "no-activity") && l != want {
				t.Errorf("limit %v: %s", days, l)
			}
		}
	}
}
