package daemon_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/api"
)

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("deliveries (-want +got):\n%s", d)
	}
}

func TestDigestIsSentOnceAtItsTime(t *testing.T) {
	b := newBench(t, nil)
	b.sync()
	b.tick() // 08:00
	if n := len(b.slack.sent); n != 0 {
		t.Fatalf("%d parts sent before 08:30", n)
	}
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	for range 3 {
		b.tick()
	}
	b.restart()
	b.tick()
	if got := len(b.slack.sent); got != 2 {
		t.Errorf("got %d parts, want the parent and its reply, once", got)
	}
	if body := string(b.slack.sent[0].Body); !strings.Contains(body, "Initech expansion") {
		t.Errorf("the digest does not name the deal:\n%s", body)
	}
	want(t, b.states(), "2026-11-23 slack sent")
	ds, err := b.store.Deliveries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range ds[0].Parts {
		if p.Body != nil || p.Hash == "" {
			t.Errorf("part %s: the body should be purged and its hash kept", p.Key)
		}
	}
}

func TestClockSetBackDoesNotSendAgain(t *testing.T) {
	b := newBench(t, nil)
	b.sync()
	at := b.clock.Now().Add(31 * time.Minute)
	b.clock.Set(at)
	b.tick()
	b.clock.Set(at.Add(-2 * time.Hour))
	b.tick()
	b.clock.Set(at.Add(time.Minute))
	b.tick()
	if got := len(b.slack.sent); got != 2 {
		t.Errorf("got %d parts, want 2", got)
	}
}

func TestLateDigestExpiresVisibly(t *testing.T) {
	b := newBench(t, nil)
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	b.tick()
	// The machine sleeps through Tuesday morning.
	b.clock.Set(b.clock.Now().Add(24*time.Hour + 5*time.Hour))
	b.tick()
	if got := len(b.slack.sent); got != 2 {
		t.Errorf("got %d parts, want Monday's 2 only: a digest must not arrive in the afternoon", got)
	}
	p, ok, err := b.store.Period(t.Context(), "manager-daily", "West", crm.NewDate(2026, 11, 24))
	if err != nil || !ok || p.State != "expired" || p.Reason == "" {
		t.Errorf("got ledger row %+v (found %v, error %v), want it expired with a reason", p, ok, err)
	}
	// Wednesday's digest says so.
	b.clock.Set(time.Date(2026, 11, 25, 8, 31, 0, 0, b.cfg.Location))
	b.sync()
	b.tick()
	if n := len(b.slack.sent); n != 4 {
		t.Fatalf("got %d parts, want 4", n)
	}
	if body := string(b.slack.sent[2].Body); !strings.Contains(body, "24 Nov was not sent") {
		t.Errorf("Wednesday's digest does not mention Tuesday's:\n%s", body)
	}
}

func TestNothingIsSentBeforeTheFirstSync(t *testing.T) {
	b := newBench(t, nil)
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	b.tick()
	if ds := b.states(); len(ds) != 0 {
		t.Errorf("got deliveries %v from an empty cache", ds)
	}
	_, err := b.SendNow(t.Context(), &b.cfg.Digests[0], "", false)
	var refusal *api.Error
	if !errors.As(err, &refusal) || refusal.Exit != api.ExitNoVerdict {
		t.Errorf("sending by hand: got %v, want exit %d", err, api.ExitNoVerdict)
	}
	b.sync()
	b.tick()
	want(t, b.states(), "2026-11-23 slack sent")
}

func TestRetryKeepsTheBytes(t *testing.T) {
	b := newBench(t, nil)
	var bodies []string
	b.slack.script = func(n int, p delivery.Part) error {
		bodies = append(bodies, string(p.Body))
		if n < 3 {
			return &delivery.RetryError{After: time.Minute, Err: errors.New("ratelimited")}
		}
		return nil
	}
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	b.tick()
	b.tick() // too early: nothing is tried
	if b.slack.tries != 1 {
		t.Fatalf("%d attempts within the wait, want 1", b.slack.tries)
	}
	b.account.deals[0].Name = "Renamed since"
	for range 2 {
		b.clock.Set(b.clock.Now().Add(2 * time.Minute))
		b.sync()
		b.tick()
	}
	if got := len(b.slack.sent); got != 2 {
		t.Fatalf("got %d parts, want 2", got)
	}
	if bodies[0] != bodies[1] || bodies[1] != bodies[2] {
		t.Error("the attempts did not send the same bytes")
	}
}

