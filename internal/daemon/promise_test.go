package daemon_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/store"
)

// A delivery that cannot be made, here because its team is gone from the
// configuration, fails visibly and keeps no other from being made.
func TestOneBadDeliveryStopsNoOther(t *testing.T) {
	b := newBench(t, func(b *bench) {
		second := b.cfg.Teams.List[0]
		second.Name, second.Manager = "Zulu", "zoe@acme.example"
		b.cfg.Teams.List = append(b.cfg.Teams.List, second)
	})
	b.slack.script = func(int, delivery.Part) error { return &delivery.RetryError{Err: errors.New("not reachable")} }
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	b.tick()
	ds, err := b.store.Deliveries(t.Context())
	if err != nil || len(ds) != 2 {
		t.Fatalf("got %v, %v, want two deliveries", ds, err)
	}
	planned := ds[0]
	planned.State, planned.Parts = delivery.Planned, nil // as a stop between planning and composing leaves it
	if err := b.store.SaveDelivery(t.Context(), b.store.Fence(), planned, nil); err != nil {
		t.Fatal(err)
	}
	b.cfg.Teams.List = b.cfg.Teams.List[1:]
	b.restart()
	b.slack.script = nil
	b.clock.Set(b.clock.Now().Add(10 * time.Minute))
	b.tick()
	want(t, b.states(), "2026-11-23 slack failed", "2026-11-23 slack sent")
	d, _, err := b.store.Delivery(t.Context(), planned.ID)
	if err != nil || !strings.Contains(d.Reason, "West") {
		t.Errorf("got reason %q (error %v), want the team named", d.Reason, err)
	}
}

// A digest late in the evening keeps its deadline over midnight, and a day on
// which nothing ran at all is noticed.
func TestDueOverMidnightAndAfterADayOff(t *testing.T) {
	b := newBench(t, func(b *bench) {
		at, err := digest.ParseAt("22:00")
		if err != nil {
			t.Fatal(err)
		}
		b.cfg.Digests[0].Schedule.At = at
	})
	loc := b.cfg.Location
	b.clock.Set(time.Date(2026, 11, 24, 0, 30, 0, 0, loc))
	b.sync()
	b.tick() // Monday's, two and a half hours late
	want(t, b.states(), "2026-11-23 slack sent")
	b.clock.Set(time.Date(2026, 11, 26, 22, 5, 0, 0, loc)) // nothing ran on Tuesday and Wednesday
	b.sync()
	b.tick()
	for _, day := range []int{24, 25} {
		p, ok, err := b.store.Period(t.Context(), "manager-daily", "West", crm.NewDate(2026, 11, day))
		if err != nil || !ok || p.State != "expired" {
			t.Errorf("%d Nov: got %+v (found %v, error %v), want it expired", day, p, ok, err)
		}
	}
	if body := string(b.slack.sent[len(b.slack.sent)-2].Body); !strings.Contains(body, "25 Nov was not sent") {
		t.Errorf("Thursday's digest does not mention Wednesday's:\n%s", body)
	}
	b.tick()
	if ds := b.states(); len(ds) != 2 {
		t.Errorf("got %v, want Monday's and Thursday's", ds)
	}
}

// A new edition takes the place of one that has not been sent yet.
func TestAgainReplacesWhatWaits(t *testing.T) {
	b := newBench(t, nil)
	down := true
	b.slack.script = func(int, delivery.Part) error {
		if down {
			return &delivery.RetryError{After: time.Hour, Err: errors.New("not reachable")}
		}
		return nil
	}
	b.sync()
	dg := &b.cfg.Digests[0]
	for i, again := range []bool{false, true} {
		if rs, err := b.SendNow(t.Context(), dg, "", again); err != nil || len(rs) != 1 || rs[0].Already || rs[0].State != delivery.Retry {
			t.Fatalf("send %d: got %+v, %v", i, rs, err)
		}
	}
	down = false
	b.clock.Set(b.clock.Now().Add(80 * time.Minute))
	// The second edition is sent now: its period was begun before, and nothing was sent.
	if rs, err := b.SendNow(t.Context(), dg, "", false); err != nil || len(rs) != 1 || rs[0].Already || rs[0].State != delivery.Sent {
		t.Errorf("got %+v, %v, want the second edition sent now", rs, err)
	}
	b.tick()
	want(t, b.states(), "2026-11-23 slack skipped", "2026-11-23 slack sent")
	if len(b.slack.sent) != 2 {
		t.Errorf("got %d parts, want one digest of two", len(b.slack.sent))
	}
}

