package daemon_test

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// once is a listener with one connection.
type once struct {
	conn chan net.Conn
	done chan struct{}
}

func (l *once) Accept() (net.Conn, error) {
	select {
	case c := <-l.conn:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *once) Close() error   { close(l.done); return nil }
func (l *once) Addr() net.Addr { return &net.UnixAddr{Name: "pipetidy.sock", Net: "unix"} }

// TestAHalfSentRequestEnds: a request on the control socket whose body never ends is given
// up after a while, so that it does not keep its connection from those who have a question.
func TestAHalfSentRequestEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		ours, theirs := net.Pipe()
		l := &once{make(chan net.Conn, 1), make(chan struct{})}
		l.conn <- theirs
		srv := &http.Server{Handler: b.Handler()}
		ended := make(chan error, 1)
		go func() { ended <- srv.Serve(l) }()
		begin := time.Now()
		if _, err := ours.Write([]byte("POST /v1/sync HTTP/1.1\r\nHost: pipetidy\r\nContent-Length: 100000\r\n\r\n{")); err != nil {
			t.Fatal(err)
		}
		answer, err := bufio.NewReader(ours).ReadString('\n')
		if err != nil || !strings.Contains(answer, "408") {
			t.Errorf("got %q, %v", answer, err)
		}
		if took := time.Since(begin); took > 15*time.Second {
			t.Errorf("it took %s", took)
		}
		_ = ours.Close()
		_ = srv.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}
