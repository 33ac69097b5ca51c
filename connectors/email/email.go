// Package email delivers digests as mail: one message to one recipient, text and
// HTML, rendered once and handed to the mail server as the same bytes at every
// attempt.
//
// The message is built with go-mail, and sent with its SMTP client step by step,
// because what an error means depends on the step (see failure.go): before the
// final dot nothing has arrived, a refusal after it is a refusal, and only where
// the answer to it is missing nobody can tell. A library that sends in one call
// reports accepted mail as failed in two ways: when the connection drops at the
// RSET after it, and when that answer is lost.
package email

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
)

// Notifier sends through one mail server. It may be used by many goroutines at
// once; each message has a connection of its own.
type Notifier struct {
	cfg    Config
	from   *mail.Address
	domain string // of from
}

var _ digest.Notifier = (*Notifier)(nil)

// New returns a Notifier. It makes no connection and reads no secret yet.
func New(cfg Config) (*Notifier, error) {
	ports := map[TLS]int{StartTLS: 587, Implicit: 465, None: 25}
	if cfg.TLS == "" {
		cfg.TLS = StartTLS
	}
	if cfg.Port == 0 {
		cfg.Port = ports[cfg.TLS]
	}
	var mistakes []error
	cfg.Validate(func(key, message string) {
		mistakes = append(mistakes, fmt.Errorf("email: notify.email.%s: %s", key, message))
	})
	if mistakes != nil {
		return nil, errors.Join(mistakes...)
	}
	from, err := mail.ParseAddress(cfg.From)
	if err != nil {
		return nil, fmt.Errorf("email: from: %w", err)
	}
	n := &Notifier{cfg: cfg, from: from, domain: domainOf(from.Address)}
	c := &n.cfg
	if len(c.Allow) == 0 {
		c.Allow = []string{n.domain}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Dial == nil {
		c.Dial = (&net.Dialer{}).DialContext
	}
	return n, nil
}

// Channel is delivery.Email.
func (n *Notifier) Channel() delivery.Channel { return delivery.Email }

// Render writes the whole message as one part.
func (n *Notifier) Render(_ context.Context, d *digest.Digest, to *delivery.Delivery) ([]delivery.Part, error) {
	p := delivery.NewPart(to.ID, 0, nil)
	body, err := n.message(d, to, p.Key)
	if err != nil {
		return nil, err
	}
	return []delivery.Part{delivery.NewPart(to.ID, 0, body)}, nil
}

// message is the RFC 5322 message. Its Message-ID comes from the key, so that a
// repeated one can be recognised on the way.
func (n *Notifier) message(d *digest.Digest, to *delivery.Delivery, key string) ([]byte, error) {
	rcpt, err := n.recipient(to.Address())
	if err != nil {
		return nil, err
	}
	shown := *d
	shown.Subject = digest.Clip(d.Subject, 200)
	if to.Test {
		shown.Subject = "Test: " + shown.Subject
	}
	page, err := HTML(&shown)
	if err != nil {
		return nil, err
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary("pipetidy-"+key))
	if err := m.From(n.from.String()); err != nil {
		return nil, fmt.Errorf("email: from: %w", err)
	}
	if err := m.To(rcpt); err != nil {
		return nil, fmt.Errorf("email: recipient: %w", err)
	}
	m.Subject(shown.Subject)
	m.SetDateWithValue(n.cfg.Now())
	m.SetMessageIDWithValue(MessageID(key, n.domain))
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "OOF, AutoReply")
	m.SetGenHeader("List-ID", fmt.Sprintf("<%s.pipetidy.%s>", word(d.Name), n.domain))
	m.SetBodyString(gomail.TypeTextPlain, digest.TextWith(&shown, digest.TextOptions{Width: 76, Links: true}))
	m.AddAlternativeString(gomail.TypeTextHTML, string(page))
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("email: write message: %w", err)
	}
	return b.Bytes(), nil
}

// MessageID is the Message-ID, without its brackets, of the part with that key.
func MessageID(key, domain string) string { return "digest." + key + "@" + domain }

// recipient checks that the address is one, and one that may get mail.
func (n *Notifier) recipient(address string) (string, error) {
	a, err := mail.ParseAddress(address)
	if err != nil || a.Address != address {
		return "", &delivery.RejectedError{Blame: delivery.BlameRecipient, Err: fmt.Errorf("email: %q is not an address; correct it in the configuration", digest.Clip(address, 100))}
	}
	if !n.cfg.Allows(address) {
		return "", &delivery.RejectedError{Blame: delivery.BlameRecipient, Err: fmt.Errorf(
			"email: %s may not get mail, because %s is not among the domains of notify.email.allow (%s); add it there if it should",
			digest.Clip(address, 100), digest.Clip(domainOf(address), 100), digest.Clip(strings.Join(n.cfg.Allow, ", "), 200))}
	}
	return address, nil
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}

// word keeps of a name what may stand in a List-ID.
func word(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return -1
	}, s)
	if s == "" {
		return "digest"
	}
	return s
}

func (n *Notifier) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: n.cfg.Host, RootCAs: n.cfg.Roots, MinVersion: tls.VersionTLS12}
}
