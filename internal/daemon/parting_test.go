package daemon_test

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// TestStopWithSleepingReaders: whoever has asked and does not read, the daemon stops.
func TestStopWithSleepingReaders(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(b *bench) {
		b.cfg.Socket = filepath.Join(t.TempDir(), "s")
		long := strings.Repeat("long words ", 40)
		for i := range 4000 {
			id := fmt.Sprintf("006%012dAAA", i)
			b.account.deals = append(b.account.deals, b.deal(id, long))
			b.account.acts = append(b.account.acts, crm.Activity{
				ID: fmt.Sprintf("00T%012dAAA", i), OpportunityIDs: []string{id}, Outcome: long, At: b.clock.Now(), CreatedAt: b.clock.Now(),
			})
		}
	})
	b.sync()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ready := make(chan struct{})
	ended := b.run(ctx, ready)
	<-ready
	for _, request := range []string{
		"GET /v1/export?stream=activities HTTP/1.1\r\nHost: pipetidy\r\n\r\n",
		"GET /v1/export?stream=opportunities HTTP/1.1\r\nHost: pipetidy\r\n\r\n",
		"POST /v1/check HTTP/1.1\r\nHost: pipetidy\r\nContent-Length: 2\r\n\r\n{}",
	} {
		conn, err := net.Dial("unix", b.cfg.Socket)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.Write([]byte(request)); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Read(make([]byte, 1)); err != nil { // the answer has begun, and nobody reads on
			t.Fatalf("%s: %v", request, err)
		}
	}
	begin := time.Now()
	stop()
	select {
	case err := <-ended:
		if err != nil || time.Since(begin) > 30*time.Second {
			t.Errorf("stopped after %s: %v", time.Since(begin), err)
		}
	case <-time.After(30 * time.Second):
		t.Error("the daemon does not stop")
	}
}

// run runs the daemon, opened anew so that it says when it is ready.
func (b *bench) run(ctx context.Context, ready chan struct{}) (ended chan error) {
	b.t.Helper()
	b.cfg.Ready = func() { close(ready) }
	b.restart()
	ended = make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	return ended
}
