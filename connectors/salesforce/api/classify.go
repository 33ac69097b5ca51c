package api

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/rest"
)

// sessionEnded recognises the answers that a new login may cure.
func sessionEnded(resp *rest.Response) bool {
	if resp.Status == http.StatusUnauthorized {
		return true
	}
	code := firstError(resp.Body).Code
	return resp.Status == http.StatusForbidden && code == "INVALID_SESSION_ID"
}

// incurable recognises refusals that a new login meets again: the login is
// valid, but not for this API or from this address.
func incurable(resp *rest.Response) bool {
	m := firstError(resp.Body).Message
	return strings.Contains(m, "not valid for use with the REST API") ||
		strings.Contains(m, "not attached to Agent")
}

// classify says which answers are worth another attempt.
func classify(resp *rest.Response) rest.Class {
	switch {
	case resp.Status == http.StatusOK && rest.IsHTML(resp):
		return rest.Stop // maintenance lasts longer than our patience
	case resp.Status == http.StatusOK && !rest.Complete(resp.Body):
		return rest.Retry
	case resp.Status == http.StatusForbidden || resp.Status == http.StatusServiceUnavailable:
		if e := firstError(resp.Body); e.Code == "REQUEST_LIMIT_EXCEEDED" {
			if e.daily() {
				return rest.Stop
			}
			return rest.Retry // too many at the same moment
		}
	}
	return rest.ByStatus(resp)
}

// classifyText is classify for answers that are not JSON, whose end nobody can
// tell by looking at it.
func classifyText(resp *rest.Response) rest.Class {
	if resp.Status == http.StatusOK && !rest.IsHTML(resp) {
		return rest.OK
	}
	return classify(resp)
}

// apiError is one error as the REST API writes it.
type apiError struct {
	Message string `json:"message"`
	Code    string `json:"errorCode"`
}

// daily tells the quota of 24 hours from a limit of the moment.
func (e apiError) daily() bool { return !strings.Contains(e.Message, "Concurrent") }

// firstError reads the error array; the zero value is none.
func firstError(body []byte) apiError {
	var list []apiError
	if len(body) > 0 && body[0] == '[' && json.Unmarshal(body, &list) == nil && len(list) > 0 {
		return list[0]
	}
	return apiError{}
}