func TestRejectedFallsBackOnce(t *testing.T) {
	b := newBench(t, nil)
	b.slack.script = func(int, delivery.Part) error {
		return &delivery.RejectedError{Blame: delivery.BlameRecipient, Err: errors.New("users_not_found")}
	}
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	for range 3 {
		b.tick()
		b.restart()
	}
	want(t, b.states(), "2026-11-23 email sent", "2026-11-23 slack failed")
	if b.slack.tries != 1 || len(b.email.sent) != 2 {
		t.Errorf("got %d attempts by slack and %d parts by email, want 1 and 2", b.slack.tries, len(b.email.sent))
	}
	// The mail is this reader's last digest, so the next digest tells what is new since.
	if _, ok, err := b.store.Reader(t.Context(), "manager-daily", "West", "maria@acme.example"); err != nil || !ok {
		t.Errorf("no baseline for the reader (error %v)", err)
	}
}

func TestRejectedReplyDoesNotSendASecondCopy(t *testing.T) {
	b := newBench(t, nil)
	b.slack.script = func(n int, _ delivery.Part) error {
		if n == 2 {
			return &delivery.RejectedError{Blame: delivery.BlameContent, Err: errors.New("msg_too_long")}
		}
		return nil
	}
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	b.tick()
	want(t, b.states(), "2026-11-23 slack sent")
	if len(b.email.sent) != 0 {
		t.Error("the reader has the parent message already and got a mail too")
	}
	d, _, err := b.store.Delivery(t.Context(), "manager-daily|2026-11-23|1|West|maria@acme.example|slack|"+b.store.Installation())
	if err != nil || !strings.Contains(d.Reason, "1 of 1 thread messages not sent") {
		t.Errorf("got reason %q (error %v), want it to say what is missing", d.Reason, err)
	}
}

func TestRefusedChannelIsNotHammered(t *testing.T) {
	b := newBench(t, func(b *bench) {
		second := b.cfg.Teams.List[0]
		second.Name, second.Manager = "East", "tom@acme.example"
		b.cfg.Teams.List = append(b.cfg.Teams.List, second)
		b.cfg.Digests[0].Else = ""
	})
	revoked := true
	b.slack.script = func(int, delivery.Part) error {
		if revoked {
			return &delivery.RejectedError{Blame: delivery.BlameChannel, Err: errors.New("token_revoked")}
		}
		return nil
	}
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	b.tick()
	b.tick()
	if b.slack.tries != 1 {
		t.Errorf("%d attempts with a revoked token, want one for the whole channel", b.slack.tries)
	}
	revoked = false
	b.clock.Set(b.clock.Now().Add(20 * time.Minute))
	b.tick()
	want(t, b.states(), "2026-11-23 slack sent", "2026-11-23 slack sent")
}

