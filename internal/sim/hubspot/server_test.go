package hubspot_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot"
)

// portalClient is a company with two CRMs and a client for its HubSpot side.
type portalClient struct {
	*hubspot.Server
	c   *sim.Company
	t   *testing.T
	url string
}

func servePortal(t *testing.T, opt sim.Options) *portalClient {
	t.Helper()
	opt.HubSpot = true
	if opt.Deals == 0 {
		opt.Deals = 60
	}
	return clientOf(t, sim.New(opt))
}

func clientOf(t *testing.T, c *sim.Company) *portalClient {
	t.Helper()
	srv := httptest.NewServer(c.HubSpot())
	t.Cleanup(srv.Close)
	return &portalClient{c.HubSpot(), c, t, srv.URL}
}

// do sends a request and returns status, headers and the decoded body.
func (p *portalClient) do(method, path string, body any) (int, http.Header, map[string]any) {
	p.t.Helper()
	var in io.Reader
	if s, ok := body.(string); ok {
		in = strings.NewReader(s)
	} else if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			p.t.Fatal(err)
		}
		in = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, in)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.Options().Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		p.t.Fatalf("%s %s: %d: %v", method, path, resp.StatusCode, err)
	}
	return resp.StatusCode, resp.Header, out
}

// get expects success.
func (p *portalClient) get(path string) map[string]any {
	p.t.Helper()
	status, _, out := p.do(http.MethodGet, path, nil)
	if status != http.StatusOK {
		p.t.Fatalf("GET %s: %d %v", path, status, out)
	}
	return out
}

func (p *portalClient) post(want int, path string, body any) map[string]any {
	p.t.Helper()
	status, _, out := p.do(http.MethodPost, path, body)
	if status != want {
		p.t.Fatalf("POST %s: %d %v, want %d", path, status, out, want)
	}
	return out
}

// at follows keys and indexes into decoded JSON; nil where there is nothing.
func at(v any, path ...any) any {
	for _, k := range path {
		switch k := k.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[k]
		case int:
			list, _ := v.([]any)
			if k >= len(list) {
				return nil
			}
			v = list[k]
		}
	}
	return v
}

func size(v any, path ...any) int {
	list, _ := at(v, path...).([]any)
	return len(list)
}

func TestHubSpotList(t *testing.T) {
	p := servePortal(t, sim.Options{})
	all := p.IDs("deals")
	var got []string
	after := ""
	for {
		page := p.get("/crm/objects/2026-09/deals?limit=7&properties=dealname,hs_next_step,no_such&after=" + after)
		if page["total"] != nil {
			t.Fatal("a list has no total")
		}
		for _, r := range page["results"].([]any) {
			props := at(r, "properties").(map[string]any)
			if _, ok := props["hs_next_step"]; !ok || props["no_such"] != nil || props["hs_object_id"] != at(r, "id") || props["hs_lastmodifieddate"] != at(r, "updatedAt") || props["amount"] != nil {
				t.Fatalf("got %v", r)
			}
			got = append(got, at(r, "id").(string))
		}
		next, ok := at(page, "paging", "next", "after").(string)
		if !ok {
			break
		}
		if link := at(page, "paging", "next", "link").(string); !strings.HasPrefix(link, "https://api.hubapi.com/crm/objects/2026-09/deals?") {
			t.Fatal(link)
		}
		after = next
	}
	if strings.Join(got, " ") != strings.Join(all, " ") {
		t.Errorf("got %d deals of %d", len(got), len(all))
	}
	if n := size(p.get("/crm/v3/objects/0-3"), "results"); n != 10 {
		t.Errorf("without limit: %d", n)
	}
	for _, path := range []string{"deals?limit=101", "DEAL?limit=51&propertiesWithHistory=dealstage", "deals?after=x", "deals?limit=0"} {
		if status, _, body := p.do(http.MethodGet, "/crm/objects/2026-09/"+path, nil); status != 400 || body["category"] != "VALIDATION_ERROR" {
			t.Errorf("%s: %d %v", path, status, body)
		}
	}
	if status, _, _ := p.do(http.MethodGet, "/crm/objects/2027-03-beta/deals", nil); status != 404 {
		t.Errorf("unknown version: %d", status)
	}
}

