package daemon_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/daemon"
)

// opsBench is a bench whose ops hear of what cannot wait, after a first poll without any
// matter but those of the file.
func opsBench(t *testing.T, change func(*bench)) *bench {
	b := newBench(t, func(b *bench) {
		b.cfg.Ops = []string{"revops@acme.example"}
		b.cfg.Currency.Report = "USD"
		if change != nil {
			change(b)
		}
	})
	b.sync()
	b.minute()
	return b
}

// minute lets a minute pass in which the daemon looks for matters and delivers.
func (b *bench) minute() {
	b.t.Helper()
	b.clock.Set(b.clock.Now().Add(time.Minute))
	if err := b.Publish(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.Deliver(b.t.Context(), nil); err != nil {
		b.t.Fatal(err)
	}
}

// bulletins are the messages that ops got, by either channel.
func (b *bench) bulletins() []string {
	var out []string
	for _, ch := range []*channel{b.slack, b.email} {
		for i, p := range ch.sent {
			if ch.to[i] == "revops@acme.example" && strings.HasPrefix(p.Key, "ops-bulletin|") && strings.HasSuffix(p.Key, "#0") {
				out = append(out, string(p.Body))
			}
		}
	}
	return out
}

// polls makes a poll of the bench's source, as the daemon's loop does, and lets a minute
// pass.
func (b *bench) polls() {
	b.Turn(b.t.Context(), &b.cfg.Sources[0])
	b.minute()
}

// TestOpsHearOfWhatCannotWait: each cause reaches ops with the next poll, once, and its
// end once.
func TestOpsHearOfWhatCannotWait(t *testing.T) {
	faulty := false
	for _, c := range []struct {
		name       string
		change     func(*bench)
		begin, end func(*bench)
		says, over string
	}{
		{"a rule that fails",
			func(b *bench) {
				b.cfg.Rules = slices.Clone(b.cfg.Rules)
				i := slices.IndexFunc(b.cfg.Rules, func(r hygiene.Rule) bool { return r.ID == "stage-stuck" })
				check := b.cfg.Rules[i].Check
				b.cfg.Rules[i].Check = func(p *hygiene.Pass, d *hygiene.Deal) hygiene.Verdict {
					if faulty {
						panic("index out of range")
					}
					return check(p, d)
				}
			},
			func(*bench) { faulty = true },
			func(*bench) { faulty = false },
			"the rule stage-stuck failed on deal 006000000000001AAA (index out of range), and is unknown on such deals; all other rules are judged", "the rule stage-stuck failed"},
		{"refused credentials", nil,
			func(b *bench) {
				for _, s := range b.account.Streams() {
					b.account.fail[s] = fmt.Errorf("the secret has expired; make a new one: %w", crm.ErrAuth)
				}
			},
			func(b *bench) { clear(b.account.fail); b.clock.Set(b.clock.Now().Add(20 * time.Minute)) },
			"sales cannot be read: the secret has expired", "the secret has expired"},
		{"data that is too old", nil,
			func(b *bench) {
				b.account.fail[crm.Activities] = crm.ErrBusy
				b.clock.Set(b.clock.Now().Add(25 * time.Hour))
			},
			func(b *bench) { clear(b.account.fail) },
			"sales: findings are withheld: data is 25 hours old", "findings are withheld"},
		{"busy for two hours", nil,
			func(b *bench) {
				b.account.fail[crm.Activities] = crm.ErrBusy
				b.clock.Set(b.clock.Now().Add(2 * time.Hour))
			},
			func(b *bench) { clear(b.account.fail) },
			"sales cannot be read", "sales cannot be read"},
		{"a mistyped member", nil,
			func(b *bench) { b.cfg.Teams.List[0].Members = []string{"anna@acme.example"}; b.restart() },
			func(b *bench) { b.cfg.Teams.List[0].Members = []string{"ana@acme.example"}; b.restart() },
			"anna@acme.example", "anna@acme.example"},
		{"a file of absences that cannot be read", func(b *bench) { b.almanac(func(*hygiene.Almanac) {}) },
			func(b *bench) {
				for _, why := range []string{"there is no such file", "the disk does not answer"} { // the same cause
					b.cfg.Almanac().Troubles = []hygiene.Trouble{{Cause: "away.file: unread", Text: "away.file: " + why}}
					b.polls()
				}
			},
			func(b *bench) { b.cfg.Almanac().Troubles = nil },
			"away.file: there is no such file", "away.file: there is no such file"},
		{"a row of absences that moves down", func(b *bench) { b.almanac(func(*hygiene.Almanac) {}) },
			func(b *bench) {
				for _, line := range []string{"3", "4"} {
					b.cfg.Almanac().Troubles = []hygiene.Trouble{{Cause: "away.file: ana@acme.example,24.12.,,", Text: "away.file: line " + line + " of the file"}}
					b.polls()
				}
			},
			func(b *bench) { b.cfg.Almanac().Troubles = nil },
			"away.file: line 3", "away.file: line 3"},
		{"a message in doubt", nil,
			func(b *bench) {
				b.slack.script = func(_ int, p delivery.Part) error {
					if strings.HasPrefix(p.Key, "manager-daily") {
						return errors.New("no answer")
					}
					return nil
				}
				b.clock.Set(b.clock.Now().Add(31 * time.Minute))
				b.tick()
			},
			func(b *bench) { _, _ = b.settle(b.mondays(), true) },
			"--arrived", "manager-daily to maria@acme.example"},
		{"a channel that refuses", nil,
			func(b *bench) {
				b.slack.script = func(int, delivery.Part) error {
					return &delivery.RejectedError{Blame: delivery.BlameChannel, Err: errors.New("token_revoked")}
				}
				b.clock.Set(b.clock.Now().Add(31 * time.Minute))
				b.tick()
			},
			func(b *bench) {
				b.slack.script = nil
				b.clock.Set(b.clock.Now().Add(24 * time.Hour))
				b.sync()
				b.tick()
			},
			"slack refuses us", "slack refuses us"},
		{"a channel that takes nothing", func(b *bench) { b.cfg.Digests[0].Else = "" },
			func(b *bench) {
				b.slack.script = func(_ int, p delivery.Part) error {
					if strings.HasPrefix(p.Key, "manager-daily") {
						return &delivery.RetryError{Err: errors.New("no route to host")}
					}
					return nil // so that whoever says too early that it is over is heard
				}
				b.clock.Set(b.clock.Now().Add(31 * time.Minute))
				b.tick()
				b.clock.Set(b.clock.Now().Add(62 * time.Minute))
			},
			func(b *bench) { b.slack.script = nil; b.tick() },
			"nothing gets through slack since 08:32, and 1 message waits for it: no route to host", "nothing gets through slack"},
		{"a disk that fills", func(b *bench) {
			b.cfg.Disk = func() (daemon.Disk, error) { return daemon.Disk{Free: b.free, Size: 40 << 30}, nil }
			b.free = 20 << 30
		},
			func(b *bench) { b.free = 900 << 20 },
			func(b *bench) {
				for _, free := range []uint64{1500 << 20, 900 << 20} { // a file that comes and goes
					b.free = free
					b.polls()
				}
				b.free = 3 << 30
			},
			"the disk of data_dir is nearly full: 900 MB of 40 GB are free; make room", "nearly full"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := opsBench(t, c.change)
			if got := b.bulletins(); len(got) != 0 {
				t.Fatalf("before anything: %s", got)
			}
			c.begin(b)
			for range 4 {
				b.polls()
			}
			got := b.bulletins()
			if len(got) != 1 || !strings.Contains(got[0], "NEEDS YOU") || !strings.Contains(strings.Join(strings.Fields(got[0]), " "), c.says) {
				t.Fatalf("ops got %d messages, want one that says %q: %s", len(got), c.says, got)
			}
			b.restart()
			for range 2 {
				b.polls() // Run awaits the first poll before it publishes
			}
			if n := len(b.bulletins()); n != 1 {
				t.Fatalf("after a restart ops have %d messages: %s", n, b.bulletins())
			}
			c.end(b)
			for range 4 {
				b.polls()
			}
			got = b.bulletins()
			last := ""
			for _, s := range got {
				if strings.Contains(s, "OVER") {
					last = strings.Join(strings.Fields(s), " ")
				}
			}
			if len(got) != 2 || !strings.Contains(last, c.over) || strings.Contains(last, "NEEDS YOU") {
				t.Errorf("at the end ops have %d messages, want a second one that says that it is over: %s", len(got), got)
			}
		})
	}
}

