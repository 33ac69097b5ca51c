package email

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/internal/secret"
)

func TestNotifier(t *testing.T) {
	connectortest.TestNotifier(t, func(t *testing.T, r connectortest.Receiving) *connectortest.Receiver {
		s := start(t, nil)
		n := s.notifier(t, nil)
		out := &connectortest.Receiver{Notifier: n, Arrived: s.arrived, Secrets: []string{goodPassword, "wrong password"}}
		good := n.cfg.Port
		out.Recover = func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			clear(s.faults)
			s.drop = false
			n.cfg.Port = good
		}
		switch r {
		case connectortest.Unreachable:
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			n.cfg.Port = port(t, l.Addr().String())
			_ = l.Close()
		case connectortest.Busy:
			s.faults["mail"] = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "Greylisted"}
		case connectortest.UnknownRecipient:
			s.faults["rcpt"] = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such user"}
		case connectortest.BadCredentials:
			n.cfg.Password = new(connectortest.Secret(t, "wrong password"))
		case connectortest.LosesAnswer:
			s.drop = true
		}
		return out
	})
}

func outcome(err error) string {
	var re *delivery.RejectedError
	switch {
	case err == nil:
		return "sent"
	case errors.As(err, &re):
		return [...]string{"recipient", "channel", "content"}[re.Blame]
	case errors.Is(err, delivery.ErrRetry):
		return "retry"
	}
	return "unknown"
}

// part renders the sample for n.
func part(t *testing.T, n *Notifier) (*delivery.Delivery, delivery.Part) {
	t.Helper()
	d, to := connectortest.Sample()
	to.ID = "manager-daily|2026-11-24|1|West|maria@acme.example|email"
	parts, err := n.Render(t.Context(), d, to)
	if err != nil {
		t.Fatal(err)
	}
	if len(parts) != 1 {
		t.Fatalf("%d parts", len(parts))
	}
	return to, parts[0]
}

// TestReplies goes through a table of replies at each step and what each reply means.
func TestReplies(t *testing.T) {
	table, err := os.ReadFile("testdata/replies.txt")
	if err != nil {
		t.Fatal(err)
	}
	for row := range strings.Lines(string(table)) {
		if strings.HasPrefix(row, "#") || strings.TrimSpace(row) == "" {
			continue
		}
		cells := strings.Split(strings.TrimSpace(row), " | ")
		if len(cells) != 4 {
			t.Fatalf("row %q", row)
		}
		at, reply, want, says := cells[0], cells[1], cells[2], cells[3]
		t.Run(at+" "+reply, func(t *testing.T) {
			s := scripted(t, map[string]string{at: reply})
			n := s.notifier(t)
			to, p := part(t, n)
			_, err := n.Send(t.Context(), to, p, nil)
			if got := outcome(err); got != want {
				t.Errorf("got %s, want %s: %v", got, want, err)
			}
			if says != "-" && !strings.Contains(fmt.Sprint(err), says) {
				t.Errorf("%q is missing in: %v", says, err)
			}
			if strings.Contains(fmt.Sprint(err), goodPassword) {
				t.Error("the error holds the password")
			}
			if want := at == "final" && strings.HasPrefix(reply, "close") || at == "QUIT"; (s.taken() == 1) != want {
				t.Errorf("%d messages were taken", s.taken())
			}
		})
	}
}

// script is a mail server without TLS that answers steps as told; "close" closes the
// connection instead of answering.
type script struct {
	l       net.Listener
	replies map[string]string
	done    chan struct{}
	bodies  chan string
}

func scripted(t *testing.T, replies map[string]string) *script {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &script{l: l, replies: replies, done: make(chan struct{}), bodies: make(chan string, 10)}
	go func() {
		defer close(s.done)
		conn, err := l.Accept()
		if err == nil {
			s.serve(conn)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-s.done
	})
	return s
}

// taken counts the messages that came whole and were not refused.
func (s *script) taken() int {
	_ = s.l.Close()
	<-s.done
	return len(s.bodies)
}

