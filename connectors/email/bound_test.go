package email

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
)

// endless says one thing again and again, up to much more than may be heard.
func endless(conn net.Conn, what string) {
	what = strings.Repeat(what, 1+(64<<10)/len(what))
	for said := 0; said < 64<<20; said += len(what) {
		if _, err := fmt.Fprint(conn, what); err != nil {
			return
		}
	}
}

// TestAnswersWithoutAnEnd has a server that never ends a line, or never ends an answer, at
// each step. It is judged by the memory that is asked for, because the error alone would
// come too after gigabytes.
func TestAnswersWithoutAnEnd(t *testing.T) {
	usual := map[string]string{"greeting": "220 mx\r\n", "EHLO": "250-mx\r\n250 AUTH PLAIN\r\n", "AUTH": "235 ok\r\n", "MAIL": "250 ok\r\n",
		"RCPT": "250 ok\r\n", "DATA": "354 go on\r\n", ".": "250 taken\r\n", "QUIT": "221 bye\r\n"}
	for step := range usual {
		for kind, what := range map[string]string{"a line": "2", "an answer": usual[step][:3] + "-more\r\n", "a refusal": "550-no\r\n"} {
			t.Run(step+" "+kind, func(t *testing.T) {
				client, srv := net.Pipe()
				done := make(chan struct{})
				go func() {
					defer close(done)
					defer srv.Close()
					r := bufio.NewReader(srv)
					verb := "greeting"
					for inData := false; ; {
						switch {
						case inData && verb != ".":
						case verb == step:
							endless(srv, what)
							return
						default:
							fmt.Fprint(srv, usual[verb])
							inData = verb == "DATA"
						}
						l, err := r.ReadString('\n')
						if err != nil {
							return
						}
						verb, _, _ = strings.Cut(strings.TrimRight(l, "\r\n"), " ")
					}
				}()
				n, err := New(Config{Host: "127.0.0.1", TLS: None, From: "pipetidy@acme.example", Username: goodUser, Password: new(connectortest.Secret(t, goodPassword)),
					Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil }})
				if err != nil {
					t.Fatal(err)
				}
				to, p := part(t, n)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				_, err = n.Send(t.Context(), to, p, nil)
				runtime.ReadMemStats(&after)
				<-done
				if got := after.TotalAlloc - before.TotalAlloc; got > 16<<20 {
					t.Errorf("%d MiB were asked for", got>>20)
				}
				want := map[string]string{".": "unknown", "QUIT": "sent"}[step]
				if want == "" {
					want = "retry"
				}
				if outcome(err) != want || want != "sent" && !errors.Is(err, errEndless) {
					t.Errorf("got %s (%v), want %s", outcome(err), err, want)
				}
			})
		}
	}
}
