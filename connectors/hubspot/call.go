package hubspot

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

// request is one reading call. A POST reads too here.
type request struct {
	pace  *allowance.Pace
	path  string // with its query
	body  any    // nil is a GET
	what  string // what is read, for errors: "deals"
	scope string // that the token needs for it
}

// reply is a usable answer.
type reply struct {
	body []byte
	// asked is a time on the server's clock at which the request had not been
	// answered yet: what was stamped before is in the answer, or in the overlap.
	asked time.Time
}

// patient is how often a request is made anew that HubSpot asked to make later.
const patient = 6

// do makes the request, in its turn and within the budget.
func (s *Source) do(ctx context.Context, q request) (*reply, error) {
	r := &rest.Request{URL: s.cfg.URL + q.path, Repeatable: true, Classify: classify}
	r.Header = http.Header{"Accept": {"application/json"}}
	if q.body != nil {
		b, err := json.Marshal(q.body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.where, err)
		}
		r.Method, r.Body = http.MethodPost, b
		r.Header.Set("Content-Type", "application/json")
	}
	renewed := false
	for try := 1; ; try++ {
		token, err := s.sign(ctx)
		if err != nil {
			return nil, err
		}
		r.Header.Set("Authorization", "Bearer "+token)
		if err := s.allow(); err != nil {
			return nil, err
		}
		if err := q.pace.Wait(ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", s.where, err)
		}
		begin := time.Now()
		resp, err := s.web.Do(ctx, r)
		s.meter.Count(resp, err)
		if err != nil {
			return nil, s.unreachable(ctx, err)
		}
		if q.pace == s.calls {
			learn(s.calls, resp.Header)
		}
		if resp.Status == http.StatusUnauthorized && s.grant != nil && !renewed {
			renewed = true
			s.grant.refused(token)
			continue
		}
		if wait, ok := later(resp, q.pace == s.calls, try); ok && try < patient {
			q.pace.Hold(wait)
			continue
		}
		if resp.Status != http.StatusOK && resp.Status != http.StatusMultiStatus || rest.IsHTML(resp) {
			return nil, s.refused(resp, q, token)
		}
		asked, err := http.ParseTime(resp.Header.Get("Date"))
		if err != nil {
			return nil, s.fail(crm.ErrBusy, "an answer has no Date, without which changes would be missed", "look at proxies in between")
		}
		return &reply{body: resp.Body, asked: asked.Add(-time.Since(begin).Truncate(time.Second)).UTC()}, nil
	}
}

// classify says which answers the client may try again at once. What HubSpot asks
// to do later is ours to wait for: it concerns other calls too.
func classify(resp *rest.Response) rest.Class {
	switch resp.Status {
	case http.StatusOK, http.StatusMultiStatus:
		switch {
		case rest.IsHTML(resp):
			return rest.Stop
		case !rest.Complete(resp.Body):
			return rest.Retry
		}
	case http.StatusTooManyRequests, http.StatusLocked, statusMigration, statusOrigin:
		return rest.Stop
	}
	return rest.ByStatus(resp)
}

// Answers that only HubSpot and what stands before it give.
const (
	statusMigration = 477 // the portal moves to another data centre
	statusOrigin    = 530 // instead of 401 for a token that is none
)

// longest is how long a call waits for HubSpot; beyond, the next run is early enough.
const longest = 60 * time.Second

// later recognises the answers that ask for a later call, and says after how long.
func later(resp *rest.Response, rolling bool, try int) (wait time.Duration, ok bool) {
	switch resp.Status {
	case http.StatusTooManyRequests:
		e := readError(resp.Body)
		switch {
		case e.daily():
			return 0, false
		case e.secondly() || !rolling:
			wait = time.Duration(try) * time.Second
		default:
			wait = callWindow
		}
	case http.StatusLocked:
		wait = time.Duration(2*try) * time.Second
	case statusMigration:
		wait = longest
	default:
		return 0, false
	}
	asked, said := rest.RetryAfter(resp.Header, time.Now())
	if said && asked > longest && resp.Status == statusMigration {
		return 0, false
	}
	if said {
		wait = max(min(asked, longest), time.Second)
	}
	return wait, true
}

// get reads path and decodes the answer into out.
func (s *Source) get(ctx context.Context, q request, out any) (*reply, error) {
	r, err := s.do(ctx, q)
	if err != nil {
		return nil, err
	}
	if json.Unmarshal(r.body, out) != nil { // whose words may quote what it read
		return nil, s.unreadable(fmt.Errorf("%s: not the JSON that was expected", q.what))
	}
	return r, nil
}

func (s *Source) unreadable(err error) error {
	return &rest.ExplainedError{Where: s.where, What: "an answer cannot be read", Cause: err, Kind: crm.ErrBusy, Remedy: "the next run tries again"}
}
