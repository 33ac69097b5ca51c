package hubspot

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"unicode"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// failure is an error for people: which source, what happened, what to do.
type failure struct {
	where, what, todo string
	kind              error // the sentinel it wraps, nil is none
	cause             error // printed after what, and unwrapped
}

// Error writes "source partners (https://…): what: cause; what to do".
func (f *failure) Error() string {
	text := f.where + ": " + f.what
	if f.cause != nil {
		text += ": " + f.cause.Error()
	}
	if f.todo != "" {
		text += "; " + f.todo
	}
	return text
}

// Unwrap returns sentinel and cause.
func (f *failure) Unwrap() []error {
	var list []error
	if f.kind != nil {
		list = append(list, f.kind)
	}
	if f.cause != nil {
		list = append(list, f.cause)
	}
	return list
}

func (s *Source) fail(kind error, what, todo string) error {
	return &failure{where: s.where, what: what, todo: todo, kind: kind}
}

// scopeError says that the token may not read something. It is a refusal for
// those who cannot do without.
type scopeError struct {
	err   error
	lacks string // "the scope crm.objects.contacts.read"
}

// addScope is what to do about it.
const addScope = "add it to the service key in HubSpot, under Development → Keys → Service keys"

func unscoped(what, lacks string) string {
	return fmt.Sprintf("the token may not read %s: it lacks %s", what, lacks)
}

func (e *scopeError) Error() string { return e.err.Error() }
func (e *scopeError) Unwrap() error { return e.err }

// unreachable explains an error of the HTTP client.
func (s *Source) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", s.where, context.Cause(ctx))
	}
	var dns *net.DNSError
	var op *net.OpError
	var cert *tls.CertificateVerificationError
	f := &failure{where: s.where, kind: crm.ErrBusy}
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		f.what, f.todo = fmt.Sprintf("there is no host %s", dns.Name), "check the spelling of url, and this machine's DNS"
	case errors.As(err, &dns):
		f.what, f.todo = fmt.Sprintf("the name %s could not be looked up", dns.Name), "check this machine's DNS and network"
	case errors.As(err, &cert):
		f.what, f.todo = "its TLS certificate is not trusted", "check url, and whether a proxy in between needs its own authority installed"
	case errors.As(err, &op) && op.Op == "dial":
		f.what, f.todo = "cannot be reached ("+plain(op.Err.Error())+")", "check url, the network and the firewall"
	case errors.Is(err, rest.ErrTooLarge):
		f.what, f.todo = "an answer was too large to be read", "configure fewer long text fields"
	case errors.Is(err, context.DeadlineExceeded):
		f.what, f.todo = "no complete answer in time", "try again later; if it stays, ask HubSpot or look at the network"
	default:
		f.what, f.todo = "no usable answer", "try again later; if it stays, look at the network and at proxies in between"
		f.cause = err
	}
	return f
}

// refused explains an answer that is not the data asked for.
func (s *Source) refused(resp *rest.Response, q request, token string) error {
	e := readError(resp.Body)
	said := clean(strings.Trim(e.Category+": "+e.Message, ": "), token)
	if said == "" {
		said = fmt.Sprintf("HTTP %d", resp.Status)
	}
	said = strings.TrimRight(said, ".")
	switch status := resp.Status; {
	case status == http.StatusUnauthorized && e.never():
		return s.fail(crm.ErrAuth, "what is configured as token is none of HubSpot's, or belongs to something else",
			"copy the service key (pat-…) from HubSpot to where token says; Development → Keys → Service keys")
	case status == http.StatusUnauthorized:
		return s.fail(crm.ErrAuth, "the token is refused ("+said+")",
			"check in HubSpot, under Development → Keys → Service keys, that the key is still there, and copy it to where token says")
	case status == statusOrigin:
		return s.fail(crm.ErrAuth, "HubSpot answered HTTP 530, as it does for a token that is not complete",
			"copy the whole service key (pat-…) to where token says")
	case status == http.StatusForbidden:
		return s.forbidden(e, q, said)
	case status == http.StatusTooManyRequests && e.daily():
		return s.meter.spent(s)
	case status == http.StatusTooManyRequests:
		return s.fail(crm.ErrBusy, "too many calls at once for this portal ("+said+")",
			"the next run tries again; if it stays, ask the HubSpot administrator what else calls so much")
	case status == http.StatusLocked:
		return s.fail(crm.ErrBusy, "the records are locked at the moment ("+said+")", "the next run tries again")
	case status == statusMigration:
		return s.fail(crm.ErrBusy, "HubSpot moves the portal to another data centre", "the next run tries again; it may take a day")
	case status == http.StatusRequestURITooLong:
		return s.fail(crm.ErrRefused, "the address of a call was too long for HubSpot", "name fewer fields under fields")
	case status == http.StatusNotFound && isHTML(resp), status == http.StatusNotFound && e.Message == "":
		return s.fail(crm.ErrRefused, "there is no HubSpot API here (HTTP 404)", "check url; without it, "+DefaultURL+" is taken")
	case isHTML(resp) || e.Message == "" && e.Category == "":
		return s.webPage(resp)
	case status >= 500:
		return s.fail(crm.ErrBusy, "cannot answer at the moment ("+said+")", "the next run tries again")
	default:
		return s.fail(crm.ErrRefused, fmt.Sprintf("the call for %s was refused (%s)", q.what, said),
			"this may be a fault of Pipetidy; please report it")
	}
}

// forbidden names the scope that is missing: the one HubSpot names, or the one
// that we know to be needed.
func (s *Source) forbidden(e apiError, q request, said string) error {
	scopes := e.scopes()
	if len(scopes) == 0 && e.Category != "MISSING_SCOPES" {
		return s.fail(crm.ErrRefused, fmt.Sprintf("may not read %s (%s)", q.what, said), "check the service key's rights in HubSpot")
	}
	if len(scopes) == 0 || len(scopes) > 3 {
		scopes = []string{q.scope}
	}
	kind := "the scope "
	if len(scopes) > 1 {
		kind = "one of the scopes "
	}
	lacks := kind + strings.Join(scopes, ", ")
	return &scopeError{err: s.fail(crm.ErrRefused, unscoped(q.what, lacks), addScope), lacks: lacks}
}

// webPage explains an answer without data.
func (s *Source) webPage(resp *rest.Response) error {
	what := fmt.Sprintf("answered HTTP %d without data", resp.Status)
	if isHTML(resp) {
		what = fmt.Sprintf("answered with a web page instead of data (HTTP %d)", resp.Status)
	}
	if resp.Status >= 400 && resp.Status < 500 && resp.Status != http.StatusRequestTimeout && resp.Status != 420 && resp.Status != http.StatusNotAcceptable {
		return s.fail(crm.ErrRefused, what, "check url; without it, "+DefaultURL+" is taken")
	}
	return s.fail(crm.ErrBusy, what, "the next run tries again; if it stays, look at status.hubspot.com and at proxies in between")
}

// clean makes text that a server wrote fit for one line of an error: without
// the token, without control and invisible characters, and short.
func clean(text, token string) string {
	if len(token) >= 4 {
		text = strings.ReplaceAll(text, token, "***")
	}
	text = plain(text)
	if r := []rune(text); len(r) > 240 {
		text = string(r[:240]) + "…"
	}
	return text
}

// plain folds white space and drops what cannot be seen.
func plain(text string) string {
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
