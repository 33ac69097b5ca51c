// Package email delivers digests as mail: one message to one recipient, text and
// HTML, rendered once and handed to the mail server as the same bytes at every
// attempt.
//
// The message is built with go-mail, and sent with go-mail's SMTP client step by
// step, because the meaning of an error depends on the step (see failure.go): before
// the final dot nothing has arrived, a refusal after the final dot is a refusal, and
// only a missing answer to the final dot leaves open whether the message arrived. A
// library that sends in one call reports accepted mail as failed in two ways: when the
// connection drops at the RSET that follows, and when the answer to the RSET is lost.
//
// Open send.go first, then conversation.go, which lists the steps. A channel over HTTP
// is better copied from connectors/slack.
package email

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
)

// Notifier sends through one mail server. It may be used by many goroutines at
// once; each message has a connection of its own.
type Notifier struct {
	cfg    Config
	from   *mail.Address
	domain string  // of from
	signIn *signIn // nil without Auth
}

var _ digest.Notifier = (*Notifier)(nil)

// New returns a Notifier. New makes no connection and reads no secret.
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
		c.Dial = rest.NewDialer().DialContext
	}
	if c.Auth != nil {
		if c.HTTP == nil {
			c.HTTP = rest.New(rest.Config{Attempts: 2, Timeout: 20 * time.Second})
		}
		if c.LoginURL == "" {
			c.LoginURL = microsoft
		}
		n.signIn = &signIn{auth: c.Auth, url: c.LoginURL, web: c.HTTP, now: c.Now}
	}
	return n, nil
}

// Channel is delivery.Email.
func (n *Notifier) Channel() delivery.Channel { return delivery.Email }

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}
