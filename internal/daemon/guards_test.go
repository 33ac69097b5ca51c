package daemon_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
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
