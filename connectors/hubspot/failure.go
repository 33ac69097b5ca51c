package hubspot

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

func (s *Source) fail(kind error, what, remedy string) error {
	return &rest.ExplainedError{Where: s.where, What: what, Remedy: remedy, Kind: kind}
}

// scopeError says that the token may not read something. It is a refusal for
// those who cannot do without.
type scopeError struct {
	err   error
	lacks string // "the scope crm.objects.contacts.read"
}

func unscoped(what, lacks string) string {
	return fmt.Sprintf("the token may not read %s: it lacks %s", what, lacks)
}

func (e *scopeError) Error() string { return e.err.Error() }
func (e *scopeError) Unwrap() error { return e.err }

// unreachable explains an error of the HTTP client.
func (s *Source) unreachable(ctx context.Context, err error) error {
	return rest.Unreachable(ctx, s.where, "HubSpot", crm.ErrBusy, err)
}

// refused explains an answer that is not the data asked for.
func (s *Source) refused(resp *rest.Response, q request, token string) error {
	e := readError(resp.Body)
	said := rest.Clean(strings.Trim(e.Category+": "+e.Message, ": "), token)
	if said == "" {
		said = fmt.Sprintf("HTTP %d", resp.Status)
	}
	said = strings.TrimRight(said, ".")
	switch status := resp.Status; {
	case status == http.StatusUnauthorized && e.never() && s.grant == nil:
		return s.fail(crm.ErrAuth, "what is configured as token is none of HubSpot's, or belongs to something else",
			"copy the service key (pat-…) from HubSpot to where token says; Development → Keys → Service keys")
	case status == http.StatusUnauthorized:
		return s.turnedDown(said)
	case status == statusOrigin && s.grant != nil:
		return s.turnedDown("HTTP 530")
	case status == statusOrigin:
		return s.fail(crm.ErrAuth, "HubSpot answered HTTP 530, as it does for a token that is not complete",
			"copy the whole service key (pat-…) to where token says")
	case status == http.StatusForbidden:
		return s.forbidden(e, q, said)
	case status == http.StatusTooManyRequests && e.daily():
		return s.daySpent()
	case status == http.StatusTooManyRequests:
		return s.fail(crm.ErrBusy, "too many calls at once for this portal ("+said+")",
			"the next run tries again; if it stays, ask the HubSpot administrator what else calls so much")
	case status == http.StatusLocked:
		return s.fail(crm.ErrBusy, "the records are locked at the moment ("+said+")", "the next run tries again")
	case status == statusMigration:
		return s.fail(crm.ErrBusy, "HubSpot moves the portal to another data centre", "the next run tries again; it may take a day")
	case status == http.StatusRequestURITooLong:
		return s.fail(crm.ErrRefused, "the address of a call was too long for HubSpot", "name fewer fields under fields")
	case status == http.StatusNotFound && rest.IsHTML(resp), status == http.StatusNotFound && e.Message == "":
		return s.fail(crm.ErrRefused, "there is no HubSpot API here (HTTP 404)", "check url; without it, "+DefaultURL+" is taken")
	case rest.IsHTML(resp) || e.Message == "" && e.Category == "":
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
	// Of scopes that would each do, the one that docs/hubspot.md asks for; emails
	// want two.
	if len(scopes) == 0 || len(scopes) > 3 || q.what != "emails" && slices.Contains(scopes, q.scope) {
		scopes = []string{q.scope}
	}
	kind := "the scope "
	switch {
	case len(scopes) > 1 && q.what == "emails": // which want both
		kind = "one or both of the scopes "
	case len(scopes) > 1:
		kind = "one of the scopes "
	}
	lacks := kind + strings.Join(scopes, ", ")
	return &scopeError{err: s.fail(crm.ErrRefused, unscoped(q.what, lacks), s.addScope()), lacks: lacks}
}

// webPage explains an answer without data.
func (s *Source) webPage(resp *rest.Response) error {
	what := fmt.Sprintf("answered HTTP %d without data", resp.Status)
	if rest.IsHTML(resp) {
		what = fmt.Sprintf("answered with a web page instead of data (HTTP %d)", resp.Status)
	}
	if resp.Status >= 400 && resp.Status < 500 && resp.Status != http.StatusRequestTimeout && resp.Status != 420 && resp.Status != http.StatusNotAcceptable {
		return s.fail(crm.ErrRefused, what, "check url; without it, "+DefaultURL+" is taken")
	}
	return s.fail(crm.ErrBusy, what, "the next run tries again; if it stays, look at status.hubspot.com and at proxies in between")
}
