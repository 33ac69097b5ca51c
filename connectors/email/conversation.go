package email

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"github.com/pipetidy/pipetidy/digest/plain"
)

// How long each step may take. RFC 5321 asks for ten minutes for the answer to the
// final dot, because giving up earlier makes duplicates; our server is a relay nearby,
// so five minutes do.
const (
	connectTimeout  = 20 * time.Second
	greetingTimeout = 30 * time.Second // some servers let a client wait before they greet
	stepTimeout     = time.Minute
	bodyTimeout     = 3 * time.Minute
	finalTimeout    = 5 * time.Minute
	quitTimeout     = 5 * time.Second
)

// conversation is one connection to the mail server.
type conversation struct {
	n      *Notifier
	ctx    context.Context // of the Send that the conversation lives in
	conn   *bounded
	client *smtp.Client
	secret string // the password, for taking it out of errors: "" is none
	stop   func() bool
	fresh  bool      // the token was made for this conversation
	began  time.Time // the step under way
}

// run goes through the steps. Its errors are classified by the step that failed.
func (c *conversation) run(rcpt string, body []byte) error {
	if c.n.signIn != nil {
		c.secret = c.n.signIn.held()
	} else if c.n.cfg.Username != "" {
		// A server may repeat in its greeting what it was told in an earlier conversation.
		// A password that cannot be read now is the login's mistake.
		c.secret, _ = c.n.cfg.Password.Value()
	}
	steps := []struct {
		step    step
		timeout time.Duration
		do      func() error
	}{
		{signingIn, stepTimeout, c.token},
		{connecting, connectTimeout, c.connect},
		{greeting, greetingTimeout, c.greet},
		{hello, stepTimeout, c.hello},
		{startTLS, stepTimeout, c.startTLS},
		{login, stepTimeout, c.login},
		{sender, stepTimeout, func() error { return c.client.Mail("<" + c.n.from.Address + ">") }},
		{receiver, stepTimeout, func() error { return c.client.Rcpt("<" + rcpt + ">") }},
	}
	for _, s := range steps {
		if err := c.patience(s.timeout); err != nil {
			return c.classify(s.step, err)
		}
		if err := s.do(); err != nil {
			return c.classify(s.step, err)
		}
		if s.step == hello {
			c.client.SkipSMTPUTF8(ascii(rcpt) && ascii(c.n.from.Address))
		}
	}
	return c.data(body)
}

// data hands over the message. Before the final dot the server must not keep the
// message. After the final dot a refusal is a refusal, and a missing answer leaves open
// whether the message arrived. Nothing that follows a good answer can undo the answer.
func (c *conversation) data(body []byte) error {
	if err := c.patience(stepTimeout); err != nil {
		return c.classify(announce, err)
	}
	w, err := c.client.Data()
	if err != nil {
		return c.classify(announce, err)
	}
	if err := c.patience(bodyTimeout); err != nil {
		return c.classify(handover, err)
	}
	if _, err := w.Write(body); err != nil {
		return c.classify(handover, err)
	}
	// Without a flush the tail of the message would still be in our buffer, and a failure
	// to write the tail could not be told from a lost answer.
	if err := c.client.Text.W.Flush(); err != nil {
		return c.classify(handover, err)
	}
	if err := c.patience(finalTimeout); err != nil {
		return c.classify(handover, err)
	}
	if err := w.Close(); err != nil {
		return c.classify(final, err)
	}
	c.conn.SetDeadline(time.Now().Add(quitTimeout)) //nolint:errcheck // the mail is accepted, whatever comes
	c.client.Quit()                                 //nolint:errcheck // the same
	return nil
}

// patience sets how long the next step may take, and ends the conversation when
// the context is done.
func (c *conversation) patience(d time.Duration) error {
	c.began = time.Now()
	if err := c.ctx.Err(); err != nil {
		return err
	}
	if c.conn == nil {
		return nil
	}
	if err := c.conn.SetDeadline(time.Now().Add(d)); err != nil {
		return err
	}
	// The context may have ended just before, so that the new deadline replaced the one in
	// the past.
	return c.ctx.Err()
}

