package refusal

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// answer is an answer of the API.
func answer(status int, body string) *rest.Response {
	return &rest.Response{Status: status, Body: []byte(body), Header: http.Header{"Content-Type": {"application/json"}}}
}

func TestClassify(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   rest.Class
	}{
		"whole":              {200, `{"done":true}`, rest.OK},
		"cut off":            {200, `{"done":tr`, rest.Retry},
		"too many at once":   {403, `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"ConcurrentRequests (Concurrent API Requests) Limit exceeded."}]`, rest.Retry},
		"the day is used up": {403, `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`, rest.Stop},
	} {
		if got := Classify(answer(c.status, c.body)); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	if got := ClassifyText(answer(200, "Id,Na")); got != rest.OK {
		t.Errorf("a sheet is held for JSON: %v", got)
	}
}

func TestSessionEnded(t *testing.T) {
	for name, c := range map[string]struct {
		status           int
		body             string
		ended, incurable bool
	}{
		"401":                 {401, `[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]`, true, false},
		"401 without words":   {401, "", true, false},
		"403":                 {403, `[{"errorCode":"INVALID_SESSION_ID","message":"x"}]`, true, false},
		"of another kind":     {401, `[{"errorCode":"INVALID_SESSION_ID","message":"This session is not valid for use with the REST API"}]`, true, true},
		"403 for a field":     {403, `[{"errorCode":"INSUFFICIENT_ACCESS","message":"x"}]`, false, false},
		"something else":      {400, `[{"errorCode":"INVALID_FIELD","message":"x"}]`, false, false},
		"not an error at all": {200, `{}`, false, false},
	} {
		resp := answer(c.status, c.body)
		if SessionEnded(resp) != c.ended || Incurable(resp) != c.incurable {
			t.Errorf("%s: ended %v, incurable %v", name, SessionEnded(resp), Incurable(resp))
		}
	}
}

// TestExplain: no error holds the secret that an answer repeats, the error keeps the
// code, and the caller words the error of a spent day.
func TestExplain(t *testing.T) {
	spent := errors.New("spent")
	asked := Asked{Version: "v66.0", Secret: "t0ken", DaySpent: func() error { return spent }}
	err := Where("source sales").Explain(answer(400, `[{"errorCode":"INVALID_FIELD","message":"no column t0ken"}]`), asked)
	if !errors.Is(err, crm.ErrRefused) || Code(err) != "INVALID_FIELD" || strings.Contains(err.Error(), "t0ken") || !strings.HasPrefix(err.Error(), "source sales: ") {
		t.Errorf("got %v, code %q", err, Code(err))
	}
	if err := Where("x").Explain(answer(403, `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`), asked); !errors.Is(err, spent) {
		t.Errorf("got %v", err)
	}
	if Code(errors.New("x")) != "" {
		t.Error("a code of no answer")
	}
}