func TestHubSpotSearch(t *testing.T) {
	p := servePortal(t, sim.Options{})
	since := sim.DefaultStart().AddDate(0, 0, -5)
	want := 0
	for _, o := range p.Records.Tables["deals"].Rows {
		if !o.Updated.Before(since) {
			want++
		}
	}
	last, n := int64(0), 0
	for {
		page := p.post(200, "/crm/objects/2026-09/deals/search", map[string]any{"limit": 20, "properties": []string{"hs_lastmodifieddate"}, "sorts": []any{map[string]string{"propertyName": "hs_object_id", "direction": "ASCENDING"}},
			"filterGroups": []any{map[string]any{"filters": []any{
				map[string]any{"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": strconv.FormatInt(since.UnixMilli(), 10)},
				map[string]any{"propertyName": "hs_object_id", "operator": "GT", "value": strconv.FormatInt(last, 10)}}}}})
		if size(page, "results") == 0 {
			break
		}
		for _, r := range page["results"].([]any) {
			id, _ := strconv.ParseInt(at(r, "id").(string), 10, 64)
			if id <= last {
				t.Fatal("out of order")
			}
			last = id
			n++
		}
	}
	if n != want || n == 0 {
		t.Errorf("found %d of %d", n, want)
	}
	page := p.post(200, "/crm/objects/2026-09/deals/search", `{}`)
	if total := page["total"].(float64); int(total) != len(p.IDs("deals")) || size(page, "results") != 10 || at(page, "paging", "next", "after") != "10" {
		t.Errorf("got %v of %d", total, len(p.IDs("deals")))
	}
	page = p.post(200, "/crm/objects/2026-09/contacts/search", `{"filters":[{"propertyName":"hs_lastmodifieddate","operator":"GT","value":0}]}`)
	if page["total"] != 0.0 {
		t.Errorf("contacts by the wrong property: %v", page["total"])
	}
	for _, body := range []string{`{"limit":201}`, `{"after":"10000"}`, `{"after":"9900","limit":200}`, `{"sorts":["amount","dealname"]}`, `{"sorts":["bogus"]}`, `{"filters":[` + strings.Repeat(`{"propertyName":"amount","operator":"HAS_PROPERTY"},`, 6) + `{"propertyName":"amount","operator":"HAS_PROPERTY"}]}`, `{"filters":[{"propertyName":"bogus","operator":"EQ","value":"1"}]}`,
		`{"filters":[{"propertyName":"amount","operator":"LIKE","value":"1"}]}`, `{"filterGroups":[{},{},{},{},{},{}]}`, `{`} {
		if out := p.post(400, "/crm/objects/2026-09/deals/search", body); out["category"] != "VALIDATION_ERROR" {
			t.Errorf("%s: %v", body, out)
		}
	}
}

func TestHubSpotBatchRead(t *testing.T) {
	p := servePortal(t, sim.Options{})
	id := p.Find(sim.Stark)
	out := p.post(207, "/crm/objects/2026-09/deals/batch/read", map[string]any{"properties": []string{"dealname"}, "propertiesWithHistory": []string{"dealstage", "hs_next_step"},
		"inputs": []any{map[string]string{"id": id}, map[string]string{"id": "1"}}})
	if out["numErrors"] != 1.0 || at(out, "errors", 0, "category") != "OBJECT_NOT_FOUND" || at(out, "errors", 0, "context", "ids", 0) != "1" || at(out, "results", 0, "properties", "dealname") != sim.Stark {
		t.Errorf("got %v", out)
	}
	if h := at(out, "results", 0, "propertiesWithHistory", "dealstage"); at(h, 0, "value") != "qualifiedtobuy" || at(h, 1, "value") != "appointmentscheduled" || at(h, 0, "sourceType") != "CRM_UI" || size(h) != 2 {
		t.Errorf("history: %v", h)
	}
	inputs := make([]any, 101)
	for i := range inputs {
		inputs[i] = map[string]string{"id": id}
	}
	p.post(400, "/crm/objects/2026-09/deals/batch/read", map[string]any{"inputs": inputs})
	p.post(200, "/crm/objects/2026-09/deals/batch/read", map[string]any{"inputs": inputs[:100]})
	p.post(400, "/crm/objects/2026-09/deals/batch/read", map[string]any{"inputs": inputs[:51], "propertiesWithHistory": []string{"dealstage"}})
}

