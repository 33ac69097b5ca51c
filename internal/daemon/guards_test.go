package daemon_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/store"
)

// stuck answers every cursor with itself.
type stuck struct{ *wide }

func (s stuck) Fetch(_ context.Context, st crm.Stream, c crm.Cursor) (crm.Page, error) {
	return crm.Page{Stream: st, Next: c, More: true, AsOf: time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC)}, nil
}

// TestTheSameCursorAgainEndsTheStream: a source that does not come forward is no loop.
func TestTheSameCursorAgainEndsTheStream(t *testing.T) {
	b := withSource(t, stuck{&wide{}})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := b.Sync(ctx, &b.cfg.Sources[0], false, nil); err == nil || !strings.Contains(err.Error(), "the same cursor again") {
		t.Errorf("got %v", err)
	}
}

// unclaimed is a journal that cannot note that a part is being sent.
type unclaimed struct{ daemon.Journal }

func (u unclaimed) SaveDelivery(ctx context.Context, f store.Fence, d delivery.Delivery, follow *delivery.Delivery) error {
	if d.State == delivery.Sending {
		return store.ErrDiskFull
	}
	return u.Journal.SaveDelivery(ctx, f, d, follow)
}

// TestNothingIsSentThatIsNotClaimed: what is not noted on disk before it is sent would be
// sent again after a crash.
func TestNothingIsSentThatIsNotClaimed(t *testing.T) {
	b := newBench(t, nil)
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	d, err := daemon.New(b.cfg, b.store, unclaimed{b.store}, b.store.Fence(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Deliver(t.Context(), nil); !errors.Is(err, store.ErrDiskFull) {
		t.Errorf("got %v", err)
	}
	if n := len(b.slack.sent) + len(b.email.sent); n != 0 {
		t.Errorf("%d parts were sent", n)
	}
}

// TestAHeaderHasItsTime: who begins a request and does not end its header holds no
// connection, on a door without a limit for whole requests too.
func TestAHeaderHasItsTime(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Serve(t.Context(), l, http.NotFoundHandler(), 0)()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n"); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.ReadAll(conn); err != nil {
		t.Errorf("the connection is still held: %v", err)
	}
}

// TestAStopIsPatient: a request that ends soon after the stop began is answered, and one
// that does not end holds up nothing.
func TestAStopIsPatient(t *testing.T) {
	t.Parallel()
	for _, ends := range []bool{true, false} {
		b := newBench(t, nil)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		asked, let := make(chan struct{}), make(chan struct{})
		stop := b.Serve(t.Context(), l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			close(asked)
			if <-r.Context().Done(); !ends {
				<-let
			}
			_, _ = io.WriteString(w, "done")
		}), 0)
		answer := make(chan string, 1)
		go func() {
			resp, err := http.Get("http://" + l.Addr().String())
			if err != nil {
				answer <- err.Error()
				return
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			answer <- string(body)
		}()
		<-asked
		stopped := make(chan struct{})
		go func() { stop(); close(stopped) }()
		select {
		case <-stopped:
		case <-time.After(20 * time.Second):
			t.Error("a request that does not end holds up the stop")
		}
		close(let)
		if got := <-answer; ends != (got == "done") {
			t.Errorf("ends %v: answered %q", ends, got)
		}
	}
}

// TestAStopWaitsForTheAttemptOfACommand: what a command is sending when the daemon stops
// is sent and noted, not left in doubt.
func TestAStopWaitsForTheAttemptOfACommand(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(b *bench) { b.cfg.Socket = filepath.Join(t.TempDir(), "s") })
	b.sync()
	trying, let := make(chan struct{}), make(chan struct{})
	b.slack.script = func(n int, _ delivery.Part) error {
		if n == 1 {
			close(trying)
			<-let
		}
		return nil
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ready := make(chan struct{})
	ended := b.run(ctx, ready)
	<-ready
	conn, err := net.Dial("unix", b.cfg.Socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const body = `{"name":"manager-daily"}`
	if _, err := fmt.Fprintf(conn, "POST "+api.PathSend+" HTTP/1.1\r\nHost: pipetidy\r\nContent-Length: %d\r\n\r\n%s", len(body), body); err != nil {
		t.Fatal(err)
	}
	<-trying
	stop()
	select {
	case err := <-ended:
		close(let)
		t.Fatalf("stopped while a command was sending: %v", err)
	case <-time.After(time.Second):
	}
	close(let)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	ds, err := b.store.Deliveries(t.Context())
	if err != nil || len(ds) != 1 || ds[0].Parts[0].State != delivery.Sent {
		t.Errorf("got %+v, %v", ds, err)
	}
}

// TestAChannelThatCannotLookIsLeftAlone: a channel without the scope is asked once an hour
// for each message, and the outbox says when it looks again.
func TestAChannelThatCannotLookIsLeftAlone(t *testing.T) {
	b := newBench(t, func(b *bench) { b.cfg.Notifiers[delivery.Slack] = asked{b.slack} })
	b.slack.script = func(int, delivery.Part) error { return errors.New("no answer") }
	asks := 0
	b.slack.asking = func(delivery.Part) (bool, error) {
		if asks++; asks > 100 {
			return false, delivery.ErrRetry // and no loop without an end
		}
		return false, errors.New("missing_scope")
	}
	b.sync()
	b.clock.Set(b.clock.Now().Add(31 * time.Minute))
	if err := b.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	for hour := range 3 {
		next, err := b.Deliver(t.Context(), nil)
		if err != nil || asks != hour+1 || next.Sub(b.clock.Now()) != time.Hour {
			t.Fatalf("hour %d: asked %d times, next look in %v, %v", hour, asks, next.Sub(b.clock.Now()), err)
		}
		for range 3 {
			b.clock.Set(b.clock.Now().Add(15 * time.Minute))
			if _, err := b.Deliver(t.Context(), nil); err != nil || asks != hour+1 {
				t.Fatalf("hour %d: asked %d times, %v", hour, asks, err)
			}
		}
		b.clock.Set(b.clock.Now().Add(15 * time.Minute))
	}
}
