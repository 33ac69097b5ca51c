package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// where names the source in what it says of its mistakes.
type where string

func (w where) fail(kind error, what, remedy string) error {
	return &rest.ExplainedError{Where: string(w), What: what, Remedy: remedy, Kind: kind}
}

// unreachable explains an error of the HTTP client.
func (w where) unreachable(ctx context.Context, err error) error {
	return rest.Unreachable(ctx, string(w), "Salesforce", crm.ErrBusy, err)
}

// webPage explains an answer without data.
func (w where) webPage(resp *rest.Response) error {
	what := fmt.Sprintf("answered HTTP %d without data", resp.Status)
	if rest.IsHTML(resp) {
		what = fmt.Sprintf("answered with a web page instead of data (HTTP %d), as Salesforce does during maintenance", resp.Status)
	}
	if resp.Status == http.StatusGone {
		return w.fail(crm.ErrRefused, what, "this version of the API is retired; update Pipetidy")
	}
	if resp.Status >= 400 && resp.Status < 500 && !transient(resp.Status) {
		return w.fail(crm.ErrRefused, what, "check that url is the org's My Domain address, https://YOURS.my.salesforce.com")
	}
	return w.fail(crm.ErrBusy, what, "the next run tries again; if it stays, open url in a browser")
}

func transient(status int) bool {
	switch status {
	case http.StatusNotAcceptable, 420, http.StatusTooManyRequests, http.StatusRequestTimeout:
		return true
	}
	return false
}

// noSecret says that a secret of the configuration cannot be read.
func (w where) noSecret(name string, err error) error {
	return &rest.ExplainedError{Where: string(w), What: "no " + name, Cause: err, Kind: crm.ErrAuth}
}

// unreadable says that an answer has another form than was asked for.
func (w where) unreadable(err error) error {
	return &rest.ExplainedError{Where: string(w), What: "a page cannot be read", Cause: err, Kind: crm.ErrBusy, Remedy: "the next run tries again"}
}
