package email_test

import (
	"bufio"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/email"
	"github.com/pipetidy/pipetidy/internal/sim/mail"
)

// TestSimulatedMail runs the suite against the simulated mail server.
func TestSimulatedMail(t *testing.T) {
	connectortest.TestNotifier(t, func(t *testing.T, r connectortest.Receiving) *connectortest.Receiver {
		m, err := mail.Listen(t.Context(), mail.Options{Username: "pipetidy", Password: "a-right-password", StartTLS: true, SMTPUTF8: true})
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("tcp", net.JoinHostPort(m.Host(), strconv.Itoa(m.Port())))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bufio.NewReader(conn).ReadString('\n'); err != nil { // the server is ready
			t.Fatal(err)
		}
		_ = conn.Close()
		closed := false
		end := func() {
			if !closed {
				closed = true
				_ = m.Close()
			}
		}
		t.Cleanup(end)
		password := "a-right-password"
		switch r {
		case connectortest.Unreachable:
			end()
		case connectortest.Busy:
			m.Fault(mail.Fault{Step: mail.AtMail, Code: 451, Enhanced: [3]int{4, 7, 1}, Text: "Greylisted"})
		case connectortest.UnknownRecipient:
			m.Fault(mail.Fault{Step: mail.AtRcpt, Code: 550, Enhanced: [3]int{5, 1, 1}, Text: "No such user"})
		case connectortest.BadCredentials:
			password = "wrong-password"
		case connectortest.LosesAnswer:
			m.Fault(mail.Fault{Step: mail.AtData, Kind: mail.Lost})
		case connectortest.Works: // a server that goes away after its 250 has taken the mail
			m.Fault(mail.Fault{Step: mail.AtData, Kind: mail.Drop})
		}
		n, err := email.New(email.Config{Host: m.Host(), Port: m.Port(), TLS: email.StartTLS, Roots: m.Pool(), From: "pipetidy@acme.example",
			Username: "pipetidy", Password: new(connectortest.Secret(t, password))})
		if err != nil {
			t.Fatal(err)
		}
		out := &connectortest.Receiver{Notifier: n, Secrets: []string{"wrong-password", "a-right-password"}}
		out.Arrived = func(key string) int {
			n := 0
			for _, e := range m.Messages() {
				if strings.Contains(string(e.Data), "Message-ID: <"+email.MessageID(key, "acme.example")+">") && e.TLS && e.User == "pipetidy" && len(e.To) == 1 {
					n++
				}
			}
			return n
		}
		if r == connectortest.Busy {
			out.Recover = func() {} // the fault happens once
		}
		return out
	})
}