func (s *script) notifier(t *testing.T) *Notifier {
	t.Helper()
	n, err := New(Config{Host: "127.0.0.1", Port: port(t, s.l.Addr().String()), TLS: None, From: "pipetidy@acme.example",
		Username: goodUser, Password: new(connectortest.Secret(t, goodPassword))})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (s *script) serve(conn net.Conn) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	answer := func(step, usual string) bool {
		reply, ok := s.replies[step]
		if !ok {
			reply = usual
		}
		if reply == "close" {
			return false
		}
		_, err := fmt.Fprint(conn, strings.ReplaceAll(reply, "\\n", "\r\n")+"\r\n")
		return err == nil && !strings.HasPrefix(reply, "421")
	}
	if !answer("greeting", "220 mx.acme.example") {
		return
	}
	for {
		l, err := r.ReadString('\n')
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.TrimSpace(l), " ")
		switch verb = strings.ToUpper(verb); verb {
		case "EHLO":
			if !answer("EHLO", "250-mx.acme.example\\n250 AUTH PLAIN") {
				return
			}
		case "AUTH":
			if !answer("AUTH", "235 2.7.0 ok") {
				return
			}
		case "DATA":
			if !answer("DATA", "354 go on") {
				return
			}
			if _, ok := s.replies["DATA"]; ok {
				continue
			}
			var body strings.Builder
			for {
				l, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if s.replies["body"] == "close" {
					return
				}
				if l == ".\r\n" {
					break
				}
				body.WriteString(l)
			}
			if f := s.replies["final"]; f == "" || f == "close" {
				s.bodies <- body.String()
			}
			if !answer("final", "250 2.0.0 taken") {
				return
			}
		case "QUIT":
			answer("QUIT", "221 bye")
			return
		default:
			if !answer(verb, "250 2.1.0 ok") {
				return
			}
		}
	}
}

// TestFinalAnswerNeverComes waits in a bubble, where five minutes take no time.
func TestFinalAnswerNeverComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, srv := net.Pipe()
		got := make(chan string, 1)
		go func() {
			defer srv.Close()
			r := bufio.NewReader(srv)
			fmt.Fprint(srv, "220 mx\r\n")
			for {
				l, err := r.ReadString('\n')
				if err != nil {
					return
				}
				switch {
				case strings.HasPrefix(l, "DATA"):
					fmt.Fprint(srv, "354 go on\r\n")
				case l == ".\r\n":
					got <- "taken"
				case strings.HasPrefix(l, "EHLO"), strings.HasPrefix(l, "MAIL"), strings.HasPrefix(l, "RCPT"):
					fmt.Fprint(srv, "250 ok\r\n")
				}
			}
		}()
		n, err := New(Config{Host: "127.0.0.1", TLS: None, From: "pipetidy@acme.example",
			Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil }})
		if err != nil {
			t.Fatal(err)
		}
		to, p := part(t, n)
		begin := time.Now()
		_, err = n.Send(t.Context(), to, p, nil)
		if outcome(err) != "unknown" || !strings.Contains(err.Error(), "final dot") {
			t.Errorf("got %v, want an error that leaves open whether the message arrived", err)
		}
		if err != nil && !strings.Contains(err.Error(), "no answer within 300 s") {
			t.Errorf("got %v, want it to say how long we waited", err)
		}
		if waited := time.Since(begin); waited != finalTimeout {
			t.Errorf("waited %v, want %v", waited, finalTimeout)
		}
		if len(got) != 1 {
			t.Error("the message was not handed over")
		}
	})
}

// TestSilenceAtAnyStep: a server that stops answering is silent at whichever step, so that
// the next message does not wait as long.
func TestSilenceAtAnyStep(t *testing.T) {
	for at, want := range map[string]string{
		"220": "greeting: no answer within 30 s", "EHLO": "EHLO: no answer within 60 s", "MAIL": "MAIL FROM: no answer within 60 s",
		"RCPT": "RCPT TO: no answer within 60 s", "DATA": "DATA: no answer within 60 s",
	} {
		t.Run(at, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, srv := net.Pipe()
				go func() {
					defer srv.Close()
					r := bufio.NewReader(srv)
					if at != "220" {
						fmt.Fprint(srv, "220 mx\r\n")
					}
					for {
						l, err := r.ReadString('\n')
						if err != nil {
							return
						}
						if !strings.HasPrefix(l, at) {
							fmt.Fprint(srv, "250 ok\r\n")
						}
					}
				}()
				n, err := New(Config{Host: "127.0.0.1", TLS: None, From: "pipetidy@acme.example",
					Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil }})
				if err != nil {
					t.Fatal(err)
				}
				to, p := part(t, n)
				_, err = n.Send(t.Context(), to, p, nil)
				var re *delivery.RetryError
				if !errors.As(err, &re) || !re.Silent {
					t.Errorf("got %v, want the channel to be silent", err)
				}
				if err.Error() != "email: 127.0.0.1:25: "+want {
					t.Errorf("got %q, want %q", err, want)
				}
			})
		})
	}
}

