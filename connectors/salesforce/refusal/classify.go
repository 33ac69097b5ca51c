package refusal

import (
	"bytes"
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

// First decodes the first error of an answer; the zero value is none. Errors come as a
// list. Some resources and gateways write one error as an object, or in the members
// "errors" and "compositeResponse" of an object, and OAuth has names of its own.
func First(body []byte) Said { return first(body, 6) }

func first(body []byte, depth int) Said {
	if body = bytes.TrimSpace(body); len(body) == 0 || depth == 0 {
		return Said{}
	}
	switch body[0] {
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(body, &list) == nil && len(list) > 0 {
			return first(list[0], depth-1)
		}
	case '{':
		var o map[string]json.RawMessage
		if json.Unmarshal(body, &o) != nil {
			return Said{}
		}
		text := func(names ...string) (s string) {
			for _, name := range names {
				if json.Unmarshal(o[name], &s) == nil && s != "" {
					return s
				}
			}
			return ""
		}
		said := Said{text("message", "error_description"), text("errorCode", "statusCode", "error")}
		if said.Code != "" {
			return said
		}
		for _, name := range []string{"errors", "compositeResponse", "error", "body"} {
			if said := first(o[name], depth-1); said.Code != "" {
				return said
			}
		}
	}
	return Said{}
}
