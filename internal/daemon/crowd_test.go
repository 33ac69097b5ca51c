package daemon_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"
)

// TestIdleConnectionsGiveWay: whoever has a question gets in, and those who ask nothing
// take no descriptors. Half of them have asked once and keep the connection.
func TestIdleConnectionsGiveWay(t *testing.T) {
	t.Parallel()
	addr := freePort(t)
	b := newBench(t, func(b *bench) { b.cfg.Listen = addr })
	b.sync()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ready := make(chan struct{})
	ended := b.run(ctx, ready)
	<-ready
	var idle []net.Conn
	for i := range 80 {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if i%2 == 0 {
			_, _ = conn.Write([]byte("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"))
			_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			if _, err := conn.Read(make([]byte, 512)); err != nil {
				t.Fatalf("connection %d is not answered: %v", i, err)
			}
		}
		idle = append(idle, conn)
	}
	resp, err := http.Get("http://" + addr + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	closed := 0
	for _, conn := range idle {
		_ = conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		_, err := conn.Read(make([]byte, 1))
		if ne, ok := err.(net.Error); err != nil && (!ok || !ne.Timeout()) { //nolint:errorlint // of this connection
			closed++
		}
	}
	if closed < 80-32 {
		t.Errorf("%d of 80 idle connections were closed", closed)
	}
	http.DefaultClient.CloseIdleConnections()
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}
