package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// A composite is several requests in one call. The org counts it as one.
const (
	maxTogether = 25 // requests in a composite
	maxQueries  = 5  // of them queries
)

// errNoComposite says that this org does not answer composites.
var errNoComposite = errors.New("composites are not answered here")

// answer is what one request of several got: a reply or an error.
type answer struct {
	reply *reply
	err   error
}

// together reads all paths in one call; there may be maxTogether of them, and
// maxQueries queries among them. Each has its own answer. The error is that of
// the call; errNoComposite when the org refused it, for the life of the process.
func (s *Source) together(ctx context.Context, paths []string) ([]answer, error) {
	if s.apart.Load() {
		return nil, errNoComposite
	}
	type request struct {
		Method string            `json:"method"`
		URL    string            `json:"url"`
		ID     string            `json:"referenceId"`
		Header map[string]string `json:"httpHeaders,omitempty"`
	}
	var body struct {
		AllOrNone bool      `json:"allOrNone"`
		Requests  []request `json:"compositeRequest"`
	}
	for i, path := range paths {
		q := request{Method: http.MethodGet, URL: path, ID: "r" + strconv.Itoa(i)}
		if isQuery(path) {
			q.Header = map[string]string{"Sforce-Query-Options": "batchSize=" + strconv.Itoa(s.cfg.PageHint)}
		}
		body.Requests = append(body.Requests, q)
	}
	a, err := s.call(ctx, ask{method: http.MethodPost, path: s.version() + "/composite", body: body})
	if errors.Is(err, crm.ErrRefused) {
		s.apart.Store(true)
		return nil, errNoComposite
	}
	if err != nil {
		return nil, err
	}
	return s.apiece(a, len(paths))
}

// apiece takes the answer to a composite of n requests apart.
func (s *Source) apiece(a *reply, n int) ([]answer, error) {
	var got struct {
		Responses []struct {
			Body   json.RawMessage   `json:"body"`
			Header map[string]string `json:"httpHeaders"`
			Status int               `json:"httpStatusCode"`
			ID     string            `json:"referenceId"`
		} `json:"compositeResponse"`
	}
	if err := json.Unmarshal(a.body, &got); err != nil {
		return nil, s.unreadable(errors.New("the answer to a composite has another form"))
	}
	out := make([]answer, n)
	for _, r := range got.Responses {
		i, err := strconv.Atoi(strings.TrimPrefix(r.ID, "r"))
		if err != nil || i < 0 || i >= n || out[i].reply != nil || out[i].err != nil {
			return nil, s.unreadable(fmt.Errorf("a composite has an answer that nobody asked for (%q)", rest.Clean(r.ID, a.token.value)))
		}
		if r.Status == http.StatusOK {
			out[i].reply = &reply{body: r.Body, token: a.token, asked: a.asked}
		} else {
			out[i].err = s.refused(&rest.Response{Status: r.Status, Body: r.Body, Header: http.Header{}}, a.token)
		}
	}
	for i := range out {
		if out[i].reply == nil && out[i].err == nil {
			out[i].err = s.unreadable(errors.New("a composite has no answer to one of its requests"))
		}
	}
	return out, nil
}

// each reads all paths with as few calls as it takes. What was refused or did not
// work has its error in its own answer; the error is one that concerns all.
func (s *Source) each(ctx context.Context, paths []string) ([]answer, error) {
	var out []answer
	for len(paths) > 0 {
		n := batch(paths)
		got, err := s.together(ctx, paths[:n])
		if errors.Is(err, errNoComposite) {
			n = 1
			got = make([]answer, 1)
			got[0].reply, err = s.get(ctx, paths[0], false)
			if errors.Is(err, crm.ErrRefused) || errors.Is(err, crm.ErrBusy) {
				got[0].err, err = err, nil
			}
		}
		if err != nil {
			return nil, err
		}
		out, paths = append(out, got...), paths[n:]
	}
	return out, nil
}

// batch is how many of paths one composite can hold.
func batch(paths []string) int {
	queries := 0
	for i, path := range paths {
		if isQuery(path) {
			queries++
		}
		if i == maxTogether || queries > maxQueries {
			return i
		}
	}
	return len(paths)
}

func isQuery(path string) bool {
	resource, _, _ := strings.Cut(path, "?")
	return strings.HasSuffix(resource, "/query") || strings.HasSuffix(resource, "/queryAll")
}
