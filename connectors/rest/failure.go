package rest

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ExplainedError is an error for people: where, what happened, what to do.
type ExplainedError struct {
	Where  string // "source sales (https://…)"
	What   string
	Remedy string // "" is nothing
	Kind   error  // the sentinel it wraps, nil is none
	Cause  error  // printed after What, and unwrapped
}

// Error writes "where: what: cause; what to do".
func (f *ExplainedError) Error() string {
	text := f.Where + ": " + f.What
	if f.Cause != nil {
		text += ": " + f.Cause.Error()
	}
	if f.Remedy != "" {
		text += "; " + f.Remedy
	}
	return text
}

// Unwrap returns sentinel and cause.
func (f *ExplainedError) Unwrap() []error {
	var list []error
	if f.Kind != nil {
		list = append(list, f.Kind)
	}
	if f.Cause != nil {
		list = append(list, f.Cause)
	}
	return list
}

// Unreachable explains an error of [Client.Do]: no usable answer came from the
// system that people call vendor. busy is the sentinel for "try again later".
func Unreachable(ctx context.Context, where, vendor string, busy, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", where, context.Cause(ctx))
	}
	var dns *net.DNSError
	var op *net.OpError
	var cert *tls.CertificateVerificationError
	f := &ExplainedError{Where: where, Kind: busy}
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		f.What, f.Remedy = fmt.Sprintf("there is no host %s", dns.Name), "check the spelling of url, and this machine's DNS"
	case errors.As(err, &dns):
		f.What, f.Remedy = fmt.Sprintf("the name %s could not be looked up", dns.Name), "check this machine's DNS and network"
	case errors.As(err, &cert):
		f.What, f.Remedy = "its TLS certificate is not trusted", "check url, and whether a proxy in between needs its own authority installed"
	case errors.As(err, &op) && op.Op == "dial":
		f.What, f.Remedy = "cannot be reached ("+Plain(op.Err.Error())+")", "check url, the network and the firewall"
	case errors.Is(err, ErrTooLarge):
		f.What, f.Remedy = "an answer was too large to be read", "try again later; if it stays, look at proxies in between"
		if long, ok := errors.AsType[*lengthError](err); ok && long.rows {
			f.Remedy = "configure fewer long text fields"
		}
	case errors.Is(err, context.DeadlineExceeded):
		f.What, f.Remedy = "no complete answer in time", "try again later; if it stays, ask "+vendor+" or look at the network"
	default:
		f.What, f.Remedy = "no usable answer", "try again later; if it stays, look at the network and at proxies in between"
		f.Cause = err
	}
	return f
}

// Clean makes text that a server wrote fit for one line of an error: without the
// secrets, without control and invisible characters, and short.
func Clean(text string, secrets ...string) string {
	text = mask(text, secrets)
	text = mask(Plain(text), secrets) // what cannot be seen may have stood within a secret
	if r := []rune(text); len(r) > 240 {
		text = string(r[:240]) + "…"
	}
	return text
}

// mask replaces the secrets, in whatever case a server repeats them.
func mask(text string, secrets []string) string {
	for _, secret := range secrets {
		switch {
		case len(secret) < 4:
		case !utf8.ValidString(secret): // no expression
			text = strings.ReplaceAll(text, secret, "***")
		default:
			text = regexp.MustCompile(`(?i)`+regexp.QuoteMeta(secret)).ReplaceAllLiteralString(text, "***")
		}
	}
	return text
}

// Plain folds white space and drops what cannot be seen.
func Plain(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// IsHTML recognises the web pages that maintenance and edges answer with,
// whatever the status.
func IsHTML(r *Response) bool {
	body := bytes.TrimLeft(r.Body, "\ufeff \t\r\n")
	return len(body) > 0 && body[0] == '<'
}

// Complete reports whether a JSON answer reached its end. A proxy may cut an answer off
// and repair its framing, so that HTTP sees a complete answer.
func Complete(body []byte) bool {
	body = bytes.TrimRight(body, " \t\r\n")
	return len(body) > 0 && (body[len(body)-1] == '}' || body[len(body)-1] == ']')
}
