package daemon_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/daemon"
)

// A login that lost a permission sees few deals and gets no error. No deal is judged,
// managers read why, and ops are told once what to do.
func TestWhatASweepHoldsBackWithholdsFindings(t *testing.T) {
	b := newBench(t, func(b *bench) {
		for i := range 7 {
			b.account.deals = append(b.account.deals, b.deal(fmt.Sprintf("00600000000000%dAAA", i+2), "Deal"))
		}
	})
	b.sync()
	all := b.account.deals
	if len(b.check().Findings) == 0 {
		t.Fatal("no finding to begin with")
	}
	core, logs := observer.New(zapcore.WarnLevel)
	d, err := daemon.New(b.cfg, b.store, b.store, b.store.Fence(), zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	b.Daemon = d
	b.account.sweep, b.account.deals = true, all[:1]
	for range 2 {
		b.clock.Set(b.clock.Now().Add(20 * time.Minute))
		b.sync()
	}
	c := b.check()
	const what = "7 of 8 open deals are no longer visible to the login"
	if len(c.Findings) != 0 || c.Sources[0].Withheld != what || !c.Sources[0].HeldBack {
		t.Errorf("got %+v, want no verdict and why", c)
	}
	st, err := b.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Join(st.Notices, "\n"); strings.Count(n, what) != 1 || !strings.Contains(n, "pipetidy sync --full --source sales") {
		t.Errorf("status says:\n%s", n)
	}
	if n := logs.FilterMessage("notice").Len(); n != 1 {
		t.Errorf("ops were told %d times, want once", n)
	}
	var notes []string
	if err := b.Sync(t.Context(), &b.cfg.Sources[0], false, func(e api.SyncEvent) { notes = append(notes, e.Notes...) }); err != nil || strings.Count(strings.Join(notes, "\n"), what) != 1 {
		t.Errorf("sync says %q, %v", notes, err)
	}
	b.clock.Set(time.Date(2026, 11, 24, 8, 31, 0, 0, b.cfg.Location))
	b.tick()
	if len(b.slack.sent) == 0 {
		t.Fatal("no digest")
	}
	body := strings.Join(strings.Fields(string(b.slack.sent[0].Body)), " ")
	if !strings.Contains(body, "are withheld: in the data from Mon 08:40, "+what+". They come back when the permissions") || strings.Contains(body, "next digest") {
		t.Errorf("the digest does not say why findings are withheld, and what brings them back:\n%s", body)
	}
	if e, err := b.Explain(t.Context(), all[0].ID); err != nil || !e.Source.HeldBack {
		t.Errorf("explain: %+v, %v", e, err)
	}
	// The permission is there again: a full read sees all.
	b.account.deals = all
	if err := b.Sync(t.Context(), &b.cfg.Sources[0], true, nil); err != nil {
		t.Fatal(err)
	}
	b.sync()
	if c := b.check(); len(c.Findings) == 0 || c.Sources[0].Withheld != "" {
		t.Errorf("after the full read: %+v", c)
	}
	if st, err = b.Status(t.Context()); err != nil || strings.Contains(strings.Join(st.Notices, ""), what) {
		t.Errorf("status after the full read: %v, %v", st.Notices, err)
	}
}

// While the API budget is used up the digest says as of when its data is.
func TestADigestOfAPausedSourceSaysHowOldItsDataIs(t *testing.T) {
	b := newBench(t, nil)
	b.sync() // at 08:00
	b.account.fail[crm.Opportunities] = &crm.QuotaError{Used: 100, Limit: 100}
	b.clock.Set(time.Date(2026, 11, 23, 12, 0, 0, 0, b.cfg.Location))
	if err := b.Sync(t.Context(), &b.cfg.Sources[0], false, nil); err == nil {
		t.Fatal("a sync without budget went well")
	}
	if err := b.Evaluate(t.Context(), &b.cfg.Sources[0]); err != nil {
		t.Fatal(err)
	}
	b.tick()
	if len(b.slack.sent) == 0 || !strings.Contains(string(b.slack.sent[0].Body), "Salesforce: not everything could be read since 08:00") {
		t.Errorf("the digest does not say that its data is of 08:00: %+v", b.slack.sent)
	}
}

// A digest never looks calm because nothing could be read since the last one.
func TestADigestSaysThatNothingCouldBeRead(t *testing.T) {
	for _, why := range []error{crm.ErrAuth, crm.ErrBusy, errors.New("HTTP 500")} {
		b := newBench(t, nil)
		b.clock.Set(time.Date(2026, 11, 23, 8, 29, 0, 0, b.cfg.Location))
		b.sync()
		b.clock.Set(time.Date(2026, 11, 23, 8, 40, 0, 0, b.cfg.Location))
		b.tick()
		for _, s := range b.account.Streams() {
			b.account.fail[s] = why
		}
		b.account.fail["describe"] = why
		b.clock.Set(time.Date(2026, 11, 24, 8, 28, 0, 0, b.cfg.Location))
		if err := b.Sync(t.Context(), &b.cfg.Sources[0], false, nil); err == nil {
			t.Fatal("a sync that was refused went well")
		}
		if err := b.Evaluate(t.Context(), &b.cfg.Sources[0]); err != nil {
			t.Fatal(err)
		}
		b.clock.Set(time.Date(2026, 11, 24, 8, 30, 0, 0, b.cfg.Location))
		b.tick()
		const says = "nothing could be read since Mon 08:29"
		if len(b.slack.sent) != 4 || !strings.Contains(string(b.slack.sent[2].Body), says) {
			t.Errorf("%v: the digest does not say that %s: %s", why, says, b.slack.sent[len(b.slack.sent)-2].Body)
		}
	}
}
