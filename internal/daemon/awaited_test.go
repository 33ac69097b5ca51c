package daemon_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// TestADigestWaitsForTheSyncOfAWakeUp: after a start or a sleep, a digest that is due
// waits for the sync that this triggers, and not for ever. Each case starts with data of
// Mon 23 Nov 08:00.
func TestADigestWaitsForTheSyncOfAWakeUp(t *testing.T) {
	at := func(day, hour, minute int) time.Time {
		loc, err := time.LoadLocation("America/Los_Angeles")
		if err != nil {
			t.Fatal(err)
		}
		return time.Date(2026, 11, day, hour, minute, 0, 0, loc)
	}
	for _, c := range []struct {
		name        string
		start       time.Time // of the process
		sleep, wake time.Time // of the machine; zero is never
		down        time.Duration
		fail        error // how the CRM answers for the time down after the start or the wake-up
		kept        bool  // the digest was begun and not composed when the last process ended
		early, late time.Time
		says, not   string
	}{
		{name: "asleep over the weekend", start: at(27, 17, 50), sleep: at(27, 18, 0), wake: at(30, 8, 31), early: at(30, 8, 31), late: at(30, 8, 33), says: "Salesforce 08:3", not: "withheld"},
		{name: "asleep over night", start: at(24, 17, 50), sleep: at(24, 18, 0), wake: at(25, 8, 31), early: at(25, 8, 31), late: at(25, 8, 33), says: "Salesforce 08:3", not: "Tue"},
		{name: "down over night", start: at(24, 8, 40), early: at(24, 8, 40), late: at(24, 8, 42), says: "Salesforce 08:4", not: "Mon"},
		{name: "begun and not composed", start: at(24, 8, 40), kept: true, early: at(24, 8, 40), late: at(24, 8, 42), says: "Salesforce 08:4", not: "Mon"},
		{name: "the network comes up late", start: at(24, 8, 40), fail: crm.ErrBusy, down: 3 * time.Minute, early: at(24, 8, 43), late: at(24, 8, 46), says: "Salesforce 08:4", not: "Mon"},
		{name: "the network comes up late after a sleep", start: at(24, 17, 50), sleep: at(24, 18, 0), wake: at(25, 8, 31), fail: crm.ErrBusy, down: 3 * time.Minute, early: at(25, 8, 34), late: at(25, 8, 37), says: "Salesforce 08:3", not: "Tue"},
		{name: "the CRM is down", start: at(24, 8, 40), fail: crm.ErrBusy, down: 9 * time.Hour, early: at(24, 8, 55), late: at(24, 8, 57), says: "Mon 08:00", not: "08:4"},
		{name: "the credentials are refused", start: at(24, 8, 40), fail: crm.ErrAuth, down: 9 * time.Hour, early: at(24, 8, 40), late: at(24, 8, 42), says: "Mon 08:00", not: "08:4"},
		{name: "close to the deadline", start: at(24, 12, 20), fail: crm.ErrBusy, down: 9 * time.Hour, early: at(24, 12, 20), late: at(24, 12, 22), says: "withheld", not: "12:2"},
		{name: "asleep for a moment", start: at(24, 8, 20), sleep: at(24, 8, 27), wake: at(24, 8, 31), fail: crm.ErrBusy, down: 9 * time.Hour, early: at(24, 8, 31), late: at(24, 8, 32), says: "Salesforce 08:2", not: "Mon"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, nil)
				b.sync()
				if c.kept {
					b.clock.Set(at(24, 8, 30))
					if err := b.Begin(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				b.restart()
				failing := func(from time.Time) {
					b.account.before = func(crm.Stream) {
						time.Sleep(2 * time.Second) // in the bubble: a sync takes its time
						b.account.mu.Lock()
						defer b.account.mu.Unlock()
						for _, s := range b.account.Streams() {
							if delete(b.account.fail, s); b.clock.Now().Before(from.Add(c.down)) {
								b.account.fail[s] = c.fail
							}
						}
					}
				}
				b.clock.Set(c.start)
				b.clock.Flow()
				failing(c.start)
				if !c.sleep.IsZero() {
					b.account.before = nil
				}
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- b.Run(ctx) }()
				if !c.sleep.IsZero() {
					time.Sleep(c.sleep.Sub(c.start))
					synctest.Wait()
					failing(c.wake)
					b.clock.Set(c.wake)
				}
				time.Sleep(c.late.Add(2 * time.Minute).Sub(b.clock.Now()))
				stop()
				if err := <-ended; err != nil {
					t.Fatal(err)
				}
				if len(b.slack.sent) != 2 || len(b.email.sent) != 0 {
					t.Fatalf("%d parts by Slack, %d by mail: %v", len(b.slack.sent), len(b.email.sent), b.states())
				}
				if when := b.slack.times[0]; when.Before(c.early) || when.After(c.late) {
					t.Errorf("sent at %s", when.Format("Mon 15:04:05"))
				}
				if body := string(b.slack.sent[0].Body); !strings.Contains(body, c.says) || strings.Contains(body, c.not) {
					t.Errorf("it does not say %q, or says %q:\n%s", c.says, c.not, body)
				}
			})
		})
	}
}

// TestStatusSaysThatADigestWaits: while a digest that is due waits for a sync, it has no
// delivery yet, and would look as if it were lost.
func TestStatusSaysThatADigestWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.sync()
		b.clock.Set(b.clock.Now().Add(24*time.Hour + 40*time.Minute))
		b.restart()
		for _, s := range b.account.Streams() {
			b.account.fail[s] = crm.ErrBusy
		}
		b.clock.Flow()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- b.Run(ctx) }()
		waits := func() string {
			t.Helper()
			st, err := b.Status(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range st.Notices {
				if strings.Contains(n, "digests that are due wait") {
					return n
				}
			}
			return ""
		}
		for _, wait := range []struct {
			long time.Duration
			more string
		}{{4*time.Minute + 30*time.Second, "11 minutes"}, {10 * time.Minute, "1 minute"}} {
			time.Sleep(wait.long)
			if got, want := waits(), "digests that are due wait for a sync of sales, "+wait.more+" more at most"; got != want {
				t.Errorf("status says %q, want %q", got, want)
			}
		}
		time.Sleep(5 * time.Minute)
		if got := waits(); got != "" {
			t.Errorf("status still says %q", got)
		}
		stop()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	})
}