func (c *conversation) connect() error {
	ctx, cancel := context.WithTimeout(c.ctx, connectTimeout)
	defer cancel()
	conn, err := c.n.cfg.Dial(ctx, "tcp", net.JoinHostPort(c.n.cfg.Host, strconv.Itoa(c.n.cfg.Port)))
	if err != nil {
		return err
	}
	c.conn = &bounded{Conn: conn, left: maxHeard}
	c.stop = context.AfterFunc(c.ctx, func() { conn.SetDeadline(time.Unix(1, 0)) }) //nolint:errcheck // a closed connection has ended too
	return nil
}

// greet waits for the server's first line, after the handshake with implicit TLS.
func (c *conversation) greet() error {
	var conn net.Conn = c.conn
	if c.n.cfg.TLS == Implicit {
		t := tls.Client(conn, c.n.tlsConfig())
		if err := t.HandshakeContext(c.ctx); err != nil {
			return err
		}
		conn = t
	}
	client, err := smtp.NewClient(conn, c.n.cfg.Host)
	if err != nil {
		return err
	}
	c.client = client
	return nil
}

func (c *conversation) hello() error {
	return c.client.Hello(literal(c.conn.LocalAddr()))
}

// literal is our address as RFC 5321 writes it in place of a name; the name of
// the host is never told.
func literal(a net.Addr) string {
	t, ok := a.(*net.TCPAddr)
	switch {
	case !ok:
		return "localhost"
	case t.IP.To4() != nil:
		return "[" + t.IP.String() + "]"
	}
	return "[IPv6:" + t.IP.String() + "]"
}

func (c *conversation) startTLS() error {
	if c.n.cfg.TLS != StartTLS {
		return nil
	}
	if ok, _ := c.client.Extension("STARTTLS"); !ok {
		return errNoTLS
	}
	return c.client.StartTLS(c.n.tlsConfig())
}

// token gets the token before the connection is made, so that no server waits for it.
func (c *conversation) token() (err error) {
	if c.n.signIn != nil {
		c.secret, c.fresh, err = c.n.signIn.get(c.ctx)
	}
	return err
}

func (c *conversation) login() error {
	if c.n.cfg.Username == "" {
		return nil
	}
	ok, offered := c.client.Extension("AUTH")
	if !ok {
		return errNoAuth
	}
	if c.n.signIn != nil {
		if !slices.Contains(strings.Fields(strings.ToUpper(offered)), "XOAUTH2") {
			return errNoXOAUTH2
		}
		return c.client.Auth(smtp.XOAuth2Auth(c.n.cfg.Username, c.secret))
	}
	password, err := c.n.cfg.Password.Value()
	if err != nil {
		return &passwordError{err}
	}
	c.secret = password // it may have changed since the conversation began
	// Without TLS the server is on loopback: New refuses any other host.
	inPlain := c.n.cfg.TLS == None
	for m := range strings.FieldsSeq(strings.ToUpper(offered)) {
		switch m {
		case "PLAIN":
			return c.client.Auth(smtp.PlainAuth("", c.n.cfg.Username, password, c.n.cfg.Host, inPlain))
		case "LOGIN":
			return c.client.Auth(smtp.LoginAuth(c.n.cfg.Username, password, c.n.cfg.Host, inPlain))
		}
	}
	return fmt.Errorf("%w (this server offers %s)", errNoPlain, plain.Clip(offered, 100))
}

func (c *conversation) close() {
	if c.stop != nil {
		c.stop()
	}
	if c.conn != nil {
		c.conn.Close()
	}
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func (n *Notifier) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: n.cfg.Host, RootCAs: n.cfg.Roots, MinVersion: tls.VersionTLS12}
}
