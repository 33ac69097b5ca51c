package daemon_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/internal/outbox"
)

// mondays is the id of the manager's delivery of Monday.
func (b *bench) mondays() string {
	return "manager-daily|2026-11-23|1|West|maria@acme.example|slack|" + b.store.Installation()
}

// inDoubt makes a bench whose first message of Monday ends in doubt, on a channel that
// cannot look, and whose outbox has had a look at 08:31.
func inDoubt(t *testing.T, change func(*bench)) *bench {
	t.Helper()
	b := newBench(t, change)
	b.slack.script = func(n int, _ delivery.Part) error {
		if n == 1 {
			return errors.New("no answer to the final dot")
		}
		return nil
	}
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	b.tick()
	return b
}

// tuesday delivers Tuesday's digest, and returns what its reader was told.
func (b *bench) tuesday() string {
	b.t.Helper()
	b.clock.Set(time.Date(2026, 11, 24, 8, 31, 0, 0, b.cfg.Location))
	b.slack.script = nil
	b.sync()
	b.tick()
	for _, ch := range []*channel{b.slack, b.email} {
		for _, p := range ch.sent {
			if strings.HasPrefix(p.Key, "manager-daily|2026-11-24|1|") && strings.HasSuffix(p.Key, "#0") {
				return string(p.Body)
			}
		}
	}
	b.t.Fatalf("no digest on Tuesday: %v", b.states())
	return ""
}

// settle answers the command "deliveries settle".
func (b *bench) settle(id string, arrived bool) (*api.DeliveryStatus, error) {
	b.t.Helper()
	return b.Settle(b.t.Context(), api.SettleRequest{ID: id, Arrived: arrived})
}

// TestHeldIsSettled: what a reader is told of a message in doubt, and what remains of
// the doubt, after each of the ways in which it ends.
func TestHeldIsSettled(t *testing.T) {
	const may, not = "23 Nov may not have arrived", "23 Nov could not be delivered"
	for _, c := range []struct {
		name   string
		change func(*bench)
		settle func(*bench)
		states []string // after it
		told   string   // on Tuesday
	}{
		{"nobody settles it", nil, func(*bench) {}, []string{"2026-11-23 slack unknown"}, may},
		{"arrived", nil, func(b *bench) { _, _ = b.settle(b.mondays(), true) }, []string{"2026-11-23 slack sent"}, ""},
		{"lost, with an else channel", nil, func(b *bench) { _, _ = b.settle(b.mondays(), false); b.tick() },
			[]string{"2026-11-23 email sent", "2026-11-23 slack failed"}, ""},
		{"lost, after the deadline", nil, func(b *bench) {
			b.clock.Set(b.clock.Now().Add(5 * time.Hour))
			_, _ = b.settle(b.mondays(), false)
			b.tick()
		}, []string{"2026-11-23 slack failed"}, not},
		{"lost, without an else channel", func(b *bench) { b.cfg.Digests[0].Else = "" }, func(b *bench) { _, _ = b.settle(b.mondays(), false) },
			[]string{"2026-11-23 slack failed"}, not},
		{"another edition", nil, func(b *bench) { _, _ = b.SendNow(t.Context(), &b.cfg.Digests[0], "", true) },
			[]string{"2026-11-23 slack skipped", "2026-11-23 slack sent"}, ""},
		{"another edition that fails", func(b *bench) { b.cfg.Digests[0].Else = "" }, func(b *bench) {
			b.slack.script = func(int, delivery.Part) error {
				return &delivery.RejectedError{Blame: delivery.BlameRecipient, Err: errors.New("users_not_found")}
			}
			_, _ = b.SendNow(t.Context(), &b.cfg.Digests[0], "", true)
		}, []string{"2026-11-23 slack skipped", "2026-11-23 slack failed"}, may},
		{"posted until the deadline and never found", func(b *bench) {
			b.cfg.Digests[0].Else = ""
			b.cfg.Notifiers[delivery.Slack] = asked{b.slack}
			b.slack.asking = func(delivery.Part) (bool, error) { return false, nil }
		}, func(b *bench) {
			b.slack.script = func(int, delivery.Part) error { return errors.New("fatal_error") }
			for range 5 * 60 {
				b.clock.Set(b.clock.Now().Add(time.Minute))
				b.tick()
			}
		}, []string{"2026-11-23 slack failed"}, may},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := inDoubt(t, c.change)
			c.settle(b)
			want(t, b.states(), c.states...)
			st, err := b.Status(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			held := slices.ContainsFunc(st.Notices, func(n string) bool { return strings.Contains(n, "deliveries settle ") })
			if held != (c.states[0] == "2026-11-23 slack unknown") {
				t.Errorf("status says that something is to be settled: %v (%v)", held, st.Notices)
			}
			said := b.tuesday()
			for _, s := range []string{may, not} {
				if strings.Contains(said, s) != (s == c.told) {
					t.Errorf("told %q: %v, want %v:\n%s", s, !(s == c.told), s == c.told, said)
				}
			}
		})
	}
}

// TestWhatIsAdvisedCanBeTyped: the command that settles a delivery holds nothing that a shell
// or a terminal would make something else of, whatever teams and readers are called.
func TestWhatIsAdvisedCanBeTyped(t *testing.T) {
	advised := regexp.MustCompile(`pipetidy deliveries settle (\S+) --arrived`)
	for _, name := range []string{"O'Brien's team", "$(touch x)", "two  spaces", "right\u202eleft", "tab\tand `x`"} {
		b := inDoubt(t, func(b *bench) { b.cfg.Teams.List[0].Name = name })
		st, err := b.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		m := advised.FindStringSubmatch(strings.Join(st.Notices, "\n"))
		if m == nil || !regexp.MustCompile(`^[0-9a-f]{8}$`).MatchString(m[1]) {
			t.Fatalf("%s: status advises %v", name, st.Notices)
		}
		if _, err := b.settle(m[1], true); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want(t, b.states(), "2026-11-23 slack sent")
	}
}

