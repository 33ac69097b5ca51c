package refusal

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/rest"
)

// SessionEnded reports whether an answer says that the session has ended.
func SessionEnded(resp *rest.Response) bool {
	if resp.Status == http.StatusUnauthorized {
		return true
	}
	code := First(resp.Body).Code
	return resp.Status == http.StatusForbidden && code == "INVALID_SESSION_ID"
}

// Incurable reports whether a new login would be refused again: the login is valid, but
// not for this API or not from this address.
func Incurable(resp *rest.Response) bool {
	m := First(resp.Body).Message
	return strings.Contains(m, "not valid for use with the REST API") ||
		strings.Contains(m, "not attached to Agent")
}

// Classify says which answers are worth another attempt.
func Classify(resp *rest.Response) rest.Class {
	switch {
	case resp.Status == http.StatusOK && rest.IsHTML(resp):
		return rest.Stop // maintenance lasts longer than our patience
	case resp.Status == http.StatusOK && !rest.Complete(resp.Body):
		return rest.Retry
	case resp.Status == http.StatusForbidden || resp.Status == http.StatusServiceUnavailable:
		if e := First(resp.Body); e.Code == "REQUEST_LIMIT_EXCEEDED" {
			if e.Daily() {
				return rest.Stop
			}
			return rest.Retry // too many calls at the same moment
		}
	}
	return rest.ByStatus(resp)
}

// ClassifyText is Classify for answers that are not JSON. Such an answer does not show
// whether it is complete.
func ClassifyText(resp *rest.Response) rest.Class {
	if resp.Status == http.StatusOK && !rest.IsHTML(resp) {
		return rest.OK
	}
	return Classify(resp)
}

// Said is one error as the REST API writes it.
type Said struct {
	Message string `json:"message"`
	Code    string `json:"errorCode"`
}

// Daily reports whether a REQUEST_LIMIT_EXCEEDED means the quota of 24 hours, and not
// a limit of calls at the same moment.
func (e Said) Daily() bool { return !strings.Contains(e.Message, "Concurrent") }

// First decodes the first error of an answer; the zero value is none.
func First(body []byte) Said {
	var list []Said
	if len(body) > 0 && body[0] == '[' && json.Unmarshal(body, &list) == nil && len(list) > 0 {
		return list[0]
	}
	return Said{}
}
