package email

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"regexp"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest/plain"
)

// step is where in the conversation something went wrong.
type step string

const (
	signingIn  step = "sign-in"
	connecting step = "connect"
	greeting   step = "greeting"
	hello      step = "EHLO"
	startTLS   step = "STARTTLS"
	login      step = "AUTH"
	sender     step = "MAIL FROM"
	receiver   step = "RCPT TO"
	announce   step = "DATA"
	handover   step = "message"
	final      step = "final dot"
)

var (
	errNoTLS   = errors.New("the server does not offer STARTTLS, so nothing was sent; use tls: implicit if it has a TLS port")
	errNoAuth  = errors.New("the server offers no login here; take username and password out, or use the port for submission (587 or 465)")
	errNoPlain = errors.New("the server offers no login with a password; use a server that offers AUTH PLAIN or AUTH LOGIN")
)

// passwordError is a password that could not be read.
type passwordError struct{ err error }

func (e *passwordError) Error() string { return "password: " + e.err.Error() }
func (e *passwordError) Unwrap() error { return e.err }

// greylist is how long a server that answers MAIL FROM or RCPT TO with "later"
// usually requires us to wait.
const greylist = 10 * time.Minute

// classify turns the error of a step into an error that the outbox understands.
func (c *conversation) classify(at step, err error) error {
	if c.conn != nil && c.conn.over {
		err = errEndless // whatever was made of the beginning
	}
	if late(err) && c.ctx.Err() == nil && at != signingIn {
		err = &lateError{time.Since(c.began), err}
	}
	text := fmt.Errorf("email: %s:%d: %s: %w", c.n.cfg.Host, c.n.cfg.Port, at, &said{c.scrub(err.Error()), err})
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		if at == login && c.n.signIn != nil && reply.Code >= 500 {
			c.n.signIn.drop()
			if !c.fresh { // a new token may do
				return &delivery.RetryError{Err: text}
			}
			return rejected(delivery.BlameChannel, text, notSignedIn(enhanced.FindString(reply.Msg), reply.Msg))
		}
		return decide(at, reply, text)
	}
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var np *passwordError
	var ns *signInError
	switch {
	case errors.As(err, &ns) && ns.passing:
		return &delivery.RetryError{Err: text}
	case errors.As(err, &ns), errors.Is(err, errNoXOAUTH2):
		return rejected(delivery.BlameChannel, text, "")
	case at == final:
		return text // open whether the message arrived
	case errors.Is(err, errNoTLS), errors.Is(err, errNoAuth), errors.Is(err, errNoPlain), errors.As(err, &np):
		return rejected(delivery.BlameChannel, text, "")
	case errors.As(err, &cert):
		return rejected(delivery.BlameChannel, text, "the server's certificate is for another name, or its authority is not trusted on this machine; check notify.email.host, and whether an authority must be installed")
	case errors.As(err, &record):
		return rejected(delivery.BlameChannel, text, "the server does not speak TLS on this port; port 465 requires tls: implicit, port 587 tls: starttls")
	}
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		text = fmt.Errorf("%w; check notify.email.host", text)
	}
	return &delivery.RetryError{Silent: before(at) || late(err), Err: text}
}

// late reports whether an error says that the server took too long, and not the DNS.
func late(err error) bool {
	if _, dns := errors.AsType[*net.DNSError](err); dns {
		return false
	}
	slow, ok := errors.AsType[net.Error](err)
	return ok && slow.Timeout()
}

// lateError is the error of a step for which the server took too long. The error of the
// network names two addresses with their ports, and not how long we waited.
type lateError struct {
	waited time.Duration
	err    error
}

func (e *lateError) Error() string {
	return fmt.Sprintf("no answer within %d s", max(1, int(e.waited.Round(time.Second).Seconds())))
}

func (e *lateError) Unwrap() error { return e.err }

// before reports whether a step comes before the message is mentioned, so that any other
// message would meet the same.
func before(at step) bool {
	return at == connecting || at == greeting || at == hello || at == startTLS || at == login
}

// said is an error with a cleaned text; errors.Is and errors.As see the error itself.
type said struct {
	text string
	err  error
}

func (s *said) Error() string { return s.text }
func (s *said) Unwrap() error { return s.err }

// enhanced is the status code of RFC 3463 at the beginning of a reply's text.
var enhanced = regexp.MustCompile(`^([245]\.\d{1,3}\.\d{1,3})\b`)

// accounts are the enhanced codes by which a server says that it does not let us
// send at all, whoever the message is for: no or a wrong login, a sender that is
// not ours to use.
var accounts = map[string]bool{"5.7.3": true, "5.7.8": true, "5.7.9": true, "5.7.30": true, "5.7.57": true, "5.7.60": true, "5.7.139": true, "5.2.252": true}

// allowances are the enhanced codes by which a server says that this account has sent
// enough for now. They come at RCPT TO or after the message, and say nothing about the
// reader.
var allowances = map[string]bool{"5.4.5": true, "5.7.28": true, "5.7.705": true, "5.7.708": true}

