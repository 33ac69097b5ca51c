package hubspot

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/pipetidy/pipetidy/internal/sim/fault"
	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

// replies are the bodies of errors as HubSpot documents them, or as recorded.
var replies = map[int]struct{ category, message string }{
	http.StatusUnauthorized:        {"EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired 75 second(s) ago."},
	http.StatusForbidden:           {"MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes."},
	http.StatusLocked:              {"LOCKED", "The resource is locked; wait at least 2 seconds."},
	477:                            {"MIGRATION_IN_PROGRESS", "A migration of this account is in progress."},
	http.StatusInternalServerError: {"INTERNAL_ERROR", "internal error"},
	http.StatusServiceUnavailable:  {"SERVICE_UNAVAILABLE", "The service is temporarily unavailable."},
}

// Fault is the answer that HubSpot gives with a status: JSON for 401, 403, 423, 477
// (with Retry-After: 30), 500 and 503, a page of HTML for all other statuses, such as
// 414, 502, 504 and 521. The caller adds to the rule which requests get the answer,
// and how often.
func Fault(status int) fault.Rule {
	f := fault.Rule{Status: status, Header: map[string]string{}}
	reply, ok := replies[status]
	if !ok {
		title := strconv.Itoa(status) + " " + http.StatusText(status)
		if status >= 520 {
			title = "api.hubapi.com | " + strconv.Itoa(status) + ": Web server is down"
		}
		f.Header["Content-Type"] = "text/html"
		f.Body = "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title + "</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
		return f
	}
	f.Body = `{"status":"error","message":` + string(wire.Quote(reply.message)) + `,"correlationId":"5a1b0c2d-0000-4000-8000-ffffffffffff","category":"` + reply.category + `"}`
	if status == 477 {
		f.Header["Retry-After"] = "30"
	}
	return f
}

// None makes an answer about associations say of every record that it has none, in HubSpot's
// own words. It is the Change of a rule that edits.
func None(body []byte) []byte {
	var answer struct {
		Status  string `json:"status"`
		Results []struct {
			From struct {
				ID string `json:"id"`
			} `json:"from"`
		} `json:"results"`
		Errors []any `json:"errors"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return body
	}
	for _, r := range answer.Results {
		answer.Errors = append(answer.Errors, map[string]any{
			"status": "error", "category": "OBJECT_NOT_FOUND", "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
			"message": "No record is associated with record " + r.From.ID + ".", "context": map[string][]string{"fromObjectId": {r.From.ID}},
		})
	}
	none, err := json.Marshal(map[string]any{"status": answer.Status, "results": []any{}, "numErrors": len(answer.Errors), "errors": answer.Errors})
	if err != nil {
		return body
	}
	return none
}

// stumble says whether a page repeats the last row of the page before, or lacks its
// own first row. Only a page that continues another page does either.
func (h *Server) stumble(continues bool) (repeat, skip bool) {
	h.lock.Lock()
	defer h.lock.Unlock()
	if !continues {
		return false, false
	}
	if h.opt.RepeatRows > 0 {
		h.opt.RepeatRows--
		repeat = true
	}
	if h.opt.SkipRows > 0 {
		h.opt.SkipRows--
		skip = true
	}
	return repeat, skip
}
