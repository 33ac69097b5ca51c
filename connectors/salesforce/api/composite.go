package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
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

// ErrNoComposite says that this org refuses composites at present.
var ErrNoComposite = errors.New("this org refuses composites")

// composites is the ability to take composites, for [Refusals].
const composites = "composites"

// Answer is the answer to one request of a composite: a reply or an error.
type Answer struct {
	Reply *Reply
	Err   error
}

// Together reads all paths in one call: at most maxTogether paths, and at most
// MaxQueries queries among them. Each path has its own answer. The error concerns the
// call. After the org has refused one composite, the error is ErrNoComposite for as long
// as the refusal holds.
func (c *Client) Together(ctx context.Context, paths []string) ([]Answer, error) {
	if !c.Composites() {
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
	a, err := c.Call(ctx, Request{Method: http.MethodPost, Path: c.Root() + "/composite", Body: body, Rows: slices.ContainsFunc(paths, isQuery)})
	if errors.Is(err, crm.ErrRefused) {
		c.Refusals.Note(composites)
		return nil, ErrNoComposite
	}
	if err != nil {
		return nil, err
	}
	c.Refusals.Over(composites)
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
	for k, r := range got.Responses {
		i, err := strconv.Atoi(strings.TrimPrefix(r.ID, "r"))
		if r.ID == "" && r.Status != http.StatusOK {
			// An error without its reference is of the request at its place where each request
			// has an answer, and of all requests otherwise.
			refused := c.refused(&rest.Response{Status: r.Status, Body: r.Body, Header: http.Header{}}, a.Session)
			for j := range out {
				if (len(got.Responses) != n || j == k) && out[j].Reply == nil && out[j].Err == nil {
					out[j].Err = refused
				}
			}
			continue
		}
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
// paths. A path that was refused within a composite is asked once more by itself,
// because the refusal may be of the composite: no other path tells.
func (c *Client) Each(ctx context.Context, paths []string) ([]Answer, error) {
	out := make([]Answer, len(paths))
	var together, alone []int
	for i, path := range paths {
		if composable(path) {
			together = append(together, i)
		} else {
			alone = append(alone, i)
		}
	}
	for len(together) > 0 {
		now := together[:batch(paths, together)]
		together = together[len(now):]
		if len(now) == 1 {
			alone = append(alone, now...)
			continue
		}
		var list []string
		for _, i := range now {
			list = append(list, paths[i])
		}
		got, err := c.Together(ctx, list)
		if errors.Is(err, ErrNoComposite) {
			alone = append(append(alone, now...), together...)
			break
		}
		if err != nil {
			return nil, err
		}
		for n, i := range now {
			if out[i] = got[n]; errors.Is(got[n].Err, crm.ErrRefused) {
				alone = append(alone, i)
			}
		}
	}
	for _, i := range alone {
		a, err := c.Get(ctx, paths[i], false)
		if err != nil && !errors.Is(err, crm.ErrRefused) && !errors.Is(err, crm.ErrBusy) {
			return nil, err
		}
		out[i] = Answer{a, err}
	}
	return out, nil
}

// batch is the number of paths, of those at the places given from the first on, that
// fit into one composite.
func batch(paths []string, places []int) int {
	queries := 0
	for n, i := range places {
		if isQuery(paths[i]) {
			queries++
		}
		if n == maxTogether || queries > MaxQueries {
			return n
		}
	}
	return len(places)
}

// composable reports whether the documentation of composites lists the resource of a
// path: queries and what lies below sobjects, but not the resources of the user interface.
func composable(path string) bool {
	return isQuery(path) || strings.Contains(path, "/sobjects/")
}

func isQuery(path string) bool {
	resource, _, _ := strings.Cut(path, "?")
	return strings.HasSuffix(resource, "/query") || strings.HasSuffix(resource, "/queryAll")
}
