package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// Fail is an error of the portal: its kind, what is the matter and what to do.
func (c *Client) Fail(kind error, what, remedy string) error {
	return &rest.ExplainedError{Where: c.where, What: what, Remedy: remedy, Kind: kind}
}

// ScopeError says that the token may not read a kind of object, in whatever words
// HubSpot refused. The error wraps crm.ErrRefused, for callers that cannot do without
// that kind.
type ScopeError struct {
	Object string // "" where the refusal concerns more than one kind of object
	Lacks  string // "the token lacks the scope crm.objects.contacts.read", or what HubSpot said
	asked  Request
	err    error
}

// Error says what the token may not read, and what to do.
func (e *ScopeError) Error() string { return e.err.Error() }

// Unwrap returns the explained refusal.
func (e *ScopeError) Unwrap() error { return e.err }

// Unscoped says what the token may not read and what the token lacks.
func Unscoped(what, lacks string) string {
	return fmt.Sprintf("the token may not read %s: %s", what, lacks)
}

// Unreadable is the error of an answer that is not what HubSpot documents.
func (c *Client) Unreadable(err error) error {
	return &rest.ExplainedError{Where: c.where, What: "an answer cannot be read", Cause: err, Kind: crm.ErrBusy, Remedy: "the next run tries again"}
}

// unreachable explains an error of the HTTP client.
func (c *Client) unreachable(ctx context.Context, err error) error {
	return rest.Unreachable(ctx, c.where, "HubSpot", crm.ErrBusy, err)
}

// refused explains an answer that is not the data asked for.
func (c *Client) refused(resp *rest.Response, q Request, token string) error {
	e := readError(resp.Body)
	said := rest.Clean(strings.Trim(e.Category+": "+e.Message, ": "), token)
	if said == "" {
		said = fmt.Sprintf("HTTP %d", resp.Status)
	}
	said = strings.TrimRight(said, ".")
	switch status := resp.Status; {
	case status == http.StatusUnauthorized && e.never() && c.grant == nil:
		return c.Fail(crm.ErrAuth, "the configured text is not a HubSpot token",
			"copy the service key (pat-…) from HubSpot, under "+keysPage+", to where token says")
	case status == http.StatusUnauthorized:
		return c.turnedDown(said)
	case status == statusOrigin && c.grant != nil:
		return c.turnedDown("HTTP 530")
	case status == statusOrigin:
		return c.Fail(crm.ErrAuth, "HubSpot answered HTTP 530, its answer to a token that is not complete",
			"copy the whole service key (pat-…) to where token says")
	case status == http.StatusForbidden:
		return c.forbidden(e, q, said)
	case status == http.StatusTooManyRequests && e.daily():
		return c.daySpent()
	case status == http.StatusTooManyRequests:
		return c.Fail(crm.ErrBusy, "too many calls at once for this portal ("+said+")",
			"the next run tries again; if it stays, ask the HubSpot administrator what else calls so much")
	case status == http.StatusLocked:
		return c.Fail(crm.ErrBusy, "the records are locked at the moment ("+said+")", "the next run tries again")
	case status == statusMigration:
		return c.Fail(crm.ErrBusy, "HubSpot moves the portal to another data centre", "the move may take a day; the next run tries again")
	case status == http.StatusRequestURITooLong:
		return c.Fail(crm.ErrRefused, "the address of a call was too long for HubSpot", "name fewer fields under fields")
	case status == http.StatusNotFound && (q.Account || rest.IsHTML(resp) || e.Message == ""):
		return &NoAPIError{c.Fail(crm.ErrRefused, "there is no HubSpot API here (HTTP 404)", "check url, or leave url out for "+DefaultURL)}
	case rest.IsHTML(resp) || e.Message == "" && e.Category == "":
		return c.webPage(resp)
	case status >= 500:
		return c.Fail(crm.ErrBusy, "cannot answer at the moment ("+said+")", "the next run tries again")
	default:
		return c.Fail(crm.ErrRefused, fmt.Sprintf("the call for %s was refused (%s)", q.What, said),
			"this may be a fault of Pipetidy; please report it")
	}
}

// forbidden names the scope that is missing: the scope that HubSpot names, or the scope
// that docs/hubspot.md requires. HubSpot's words for a refusal differ from object to
// object, so a refusal always concerns the object that was asked for and no other. One
// that concerns the whole account is met with deals too, without which nothing is read.
func (c *Client) forbidden(e apiError, q Request, said string) error {
	scopes := e.scopes()
	lacks, remedy := "HubSpot says "+said, c.checkRights()
	own := slices.DeleteFunc(slices.Clone(scopes), func(scope string) bool { return !q.mayLack(scope) })
	switch {
	case len(own) > 0 || len(scopes) == 0 && e.Category == "MISSING_SCOPES":
		lacks, remedy = "the token lacks "+lackedOf(own, q), c.AddScope()
	case len(scopes) > 0 && !strings.Contains(said, scopes[0]):
		lacks += ", and names " + strings.Join(scopes[:min(len(scopes), 3)], ", ")
	}
	return &ScopeError{Object: q.Object, Lacks: lacks, asked: q, err: c.Fail(crm.ErrRefused, Unscoped(q.What, lacks), remedy)}
}

// mayLack reports whether a scope can be one that the kind of object asked for requires. A
// refusal in which only others are named is told in HubSpot's words: whoever adds these to
// the token gains nothing.
func (q *Request) mayLack(scope string) bool {
	switch {
	case q.Object == "" || scope == q.Scope || strings.Contains(scope, q.Object):
		return true
	case q.Object == "emails":
		return scope == Scopes["contacts"] || strings.Contains(scope, "email")
	}
	return false
}

// lackedOf names, of scopes that would each do, the one that docs/hubspot.md requires;
// emails require two scopes.
func lackedOf(scopes []string, q Request) string {
	if len(scopes) == 0 || len(scopes) > 3 || q.What != "emails" && slices.Contains(scopes, q.Scope) {
		scopes = []string{q.Scope}
	}
	kind := "the scope "
	switch {
	case len(scopes) > 1 && q.What == "emails":
		kind = "one or both of the scopes "
	case len(scopes) > 1:
		kind = "one of the scopes "
	}
	return kind + strings.Join(scopes, ", ")
}

// webPage explains an answer without data.
func (c *Client) webPage(resp *rest.Response) error {
	what := fmt.Sprintf("answered HTTP %d without data", resp.Status)
	if rest.IsHTML(resp) {
		what = fmt.Sprintf("answered with a web page instead of data (HTTP %d)", resp.Status)
	}
	if resp.Status >= 400 && resp.Status < 500 && resp.Status != http.StatusRequestTimeout && resp.Status != 420 && resp.Status != http.StatusNotAcceptable {
		return c.Fail(crm.ErrRefused, what, "check url, or leave url out for "+DefaultURL)
	}
	return c.Fail(crm.ErrBusy, what, "the next run tries again; if it stays, look at status.hubspot.com and at proxies in between")
}
