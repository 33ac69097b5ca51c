// Package refusal knows how a Salesforce org says no: which answers are worth another
// attempt, which a new login cures, and what a person is told to do about the rest.
//
// The package makes no call. Refusals of the token endpoint have another form and are
// explained in package login. A newcomer opens [Where.Explain] first.
package refusal

import (
	"errors"
	"net/http"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// Asked says of a request what the explanation of its refusal requires.
type Asked struct {
	Version  string       // of the API
	Secret   string       // the token of the request; no error holds it
	DaySpent func() error // the error for an org without calls left today
}

// Explain explains an answer of the API that is not the requested data.
func (w Where) Explain(resp *rest.Response, asked Asked) error {
	e := First(resp.Body)
	if e.Code == "" {
		return w.WebPage(resp)
	}
	said := strings.TrimRight(rest.Clean(e.Code+": "+e.Message, asked.Secret), ".")
	f := &rest.ExplainedError{Where: string(w), What: "refused", Cause: &Error{Code: e.Code, Status: resp.Status, message: said}}
	switch e.Code {
	case "REQUEST_LIMIT_EXCEEDED":
		if e.Daily() {
			return asked.DaySpent()
		}
		f.Kind, f.Remedy = crm.ErrBusy, "too many long calls at once; the next run tries again"
	case "INVALID_QUERY_LOCATOR", "QUERY_TIMEOUT", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "API_CURRENTLY_DISABLED",
		"REQUEST_RUNNING_TOO_LONG", "UNABLE_TO_LOCK_ROW", "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE":
		f.Kind, f.Remedy = crm.ErrBusy, "the next run tries again"
	case "OPERATION_TOO_LARGE":
		f.Kind, f.Remedy = crm.ErrRefused, "give the run-as user the permission View All Data, so that Salesforce need not check each record"
	case "INVALID_FIELD", "INVALID_TYPE", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "FORBIDDEN", "API_ERROR":
		f.Kind, f.Remedy = crm.ErrRefused, "give the run-as user permission to read the object and its fields"
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
			f.Kind, f.Remedy = crm.ErrRefused, "check the run-as user's permissions, and that the org knows version "+asked.Version+" of the API"
		default:
			f.Kind, f.Remedy = crm.ErrRefused, "check the run-as user's permissions"
		}
	}
	if errors.Is(f.Kind, crm.ErrBusy) {
		f.What = "cannot answer at the moment"
	}
	return f
}

// Error keeps the API's own error code for callers that act on it.
type Error struct {
	Code    string // of the API: "INVALID_FIELD"
	Status  int    // of HTTP
	message string
}

// Error is what the API said, cleaned.
func (e *Error) Error() string { return e.message }

// Retired reports whether err says that the org no longer has the version of the API.
func Retired(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status == http.StatusGone
}

// Code is the API's error code in err, "" is none.
func Code(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}
