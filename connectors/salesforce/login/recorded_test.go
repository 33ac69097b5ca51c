package login

import (
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/rest"
)

const (
	testSecret = "s3cr3t-of-the-app"
	testToken  = "00D000000000001!AQ.the-token"
)

// recorded is an org that answers from memory.
type recorded struct {
	answer map[string]func(*http.Request) (status int, body string) // by the last element of the path
	header http.Header
}

func (o *recorded) RoundTrip(req *http.Request) (*http.Response, error) {
	status, body := 404, `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`
	if f := o.answer[filepath.Base(req.URL.Path)]; f != nil {
		status, body = f(req)
	}
	h := http.Header{"Date": {"Tue, 24 Nov 2026 16:12:00 GMT"}, "Sforce-Limit-Info": {"api-usage=18/5000"}}
	maps.Copy(h, o.header)
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1, Request: req}, nil
}

func recordedLogin(t *testing.T, o *recorded, attempts int) *Login {
	t.Helper()
	return loginAt(o, Config{
		URL: "https://acme.my.salesforce.com", Auth: Auth{ClientID: "3MVG9acme", ClientSecret: connectortest.Secret(t, testSecret)},
	}, attempts)
}

// loginAt returns a login whose token endpoint is o, with the given number of attempts.
func loginAt(o http.RoundTripper, cfg Config, attempts int) *Login {
	cfg.Name = "sales"
	return New(cfg.WithDefaults(), rest.New(rest.Config{Transport: o, Attempts: attempts}), "source sales", plenty{})
}

// plenty is a budget that always has room.
type plenty struct{}

func (plenty) Allow() error                { return nil }
func (plenty) Count(*rest.Response, error) {}