// TestAConnectionThatIsNotMade: how long we waited is said, and a name that is not found in
// time is no fault of the server.
func TestAConnectionThatIsNotMade(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{&net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}, "email: 127.0.0.1:25: connect: no answer within 5 s"},
		{&net.DNSError{Err: "i/o timeout", Name: "mx.acme.example", IsTimeout: true}, "email: 127.0.0.1:25: connect: lookup mx.acme.example: i/o timeout"},
		{&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}, "email: 127.0.0.1:25: connect: dial tcp: connection refused"},
	} {
		synctest.Test(t, func(t *testing.T) {
			n, err := New(Config{Host: "127.0.0.1", TLS: None, From: "pipetidy@acme.example",
				Dial: func(context.Context, string, string) (net.Conn, error) {
					<-time.After(5 * time.Second)
					return nil, c.err
				}})
			if err != nil {
				t.Fatal(err)
			}
			to, p := part(t, n)
			if _, err = n.Send(t.Context(), to, p, nil); err == nil || err.Error() != c.want || !errors.Is(err, delivery.ErrRetry) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestCutOffBeforeTheFinalDot has a server that goes away before the final dot: the
// message has not arrived, even where only its last line is missing.
func TestCutOffBeforeTheFinalDot(t *testing.T) {
	for _, last := range []string{"MIME-Version", "</html>"} {
		client, srv := net.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer srv.Close()
			r := bufio.NewReaderSize(srv, 16)
			fmt.Fprint(srv, "220 mx\r\n")
			for {
				l, err := r.ReadString('\n')
				switch {
				case err != nil, strings.Contains(l, last):
					return
				case strings.HasPrefix(l, "DATA"):
					fmt.Fprint(srv, "354 go on\r\n")
				case strings.HasPrefix(l, "EHLO"), strings.HasPrefix(l, "MAIL"), strings.HasPrefix(l, "RCPT"):
					fmt.Fprint(srv, "250 ok\r\n")
				}
			}
		}()
		n, err := New(Config{Host: "127.0.0.1", TLS: None, From: "pipetidy@acme.example",
			Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil }})
		if err != nil {
			t.Fatal(err)
		}
		to, p := part(t, n)
		if _, err := n.Send(t.Context(), to, p, nil); outcome(err) != "retry" {
			t.Errorf("cut off at %s: got %v, want to try again", last, err)
		}
		<-done
	}
}

// TestInterruptedWhileWaiting proves that a context that ends ends the conversation.
func TestInterruptedWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, srv := net.Pipe()
		defer srv.Close()
		n, err := New(Config{Host: "127.0.0.1", TLS: None, From: "pipetidy@acme.example",
			Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil }})
		if err != nil {
			t.Fatal(err)
		}
		to, p := part(t, n)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begin := time.Now()
		if _, err := n.Send(ctx, to, p, nil); outcome(err) != "retry" { // no greeting comes
			t.Errorf("got %v, want to try again", err)
		}
		if waited := time.Since(begin); waited != 3*time.Second {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestStartTLSIsNeverLeftOut(t *testing.T) {
	s := start(t, func(s *server) { s.TLSConfig = nil; s.AllowInsecureAuth = true })
	n := s.notifier(t, nil)
	to, p := part(t, n)
	_, err := n.Send(t.Context(), to, p, nil)
	if outcome(err) != "channel" || !strings.Contains(err.Error(), "STARTTLS") {
		t.Errorf("got %v", err)
	}
	if s.logins != 0 || len(s.got) != 0 {
		t.Error("something was said without TLS")
	}
}

func TestCertificates(t *testing.T) {
	for name, change := range map[string]func(*server){
		"wrong name": func(s *server) {
			c, roots := certificate(t, "elsewhere.example")
			s.TLSConfig.Certificates[0], s.roots = c, roots
		},
		"unknown authority": func(s *server) { _, s.roots = certificate(t, "127.0.0.1") },
	} {
		s := start(t, change)
		n := s.notifier(t, nil)
		to, p := part(t, n)
		_, err := n.Send(t.Context(), to, p, nil)
		if outcome(err) != "channel" || !strings.Contains(err.Error(), "certificate") || !strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%s: got %v", name, err)
		}
		if s.logins != 0 {
			t.Errorf("%s: the password was sent", name)
		}
	}
}

