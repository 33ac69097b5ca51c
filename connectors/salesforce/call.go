package salesforce

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
	"github.com/pipetidy/pipetidy/crm"
)

// callTimeout is longer than the two minutes after which Salesforce itself gives
// up on a query.
const callTimeout = 140 * time.Second

// errOtherSession says that a page belongs to a session that is no more.
var errOtherSession = errors.New("the session that asked the query has ended")

// reply is a usable answer.
type reply struct {
	body   []byte
	header http.Header
	token  *token // the session that got it
	// asked is a time on the server's clock at which the request had not been
	// answered yet: what was stamped and committed before is in the answer.
	asked time.Time
}

// ask is one request to the API.
type ask struct {
	method string // "" is GET
	path   string // with its query
	body   any    // sent as JSON; nil is none
	accept string // "" is JSON
	// locator says that path belongs to the session: it is not asked again in a
	// new one, which does not know it. The error is errOtherSession.
	locator bool
	// once says that asking twice is not the same as asking once.
	once bool
}

// get reads path (with its query) from the API.
func (s *Source) get(ctx context.Context, path string, locator bool) (*reply, error) {
	return s.call(ctx, ask{path: path, locator: locator})
}

// call makes a request. A session that ended is renewed once.
func (s *Source) call(ctx context.Context, q ask) (*reply, error) {
	req := &rest.Request{Method: q.method, Repeatable: !q.once, Classify: classify, Timeout: callTimeout}
	if q.accept == "" {
		q.accept = "application/json"
	} else {
		req.Classify = classifyText
	}
	if q.body != nil {
		var err error
		if req.Body, err = json.Marshal(q.body); err != nil {
			return nil, fmt.Errorf("%s: %w", s.where, err)
		}
	}
	t, err := s.login.token(ctx)
	if err != nil {
		return nil, err
	}
	for renewed := false; ; renewed = true {
		if err := s.allow(); err != nil {
			return nil, err
		}
		req.URL = t.instance + q.path
		req.Header = http.Header{
			"Authorization":        {"Bearer " + t.value},
			"Accept":               {q.accept},
			"Sforce-Query-Options": {"batchSize=" + strconv.Itoa(s.cfg.PageHint)},
			"Sforce-Call-Options":  {"client=pipetidy"},
		}
		if req.Body != nil {
			req.Header.Set("Content-Type", "application/json; charset=UTF-8")
		}
		begin := time.Now()
		resp, err := s.web.Do(ctx, req)
		s.meter.Count(resp, err)
		if err != nil {
			explained := s.unreachable(ctx, err)
			if errors.Is(err, rest.ErrTooLarge) {
				explained = largeError{explained}
			}
			return nil, explained
		}
		asked := serverTime(resp, time.Since(begin))
		if !asked.IsZero() {
			s.clock.Store(asked.Unix())
		}
		if !sessionEnded(resp) {
			t.worked.Store(true)
			if resp.Status < 200 || resp.Status > 299 || rest.IsHTML(resp) {
				return nil, s.refused(resp, t)
			}
			return &reply{body: resp.Body, header: resp.Header, token: t, asked: asked}, nil
		}
		if renewed || incurable(resp) || t.instead && !t.worked.Load() {
			return nil, s.sessionRefused(resp, t)
		}
		if t, err = s.login.renew(ctx, t); err != nil {
			return nil, err
		}
		if q.locator {
			return nil, errOtherSession
		}
	}
}

// largeError keeps that an answer was too large, for those who can ask for less.
type largeError struct{ error }

func (e largeError) Is(target error) bool { return target == rest.ErrTooLarge }
func (e largeError) Unwrap() error        { return e.error }

// serverTime is the server's clock when the request was made, to the second that
// Date has; zero where the answer has no Date.
func serverTime(resp *rest.Response, took time.Duration) time.Time {
	t, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return t.Add(-took.Truncate(time.Second)).UTC()
}

// sessionEnded recognises the answers that a new login may cure.
func sessionEnded(resp *rest.Response) bool {
	if resp.Status == http.StatusUnauthorized {
		return true
	}
	code := firstError(resp.Body).Code
	return resp.Status == http.StatusForbidden && code == "INVALID_SESSION_ID"
}

// incurable recognises refusals that a new login meets again: the login is
// valid, but not for this API or from this address.
func incurable(resp *rest.Response) bool {
	m := firstError(resp.Body).Message
	return strings.Contains(m, "not valid for use with the REST API") ||
		strings.Contains(m, "not attached to Agent")
}

// classify says which answers are worth another attempt.
func classify(resp *rest.Response) rest.Class {
	switch {
	case resp.Status == http.StatusOK && rest.IsHTML(resp):
		return rest.Stop // maintenance lasts longer than our patience
	case resp.Status == http.StatusOK && !rest.Complete(resp.Body):
		return rest.Retry
	case resp.Status == http.StatusForbidden || resp.Status == http.StatusServiceUnavailable:
		if e := firstError(resp.Body); e.Code == "REQUEST_LIMIT_EXCEEDED" {
			if e.daily() {
				return rest.Stop
			}
			return rest.Retry // too many at the same moment
		}
	}
	return rest.ByStatus(resp)
}

// classifyText is classify for answers that are not JSON, whose end nobody can
// tell by looking at it.
func classifyText(resp *rest.Response) rest.Class {
	if resp.Status == http.StatusOK && !rest.IsHTML(resp) {
		return rest.OK
	}
	return classify(resp)
}

// version is the path of the API.
func (s *Source) version() string { return "/services/data/" + s.cfg.APIVersion }

// follow checks a nextRecordsUrl, which is followed as it is. It goes with our
// token, so it may not lead anywhere else.
func (s *Source) follow(next string, t *token) (string, error) {
	if rest, ok := strings.CutPrefix(next, t.instance); ok {
		next = rest
	}
	if !strings.HasPrefix(next, "/services/data/") {
		return "", s.fail(crm.ErrBusy, "a page names a next page that is not on its own host", "if this stays, ask who runs a proxy in between")
	}
	return next, nil
}

// apiError is one error as the REST API writes it.
type apiError struct {
	Message string `json:"message"`
	Code    string `json:"errorCode"`
}

// daily tells the quota of 24 hours from a limit of the moment.
func (e apiError) daily() bool { return !strings.Contains(e.Message, "Concurrent") }

// firstError reads the error array; the zero value is none.
func firstError(body []byte) apiError {
	var list []apiError
	if len(body) > 0 && body[0] == '[' && json.Unmarshal(body, &list) == nil && len(list) > 0 {
		return list[0]
	}
	return apiError{}
}