// origins are the enhanced codes by which a receiver says that it cannot tell whether the
// mail comes from whom it says: SPF, DKIM, DMARC or the name of the machine.
var origins = map[string]bool{"5.7.20": true, "5.7.23": true, "5.7.25": true, "5.7.26": true, "5.7.27": true, "5.7.29": true, "5.7.509": true}

// decide says what a reply of the server means at a step.
func decide(at step, r *textproto.Error, err error) error {
	code := ""
	if m := enhanced.FindString(r.Msg); m != "" {
		code = m
	}
	if r.Code >= 400 && r.Code < 500 {
		wait := time.Duration(0)
		if at == sender || at == receiver {
			wait = greylist
		}
		return &delivery.RetryError{After: wait, Silent: before(at), Err: err}
	}
	if r.Code < 500 {
		if at == final {
			return err // the server has answered neither yes nor no
		}
		return &delivery.RetryError{Err: err}
	}
	switch {
	case code == "5.7.30":
		return rejected(delivery.BlameChannel, err, "Microsoft 365 no longer takes a password here (basic authentication); "+
			"sign in as an app by XOAUTH2 (notify.email.auth, docs/config.md), or an administrator allows SMTP AUTH with basic authentication again for a while")
	case at == login:
		return rejected(delivery.BlameChannel, err, "check notify.email.username and password; Google and others require an app password")
	case accounts[code]:
		return rejected(delivery.BlameChannel, err, "the server does not let this login send as notify.email.from; change notify.email.from, or allow it on the server")
	}
	switch {
	case allowances[code]:
		return rejected(delivery.BlameChannel, err, "the account has reached the sending limit of the mail server, usually until the next day; raise the limit, or send through another relay")
	case origins[code]:
		return rejected(delivery.BlameChannel, err, "the receiver cannot verify the sender; set up SPF and DKIM for the domain of notify.email.from, or send through a relay that signs for this domain")
	}
	switch at {
	case receiver:
		if relaying(r, code) {
			return rejected(delivery.BlameChannel, err, "the server does not relay for this machine; set notify.email.username and password if the server requires a login")
		}
		return &delivery.RejectedError{Blame: delivery.BlameRecipient, NoAddress: nobody(r.Code, code), Err: err}
	case announce, handover, final:
		switch {
		case code == "5.2.2":
			return rejected(delivery.BlameRecipient, err, "the reader's mailbox is full")
		case r.Code == 552, code == "5.3.4", code == "5.2.3":
			return &delivery.RejectedError{Blame: delivery.BlameContent, TooLarge: true,
				Err: fmt.Errorf("%w; the message is larger than the server takes; raise the limit on the server", err)}
		}
		return rejected(delivery.BlameContent, err, "")
	case sender:
		return rejected(delivery.BlameChannel, err, "the server does not take mail from notify.email.from; change notify.email.from, or allow it on the server")
	}
	return rejected(delivery.BlameChannel, err, "")
}

// nobody reports whether a refused recipient is one that the server does not have. Many
// servers say so with 550 alone, or with a code that says nothing (RFC 3463: 5.0.0), or with
// another of the codes for addresses; Exchange Online says 5.4.1. Codes about the sender
// (5.1.7, 5.1.8) or a policy (5.7) say nothing of the kind.
func nobody(reply int, code string) bool {
	switch {
	case code == "5.1.1", code == "5.1.10", code == "5.2.1":
		return true
	case reply != 550 && reply != 551 && reply != 553, code == "5.1.7", code == "5.1.8":
		return false
	}
	return code == "" || code == "5.0.0" || code == "5.4.1" || strings.HasPrefix(code, "5.1.")
}

// relaying reports whether a server that refuses a recipient refuses to relay for us.
func relaying(r *textproto.Error, code string) bool {
	switch {
	case r.Code == 530, r.Code == 554 && (code == "" || strings.HasPrefix(code, "5.7.")):
		return true
	}
	text := strings.ToLower(r.Msg)
	return strings.Contains(text, "relay") || strings.Contains(text, "authentication required")
}

func rejected(b delivery.Blame, err error, hint string) error {
	if hint != "" {
		err = fmt.Errorf("%w; %s", err, hint)
	}
	return &delivery.RejectedError{Blame: b, Err: err}
}

// scrub makes a server's words fit for a log, and takes the password out of the words:
// some servers repeat what they were told.
func (c *conversation) scrub(text string) string {
	if p := c.secret; p != "" {
		user := c.n.cfg.Username
		for _, s := range []string{initial(user, p), p, user + "\x00" + p, "\x00" + user + "\x00" + p} {
			text = strings.ReplaceAll(text, base64.StdEncoding.EncodeToString([]byte(s)), "***")
		}
		text = strings.ReplaceAll(text, p, "***")
	}
	return plain.Clip(text, 300)
}
