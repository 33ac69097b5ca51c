package email

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
)

const (
	goodUser     = "pipetidy"
	goodPassword = "correct horse 42"
)

// server is a mail server with a fault at one step.
type server struct {
	*smtp.Server
	addr  string
	roots *x509.CertPool

	mu     sync.Mutex
	faults map[string]error // step → answer: "auth", "mail", "rcpt", "data"
	drop   bool             // take the message, then close instead of answering
	got    []received
	logins int
	secure int // messages that came under TLS
}

type received struct {
	from, to string
	body     []byte
}

// start starts a server, after change has altered it.
func start(t *testing.T, change func(*server)) *server {
	t.Helper()
	s := &server{faults: map[string]error{}}
	s.Server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{s: s, conn: c}, nil }))
	s.Domain = "mx.acme.example"
	s.ErrorLog = log.New(io.Discard, "", 0)
	s.EnableSMTPUTF8 = true
	cert, roots := certificate(t, "127.0.0.1")
	s.roots = roots
	s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	if change != nil {
		change(s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l)
	}()
	t.Cleanup(func() {
		_ = l.Close() // Serve may not have taken the listener yet
		_ = s.Close()
		<-done
	})
	return s
}

// certificate makes a certificate for host, and the pool that trusts the certificate.
func certificate(t *testing.T, host string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	if ip := net.ParseIP(host); ip != nil {
		tmpl.IPAddresses = []net.IP{ip}
	} else {
		tmpl.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func (s *server) fault(step string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults[step]
}

func (s *server) arrived(key string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, m := range s.got {
		if strings.Contains(string(m.body), "Message-ID: <"+MessageID(key, "acme.example")+">") {
			n++
		}
	}
	return n
}

func (s *server) notifier(t *testing.T, change func(*Config)) *Notifier {
	t.Helper()
	c := Config{
		Host: "127.0.0.1", Port: port(t, s.addr), TLS: StartTLS, Roots: s.roots, From: "Pipetidy <pipetidy@acme.example>",
		Username: goodUser, Password: new(connectortest.Secret(t, goodPassword)),
		Now: func() time.Time { return time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC) },
	}
	if change != nil {
		change(&c)
	}
	n, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func port(t *testing.T, addr string) int {
	t.Helper()
	a, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return a.Port
}

type session struct {
	s      *server
	conn   *smtp.Conn
	m      received
	authed bool
}

func (c *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (c *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		c.s.mu.Lock()
		c.s.logins++
		c.s.mu.Unlock()
		if err := c.s.fault("auth"); err != nil {
			return err
		}
		if user != goodUser || password != goodPassword {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "not accepted: " + password}
		}
		c.authed = true
		return nil
	}), nil
}

func (c *session) Mail(from string, _ *smtp.MailOptions) error {
	c.m.from = from
	return c.s.fault("mail")
}

func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.m.to = to
	return c.s.fault("rcpt")
}

func (c *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := c.s.fault("data"); err != nil {
		return err
	}
	c.m.body = b
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.got = append(c.s.got, c.m)
	if _, ok := c.conn.TLSConnectionState(); ok {
		c.s.secure++
	}
	if c.s.drop {
		_ = c.conn.Conn().Close()
	}
	return nil
}

func (c *session) Reset()        {}
func (c *session) Logout() error { return nil }