// A cause that comes back on the same day is told again.
func TestOpsHearOfACauseThatComesBack(t *testing.T) {
	b := opsBench(t, nil)
	for n := 1; n <= 3; n++ {
		for _, s := range b.account.Streams() {
			b.account.fail[s] = fmt.Errorf("the secret has expired: %w", crm.ErrAuth)
		}
		b.polls()
		b.polls()
		if got := len(b.bulletins()); got != 2*n-1 {
			t.Fatalf("refused for the %d. time: ops have %d messages", n, got)
		}
		clear(b.account.fail)
		b.clock.Set(b.clock.Now().Add(2 * time.Hour))
		b.polls()
		if got := len(b.bulletins()); got != 2*n {
			t.Fatalf("over for the %d. time: ops have %d messages", n, got)
		}
	}
}

// Nobody is told of what a poll or two mend, nor of a cache that is still being filled.
func TestOpsDoNotHearOfMoments(t *testing.T) {
	b := opsBench(t, nil)
	b.account.fail[crm.Activities] = crm.ErrBusy
	for range 3 {
		b.clock.Set(b.clock.Now().Add(15 * time.Minute))
		b.polls()
	}
	clear(b.account.fail)
	b.polls()
	if got := b.bulletins(); len(got) != 0 {
		t.Errorf("ops got %s", got)
	}
}