func TestHubSpotAssociations(t *testing.T) {
	p := servePortal(t, sim.Options{})
	id := p.Find(sim.Stark)
	out := p.post(207, "/crm/associations/2026-09/deals/contacts/batch/read", map[string]any{"inputs": []any{map[string]string{"id": id}, map[string]string{"id": "77"}}})
	if _, number := at(out, "results", 0, "to", 0, "toObjectId").(float64); !number || at(out, "results", 0, "from", "id") != id || size(out, "results", 0, "to", 0, "associationTypes") != 2 ||
		at(out, "errors", 0, "subCategory") != "crm.associations.NO_ASSOCIATIONS_FOUND" || size(out, "results") != 1 {
		t.Errorf("got %v", out)
	}
	p.Set(func(o *hubspot.Options) { o.AssociationPage = 2 })
	seen := map[any]bool{}
	after := ""
	for {
		out = p.post(200, "/crm/v4/associations/deal/0-48/batch/read", map[string]any{"inputs": []any{map[string]string{"id": id, "after": after}}})
		for _, x := range at(out, "results", 0, "to").([]any) {
			seen[at(x, "toObjectId")] = true
		}
		next, ok := at(out, "results", 0, "paging", "next", "after").(string)
		if !ok {
			break
		}
		after = next
	}
	single := p.get("/crm/objects/2026-09/deals/" + id + "/associations/calls")
	if len(seen) != size(single, "results") || len(seen) < 3 {
		t.Errorf("%d calls paged, %d at once", len(seen), size(single, "results"))
	}
	call := p.IDs("calls")[0]
	before := p.Properties("deals", id)["hs_lastmodifieddate"] + p.Properties("calls", call)["hs_lastmodifieddate"]
	if err := p.Associate("calls", call, "deals", id); err != nil {
		t.Fatal(err)
	}
	if p.Properties("deals", id)["hs_lastmodifieddate"]+p.Properties("calls", call)["hs_lastmodifieddate"] != before {
		t.Error("an association stamped one of its sides")
	}
	if n := size(p.get("/crm/objects/2026-09/deals/"+id+"/associations/calls"), "results"); n != len(seen)+1 {
		t.Errorf("%d calls after associating one more", n)
	}
	if err := p.Dissociate("deals", id, "calls", call); err != nil {
		t.Fatal(err)
	}
	gone := strconv.FormatFloat(at(single, "results", 0, "toObjectId").(float64), 'f', 0, 64)
	if err := p.Archive("calls", gone); err != nil {
		t.Fatal(err)
	}
	p.post(400, "/crm/associations/2026-09/deals/calls/batch/read", `{"inputs":[`+strings.Repeat(`{"id":"1"},`, 1000)+`{"id":"1"}]}`)
	p.post(207, "/crm/associations/2026-09/deals/calls/batch/read", `{"inputs":[`+strings.Repeat(`{"id":"1"},`, 999)+`{"id":"1"}]}`)
	if n := size(p.get("/crm/objects/2026-09/deals/"+id+"/associations/calls"), "results"); n != len(seen)-1 {
		t.Errorf("%d calls after archiving one", n)
	}
}