// Old data is said to be old; silence would look like a broken daemon.
func TestStaleDigestSaysSo(t *testing.T) {
	b := newBench(t, nil)
	b.sync()
	b.clock.Set(b.clock.Now().Add(48*time.Hour + 31*time.Minute))
	b.tick()
	if len(b.slack.sent) == 0 {
		t.Fatal("nothing was sent")
	}
	if body := string(b.slack.sent[0].Body); !strings.Contains(body, "withheld") || strings.Contains(body, "Initech") {
		t.Errorf("want findings withheld and no deal named:\n%s", body)
	}
}

func TestCheckRefusesAStranger(t *testing.T) {
	b := newBench(t, nil)
	b.sync()
	_, err := b.Check(t.Context(), api.CheckRequest{Owner: "nope@acme.example"})
	if refusal, ok := errors.AsType[*api.Error](err); !ok || refusal.Exit != api.ExitUsage {
		t.Errorf("got %v, want a refusal: no findings would be a false all-clear", err)
	}
	c, err := b.Check(t.Context(), api.CheckRequest{Owner: "Ana@acme.example"})
	if err != nil || len(c.Findings) == 0 {
		t.Errorf("Ana: got %+v, %v", c, err)
	}
}

func TestSendToRequiresOneAddress(t *testing.T) {
	b := newBench(t, nil)
	b.sync()
	for _, to := range []string{"x@acme.example, y@acme.example", "C012345", "a@acme.example\r\nBcc: b@acme.example", "Ana <ana@acme.example>"} {
		_, err := b.SendNow(t.Context(), &b.cfg.Digests[0], to, false)
		if refusal, ok := errors.AsType[*api.Error](err); !ok || refusal.Exit != api.ExitUsage {
			t.Errorf("--to %q: got %v, want a refusal", to, err)
		}
	}
	if ds := b.states(); len(ds) != 0 {
		t.Errorf("refused sends left %v in the journal", ds)
	}
}