func TestImplicitTLS(t *testing.T) {
	s := start(t, nil)
	n := s.notifier(t, func(c *Config) { c.TLS = Implicit })
	to, p := part(t, n)
	if _, err := n.Send(t.Context(), to, p, nil); outcome(err) != "channel" || !strings.Contains(err.Error(), "starttls") {
		t.Errorf("towards a port that begins in plain: got %v", err)
	}
}

func TestTLSAndEnvelope(t *testing.T) {
	s := start(t, nil)
	n := s.notifier(t, nil)
	to, p := part(t, n)
	r, err := n.Send(t.Context(), to, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.secure != 1 || len(s.got) != 1 || s.got[0].to != "maria@acme.example" || s.got[0].from != "pipetidy@acme.example" {
		t.Errorf("got %d messages, %d under TLS: %+v", len(s.got), s.secure, s.got)
	}
	if string(s.got[0].body) != string(p.Body) {
		t.Error("the bytes that arrived are not those that were stored")
	}
	if r.ID != MessageID(p.Key, "acme.example") {
		t.Errorf("receipt %+v", r)
	}
}

func TestOutsiders(t *testing.T) {
	s := start(t, nil)
	n := s.notifier(t, nil)
	to, p := part(t, n)
	for _, a := range []string{"eve@other.example", "maria@acme.example.evil", "Maria <maria@acme.example>", "maria@acme.example\r\nRCPT TO:<x@y>", "", "maria"} {
		to.Recipient = a
		if _, err := n.Send(t.Context(), to, p, nil); outcome(err) != "recipient" {
			t.Errorf("%q: got %v", a, err)
		}
		d, _ := connectortest.Sample()
		if _, err := n.Render(t.Context(), d, to); outcome(err) != "recipient" {
			t.Errorf("%q is rendered: %v", a, err)
		}
	}
	if len(s.got) != 0 {
		t.Error("mail went out")
	}
}

// TestGoesElsewhere sends a digest for one person to another person, whose domain must
// be allowed too.
func TestGoesElsewhere(t *testing.T) {
	s := start(t, nil)
	n := s.notifier(t, nil)
	d, to := connectortest.Sample()
	to.Recipient, to.To = "maria@elsewhere.example", "revops@acme.example"
	parts, err := n.Render(t.Context(), d, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Send(t.Context(), to, parts[0], nil); err != nil {
		t.Fatal(err)
	}
	if len(s.got) != 1 || !strings.Contains(string(s.got[0].body), "To: <revops@acme.example>") || s.got[0].to != "revops@acme.example" {
		t.Errorf("got %+v", s.got)
	}
	to.Recipient, to.To = "maria@acme.example", "revops@elsewhere.example"
	if _, err := n.Render(t.Context(), d, to); outcome(err) != "recipient" {
		t.Errorf("rendered for a domain that gets no mail: %v", err)
	}
	if _, err := n.Send(t.Context(), to, parts[0], nil); outcome(err) != "recipient" {
		t.Errorf("sent to a domain that gets no mail: %v", err)
	}
}

func TestConfig(t *testing.T) {
	ok := Config{Host: "127.0.0.1", From: "a@acme.example"}
	for name, change := range map[string]func(*Config){
		"no host":             func(c *Config) { c.Host = "" },
		"no sender":           func(c *Config) { c.From = "nobody" },
		"unknown tls":         func(c *Config) { c.TLS = "maybe" },
		"plain to elsewhere":  func(c *Config) { c.TLS, c.Host = None, "smtp.acme.example" },
		"user, no password":   func(c *Config) { c.Username = "x" },
		"password, no user":   func(c *Config) { c.Password = &secret.Secret{Env: "X"} },
		"sender with newline": func(c *Config) { c.From = "a@acme.example\r\nBcc: x@y" },
	} {
		c := ok
		change(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	n, err := New(ok)
	if err != nil {
		t.Fatal(err)
	}
	if n.cfg.Port != 587 || n.cfg.TLS != StartTLS || n.cfg.Allow[0] != "acme.example" {
		t.Errorf("defaults %+v", n.cfg)
	}
}

func TestPasswordThatCannotBeRead(t *testing.T) {
	s := scripted(t, nil)
	n := s.notifier(t)
	n.cfg.Password = &secret.Secret{Env: "PIPETIDY_TEST_UNSET"}
	to, p := part(t, n)
	if _, err := n.Send(t.Context(), to, p, nil); outcome(err) != "channel" || !strings.Contains(err.Error(), "environment variable PIPETIDY_TEST_UNSET is not set") {
		t.Errorf("got %v", err)
	}
}