// A message that arrived is its reader's last digest, as of the time at which it was sent.
func TestSettledAsArrivedIsTheLastDigest(t *testing.T) {
	b := inDoubt(t, nil)
	sent := b.clock.Now()
	b.clock.Set(sent.Add(7 * time.Hour))
	if d, err := b.settle(b.mondays(), true); err != nil || d.State != delivery.Sent || !strings.Contains(d.Reason, "1 of 1 thread messages not sent") {
		t.Errorf("got %+v (error %v), want it sent, without its reply", d, err)
	}
	if r, ok, err := b.store.Reader(t.Context(), "manager-daily", "West", "maria@acme.example"); err != nil || !ok || !r.SentAt.Equal(sent) {
		t.Errorf("got %+v (found %v, error %v), want it sent at %s", r, ok, err, sent)
	}
}

// Only what is in doubt can be settled by hand: nothing that is known is overwritten.
func TestOnlyDoubtIsSettled(t *testing.T) {
	b := inDoubt(t, nil)
	if _, err := b.settle(b.mondays(), true); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{b.mondays(), "manager-daily|2026-11-23|1|West|ana@acme.example|slack", ""} {
		_, err := b.settle(id, false)
		if refusal, ok := errors.AsType[*api.Error](err); !ok || refusal.Exit != api.ExitUsage {
			t.Errorf("%q: got %v, want a refusal", id, err)
		}
	}
	want(t, b.states(), "2026-11-23 slack sent")
}

// A reply in doubt is settled without a second copy of its message.
func TestReplyInDoubtIsSettled(t *testing.T) {
	for name, settle := range map[string]func(*bench){
		"arrived": func(b *bench) { _, _ = b.settle(b.mondays(), true) },
		"lost":    func(b *bench) { _, _ = b.settle(b.mondays(), false) },
		"another edition": func(b *bench) {
			b.slack.script = nil
			_, _ = b.SendNow(t.Context(), &b.cfg.Digests[0], "", true)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			b.slack.script = func(n int, _ delivery.Part) error {
				if n == 2 {
					return errors.New("no answer")
				}
				return nil
			}
			b.sync()
			b.clock.Set(b.clock.Now().Add(31 * time.Minute))
			b.tick()
			want(t, b.states(), "2026-11-23 slack unknown")
			settle(b)
			b.tick()
			d, _, err := b.store.Delivery(t.Context(), b.mondays())
			if err != nil || d.State != delivery.Sent || len(b.email.sent) != 0 {
				t.Errorf("got %s (error %v) and %d mails, want it sent once", d.State, err, len(b.email.sent))
			}
		})
	}
}

// Under on_unknown: resend a message in doubt goes out once more, whatever is restarted
// meanwhile, and is held then.
func TestOneResend(t *testing.T) {
	for name, restarts := range map[string]bool{"a server that always drops": false, "with restarts": true} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, func(b *bench) { b.cfg.Resend = true })
			b.slack.script = func(int, delivery.Part) error { return errors.New("no answer to the final dot") }
			b.sync()
			b.clock.Set(b.clock.Now().Add(31 * time.Minute))
			for range 50 {
				b.tick()
				if restarts {
					b.restart()
				}
				b.clock.Set(b.clock.Now().Add(5 * time.Minute))
			}
			if b.slack.tries != 2 {
				t.Errorf("%d mails, want 2", b.slack.tries)
			}
			want(t, b.states(), "2026-11-23 slack unknown")
			st, err := b.Status(t.Context())
			if err != nil || !slices.ContainsFunc(st.Notices, func(n string) bool { return strings.Contains(n, "deliveries settle") }) {
				t.Errorf("status does not say how it is settled: %v (error %v)", st, err)
			}
		})
	}
}

// A channel that is taken out of the configuration leaves its doubts to a person: neither
// the else channel nor the channel that comes back makes a second copy.
func TestDoubtOutlivesItsChannel(t *testing.T) {
	b := inDoubt(t, nil)
	delete(b.cfg.Notifiers, delivery.Slack)
	b.restart()
	b.tick()
	want(t, b.states(), "2026-11-23 slack unknown")
	b.cfg.Notifiers[delivery.Slack] = b.slack
	b.restart()
	b.clock.Set(b.clock.Now().Add(20 * time.Minute))
	b.tick()
	want(t, b.states(), "2026-11-23 slack unknown")
	if b.slack.tries != 1 || len(b.email.sent) != 0 {
		t.Errorf("%d posts and %d mails, want one post", b.slack.tries, len(b.email.sent))
	}
}

// Those who run Pipetidy hear of a delivery that is held in the same look at the clock,
// and once.
func TestHeldIsToldOnce(t *testing.T) {
	b := newBench(t, nil)
	b.slack.script = func(int, delivery.Part) error { return errors.New("no answer") }
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	core, logs := observer.New(zap.ErrorLevel)
	d, err := daemon.New(b.cfg, b.store, b.store, b.store.Fence(), zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if err := d.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := logs.FilterMessage(string(outbox.Held)).Len(); n != 1 {
			t.Fatalf("said %d times, want once", n)
		}
		b.clock.Set(b.clock.Now().Add(time.Hour))
	}
}