// TestOpsHearOfWhatDidNotArrive: a message that is lost for good reaches those who run the
// program once, however many days it goes on, and it has no end to be told of.
func TestOpsHearOfWhatDidNotArrive(t *testing.T) {
	refuse := func(part string) func(*bench) {
		return func(b *bench) {
			b.slack.script = func(_ int, p delivery.Part) error {
				if strings.HasPrefix(p.Key, "manager-daily") && strings.HasSuffix(p.Key, part) {
					return &delivery.RejectedError{Blame: delivery.BlameRecipient, Err: errors.New("not for this one")}
				}
				return nil
			}
		}
	}
	for _, c := range []struct {
		name  string
		begin func(*bench)
		says  string // "" is nothing
	}{
		{"refused, without another channel", func(b *bench) { b.cfg.Digests[0].Else = ""; b.restart(); refuse("#0")(b) }, "manager-daily to maria@acme.example by slack did not arrive: not for this one"},
		{"refused, and the other channel took it", refuse("#0"), ""},
		{"a reply that is refused", refuse("#1"), "manager-daily to maria@acme.example by slack arrived without all of its thread: 1 of 1 thread messages not sent: not for this one"},
		{"late until the deadline", func(b *bench) {
			b.cfg.Digests[0].Else = ""
			b.restart()
			b.slack.script = func(_ int, p delivery.Part) error {
				if strings.HasPrefix(p.Key, "manager-daily") {
					return &delivery.RetryError{Err: errors.New("later")}
				}
				return nil
			}
		}, "did not arrive: not delivered by"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := opsBench(t, nil)
			c.begin(b)
			b.clock.Set(b.clock.Now().Add(31 * time.Minute))
			for range 3 { // days
				for range 5 {
					b.polls()
					b.tick()
					b.clock.Set(b.clock.Now().Add(time.Hour))
				}
				b.clock.Set(b.clock.Now().Add(19 * time.Hour))
			}
			b.slack.script = nil
			for range 3 {
				b.clock.Set(b.clock.Now().Add(24 * time.Hour))
				b.polls()
			}
			got := b.bulletins()
			switch said := strings.Join(strings.Fields(strings.Join(got, " ")), " "); {
			case c.says == "" && len(got) > 0:
				t.Errorf("ops got %s", got)
			case c.says != "" && (strings.Count(said, c.says) != 1 || strings.Contains(said, "OVER")):
				t.Errorf("ops got %d messages, want one that says %q: %s", len(got), c.says, got)
			}
		})
	}
}

// TestNobodyLooksForEver: a message in doubt that the channel cannot look for at the moment
// is looked for until the else channel could have taken over, or until the deadline. Then a
// person hears of it, and it is looked for all the same.
func TestNobodyLooksForEver(t *testing.T) {
	for name, c := range map[string]struct {
		other      delivery.Channel
		quiet, due time.Duration // after the digest's time: nobody has heard, somebody has
	}{
		"with an else channel":    {delivery.Email, 80 * time.Minute, 100 * time.Minute},
		"without an else channel": {"", 230 * time.Minute, 250 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			there := false
			b := opsBench(t, func(b *bench) {
				b.cfg.Digests[0].Else = c.other
				b.cfg.Notifiers[delivery.Slack] = asked{b.slack}
				b.slack.asking = func(delivery.Part) (bool, error) {
					if there {
						return true, nil
					}
					return false, &delivery.RetryError{Err: errors.New("access_denied")}
				}
			})
			b.slack.script = func(_ int, p delivery.Part) error {
				if strings.HasPrefix(p.Key, "manager-daily") {
					return errors.New("no answer")
				}
				return nil
			}
			due := b.clock.Now().Add(30 * time.Minute)
			until := func(at time.Duration) int {
				for b.clock.Now().Before(due.Add(at)) {
					b.clock.Set(b.clock.Now().Add(5 * time.Minute))
					b.polls()
					b.tick()
				}
				return len(b.bulletins())
			}
			if n := until(c.quiet); n != 0 {
				t.Errorf("ops have %d messages already", n)
			}
			if n := until(c.due); n != 1 || !strings.Contains(b.bulletins()[0], "--arrived") {
				t.Errorf("ops have %d messages: %s", n, b.bulletins())
			}
			there = true
			until(c.due + 2*time.Hour)
			if n := countStates(b, "slack sent"); n == 0 {
				t.Errorf("it is not found any more: %v", b.states())
			}
		})
	}
}
