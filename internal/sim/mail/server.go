// Package mail is the mail server of the simulated company: an SMTP server on
// loopback that keeps the messages it accepts, and misbehaves at the step of the
// dialogue that a test names. The server delivers nothing to anybody. [Listen] starts
// a server; [ParseLetter] takes a kept message apart with the standard library
// alone, so a test does not depend on the sender's library.
package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"sync"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Options are the settings of the mail server.
type Options struct {
	Username, Password string // "" lets everybody in
	Bearer             string // token that XOAUTH2 takes for Username, instead of Password
	StartTLS           bool   // offer STARTTLS, and AUTH only after it
	SMTPUTF8           bool   // offer SMTPUTF8
	MaxBytes           int64  // larger messages are refused with 552; 0 is no limit
}

// Envelope is a message that the server accepted.
type Envelope struct {
	From string
	To   []string
	Data []byte // as sent, with CRLF
	TLS  bool
	User string // "" without AUTH
}

// Server is an SMTP server on loopback that keeps accepted messages and misbehaves
// as scripted.
type Server struct {
	opt  Options
	srv  *smtp.Server
	addr *net.TCPAddr
	pool *x509.CertPool
	done chan struct{} // closed by Close

	listener *greetingListener
	wg       sync.WaitGroup

	mu       sync.Mutex
	messages []Envelope
	script   []*Fault
}

// Listen starts a mail server on a free port of 127.0.0.1. [Server.Close] ends the
// server.
func Listen(ctx context.Context, opt Options) (*Server, error) {
	m := &Server{opt: opt, done: make(chan struct{})}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	m.addr, _ = l.Addr().(*net.TCPAddr)
	m.srv = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{m: m, conn: c}, nil }))
	m.srv.Domain = "mail.acme.example"
	m.srv.AllowInsecureAuth = !opt.StartTLS
	m.srv.EnableSMTPUTF8 = opt.SMTPUTF8
	m.srv.MaxMessageBytes = opt.MaxBytes
	m.srv.ErrorLog = log.New(io.Discard, "", 0)
	if opt.StartTLS {
		cert, pool, err := selfSigned()
		if err != nil {
			return nil, fmt.Errorf("mail server: %w", err)
		}
		m.srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
		m.pool = pool
	}
	m.listener = &greetingListener{Listener: l, m: m}
	m.wg.Go(func() { _ = m.srv.Serve(m.listener) }) // Serve returns when Close closes the listener
	return m, nil
}

// Close ends the server and its connections.
func (m *Server) Close() error {
	close(m.done)
	err := m.srv.Close()
	// srv.Close closes only listeners and connections whose goroutines have begun.
	// The lines below close all others.
	_ = m.listener.Close()
	m.wg.Wait()
	m.listener.hangUp()
	return err
}

// Host is the server's address.
func (m *Server) Host() string { return m.addr.IP.String() }

// Port is the server's port.
func (m *Server) Port() int { return m.addr.Port }

// Pool holds the self-signed certificate; nil without StartTLS.
func (m *Server) Pool() *x509.CertPool { return m.pool }

// PEM is the certificate of Pool in a file's form, for a program that is handed no pool.
func (m *Server) PEM() []byte {
	if m.srv.TLSConfig == nil {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: m.srv.TLSConfig.Certificates[0].Certificate[0]})
}

// Messages lists the accepted messages, in order.
func (m *Server) Messages() []Envelope {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.messages)
}

// greetingListener refuses connections whose greeting is scripted.
type greetingListener struct {
	net.Listener
	m *Server

	mu    sync.Mutex
	conns []net.Conn
}

// hangUp closes all connections that were ever accepted.
func (l *greetingListener) hangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.conns {
		_ = c.Close()
	}
}

func (l *greetingListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		f := l.m.due(AtGreeting, "")
		if f == nil {
			l.mu.Lock()
			l.conns = append(l.conns, c)
			l.mu.Unlock()
			return c, nil
		}
		if f.Code != 0 {
			_, _ = fmt.Fprintf(c, "%d %d.%d.%d %s\r\n", f.Code, f.Enhanced[0], f.Enhanced[1], f.Enhanced[2], f.Text)
		}
		_ = c.Close()
	}
}

// session is one connection.
type session struct {
	m    *Server
	conn *smtp.Conn
	user string
	env  Envelope
	// dropNext counts down the resets until the connection is dropped: the
	// server itself resets once after each message.
	dropNext int
}

func (s *session) AuthMechanisms() []string {
	if s.m.opt.Username == "" {
		return nil
	}
	if s.m.opt.Bearer != "" {
		return []string{"XOAUTH2"}
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	if s.m.opt.Bearer != "" {
		return &xoauth2{s: s}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error {
		if f := s.m.due(AtAuth, ""); f != nil {
			return s.misbehave(f)
		}
		if user != s.m.opt.Username || password != s.m.opt.Password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "Username and Password not accepted"}
		}
		s.user = user
		return nil
	}), nil
}

// xoauth2 compares the bytes of the one message that the mechanism has. A refusal is
// explained in a challenge, which the client answers with an empty line, and then made.
type xoauth2 struct {
	s       *session
	refused bool
}

func (x *xoauth2) Next(response []byte) (challenge []byte, done bool, err error) {
	if x.refused {
		return nil, false, &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 3}, Message: "Authentication unsuccessful [PR3P192CA0020]"}
	}
	if f := x.s.m.due(AtAuth, ""); f != nil {
		return nil, false, x.s.misbehave(f)
	}
	if string(response) != "user="+x.s.m.opt.Username+"\x01auth=Bearer "+x.s.m.opt.Bearer+"\x01\x01" {
		x.refused = true
		return []byte(`{"status":"401","schemes":"bearer"}`), false, nil
	}
	x.s.user = x.s.m.opt.Username
	return nil, true, nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if f := s.m.due(AtMail, from); f != nil {
		return s.misbehave(f)
	}
	if s.m.opt.Username != "" && s.user == "" {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	_, secure := s.conn.TLSConnectionState()
	s.env = Envelope{From: from, TLS: secure, User: s.user}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if f := s.m.due(AtRcpt, to); f != nil {
		return s.misbehave(f)
	}
	s.env.To = append(s.env.To, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	f := s.m.due(AtData, s.env.To[0])
	if f != nil && f.Kind == Cut {
		_, _ = io.CopyN(io.Discard, r, 16)
		return s.misbehave(f)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if f != nil && f.Kind == Reply && f.Code >= 400 {
		return s.misbehave(f)
	}
	s.env.Data = data
	s.m.mu.Lock()
	s.m.messages = append(s.m.messages, s.env)
	s.m.mu.Unlock()
	if f != nil {
		return s.misbehave(f)
	}
	return nil
}

func (s *session) Reset() {
	s.env = Envelope{}
	if s.dropNext > 0 {
		if s.dropNext--; s.dropNext == 0 {
			_ = s.conn.Conn().Close()
		}
	}
}

func (s *session) Logout() error { return nil }

// misbehave carries out f at the present step.
func (s *session) misbehave(f *Fault) error {
	switch f.Kind {
	case Lost, Cut:
		_ = s.conn.Conn().Close()
	case Hang:
		<-s.m.done
		_ = s.conn.Conn().Close()
	case Drop:
		s.dropNext = 2
		return nil
	}
	if f.Code == 0 {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "nobody reads this"}
	}
	return &smtp.SMTPError{Code: f.Code, EnhancedCode: f.Enhanced, Message: f.Text}
}