// TestRepliesWaitForTheChannel: a token that is revoked between a message and the reply
// in its thread is no end of the thread. The reply is sent once the token is renewed.
func TestRepliesWaitForTheChannel(t *testing.T) {
	for name, c := range map[string]struct {
		mended, restart bool
		reason          string
	}{
		"renewed":                    {true, false, ""},
		"renewed after a restart":    {true, true, ""},
		"not renewed until too late": {false, false, "1 of 1 thread messages not sent: token_revoked"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil) // with an else channel, which must not send a second copy
			revoked := false
			b.slack.script = func(n int, _ delivery.Part) error {
				if n == 2 {
					revoked = true
				}
				if revoked {
					return &delivery.RejectedError{Blame: delivery.BlameChannel, Err: errors.New("token_revoked")}
				}
				return nil
			}
			b.sync()
			b.clock.Set(b.clock.Now().Add(31 * time.Minute))
			b.tick()
			want(t, b.states(), "2026-11-23 slack retry")
			if c.restart {
				b.restart()
			}
			revoked = !c.mended
			b.slack.script = func(int, delivery.Part) error {
				if revoked {
					return &delivery.RejectedError{Blame: delivery.BlameChannel, Err: errors.New("token_revoked")}
				}
				return nil
			}
			for range 20 {
				b.clock.Set(b.clock.Now().Add(16 * time.Minute))
				b.tick()
			}
			want(t, b.states(), "2026-11-23 slack sent")
			d, _, err := b.store.Delivery(t.Context(), b.mondays())
			if err != nil || d.Reason != c.reason {
				t.Errorf("got reason %q (error %v), want %q", d.Reason, err, c.reason)
			}
			if len(b.email.sent) != 0 {
				t.Error("the reader has the message already and got a mail too")
			}
		})
	}
}

func TestUnknownIsReconciled(t *testing.T) {
	for _, arrived := range []bool{true, false} {
		t.Run(fmt.Sprintf("arrived=%v", arrived), func(t *testing.T) {
			b := newBench(t, func(b *bench) { b.cfg.Notifiers[delivery.Slack] = asked{b.slack} })
			b.slack.script = func(n int, _ delivery.Part) error {
				if n == 1 {
					return errors.New("connection reset while reading the answer")
				}
				return nil
			}
			b.slack.asking = func(delivery.Part) (bool, error) { return arrived, nil }
			b.sync()
			b.clock.Set(b.clock.Now().Add(31 * time.Minute))
			b.tick()
			sent := 1 // the reply
			if !arrived {
				want(t, b.states(), "2026-11-23 slack unknown") // the request may still be on its way
				b.clock.Set(b.clock.Now().Add(11*time.Minute + time.Second))
				b.tick()
				sent = 2
			}
			want(t, b.states(), "2026-11-23 slack sent")
			if got := len(b.slack.sent); got != sent {
				t.Errorf("got %d parts sent after asking, want %d", got, sent)
			}
		})
	}
}

// TestLatePostIsFound: Slack may carry a request out minutes after it gave no answer, or
// after the process was killed. The message is asked for each minute, and posted once.
func TestLatePostIsFound(t *testing.T) {
	for _, killed := range []bool{false, true} {
		for _, late := range []time.Duration{35 * time.Second, 5 * time.Minute, 10 * time.Minute} {
			t.Run(fmt.Sprintf("killed=%v after %s", killed, late), func(t *testing.T) {
				b := newBench(t, func(b *bench) { b.cfg.Notifiers[delivery.Slack] = asked{b.slack} })
				var posted time.Time
				b.slack.script = func(n int, _ delivery.Part) error {
					if n > 1 {
						return nil
					}
					posted = b.clock.Now()
					b.clock.Set(posted.Add(time.Minute)) // the request timed out
					return errors.New("no answer")
				}
				b.slack.asking = func(delivery.Part) (bool, error) {
					return !b.clock.Now().Before(posted.Add(late)), nil
				}
				b.sync()
				b.clock.Set(b.clock.Now().Add(31 * time.Minute))
				b.tick()
				if killed {
					b.restart()
				}
				for range 15 {
					b.tick()
					b.clock.Set(b.clock.Now().Add(time.Minute))
				}
				want(t, b.states(), "2026-11-23 slack sent")
				if b.slack.tries != 2 { // the message, and its reply
					t.Errorf("%d posts, want 2", b.slack.tries)
				}
			})
		}
	}
}

