package api

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/refusal"
)

// TestErrorsWithoutAReference: Salesforce leaves out the reference of some errors in a
// composite. Such an error is of the request at its place, or of all where there are
// fewer answers than requests. Rows without a reference belong to no request.
func TestErrorsWithoutAReference(t *testing.T) {
	const no = `{"body":[{"errorCode":"LIMIT_EXCEEDED","message":"no"}],"httpStatusCode":400,"referenceId":null}`
	const object = `{"body":{"errorCode":"INVALID_FIELD","message":"no"},"httpStatusCode":400,"referenceId":"r1"}`
	ok := func(id string) string {
		return fmt.Sprintf(`{"body":{"done":true},"httpStatusCode":200,"referenceId":%s}`, id)
	}
	for name, c := range map[string]struct {
		answers string
		want    string // codes of the errors, "" is a reply
		bad     bool
	}{
		"the whole composite":   {answers: no, want: "[LIMIT_EXCEEDED LIMIT_EXCEEDED]"},
		"the second request":    {answers: ok(`"r0"`) + "," + no, want: "[ LIMIT_EXCEEDED]"},
		"the first request":     {answers: no + "," + ok(`"r1"`), want: "[LIMIT_EXCEEDED ]"},
		"an error as an object": {answers: ok(`"r0"`) + "," + object, want: "[ INVALID_FIELD]"},
		"rows of nobody":        {answers: ok(`"r0"`) + "," + ok("null"), bad: true},
	} {
		o := &recorded{answer: map[string]func(*http.Request) (int, string){
			"token": func(*http.Request) (int, string) {
				return 200, `{"access_token":"t","instance_url":"https://acme.my.salesforce.com"}`
			},
			"composite": func(*http.Request) (int, string) { return 200, `{"compositeResponse":[` + c.answers + `]}` },
		}}
		client := recordedClient(t, o, time.Date(2026, 11, 24, 16, 12, 0, 0, time.UTC))
		got, err := client.Together(t.Context(), []string{"/services/data/v66.0/query?q=A", "/services/data/v66.0/query?q=B"})
		if (err != nil) != c.bad {
			t.Errorf("%s: %v", name, err)
			continue
		}
		codes := []string{}
		for _, a := range got {
			codes = append(codes, refusal.Code(a.Err))
			if (a.Reply == nil) == (a.Err == nil) {
				t.Errorf("%s: an answer is %v, %v", name, a.Reply, a.Err)
			}
		}
		if !c.bad && fmt.Sprint(codes) != c.want {
			t.Errorf("%s: got %v, want %s", name, codes, c.want)
		}
	}
}
