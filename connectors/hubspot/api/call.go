package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/pipetidy/pipetidy/connectors/allowance"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// Request is one reading call.
type Request struct {
	Path  string // with its query
	What  string // what is read, for errors: "deals"
	Scope string // that the token requires for the call
	// Object is the kind of object that a refusal concerns; "" is none in particular.
	Object string
	// Account marks the call that every portal answers: a 404 says that there is no API of
	// this version.
	Account bool

	rows bool            // the answer has rows of the fields that the configuration names
	one  bool            // the path is a record's own address: a 404 is an answer
	body any             // nil makes a GET, anything else a POST that reads
	pace *allowance.Pace // nil is Client.calls
}

// patient is how often a request is made at most that HubSpot asks to make later.
const patient = 6

// Get makes the request, in its turn and within the budget, and decodes the answer
// into out. Asked is a time on the server's clock before the request was answered:
// what was stamped until then is in the answer, or in the overlap of the next run.
func (c *Client) Get(ctx context.Context, q Request, out Answer) (asked time.Time, err error) {
	r, err := c.request(q)
	if err != nil {
		return asked, err
	}
	pace := q.pace
	if pace == nil {
		pace = c.calls
	}
	renewed := false
	for try := 1; ; try++ {
		token, err := c.sign(ctx)
		if err != nil {
			return asked, err
		}
		r.Header.Set("Authorization", "Bearer "+token)
		if err := c.allow(); err != nil {
			return asked, err
		}
		if err := pace.Wait(ctx); err != nil {
			return asked, fmt.Errorf("%s: %w", c.where, err)
		}
		begin := time.Now()
		resp, err := c.web.Do(ctx, r)
		c.meter.Count(resp, err)
		if err != nil {
			return asked, c.unreachable(ctx, err)
		}
		if pace == c.calls {
			learn(c.calls, resp.Header)
		}
		if resp.Status == http.StatusUnauthorized && c.grant != nil && !renewed {
			renewed = true
			c.grant.refused(token)
			continue
		}
		if wait, ok := later(resp, pace == c.calls, try); ok && try < patient {
			pace.Hold(wait)
			continue
		}
		if !carries(resp.Status) || rest.IsHTML(resp) {
			if q.one && absent(resp) {
				return asked, errNotThere
			}
			return asked, crm.Later(c.refused(resp, q, token), rest.Until(resp.Header, c.cfg.Now()))
		}
		date, ok := c.clock.Hear(resp.Header)
		if !ok {
			return asked, c.Fail(crm.ErrBusy, "an answer has no Date header, without which changes would be missed", "look at proxies in between")
		}
		if json.Unmarshal(resp.Body, out) != nil { // the error may quote the answer, so it is not shown
			return asked, c.Unreadable(fmt.Errorf("%s: not the JSON that was expected", q.What))
		}
		if err := out.whole(); err != nil {
			return asked, c.Unreadable(fmt.Errorf("%s: %w", q.What, err))
		}
		return date.Add(-time.Since(begin).Truncate(time.Second)).UTC(), nil
	}
}

// carries reports whether a status comes with an answer. HubSpot has swapped 200 and 201
// before; whether the body is an answer, the body says.
func carries(status int) bool {
	return status == http.StatusOK || status == http.StatusCreated || status == http.StatusMultiStatus
}

func (c *Client) request(q Request) (*rest.Request, error) {
	r := &rest.Request{
		URL: c.cfg.URL + c.versioned(q.Path), Header: http.Header{"Accept": {"application/json"}}, Repeatable: true, Classify: classify, Rows: q.rows,
	}
	if q.body == nil {
		return r, nil
	}
	b, err := json.Marshal(q.body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.where, err)
	}
	r.Method, r.Body = http.MethodPost, b
	r.Header.Set("Content-Type", "application/json")
	return r, nil
}
