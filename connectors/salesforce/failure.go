package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

func (s *Source) fail(kind error, what, remedy string) error {
	return &rest.ExplainedError{Where: s.where, What: what, Remedy: remedy, Kind: kind}
}

// unreachable explains an error of the HTTP client.
func (s *Source) unreachable(ctx context.Context, err error) error {
	return rest.Unreachable(ctx, s.where, "Salesforce", crm.ErrBusy, err)
}

// refused explains an answer of the API that is not the data asked for.
func (s *Source) refused(resp *rest.Response, t *token) error {
	e := firstError(resp.Body)
	if e.Code == "" {
		return s.webPage(resp)
	}
	said := strings.TrimRight(rest.Clean(e.Code+": "+e.Message, t.value), ".")
	f := &rest.ExplainedError{Where: s.where, What: "refused", Cause: &codeError{code: e.Code, status: resp.Status, message: said}}
	switch e.Code {
	case "REQUEST_LIMIT_EXCEEDED":
		if e.daily() {
			return s.daySpent()
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
			f.Kind, f.Remedy = crm.ErrRefused, "check the run-as user's permissions, and that the org knows version "+s.cfg.APIVersion+" of the API"
		default:
			f.Kind, f.Remedy = crm.ErrRefused, "check the run-as user's permissions"
		}
	}
	if errors.Is(f.Kind, crm.ErrBusy) {
		f.What = "cannot answer at the moment"
	}
	return f
}

// webPage explains an answer without data.
func (s *Source) webPage(resp *rest.Response) error {
	what := fmt.Sprintf("answered HTTP %d without data", resp.Status)
	if rest.IsHTML(resp) {
		what = fmt.Sprintf("answered with a web page instead of data (HTTP %d), as Salesforce does during maintenance", resp.Status)
	}
	if resp.Status == http.StatusGone {
		return s.fail(crm.ErrRefused, what, "this version of the API is retired; update Pipetidy")
	}
	if resp.Status >= 400 && resp.Status < 500 && !transient(resp.Status) {
		return s.fail(crm.ErrRefused, what, "check that url is the org's My Domain address, https://YOURS.my.salesforce.com")
	}
	return s.fail(crm.ErrBusy, what, "the next run tries again; if it stays, open url in a browser")
}

func transient(status int) bool {
	switch status {
	case http.StatusNotAcceptable, 420, http.StatusTooManyRequests, http.StatusRequestTimeout:
		return true
	}
	return false
}

// codeError keeps the API's own error code for those who act on it.
type codeError struct {
	code, message string
	status        int
}

// Error is what the API said, cleaned.
func (e *codeError) Error() string { return e.message }

// codeOf is the API's error code in err, "" is none.
func codeOf(err error) string {
	if e, ok := errors.AsType[*codeError](err); ok {
		return e.code
	}
	return ""
}