// A stop waits for the message in hand, also for that of a command.
func TestStopFinishesWhatACommandSends(t *testing.T) {
	b := newBench(t, nil)
	b.cfg.Socket = filepath.Join(b.dir, "s.sock")
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	b.open()
	b.sync()
	inHand, goOn := make(chan struct{}), make(chan struct{})
	b.slack.script = func(n int, _ delivery.Part) error {
		if n == 1 {
			close(inHand)
			<-goOn
		}
		return nil
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		for {
			c, err := (&net.Dialer{}).DialContext(ctx, "unix", b.cfg.Socket)
			if err == nil || ctx.Err() != nil {
				return c, err
			}
			select { // the socket appears when the daemon is up
			case <-ctx.Done():
			case <-time.After(time.Millisecond):
			}
		}
	}}}
	defer client.CloseIdleConnections()
	answered := make(chan string, 1)
	go func() {
		resp, err := client.Post("http://pipetidy/v1/digest/send", "application/json", strings.NewReader(`{"name":"manager-daily"}`))
		if err != nil {
			answered <- err.Error()
			return
		}
		defer resp.Body.Close()
		answered <- resp.Status
	}()
	<-inHand
	stop()
	select {
	case err := <-ended:
		t.Fatalf("the daemon ended (%v) with a message in hand", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(goOn)
	if err := <-ended; err != nil {
		t.Errorf("the daemon ended with %v", err)
	}
	t.Logf("the command was answered %s", <-answered)
	d, ok, err := b.store.Delivery(t.Context(), "manager-daily|2026-11-23|1|West|maria@acme.example|slack|"+b.store.Installation())
	if err != nil || !ok || len(d.Parts) == 0 || d.Parts[0].State != delivery.Sent {
		t.Errorf("got %+v (found %v, error %v), want the part in hand settled as sent", d, ok, err)
	}
}

// Readiness tells the truth about the step that failed, until that step succeeds.
func TestNotReadyUntilTheSameStepSucceeds(t *testing.T) {
	b := newBench(t, func(b *bench) { b.cfg.Sources[0].Source.Source = b.account })
	b.sync()
	full := &fullDisk{Cache: b.store}
	d, err := daemon.New(b.cfg, full, b.store, b.store.Fence(), nil)
	if err != nil {
		t.Fatal(err)
	}
	post := func(path, body string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		d.Handler().ServeHTTP(discard{http.Header{}}, r)
	}
	notices := func() string {
		t.Helper()
		st, err := d.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(st.Notices, "\n")
	}
	full.full = true
	post("/v1/sync", `{}`)
	if n := notices(); !strings.Contains(n, "disk full") {
		t.Fatalf("status does not tell that the disk is full:\n%s", n)
	}
	post("/v1/check", `{}`) // writes to the journal, which has room
	if n := notices(); !strings.Contains(n, "disk full") {
		t.Errorf("another step's success made the fault go away:\n%s", n)
	}
	full.full = false
	post("/v1/sync", `{}`)
	if n := notices(); strings.Contains(n, "disk full") {
		t.Errorf("the fault outlives the step's success:\n%s", n)
	}
}

// fullDisk is a cache without room.
type fullDisk struct {
	daemon.Cache
	full bool
}

func (c *fullDisk) CommitPage(ctx context.Context, f store.Fence, source string, p *crm.Page, now time.Time) (store.Commit, error) {
	if c.full {
		return store.Commit{}, fmt.Errorf("commit page: %w", store.ErrDiskFull)
	}
	return c.Cache.CommitPage(ctx, f, source, p, now)
}

// discard is a ResponseWriter for answers that nobody reads.
type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// Two installations that send the same digest of the same team through one app and one
// mail server never take each other's messages for their own. What an installation has
// planned keeps its id when the journal is restored elsewhere.
func TestTwoInstallations(t *testing.T) {
	ids, keys := map[string]bool{}, map[string]bool{}
	for range 2 {
		b := newBench(t, nil)
		b.sync()
		b.clock.Set(b.clock.Now().Add(31 * time.Minute))
		b.tick()
		b.slack.script = func(int, delivery.Part) error {
			return &delivery.RejectedError{Blame: delivery.BlameRecipient, Err: errors.New("no such reader")}
		}
		b.clock.Set(b.clock.Now().AddDate(0, 0, 1))
		b.sync()
		b.tick() // by the else channel
		ds, err := b.store.Deliveries(t.Context())
		if err != nil || len(ds) != 3 {
			t.Fatal(len(ds), err)
		}
		for i := range ds {
			if ids[ds[i].ID] {
				t.Errorf("both planned %s", ds[i].ID)
			}
			ids[ds[i].ID] = true
		}
		for _, p := range append(b.slack.sent, b.email.sent...) {
			if keys[p.Key] {
				t.Errorf("both sent %s", p.Key)
			}
			keys[p.Key] = true
		}
		was := b.store.Installation()
		if err := b.store.Close(); err != nil {
			t.Fatal(err)
		}
		journal, err := os.ReadFile(filepath.Join(b.dir, "journal.db"))
		if err != nil {
			t.Fatal(err)
		}
		b.dir = t.TempDir()
		if err := os.WriteFile(filepath.Join(b.dir, "journal.db"), journal, 0o600); err != nil {
			t.Fatal(err)
		}
		b.open()
		if now := b.store.Installation(); now != was || len(was) != 8 {
			t.Errorf("the restored journal is %q, was %q", now, was)
		}
	}
}
