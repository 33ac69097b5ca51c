package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce/login"
	"github.com/pipetidy/pipetidy/connectors/salesforce/refusal"
	"github.com/pipetidy/pipetidy/connectors/salesforce/soql"
	"github.com/pipetidy/pipetidy/crm"
)

// callTimeout is longer than the two minutes after which Salesforce itself gives
// up on a query.
const callTimeout = 140 * time.Second

// ErrOtherSession says that a page belongs to a session that has ended.
var ErrOtherSession = errors.New("the session of the query has ended")

// Reply is a usable answer.
type Reply struct {
	Body    []byte
	Header  http.Header
	Session *login.Session // the session of the call
	// Asked is a time on the server's clock before the request was answered: rows
	// that were stamped and committed before Asked are in the answer.
	Asked time.Time
}

// Clean returns a text of the answer without secrets, for errors.
func (r *Reply) Clean(text string) string { return rest.Clean(text, r.Session.Secret()) }

// Request is one request to the API.
type Request struct {
	Method string // "" is GET
	Path   string // with the query of the address
	Body   any    // sent as JSON; nil is none
	Accept string // "" is JSON
	// Locator says that only the present session knows Path. If the session has
	// ended, the request is not repeated in the next one: the error is
	// ErrOtherSession.
	Locator bool
	// Once says that the request must not be repeated.
	Once bool
	// Rows says that the answer has rows of the fields that the configuration names.
	Rows bool
}

// Get reads path, which includes the query of the address.
func (c *Client) Get(ctx context.Context, path string, locator bool) (*Reply, error) {
	return c.Call(ctx, Request{Path: path, Locator: locator, Rows: locator || isQuery(path)})
}

// Call makes a request. If the session has ended, Call renews the session once and
// repeats the request.
func (c *Client) Call(ctx context.Context, q Request) (*Reply, error) {
	req := &rest.Request{Method: q.Method, Repeatable: !q.Once, Classify: refusal.Classify, Timeout: callTimeout, Rows: q.Rows}
	if q.Accept == "" {
		q.Accept = "application/json"
	} else {
		req.Classify = refusal.ClassifyText
	}
	if q.Body != nil {
		var err error
		if req.Body, err = json.Marshal(q.Body); err != nil {
			return nil, fmt.Errorf("%s: %w", c.where, err)
		}
	}
	t, err := c.login.Session(ctx)
	if err != nil {
		return nil, err
	}
	for renewed := false; ; renewed = true {
		if err := c.budget.Allow(); err != nil {
			return nil, err
		}
		req.URL = t.Instance + q.Path
		req.Header = http.Header{
			"Authorization":        {"Bearer " + t.Secret()},
			"Accept":               {q.Accept},
			"Sforce-Query-Options": {"batchSize=" + strconv.Itoa(c.cfg.PageHint)},
			"Sforce-Call-Options":  {"client=pipetidy"},
		}
		if req.Body != nil {
			req.Header.Set("Content-Type", "application/json; charset=UTF-8")
		}
		begin := time.Now()
		resp, err := c.web.Do(ctx, req)
		c.budget.Count(resp, err)
		if err != nil {
			explained := c.where.Unreachable(ctx, err)
			if errors.Is(err, rest.ErrTooLarge) {
				explained = largeError{explained}
			}
			return nil, explained
		}
		c.date.Hear(resp.Header)
		asked := serverTime(resp, time.Since(begin))
		if !asked.IsZero() {
			c.clock.Store(asked.Unix())
		}
		if !refusal.SessionEnded(resp) {
			t.Worked()
			if resp.Status < 200 || resp.Status > 299 || rest.IsHTML(resp) {
				return nil, c.refused(resp, t)
			}
			return &Reply{Body: resp.Body, Header: resp.Header, Session: t, Asked: asked}, nil
		}
		if renewed || refusal.Incurable(resp) || t.Doubtful() {
			return nil, c.login.SessionRefused(resp, t)
		}
		if t, err = c.login.Renew(ctx, t); err != nil {
			return nil, err
		}
		if q.Locator {
			return nil, ErrOtherSession
		}
	}
}

// largeError keeps rest.ErrTooLarge for callers that can request less.
type largeError struct{ error }

func (e largeError) Is(target error) bool { return target == rest.ErrTooLarge }
func (e largeError) Unwrap() error        { return e.error }

// serverTime is the server's clock when the request was made, to a second. It is zero
// when the answer has no Date.
func serverTime(resp *rest.Response, took time.Duration) time.Time {
	t, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return t.Add(-took.Truncate(time.Second)).UTC()
}

// Root is the path of the API, with its version.
func (c *Client) Root() string { return "/services/data/" + *c.version.Load() }

// QueryPath is the path of the query q. The resource queryAll also gives deleted rows
// and archived activities; the resource query does not.
func (c *Client) QueryPath(resource string, q soql.Query) (string, error) {
	escaped, ok := q.Escaped()
	if !ok {
		return "", c.where.Fail(crm.ErrRefused, fmt.Sprintf("the query is too long for Salesforce (%s)", crm.Counted(len(escaped), "byte")),
			"name fewer fields under fields")
	}
	return c.Root() + "/" + resource + "?q=" + escaped, nil
}

// Follow checks a nextRecordsUrl and returns its path. The call carries our token, so
// the address must not lead to another host.
func (c *Client) Follow(next string, t *login.Session) (string, error) {
	if rest, ok := strings.CutPrefix(next, t.Instance); ok {
		next = rest
	}
	if !strings.HasPrefix(next, "/services/data/") {
		return "", c.where.Fail(crm.ErrBusy, "a page names a next page that is not on its own host", "the next run tries again; if this stays, ask who runs a proxy in between")
	}
	return next, nil
}
