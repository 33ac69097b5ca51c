package api

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce/login"
)

// recorded is an org that answers from memory.
type recorded struct {
	answer map[string]func(*http.Request) (status int, body string) // by the last element of the path
}

func (o *recorded) RoundTrip(req *http.Request) (*http.Response, error) {
	status, body := 404, `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`
	if f := o.answer[filepath.Base(req.URL.Path)]; f != nil {
		status, body = f(req)
	}
	h := http.Header{"Date": {"Tue, 24 Nov 2026 16:12:00 GMT"}, "Sforce-Limit-Info": {"api-usage=18/5000"}}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1, Request: req}, nil
}

func recordedClient(t *testing.T, o *recorded, now time.Time) *Client {
	t.Helper()
	c, err := New(Config{
		Config: login.Config{
			Name: "sales", URL: "https://acme.my.salesforce.com", Now: func() time.Time { return now },
			Auth: login.Auth{ClientID: "3MVG9acme", ClientSecret: connectortest.Secret(t, "s3cr3t-of-the-app")},
		},
	}, rest.New(rest.Config{Transport: o, Attempts: 1}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}
