package daemon_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/api"
)

// On the day of the installation only those who run Pipetidy get a message; on the next
// business day every manager does.
func TestFirstDayGoesToOps(t *testing.T) {
	b := newBench(t, func(b *bench) { b.cfg.Shadow, b.cfg.Ops = 1, []string{"revops@acme.example"} })
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	b.tick()
	if want := []string{"revops@acme.example", "revops@acme.example"}; !slices.Equal(b.slack.to, want) {
		t.Fatalf("Monday's parts went to %v, want %v", b.slack.to, want)
	}
	if _, ok, err := b.store.Reader(t.Context(), "manager-daily", "West", "maria@acme.example"); err != nil || ok {
		t.Errorf("what went to ops counts as the manager's last digest (error %v)", err)
	}
	b.clock.Set(b.clock.Now().Add(24 * time.Hour))
	b.sync()
	b.tick()
	if got := b.slack.to[2:]; !slices.Equal(got, []string{"maria@acme.example", "maria@acme.example"}) {
		t.Errorf("Tuesday's parts went to %v, want the manager", got)
	}
}

func TestFirstDayWithoutOpsIsSkippedVisibly(t *testing.T) {
	b := newBench(t, func(b *bench) { b.cfg.Shadow = 2 })
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	b.tick()
	if len(b.slack.to) != 0 {
		t.Errorf("sent to %v", b.slack.to)
	}
	ps, err := b.store.Periods(t.Context(), 1)
	if err != nil || len(ps) != 1 || ps[0].State != "skipped" || !strings.Contains(ps[0].Reason, "25 Nov") || !strings.Contains(ps[0].Reason, "ops.notify") {
		t.Errorf("got ledger %+v (error %v), want a skip that says until when and what to do", ps, err)
	}
	_, err = b.SendNow(t.Context(), &b.cfg.Digests[0], "", false)
	var refusal *api.Error
	if !errors.As(err, &refusal) || !strings.Contains(refusal.Message, "--to") {
		t.Errorf("sending by hand: got %v, want what to do instead", err)
	}
	if rs, err := b.SendNow(t.Context(), &b.cfg.Digests[0], "me@acme.example", false); err != nil || len(rs) != 1 {
		t.Errorf("--to: got %v, %v", rs, err)
	}
}

func TestRedirectMarksWhoWouldHaveGotIt(t *testing.T) {
	b := newBench(t, func(b *bench) { b.cfg.Redirect = "revops@acme.example" })
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	b.tick()
	if !slices.Equal(b.slack.to, []string{"revops@acme.example", "revops@acme.example"}) {
		t.Fatalf("sent to %v, want revops only", b.slack.to)
	}
	if body := string(b.slack.sent[0].Body); !strings.Contains(body, "maria@acme.example would have got this") {
		t.Errorf("the message does not say whose it is:\n%s", body)
	}
}

func TestRepsGetTheirOwn(t *testing.T) {
	b := newBench(t, func(b *bench) {
		b.cfg.Digests[0].Name, b.cfg.Digests[0].For = "rep-daily", "reps"
		b.cfg.Teams.List[0].Members = []string{"ana@acme.example", "ana@oldco.example", "ben@acme.example"}
		b.cfg.People = map[string]string{"ana@oldco.example": "ana@acme.example"}
	})
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	b.tick()
	if n := len(slices.DeleteFunc(slices.Clone(b.slack.to), func(s string) bool { return s != "ana@acme.example" })); n != 2 {
		t.Errorf("sent to %v, want one digest (two parts) for Ana under one address", b.slack.to)
	}
	if slices.Contains(b.slack.to, "ben@acme.example") {
		t.Error("Ben has nothing to do and got a message")
	}
}

// A delivery of a digest that has left the configuration fails: nobody knows any more
// whose deals its recipient may see, and a rep must not get the list of the whole team.
func TestPlannedForADigestThatIsGone(t *testing.T) {
	b := newBench(t, func(b *bench) {
		b.cfg.Digests[0].Name, b.cfg.Digests[0].For, b.cfg.Digests[0].Else = "rep-daily", "reps", ""
	})
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	if err := b.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	want(t, b.states(), "2026-11-23 slack planned")
	b.cfg.Digests[0].Name, b.cfg.Digests[0].For = "manager-daily", "managers"
	b.cfg.Digests[0].Schedule.Days = []time.Weekday{time.Saturday} // not due today
	b.restart()
	b.tick()
	ds, err := b.store.Deliveries(t.Context())
	if err != nil || len(ds) != 1 {
		t.Fatalf("got %v, %v", ds, err)
	}
	if ds[0].State != delivery.Failed || !strings.Contains(ds[0].Reason, `"rep-daily" is not in the configuration`) || len(b.slack.sent) != 0 {
		t.Errorf("%s (%s), %d parts sent; want it failed, with the reason", ds[0].State, ds[0].Reason, len(b.slack.sent))
	}
}

// A digest says whether yesterday's arrived, also when the same run settled yesterday's
// after it had composed another digest.
func TestMissedIsToldInTheSameRun(t *testing.T) {
	for _, arrived := range []bool{false, true} {
		t.Run(fmt.Sprintf("arrived=%v", arrived), func(t *testing.T) {
			b := newBench(t, func(b *bench) {
				b.cfg.Notifiers[delivery.Slack] = asked{b.slack}
				second := b.cfg.Digests[0]
				second.Name = "manager-second"
				b.cfg.Digests = append(b.cfg.Digests, second)
				b.cfg.Digests[0].Else, b.cfg.Digests[1].Else = "", ""
			})
			b.slack.script = func(int, delivery.Part) error {
				if arrived {
					return errors.New("connection reset while reading the answer")
				}
				return &delivery.RetryError{Err: errors.New("not reachable")}
			}
			b.slack.asking = func(delivery.Part) (bool, error) {
				return false, &delivery.RetryError{Err: errors.New("not reachable")}
			}
			b.sync()
			b.clock.Set(b.clock.Now().Add(31 * time.Minute))
			b.tick()
			// Nothing ran until Tuesday morning, when Slack answers again.
			b.slack.script = nil
			b.slack.asking = func(delivery.Part) (bool, error) { return true, nil }
			b.clock.Set(b.clock.Now().Add(24 * time.Hour))
			b.sync()
			if err := b.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
			digests := 0
			for _, p := range b.slack.sent {
				if !strings.HasSuffix(p.Key, "#0") {
					continue
				}
				digests++
				if said := strings.Contains(string(p.Body), "23 Nov could not be delivered"); said == arrived {
					t.Errorf("%s: says that Monday's digest was not delivered: %v, want %v", p.Key, said, !arrived)
				}
			}
			if digests != 2 {
				t.Errorf("%d digests were sent, want 2: %v", digests, b.states())
			}
		})
	}
}
