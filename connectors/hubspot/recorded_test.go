package hubspot

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

const testToken = "pat-na1-0123-secret-of-the-portal"

// recorded is a portal that answers from memory. The key of an answer is the part of
// the path behind the version. As HubSpot does, the portal answers with null for the
// properties that were asked for, are described and do not stand in an answer.
type recorded struct {
	omits bool // properties that do not stand in an answer are left out

	mu     sync.Mutex
	answer map[string]func(call) (status int, body string)
	seen   []call
	header http.Header

	described string         // the last answer that told the properties of deals
	listed    map[string]int // rows that lists of a kind of object gave, which the index counts where no answer says otherwise
}

// single are the addresses of single records. Without an answer nothing is there.
var single = regexp.MustCompile(`^[a-z]+/[0-9]+$`)

// call is a call that was made.
type call struct {
	key   string
	query map[string][]string
	body  map[string]any
	auth  string
}

// place returns the short name of an endpoint.
func place(path string) string {
	for _, p := range []struct{ from, to string }{
		{"/crm/objects/" + api.Version + "/", ""}, {"/crm/associations/" + api.Version + "/", "links/"}, {"/crm/owners/" + api.Version, "owners"},
		{"/crm/pipelines/" + api.Version + "/deals", "pipelines"}, {"/crm/properties/" + api.Version + "/deals", "properties"},
		{"/account-info/" + api.Version + "/details", "account"},
	} {
		if rest, ok := strings.CutPrefix(path, p.from); ok {
			return p.to + strings.TrimSuffix(rest, "/batch/read") + map[bool]string{true: "/batch"}[strings.HasSuffix(rest, "/batch/read")]
		}
	}
	return path
}

func (o *recorded) RoundTrip(req *http.Request) (*http.Response, error) {
	c := call{key: place(strings.Replace(req.URL.Path, "/2026-03/", "/"+api.Version+"/", 1)), query: req.URL.Query(), auth: req.Header.Get("Authorization")}
	if req.Body != nil {
		if err := json.NewDecoder(req.Body).Decode(&c.body); err != nil && err != io.EOF {
			return nil, err
		}
	}
	if c.query["limit"] != nil && c.query["limit"][0] == "1" {
		c.key += "/probe"
	}
	if c.body["limit"] == 1.0 {
		c.key += "/count"
	}
	o.mu.Lock()
	o.seen = append(o.seen, c)
	f := o.answer[c.key]
	o.mu.Unlock()
	status, body := 200, `{"results":[]}`
	switch {
	case f != nil:
		status, body = f(c)
	case single.MatchString(c.key):
		status, body = 404, `{"status":"error","message":"Object not found.  objectId are usually numeric.","category":"OBJECT_NOT_FOUND"}`
	case c.key == "account":
		body = `{"portalId":149063119,"timeZone":"US/Eastern","companyCurrency":"USD","uiDomain":"app-eu1.hubspot.com","utcOffsetMilliseconds":-18000000}`
	case c.key == "properties":
		body = propertiesOf("dealname:string", "dealstage:enumeration", "hs_lastmodifieddate:datetime")
	case c.key == "owners":
		body = `{"results":[{"id":"41629779","email":"ana@acme.example"}]}`
	case c.key == "pipelines":
		body = `{"results":[{"id":"default","stages":[{"id":"closedwon","label":"Closed won","metadata":{"isClosed":"true","probability":"1.0"}}]}]}`
	}
	body = o.counted(c, body, f != nil)
	if !o.omits {
		body = o.fill(c, body)
	}
	h := http.Header{"Date": {"Mon, 23 Nov 2026 16:12:00 GMT"}, "X-Hubspot-Ratelimit-Daily": {"250000"}, "X-Hubspot-Ratelimit-Daily-Remaining": {"249000"}}
	maps.Copy(h, o.header)
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1, Request: req}, nil
}

// counted notes what a list gives, and has the index count that where nothing else is to be
// answered.
func (o *recorded) counted(c call, body string, answers bool) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	object, ofIndex := strings.CutSuffix(c.key, "/search/count")
	if n := o.listed[object]; ofIndex && !answers && n > 0 {
		return fmt.Sprintf(`{"total":%d,"results":[{"id":"1"}]}`, n)
	}
	var answer struct{ Results []any }
	if c.body == nil && len(c.query["archived"]) > 0 && c.query["archived"][0] == "false" && json.Unmarshal([]byte(body), &answer) == nil {
		if o.listed == nil {
			o.listed = map[string]int{}
		}
		if c.query["after"] == nil {
			o.listed[object] = 0
		}
		o.listed[object] += len(answer.Results)
	}
	return body
}

// fill adds what an answer with records does not say of the properties asked for.
func (o *recorded) fill(c call, body string) string {
	object, _, _ := strings.Cut(c.key, "/")
	var asked []string
	if list, ok := c.body["properties"].([]any); ok {
		for _, name := range list {
			asked = append(asked, name.(string))
		}
	} else if len(c.query["properties"]) > 0 {
		asked = strings.Split(c.query["properties"][0], ",")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if c.key == "properties" {
		o.described = body
	}
	var answer map[string]any
	if len(asked) == 0 || json.Unmarshal([]byte(body), &answer) != nil {
		return body
	}
	results, _ := answer["results"].([]any)
	for _, r := range results {
		row, _ := r.(map[string]any)
		properties, _ := row["properties"].(map[string]any)
		if properties == nil && row != nil && !strings.HasPrefix(object, "links") {
			properties = map[string]any{}
			row["properties"] = properties
		}
		for _, name := range asked {
			if _, ok := properties[name]; !ok && properties != nil && (object != "deals" || strings.Contains(o.described, `"`+name+`"`)) {
				properties[name] = nil
			}
		}
	}
	filled, err := json.Marshal(answer)
	if err != nil {
		return body
	}
	return string(filled)
}

// calls lists the calls with a key.
func (o *recorded) calls(key string) (out []call) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range o.seen {
		if c.key == key {
			out = append(out, c)
		}
	}
	return out
}

func propertiesOf(list ...string) string {
	var out []string
	for _, p := range list {
		name, typ, _ := strings.Cut(p, ":")
		out = append(out, `{"name":"`+name+`","type":"`+typ+`"}`)
	}
	return `{"results":[` + strings.Join(out, ",") + `]}`
}

func always(status int, body string) func(call) (int, string) {
	return func(call) (int, string) { return status, body }
}

func recordedSource(t *testing.T, o *recorded, change func(*Config)) *Source {
	t.Helper()
	cfg := Config{Name: "partners", Token: connectortest.Secret(t, testToken), PageLimit: 2, SearchRate: 1000, CallRate: 1000}
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg, rest.New(rest.Config{Transport: o}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// readAll reads a stream to its end.
func readAll(t *testing.T, s *Source, name crm.Stream, at crm.Cursor) (all crm.Page) {
	t.Helper()
	for range 100 {
		p, err := s.Fetch(t.Context(), name, at)
		if err != nil {
			t.Fatal(err)
		}
		all.Users = append(all.Users, p.Users...)
		all.Opportunities = append(all.Opportunities, p.Opportunities...)
		all.Activities = append(all.Activities, p.Activities...)
		all.Changes = append(all.Changes, p.Changes...)
		all.Contacts = append(all.Contacts, p.Contacts...)
		all.ContactsOf = append(all.ContactsOf, p.ContactsOf...)
		all.Deleted = append(all.Deleted, p.Deleted...)
		all.Next, all.AsOf, all.Done = p.Next, p.AsOf, p.Done
		if at = p.Next; !p.More {
			return all
		}
	}
	t.Fatal("no end")
	return all
}
