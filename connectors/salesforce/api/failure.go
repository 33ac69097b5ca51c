package api

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// refused explains an answer of the API that is not the data asked for.
func (c *Client) refused(resp *rest.Response, t *Session) error {
	e := firstError(resp.Body)
	if e.Code == "" {
		return c.where.webPage(resp)
	}
	said := strings.TrimRight(rest.Clean(e.Code+": "+e.Message, t.value), ".")
	f := &rest.ExplainedError{Where: string(c.where), What: "refused", Cause: &RefusedError{Code: e.Code, Status: resp.Status, message: said}}
	switch e.Code {
	case "REQUEST_LIMIT_EXCEEDED":
		if e.daily() {
			return c.budget.daySpent()
		}
		f.Kind, f.Remedy = crm.ErrBusy, "too many long calls at once; the next run tries again"
	case "INVALID_QUERY_LOCATOR", "QUERY_TIMEOUT", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "API_CURRENTLY_DISABLED",
		"REQUEST_RUNNING_TOO_LONG", "UNABLE_TO_LOCK_ROW", "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE":
		f.Kind, f.Remedy = crm.ErrBusy, "the next run tries again"
	case "OPERATION_TOO_LARGE":
		f.Kind, f.Remedy = crm.ErrRefused, "give the run-as user the permission View All Data, so that Salesforce need not check each record"
	case "INVALID_FIELD", "INVALID_TYPE", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "FORBIDDEN", "API_ERROR":
		f.Kind, f.Remedy = crm.ErrRefused, "give the run-as user permission to read it"
	case "API_DISABLED_FOR_ORG", "API_DISABLED":
		f.Kind, f.Remedy = crm.ErrRefused, "the org's edition or the user's profile has no API access; ask the Salesforce administrator"
	case "MALFORMED_QUERY", "QUERY_TOO_COMPLICATED":
		f.Kind, f.Remedy = crm.ErrRefused, "name fewer fields under fields; if that does not help, this is a fault of Pipetidy, please report it"
	case "TXN_SECURITY_METERING_ERROR":
		f.Kind, f.Remedy = crm.ErrRefused, "exempt the run-as user from transaction security policies"
	default:
		switch {
		case resp.Status >= 500 || resp.Status == http.StatusTooManyRequests:
			f.Kind, f.Remedy = crm.ErrBusy, "the next run tries again"
		case resp.Status == http.StatusGone:
			f.Kind, f.Remedy = crm.ErrRefused, "this version of the API is retired; update Pipetidy"
		case resp.Status == http.StatusNotFound:
			f.Kind, f.Remedy = crm.ErrRefused, "check the run-as user's permissions, and that the org knows version "+c.cfg.Version+" of the API"
		default:
			f.Kind, f.Remedy = crm.ErrRefused, "check the run-as user's permissions"
		}
	}
	if errors.Is(f.Kind, crm.ErrBusy) {
		f.What = "cannot answer at the moment"
	}
	return f
}

// sessionRefused explains a 401 that a new login does not cure.
func (c *Client) sessionRefused(resp *rest.Response, t *Session) error {
	e := firstError(resp.Body)
	said := rest.Clean(strings.Trim(e.Code+": "+e.Message, ": "), t.value)
	if said == "" {
		said = fmt.Sprintf("HTTP %d", resp.Status)
	}
	user := c.cfg.Auth.user()
	if c.cfg.Auth.Flow == ClientCredentials {
		user = "the run-as user"
	}
	if incurable(resp) {
		return c.where.fail(crm.ErrAuth, "the login works, but Salesforce does not let it use the REST API ("+said+")",
			"check the IP ranges, the session security level and the API permission of "+user)
	}
	return c.where.fail(crm.ErrAuth, "a session that was just opened is refused ("+said+")",
		"check the session policies of the External Client App and of "+user)
}

// RefusedError keeps the API's own error code for those who act on it.
type RefusedError struct {
	Code    string // of the API: "INVALID_FIELD"
	Status  int    // of HTTP
	message string
}

// Error is what the API said, cleaned.
func (e *RefusedError) Error() string { return e.message }

// CodeOf is the API's error code in err, "" is none.
func CodeOf(err error) string {
	if e, ok := errors.AsType[*RefusedError](err); ok {
		return e.Code
	}
	return ""
}
