package email_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/email"
	"github.com/pipetidy/pipetidy/internal/sim/mail"
)

// login is a way to sign in to the simulated mail server.
type login struct {
	server  mail.Options
	client  func(t *testing.T, c *email.Config, wrong bool) // makes the settings of the client
	secrets []string
}

// TestSimulatedMail runs the suite against the simulated mail server, for each way to sign in.
func TestSimulatedMail(t *testing.T) {
	const user, token = "pipetidy@acme.example", "an-access-token"
	for name, l := range map[string]login{
		"password": {
			server: mail.Options{Username: user, Password: "a-right-password"},
			client: func(t *testing.T, c *email.Config, wrong bool) {
				c.Password = new(connectortest.Secret(t, "a-right-password"))
				if wrong {
					c.Password = new(connectortest.Secret(t, "a-wrong-password"))
				}
			},
			secrets: []string{"a-right-password", "a-wrong-password"},
		},
		"xoauth2": {
			server: mail.Options{Username: user, Bearer: token},
			client: func(t *testing.T, c *email.Config, wrong bool) {
				issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if got := r.PostFormValue("client_secret"); got != "an-app-secret" {
						w.WriteHeader(http.StatusUnauthorized)
						fmt.Fprintf(w, `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret %s."}`, got)
						return
					}
					fmt.Fprintf(w, `{"token_type":"Bearer","expires_in":3599,"access_token":"%s"}`, token)
				}))
				t.Cleanup(issuer.Close)
				c.LoginURL = issuer.URL
				c.Auth = &email.Auth{Mechanism: email.XOAUTH2, Tenant: "acme.example", ClientID: "app-1", ClientSecret: connectortest.Secret(t, "an-app-secret")}
				if wrong {
					c.Auth.ClientSecret = connectortest.Secret(t, "a-wrong-app-secret")
				}
			},
			secrets: []string{token, "an-app-secret", "a-wrong-app-secret"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			connectortest.TestNotifier(t, func(t *testing.T, r connectortest.Receiving) *connectortest.Receiver { return l.receiver(t, r) })
		})
	}
}

// receiver is a mail server that does what the suite tries, and its client.
func (l *login) receiver(t *testing.T, r connectortest.Receiving) *connectortest.Receiver {
	l.server.StartTLS, l.server.SMTPUTF8 = true, true
	m, err := mail.Listen(t.Context(), l.server)
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
	switch r {
	case connectortest.Unreachable:
		end()
	case connectortest.Busy:
		m.Fault(mail.Fault{Step: mail.AtMail, Code: 451, Enhanced: [3]int{4, 7, 1}, Text: "Greylisted"})
	case connectortest.UnknownRecipient:
		m.Fault(mail.Fault{Step: mail.AtRcpt, Code: 550, Enhanced: [3]int{5, 1, 1}, Text: "No such user"})
	case connectortest.BadCredentials: // of the client
	case connectortest.LosesAnswer:
		m.Fault(mail.Fault{Step: mail.AtData, Kind: mail.Lost})
	case connectortest.Works: // a server that goes away after its 250 has taken the mail
		m.Fault(mail.Fault{Step: mail.AtData, Kind: mail.Drop})
	}
	c := email.Config{Host: m.Host(), Port: m.Port(), TLS: email.StartTLS, Roots: m.Pool(), From: "pipetidy@acme.example", Username: l.server.Username}
	l.client(t, &c, r == connectortest.BadCredentials)
	n, err := email.New(c)
	if err != nil {
		t.Fatal(err)
	}
	out := &connectortest.Receiver{Notifier: n, Secrets: l.secrets}
	out.Arrived = func(key string) int {
		n := 0
		for _, e := range m.Messages() {
			if strings.Contains(string(e.Data), "Message-ID: <"+email.MessageID(key, "acme.example")+">") && e.TLS && e.User == l.server.Username && len(e.To) == 1 {
				n++
			}
		}
		return n
	}
	if r == connectortest.Busy {
		out.Recover = func() {} // the fault happens once
	}
	return out
}
