package salesforce

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"golang.org/x/tools/txtar"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/golden"
)

const (
	testSecret = "s3cr3t-of-the-app"
	testToken  = "00D000000000001!AQ.the-token"
)

// recorded is an org that answers from memory.
type recorded struct {
	answer map[string]func(*http.Request) (status int, body string) // by the last element of the path
	seen   []string
	header http.Header
}

func (o *recorded) RoundTrip(req *http.Request) (*http.Response, error) {
	name := filepath.Base(req.URL.Path)
	o.seen = append(o.seen, name)
	status, body := 404, `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`
	if f := o.answer[name]; f != nil {
		status, body = f(req)
	} else if name == "token" {
		status, body = 200, `{"access_token":"`+testToken+`","instance_url":"https://acme.my.salesforce.com","id":"https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA","token_type":"Bearer","issued_at":"1708058728442"}`
	} else if name == "describe" {
		status, body = 200, describeAll
	}
	h := http.Header{"Date": {"Tue, 24 Nov 2026 16:12:00 GMT"}, "Sforce-Limit-Info": {"api-usage=18/5000"}}
	maps.Copy(h, o.header)
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1, Request: req}, nil
}

// describeAll describes the fields that each query requires.
const describeAll = `{"name":"X","queryable":true,"fields":[` +
	`{"name":"Id","type":"id","filterable":true},{"name":"IsDeleted","type":"boolean","filterable":true},` +
	`{"name":"SystemModstamp","type":"datetime","filterable":true},{"name":"Name","type":"string","filterable":true},` +
	`{"name":"StageName","type":"picklist","filterable":true},` + describeCertain + `]}`

// describeCertain describes the other fields that no permission hides, of all objects.
const describeCertain = `{"name":"CloseDate","type":"date"},{"name":"OwnerId","type":"reference"},{"name":"IsClosed","type":"boolean"},{"name":"IsWon","type":"boolean"},` +
	`{"name":"CreatedDate","type":"datetime"},{"name":"IsActive","type":"boolean"},{"name":"MasterLabel","type":"string"}`

// certain are the values of those fields in a row of opportunities, but for CreatedDate.
const certain = `"CloseDate":"2026-12-18","OwnerId":"005RO000000aaaaYAA","IsClosed":false,"IsWon":false`

func always(status int, body string) func(*http.Request) (int, string) {
	return func(*http.Request) (int, string) { return status, body }
}

func recordedSource(t *testing.T, o *recorded, attempts int) *Source {
	t.Helper()
	s, err := New(Config{
		Name: "sales", URL: "https://acme.my.salesforce.com", Auth: Auth{ClientID: "3MVG9acme", ClientSecret: connectortest.Secret(t, testSecret)},
	}, rest.New(rest.Config{Transport: o, Attempts: attempts}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestGoldenAnswers has one file for each bad answer: the resource and the status of the
// answer in the comment, the body, and the error that the operator reads.
func TestGoldenAnswers(t *testing.T) {
	files, err := filepath.Glob("testdata/answers/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases under testdata/answers", err)
	}
	kinds := map[string]error{"auth": crm.ErrAuth, "quota": crm.ErrQuota, "busy": crm.ErrBusy, "refused": crm.ErrRefused, "gone": crm.ErrGone}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			setting := map[string]string{}
			for line := range strings.Lines(string(ar.Comment)) {
				k, v, _ := strings.Cut(strings.TrimSpace(line), ": ")
				setting[k] = v
			}
			status, err := strconv.Atoi(setting["status"])
			if err != nil || setting["from"] == "" || kinds[setting["kind"]] == nil {
				t.Fatalf("the case is not complete: %v", setting)
			}
			body := strings.TrimSuffix(string(ar.Files[0].Data), "\n")
			body = strings.NewReplacer("$SECRET", testSecret, "$TOKEN", testToken).Replace(body)
			// Waiting for a retry costs no time in the bubble of synctest.
			synctest.Test(t, func(t *testing.T) {
				o := &recorded{answer: map[string]func(*http.Request) (int, string){setting["from"]: always(status, body)}}
				_, _, err := readAll(t, recordedSource(t, o, 4), "")
				if err == nil {
					t.Fatal("no error")
				}
				for name, kind := range kinds {
					if errors.Is(err, kind) != (name == setting["kind"]) {
						t.Errorf("it is %s: %v; want %s", name, errors.Is(err, kind), setting["kind"])
					}
				}
				got := err.Error() + "\n"
				for _, secret := range []string{testSecret, testToken} {
					if strings.Contains(got, secret) {
						t.Errorf("the error holds a secret: %s", got)
					}
				}
				n := 0
				for _, name := range o.seen {
					if name == setting["from"] {
						n++
					}
				}
				if got := strconv.Itoa(n); got != setting["asked"] {
					t.Errorf("asked %s times, want %s", got, setting["asked"])
				}
				golden.Section(t, file, ar.Files[1].Name, got)
			})
		})
	}
}

func TestCancelledIsNotBusy(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o := &recorded{answer: map[string]func(*http.Request) (int, string){"queryAll": func(*http.Request) (int, string) {
		cancel()
		return 503, ""
	}}}
	_, err := recordedSource(t, o, 4).Fetch(ctx, crm.Opportunities, "")
	if !errors.Is(err, context.Canceled) || errors.Is(err, crm.ErrBusy) {
		t.Errorf("got %v", err)
	}
}
