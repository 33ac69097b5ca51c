package refusal

import (
	"context"
	"fmt"
	"net/http"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// Where names the source in errors.
type Where string

// Fail is an error of a kind that says what to do.
func (w Where) Fail(kind error, what, remedy string) error {
	return &rest.ExplainedError{Where: string(w), What: what, Remedy: remedy, Kind: kind}
}

// Unreachable explains an error of the HTTP client.
func (w Where) Unreachable(ctx context.Context, err error) error {
	return rest.Unreachable(ctx, string(w), "Salesforce", crm.ErrBusy, err)
}

// WebPage explains an answer that is a web page or has another form without data.
func (w Where) WebPage(resp *rest.Response) error {
	what := fmt.Sprintf("answered HTTP %d without data", resp.Status)
	if rest.IsHTML(resp) {
		what = fmt.Sprintf("answered with a web page instead of data (HTTP %d), as Salesforce does during maintenance", resp.Status)
	}
	if resp.Status == http.StatusGone {
		return w.Fail(crm.ErrRefused, what, "this version of the API is retired; update Pipetidy")
	}
	if resp.Status >= 400 && resp.Status < 500 && !transient(resp.Status) {
		return w.Fail(crm.ErrRefused, what, "check that url is the org's My Domain address, https://YOURS.my.salesforce.com")
	}
	return w.Fail(crm.ErrBusy, what, "the next run tries again; if it stays, open url in a browser")
}

func transient(status int) bool {
	switch status {
	case http.StatusNotAcceptable, 420, http.StatusTooManyRequests, http.StatusRequestTimeout:
		return true
	}
	return false
}

// Unreadable says that an answer has an unexpected form.
func (w Where) Unreadable(err error) error {
	return &rest.ExplainedError{Where: string(w), What: "a page cannot be read", Cause: err, Kind: crm.ErrBusy, Remedy: "the next run tries again"}
}
