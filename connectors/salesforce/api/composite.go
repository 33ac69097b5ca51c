package api

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

// A composite is several requests in one call. The org counts a composite as one call.
const (
	maxTogether = 25 // requests in a composite
	MaxQueries  = 5  // queries among the requests of a composite
)

// ErrNoComposite says that this org refuses composites.
var ErrNoComposite = errors.New("this org refuses composites")

// Answer is the answer to one request of a composite: a reply or an error.
type Answer struct {
	Reply *Reply
	Err   error
}

// Together reads all paths in one call: at most maxTogether paths, and at most
// MaxQueries queries among them. Each path has its own answer. The error concerns the
// call. After the org has refused one composite, the error is ErrNoComposite for the
// life of the client.
func (c *Client) Together(ctx context.Context, paths []string) ([]Answer, error) {
	if c.apart.Load() {
		return nil, ErrNoComposite
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
			q.Header = map[string]string{"Sforce-Query-Options": "batchSize=" + strconv.Itoa(c.cfg.PageHint)}
		}
		body.Requests = append(body.Requests, q)
	}
	a, err := c.Call(ctx, Request{Method: http.MethodPost, Path: c.Root() + "/composite", Body: body})
	if errors.Is(err, crm.ErrRefused) {
		c.apart.Store(true)
		return nil, ErrNoComposite
	}
	if err != nil {
		return nil, err
	}
	return c.apiece(a, len(paths))
}

// apiece splits the answer to a composite of n requests.
func (c *Client) apiece(a *Reply, n int) ([]Answer, error) {
	var got struct {
		Responses []struct {
			Body   json.RawMessage   `json:"body"`
			Header map[string]string `json:"httpHeaders"`
			Status int               `json:"httpStatusCode"`
			ID     string            `json:"referenceId"`
		} `json:"compositeResponse"`
	}
	if err := json.Unmarshal(a.Body, &got); err != nil {
		return nil, c.where.Unreadable(errors.New("the answer to a composite has another form"))
	}
	out := make([]Answer, n)
	for _, r := range got.Responses {
		i, err := strconv.Atoi(strings.TrimPrefix(r.ID, "r"))
		if err != nil || i < 0 || i >= n || out[i].Reply != nil || out[i].Err != nil {
			return nil, c.where.Unreadable(fmt.Errorf("a composite has an answer to no request (%q)", a.Clean(r.ID)))
		}
		if r.Status == http.StatusOK {
			out[i].Reply = &Reply{Body: r.Body, Session: a.Session, Asked: a.Asked}
		} else {
			out[i].Err = c.refused(&rest.Response{Status: r.Status, Body: r.Body, Header: http.Header{}}, a.Session)
		}
	}
	for i := range out {
		if out[i].Reply == nil && out[i].Err == nil {
			out[i].Err = c.where.Unreadable(errors.New("a composite has no answer to one of its requests"))
		}
	}
	return out, nil
}

// Each reads all paths with as few calls as possible. A path that Salesforce refused
// or was too busy for has the error in its own answer; the error of Each concerns all
// paths.
func (c *Client) Each(ctx context.Context, paths []string) ([]Answer, error) {
	var out []Answer
	for len(paths) > 0 {
		n := batch(paths)
		got, err := c.Together(ctx, paths[:n])
		if errors.Is(err, ErrNoComposite) {
			n = 1
			got = make([]Answer, 1)
			got[0].Reply, err = c.Get(ctx, paths[0], false)
			if errors.Is(err, crm.ErrRefused) || errors.Is(err, crm.ErrBusy) {
				got[0].Err, err = err, nil
			}
		}
		if err != nil {
			return nil, err
		}
		out, paths = append(out, got...), paths[n:]
	}
	return out, nil
}

// batch is the number of paths, from the first on, that fit into one composite.
func batch(paths []string) int {
	queries := 0
	for i, path := range paths {
		if isQuery(path) {
			queries++
		}
		if i == maxTogether || queries > MaxQueries {
			return i
		}
	}
	return len(paths)
}

func isQuery(path string) bool {
	resource, _, _ := strings.Cut(path, "?")
	return strings.HasSuffix(resource, "/query") || strings.HasSuffix(resource, "/queryAll")
}
