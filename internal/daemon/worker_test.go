package daemon_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/email"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/edition"
	"github.com/pipetidy/pipetidy/internal/sim/mail"
)

// silent is a server that accepts connections and never says anything.
func silent(t *testing.T) (host string, port int, accepted *atomic.Int64, met chan struct{}) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	accepted, met = new(atomic.Int64), make(chan struct{})
	go func() {
		for {
			if _, err := l.Accept(); err != nil {
				return
			}
			if accepted.Add(1) == 1 {
				close(met)
			}
		}
	}()
	host, p, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	port, err = strconv.Atoi(p)
	if err != nil {
		t.Fatal(err)
	}
	return host, port, accepted, met
}

// withReps adds reps, whose lists go by mail through the server.
func withReps(b *bench, n email.Config) error {
	em, err := email.New(n)
	if err != nil {
		return err
	}
	b.cfg.Notifiers[delivery.Email] = em
	reps := b.cfg.Digests[0]
	reps.Name, reps.For, reps.Via, reps.Else = "a-reps", "reps", delivery.Email, ""
	b.cfg.Digests[0].Else = ""
	b.cfg.Digests = append(b.cfg.Digests, reps)
	team := &b.cfg.Teams.List[0]
	for i := range 5 {
		team.Members = append(team.Members, fmt.Sprintf("rep%d@acme.example", i))
		b.cfg.Declared = append(b.cfg.Declared, fmt.Sprintf("rep%d@acme.example", i))
	}
	return nil
}

// TestSilentMailServer: a mail server that accepts connections and never greets keeps back
// no message of Slack, and a stop of the process does not wait for it.
func TestSilentMailServer(t *testing.T) {
	t.Parallel()
	host, port, accepted, met := silent(t)
	b := newBench(t, func(b *bench) {
		if err := withReps(b, email.Config{Host: host, Port: port, TLS: "none", From: "Pipetidy <pipetidy@acme.example>", Allow: []string{"acme.example"}}); err != nil {
			t.Fatal(err)
		}
	})
	posted := make(chan struct{})
	b.slack.script = func(n int, _ delivery.Part) error {
		if n == 1 {
			close(posted)
		}
		return nil
	}
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	select {
	case <-posted:
	case <-time.After(10 * time.Second):
		t.Error("the manager's message waits for the mail server")
	}
	<-met // the list of a rep is on its way
	began := time.Now()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the stop took %s", took)
	}
	if n := accepted.Load(); n > 1 {
		t.Errorf("%d connections, want one for all mails", n)
	}
}

// TestSilentChannelIsTriedOnce: what one message met at the door of the server, no other
// message of the round has to meet; each gets its turn once the server works.
func TestSilentChannelIsTriedOnce(t *testing.T) {
	for name, f := range map[string]mail.Fault{
		"421 at the greeting": {Step: mail.AtGreeting, Times: -1, Code: 421, Enhanced: [3]int{4, 3, 2}, Text: "later"},
		"cut at the greeting": {Step: mail.AtGreeting, Times: -1},
		"454 at the sign-in":  {Step: mail.AtAuth, Times: -1, Code: 454, Enhanced: [3]int{4, 7, 0}, Text: "later"},
	} {
		t.Run(name, func(t *testing.T) {
			srv, err := mail.Listen(t.Context(), mail.Options{Username: "u", Password: "p"})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = srv.Close() })
			dials := 0
			secret := connectortest.Secret(t, "p")
			b := newBench(t, func(b *bench) {
				err := withReps(b, email.Config{
					Host: srv.Host(), Port: srv.Port(), TLS: "none", Username: "u", Password: &secret, From: "Pipetidy <pipetidy@acme.example>", Allow: []string{"acme.example"},
					Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
						dials++
						return (&net.Dialer{}).DialContext(ctx, network, address)
					},
				})
				if err != nil {
					t.Fatal(err)
				}
				b.cfg.Digests[1].For = "managers" // five readers with something to say
				for i := range 5 {
					team := b.cfg.Teams.List[0]
					team.Name, team.Manager = fmt.Sprintf("T%d", i), fmt.Sprintf("rep%d@acme.example", i)
					team.Members = nil
					b.cfg.Teams.List = append(b.cfg.Teams.List, team)
				}
			})
			srv.Fault(f)
			b.sync()
			b.clock.Set(b.clock.Now().Add(31 * time.Minute))
			b.tick()
			b.tick()
			if dials != 1 {
				t.Errorf("%d connections within a round, want 1", dials)
			}
			if n := countStates(b, "email sent"); n != 0 {
				t.Errorf("%d mails sent", n)
			}
			srv.ClearFaults()
			for range 4 {
				b.clock.Set(b.clock.Now().Add(16 * time.Minute))
				b.tick()
			}
			if n := countStates(b, "email sent"); n != 6 {
				t.Errorf("%d mails arrived in the end, want 6: %v", n, b.states())
			}
		})
	}
}

func countStates(b *bench, what string) int {
	n := 0
	for _, s := range b.states() {
		if strings.HasSuffix(s, what) {
			n++
		}
	}
	return n
}