// TestPostsWithoutEnd: a channel that says "may have failed" for ever, and never shows the
// message, is left after three posts, and the else channel has the digest.
func TestPostsWithoutEnd(t *testing.T) {
	b := newBench(t, func(b *bench) { b.cfg.Notifiers[delivery.Slack] = asked{b.slack} })
	b.slack.script = func(int, delivery.Part) error { return errors.New("fatal_error") }
	b.slack.asking = func(delivery.Part) (bool, error) { return false, nil }
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	for range 4 * 60 {
		b.tick()
		b.clock.Set(b.clock.Now().Add(time.Minute))
	}
	if b.slack.tries != 4 {
		t.Errorf("%d posts, want 4: at once, after 11, 33 and 77 minutes", b.slack.tries)
	}
	want(t, b.states(), "2026-11-23 email sent", "2026-11-23 slack failed")
}

// TestLookingIsTakenUpAgain: an operator who gives the scope that was missing does not
// have to start the daemon again.
func TestLookingIsTakenUpAgain(t *testing.T) {
	b := newBench(t, func(b *bench) { b.cfg.Notifiers[delivery.Slack] = asked{b.slack} })
	b.slack.script = func(n int, _ delivery.Part) error {
		if n == 1 {
			return errors.New("no answer")
		}
		return nil
	}
	missing := true
	b.slack.asking = func(delivery.Part) (bool, error) {
		if missing {
			return false, errors.New("missing_scope")
		}
		return true, nil
	}
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	b.tick()
	want(t, b.states(), "2026-11-23 slack unknown")
	missing = false
	b.clock.Set(b.clock.Now().Add(59 * time.Minute))
	b.tick()
	want(t, b.states(), "2026-11-23 slack unknown")
	b.clock.Set(b.clock.Now().Add(2 * time.Minute))
	b.tick()
	want(t, b.states(), "2026-11-23 slack sent")
}

func TestUnknownIsHeldOrResent(t *testing.T) {
	for _, resend := range []bool{false, true} {
		t.Run(fmt.Sprintf("resend=%v", resend), func(t *testing.T) {
			b := newBench(t, func(b *bench) { b.cfg.Resend = resend })
			b.slack.script = func(n int, _ delivery.Part) error {
				if n == 1 {
					return errors.New("no answer to the final dot")
				}
				return nil
			}
			b.sync()
			b.clock.Set(b.clock.Now().Add(31 * time.Minute))
			b.tick()
			b.clock.Set(b.clock.Now().Add(5 * time.Minute))
			b.restart()
			b.tick()
			if b.slack.tries != 1 {
				t.Fatalf("%d attempts within ten minutes, want 1", b.slack.tries)
			}
			b.clock.Set(b.clock.Now().Add(6 * time.Minute))
			b.tick()
			if resend {
				want(t, b.states(), "2026-11-23 slack sent")
				return
			}
			want(t, b.states(), "2026-11-23 slack unknown")
			st, err := b.Status(t.Context())
			if err != nil || !slices.ContainsFunc(st.Notices, func(n string) bool { return strings.Contains(n, "may have arrived") }) {
				t.Errorf("status does not say that a delivery is in doubt: %v (error %v)", st, err)
			}
		})
	}
}

func TestSendNowCountsAsThePeriodsDigest(t *testing.T) {
	b := newBench(t, nil)
	b.sync()
	dg := &b.cfg.Digests[0]
	first, err := b.SendNow(t.Context(), dg, "", false)
	if err != nil || len(first) != 1 || first[0].Already || first[0].State != delivery.Sent {
		t.Fatalf("got %+v (error %v), want one sent", first, err)
	}
	second, err := b.SendNow(t.Context(), dg, "", false)
	if err != nil || len(second) != 1 || !second[0].Already {
		t.Errorf("got %+v (error %v), want it to say that it was sent already", second, err)
	}
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	b.tick() // 08:31: the schedule finds the row
	if n := len(b.slack.sent); n != 2 {
		t.Errorf("got %d parts, want 2", n)
	}
	again, err := b.SendNow(t.Context(), dg, "", true)
	if err != nil || len(again) != 1 || again[0].Already || len(b.slack.sent) != 4 {
		t.Errorf("--again: got %+v and %d parts (error %v), want the next edition", again, len(b.slack.sent), err)
	}
	test, err := b.SendNow(t.Context(), dg, "me@acme.example", false)
	if err != nil || len(test) != 1 || b.slack.to[len(b.slack.to)-1] != "me@acme.example" {
		t.Errorf("--to: got %+v (error %v)", test, err)
	}
}

