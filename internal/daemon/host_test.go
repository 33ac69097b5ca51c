package daemon_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// freePort is an address on loopback that nobody listens on. Its port is below those that a
// system gives to whoever asks for any, so no test that runs beside takes it meanwhile.
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		free, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(10_000)))
		if err == nil {
			_ = free.Close()
			return free.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}

// TestOnlyOwnNamesAreAnswered: a web page whose name was made to lead to this machine reads
// nothing here.
func TestOnlyOwnNamesAreAnswered(t *testing.T) {
	addr := freePort(t)
	b := newBench(t, func(b *bench) { b.cfg.Listen, b.cfg.Hosts = addr, []string{"Metrics.acme.example"} })
	b.sync()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ready := make(chan struct{})
	ended := b.run(ctx, ready)
	<-ready
	for host, answered := range map[string]bool{
		addr: true, "localhost": true, "LocalHost:9099": true, "localhost.": true, "pipetidy.localhost:80": true,
		"127.0.0.1": true, "[::1]:9099": true, "[::1]": true, "10.1.2.3:80": true,
		"metrics.acme.example": true, "metrics.ACME.example.:9099": true,
		"evil.example": false, "evil.example:9099": false, "localhost.evil.example": false, "evillocalhost": false, "127.0.0.1.evil.example": false,
		"x.metrics.acme.example": false, "acme.example": false, "metrics.acme.example.evil.example": false,
	} {
		for _, path := range []string{"/metrics", "/healthz", "/readyz", "/"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			req.Host = host
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if misdirected := resp.StatusCode == http.StatusMisdirectedRequest; misdirected == answered {
				t.Errorf("Host %s, %s: %s", host, path, resp.Status)
			} else if misdirected && !strings.Contains(string(body), "http.hosts") {
				t.Errorf("Host %s: %q does not name the key", host, body)
			}
		}
	}
	http.DefaultClient.CloseIdleConnections()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestASlowClientIsLetGo: who reads no answer, or sends no end of a request, holds a
// connection for so long and no longer.
func TestASlowClientIsLetGo(t *testing.T) {
	b := newBench(t, nil)
	for name, c := range map[string]struct{ request string }{
		"an answer that is not read":  {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"},
		"a request that does not end": {"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			stop := b.Serve(t.Context(), l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, err := io.ReadAll(r.Body)
				for some := make([]byte, 1<<20); err == nil; {
					_, err = w.Write(some)
				}
				ended <- err
			}), 200*time.Millisecond)
			defer stop()
			conn, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, c.request); err != nil {
				t.Fatal(err)
			}
			select {
			case err := <-ended:
				t.Log(err)
			case <-time.After(10 * time.Second):
				t.Error("the connection is still held")
			}
		})
	}
}
