package mail

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/smtp"
	"net/textproto"
	"os"
	"strings"
	"testing"
	"time"
)

func startMail(t *testing.T, opt Options) *Server {
	t.Helper()
	m, err := Listen(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// send holds a plain SMTP dialogue and returns the step at which the dialogue ended.
// send gives up a server that does not answer for a moment.
func send(m *Server, user, password string) (step string, err error) {
	c, err := smtp.Dial(m.addr.String())
	if err != nil {
		return "greeting", err
	}
	defer func() { _ = c.Close() }()
	if user != "" {
		if err := c.Auth(smtp.PlainAuth("", user, password, m.Host())); err != nil {
			return "auth", err
		}
	}
	if err := c.Mail("pipetidy@acme.example"); err != nil {
		return "mail", err
	}
	if err := c.Rcpt("maria@acme.example"); err != nil {
		return "rcpt", err
	}
	w, err := c.Data()
	if err != nil {
		return "data", err
	}
	if _, err := fmt.Fprint(w, "Subject: hi\r\n\r\n"+strings.Repeat("hello\r\n", 100)); err != nil {
		return "body", err
	}
	answered := make(chan error, 1)
	go func() { answered <- w.Close() }()
	select {
	case err := <-answered:
		if err != nil {
			return "dot", err
		}
	case <-time.After(200 * time.Millisecond):
		_ = c.Close()
		<-answered //nolint:errcheck // the only error is that the connection is closed
		return "dot", os.ErrDeadlineExceeded
	}
	if err := c.Reset(); err != nil {
		return "reset", err
	}
	return "", c.Quit()
}

// Each fault has a row: the step at which the client notices, the code, and whether
// the message arrived.
func TestMailFaults(t *testing.T) {
	m := startMail(t, Options{Username: "pipetidy", Password: "secret"})
	for name, want := range map[string]struct {
		step    string
		code    int
		arrived int
	}{
		"greeting-421": {"greeting", 421, 0}, "auth-454": {"auth", 454, 0}, "auth-535": {"auth", 535, 0},
		"mail-451": {"mail", 451, 0}, "mail-550": {"mail", 550, 0},
		"rcpt-450": {"rcpt", 450, 0}, "rcpt-452": {"rcpt", 452, 0}, "rcpt-550": {"rcpt", 550, 0}, "rcpt-554": {"rcpt", 554, 0},
		"data-452": {"dot", 452, 0}, "data-552": {"dot", 552, 0}, "data-cut": {"dot", 0, 0},
		"data-lost": {"dot", 0, 1}, "data-hang": {"dot", 0, 1}, "reset-drop": {"reset", 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(m.Messages())
			m.Fault(Faults()[name])
			step, err := send(m, "pipetidy", "secret")
			if step != want.step && !(name == "data-cut" && step == "body") {
				t.Errorf("ended at %q with %v, want %q", step, err, want.step)
			}
			var reply *textproto.Error
			if code := 0; errors.As(err, &reply) != (want.code != 0) || reply != nil && reply.Code != want.code {
				t.Errorf("got code %d of %v, want %d", code, err, want.code)
			}
			if got := len(m.Messages()) - before; got != want.arrived {
				t.Errorf("%d messages arrived, want %d", got, want.arrived)
			}
			m.ClearFaults()
			if step, err := send(m, "pipetidy", "secret"); err != nil {
				t.Errorf("afterwards: %s: %v", step, err)
			}
		})
	}
	if len(Faults()) != 15 {
		t.Errorf("a fault has no test: %d faults", len(Faults()))
	}
}

func TestMailAuth(t *testing.T) {
	m := startMail(t, Options{Username: "pipetidy", Password: "secret"})
	if step, err := send(m, "pipetidy", "wrong"); step != "auth" || !strings.HasPrefix(err.Error(), "535") {
		t.Errorf("wrong password: %s, %v", step, err)
	}
	if step, err := send(m, "", ""); step != "mail" || !strings.HasPrefix(err.Error(), "530") {
		t.Errorf("no AUTH: %s, %v", step, err)
	}
	if step, err := send(m, "pipetidy", "secret"); err != nil {
		t.Fatalf("%s: %v", step, err)
	}
	got := m.Messages()
	if len(got) != 1 || got[0].From != "pipetidy@acme.example" || len(got[0].To) != 1 || got[0].User != "pipetidy" || !strings.HasPrefix(string(got[0].Data), "Subject: hi\r\n") {
		t.Errorf("got %+v", got)
	}
}

func TestMailStartTLS(t *testing.T) {
	m := startMail(t, Options{Username: "pipetidy", Password: "secret", StartTLS: true})
	c, err := smtp.Dial(m.addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if ok, _ := c.Extension("AUTH"); ok {
		t.Error("AUTH is offered without TLS")
	}
	if err := c.StartTLS(&tls.Config{RootCAs: m.Pool(), ServerName: "127.0.0.1"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Auth(smtp.PlainAuth("", "pipetidy", "secret", "127.0.0.1")); err != nil {
		t.Error(err)
	}
	other, err := smtp.Dial(m.addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	if err := other.StartTLS(&tls.Config{ServerName: "127.0.0.1"}); err == nil {
		t.Error("the certificate is trusted without the pool")
	}
}

func TestParseLetter(t *testing.T) {
	raw := "Subject: =?utf-8?q?Caf=C3=A9?=\r\nFrom: Pipetidy <pipetidy@acme.example>\r\nTo: maria@acme.example\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n3 =E2=82=AC\r\n" +
		"--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+aGk8L2I+\r\n--b--\r\n"
	l, err := ParseLetter([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	if l.Subject != "Café" || l.Text != "3 €" || l.HTML != "<b>hi</b>" || strings.Join(l.Parts, " ") != "multipart/alternative text/plain text/html" {
		t.Errorf("got %+v", l)
	}
	if _, err := ParseLetter([]byte("no header")); err == nil {
		t.Error("no header: parsed")
	}
}