// TestSendNowWithoutData: after a weekend without a daemon a command sends nothing that holds
// no finding. The digest stays due, and holds findings when the schedule sends it.
func TestSendNowWithoutData(t *testing.T) {
	b := newBench(t, nil)
	b.sync()
	dg := &b.cfg.Digests[0]
	if _, err := b.SendNow(t.Context(), dg, "", false); err != nil {
		t.Fatal(err)
	}
	parts := len(b.slack.sent)
	b.clock.Set(b.clock.Now().Add(7 * 24 * time.Hour)) // Monday, 08:00
	for _, again := range []bool{false, true} {
		_, err := b.SendNow(t.Context(), dg, "", again)
		if refused, ok := errors.AsType[*api.Error](err); !ok || refused.Exit != api.ExitNoVerdict || !strings.Contains(err.Error(), "sales: data is 168 hours old") || !strings.Contains(err.Error(), "run `pipetidy sync` first") {
			t.Errorf("again %t: got %v", again, err)
		}
	}
	if n := len(b.slack.sent); n != parts {
		t.Errorf("%d parts were sent", n-parts)
	}
	if rs, err := b.SendNow(t.Context(), dg, "me@acme.example", false); err != nil || len(rs) != 1 || rs[0].State != delivery.Sent {
		t.Errorf("a test: got %+v (error %v), want one sent", rs, err)
	}
	parts = len(b.slack.sent)
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	b.tick()
	if len(b.slack.sent) == parts {
		t.Error("the schedule sent nothing: the command used up the day")
	}
	if rs, err := b.SendNow(t.Context(), dg, "", false); err != nil || len(rs) != 1 || !rs[0].Already {
		t.Errorf("afterwards: got %+v (error %v), want it to say that it was sent", rs, err)
	}
}

// Over half a year with both changes of the clocks, a restart a day and a clock that
// is set back now and then, each business day has one digest, at 08:30 on the wall.
func TestHalfAYearOfDigests(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	day := time.Date(2026, 10, 19, 0, 0, 0, 0, b.cfg.Location)
	wantDays := 0
	for n := range 180 {
		start := day.AddDate(0, 0, n)
		b.clock.Set(start.Add(6 * time.Hour))
		b.account.mu.Lock()
		// One deal a day goes overdue, so that no day is quiet.
		b.account.deals = []crm.Opportunity{b.deal(fmt.Sprintf("006%015dAAA", n), fmt.Sprintf("Deal %d", n))}
		b.account.mu.Unlock()
		b.sync()
		for _, m := range []int{8*60 + 29, 8*60 + 30, 8*60 + 31, 7 * 60, 8*60 + 45, 12 * 60, 23 * 60} {
			y, mo, d := start.Date()
			b.clock.Set(time.Date(y, mo, d, m/60, m%60, 0, 0, b.cfg.Location))
			b.tick()
		}
		if n%7 == 0 {
			b.restart()
		}
		if wd := start.Weekday(); wd != time.Saturday && wd != time.Sunday {
			wantDays++
		}
	}
	byDay := map[string]int{}
	for i, p := range b.slack.sent {
		if strings.HasSuffix(p.Key, "#0") {
			at := b.slack.times[i].In(b.cfg.Location)
			byDay[at.Format(time.DateOnly)]++
			if hm := at.Format("15:04"); hm != "08:30" {
				t.Errorf("%s: sent at %s", at.Format(time.DateOnly), hm)
			}
		}
	}
	for d, n := range byDay {
		if n != 1 {
			t.Errorf("%s: %d digests", d, n)
		}
	}
	if len(byDay) != wantDays {
		t.Errorf("digests on %d days, want %d", len(byDay), wantDays)
	}
}