// TestElseOfASilentChannel: those whose message was never tried, because the channel did
// not answer the first, have the else channel as well.
func TestElseOfASilentChannel(t *testing.T) {
	b := newBench(t, func(b *bench) {
		for i := range 3 {
			team := b.cfg.Teams.List[0]
			team.Name, team.Manager = fmt.Sprintf("T%d", i), fmt.Sprintf("m%d@acme.example", i)
			b.cfg.Teams.List = append(b.cfg.Teams.List, team)
			b.cfg.Declared = append(b.cfg.Declared, team.Manager)
		}
	})
	b.slack.script = func(int, delivery.Part) error {
		return &delivery.RetryError{Silent: true, Err: errors.New("connection refused")}
	}
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	for range 3 * 60 {
		b.tick()
		b.clock.Set(b.clock.Now().Add(time.Minute))
	}
	if n := countStates(b, "email sent"); n != 4 {
		t.Errorf("%d mails, want 4: %v", n, b.states())
	}
	if b.slack.tries > 15 {
		t.Errorf("%d attempts at a channel that does not answer", b.slack.tries)
	}
}

// TestOneMessageInDoubtAtATime: where no answer comes after a message was handed over, the
// others are not handed over into the same silence.
func TestOneMessageInDoubtAtATime(t *testing.T) {
	for name, late := range map[string]error{
		"the connection waits in vain": fmt.Errorf("email: final dot: %w", os.ErrDeadlineExceeded),
		"the attempt has no time left": fmt.Errorf("slack chat.postMessage: %w", context.DeadlineExceeded),
		"an answer that says neither":  nil,
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, func(b *bench) {
				for i := range 5 {
					team := b.cfg.Teams.List[0]
					team.Name, team.Manager = fmt.Sprintf("T%d", i), fmt.Sprintf("m%d@acme.example", i)
					b.cfg.Teams.List = append(b.cfg.Teams.List, team)
					b.cfg.Declared = append(b.cfg.Declared, team.Manager)
				}
				b.cfg.Digests[0].Else = ""
			})
			b.slack.script = func(int, delivery.Part) error {
				if late == nil {
					return errors.New("fatal_error")
				}
				return late
			}
			b.sync()
			b.clock.Set(b.clock.Now().Add(31 * time.Minute))
			b.tick()
			want := 1
			if late == nil {
				want = 6 // an answer came: the channel is there
			}
			if b.slack.tries != want {
				t.Errorf("%d attempts in a round, want %d", b.slack.tries, want)
			}
			b.slack.script = nil
			for range 3 {
				b.clock.Set(b.clock.Now().Add(16 * time.Minute))
				b.tick()
			}
			if n := countStates(b, "slack sent"); n != 6-want {
				t.Errorf("%d messages arrived, want those that were not in doubt: %v", n, b.states())
			}
		})
	}
}

// TestManagersFirst: within a channel the digests of managers go before the lists of reps.
func TestManagersFirst(t *testing.T) {
	b := newBench(t, func(b *bench) {
		reps := b.cfg.Digests[0]
		reps.Name, reps.For = "a-reps", "reps" // by its name it would be first
		b.cfg.Digests = append([]edition.Digest{reps}, b.cfg.Digests...)
	})
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	b.tick()
	if len(b.slack.to) != 4 || b.slack.to[0] != "maria@acme.example" || b.slack.to[3] != "ana@acme.example" {
		t.Errorf("sent to %v, want the manager first", b.slack.to)
	}
}

// TestClockSetBackWhileWaiting: a wait is counted in elapsed time, so a clock that is set
// back an hour draws none of them out, and a clock that is set forward cuts short none
// that keeps a second copy away.
func TestClockSetBackWhileWaiting(t *testing.T) {
	refused := func() error { return &delivery.RetryError{After: 10 * time.Minute, Err: errors.New("later")} }
	revoked := func() error {
		return &delivery.RejectedError{Blame: delivery.BlameChannel, Err: errors.New("token_revoked")}
	}
	lost := func() error { return errors.New("no answer") }
	for _, c := range []struct {
		name    string
		first   func() error
		ask     bool // the channel can look, and the message is not there
		resend  bool
		set     time.Duration // of the clock
		restart bool
		after   time.Duration // elapsed, when the second attempt comes
	}{
		{"retry, set back", refused, false, false, -time.Hour, false, 10 * time.Minute},
		{"retry, set back over a restart", refused, false, false, -time.Hour, true, 11 * time.Minute},
		{"revoked, set back", revoked, false, false, -time.Hour, false, 15 * time.Minute},
		{"in doubt, set back", lost, true, false, -time.Hour, false, 11 * time.Minute},
		{"in doubt, set forward", lost, true, false, time.Hour, false, 11 * time.Minute},
		{"resend, set back", lost, false, true, -time.Hour, false, 10 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			var elapsed time.Duration
			b := newBench(t, func(b *bench) {
				b.cfg.Elapsed = func() time.Duration { return elapsed }
				b.cfg.Digests[0].Else = ""
				b.cfg.Resend = c.resend
				if c.ask {
					b.cfg.Notifiers[delivery.Slack] = asked{b.slack}
					b.slack.asking = func(delivery.Part) (bool, error) { return false, nil }
				}
			})
			b.slack.script = func(n int, _ delivery.Part) error {
				if n == 1 {
					return c.first()
				}
				return nil
			}
			b.sync()
			b.clock.Set(b.clock.Now().Add(31 * time.Minute))
			b.tick()
			pass := func(d time.Duration) {
				elapsed += d
				b.clock.Set(b.clock.Now().Add(d))
				b.tick()
			}
			pass(time.Minute)
			b.clock.Set(b.clock.Now().Add(c.set))
			if c.restart {
				b.restart()
			}
			b.tick()
			for elapsed < c.after {
				if b.slack.tries != 1 {
					t.Fatalf("%d attempts after %s, want the second after %s", b.slack.tries, elapsed, c.after)
				}
				pass(30 * time.Second)
			}
			pass(time.Minute)
			if b.slack.tries < 2 {
				t.Errorf("no second attempt after %s, want it after %s", elapsed, c.after)
			}
		})
	}
}
