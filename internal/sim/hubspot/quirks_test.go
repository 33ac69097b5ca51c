package hubspot_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

// The names of tests carry the numbers of the quirks in the package comment.

const (
	dealsPath  = "/crm/objects/2026-09/deals"
	searchPath = "/crm/objects/2026-09/deals/search"
	batchPath  = "/crm/objects/2026-09/deals/batch/read"
)

// inputs writes n inputs of a batch.
func inputs(n int, id string) string {
	return `"inputs":[` + strings.TrimSuffix(strings.Repeat(`{"id":"`+id+`"},`, n), ",") + `]`
}

// refused expects a validation error.
func (p *portalClient) refused(method, path, body string) {
	p.t.Helper()
	var in any
	if body != "" {
		in = body
	}
	if status, _, out := p.do(method, path, in); status != 400 || out["category"] != "VALIDATION_ERROR" {
		p.t.Errorf("%s %s %.80s: %d %v", method, path, body, status, out)
	}
}

// total is how many deals a search with the body given matches.
func (p *portalClient) total(body string) int {
	p.t.Helper()
	return int(p.post(200, searchPath, body)["total"].(float64))
}

func TestHubSpotQuirk01IDs(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	id := p.Find(sim.Stark)
	link := at(p.post(200, "/crm/associations/2026-09/deals/contacts/batch/read", "{"+inputs(1, id)+"}"), "results", 0)
	owner := at(p.get("/crm/owners/2026-09"), "results", 0)
	for name, v := range map[string]any{"id": at(p.get(dealsPath), "results", 0, "id"), "from": at(link, "from", "id"), "owner": at(owner, "id")} {
		if _, ok := v.(string); !ok {
			t.Errorf("%s is %T", name, v)
		}
	}
	for name, v := range map[string]any{"toObjectId": at(link, "to", 0, "toObjectId"), "userId": at(owner, "userId"), "portalId": p.get("/account-info/2026-09/details")["portalId"]} {
		if _, ok := v.(float64); !ok {
			t.Errorf("%s is %T", name, v)
		}
	}
}

func TestHubSpotQuirk02Values(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	id := p.Find(sim.Stark)
	if err := p.SetProperty("deals", id, "amount", "1234.50"); err != nil {
		t.Fatal(err)
	}
	props := at(p.get(dealsPath+"/"+id+"?properties=amount,hs_is_closed,hs_deal_stage_probability"), "properties")
	if at(props, "amount") != "1234.50" || at(props, "hs_is_closed") != "false" || at(props, "hs_deal_stage_probability") != "0.40000000000000002220446049250313080847263336181640625" {
		t.Errorf("got %v", props)
	}
	for _, typ := range append([]string{"deals", "contacts"}, portal.Activities...) {
		for _, r := range p.get("/crm/objects/2026-09/" + typ + "?limit=50&properties=num_notes,hs_call_duration,hs_timestamp")["results"].([]any) {
			for name, v := range at(r, "properties").(map[string]any) {
				if _, ok := v.(string); v != nil && !ok {
					t.Errorf("%s: %s is %T", typ, name, v)
				}
			}
		}
	}
}

func TestHubSpotQuirk03Empty(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	id := p.Find(sim.Stark)
	if err := p.SetProperty("deals", id, "hs_next_step", ""); err != nil {
		t.Fatal(err)
	}
	props := at(p.get(dealsPath+"/"+id+"?properties=hs_next_step,closed_won_reason"), "properties").(map[string]any)
	if v, there := props["closed_won_reason"]; v != nil || !there {
		t.Errorf("never set: %v, %v", v, there)
	}
	if props["hs_next_step"] != "" {
		t.Errorf("cleared: %v", props["hs_next_step"])
	}
}

func TestHubSpotQuirk04Unasked(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	for typ, names := range map[string]string{"deals": "createdate hs_lastmodifieddate hs_object_id", "contacts": "createdate lastmodifieddate hs_object_id", "calls": "hs_createdate hs_lastmodifieddate hs_object_id"} {
		props := at(p.get("/crm/objects/2026-09/"+typ+"?properties=hubspot_owner_id"), "results", 0, "properties").(map[string]any)
		for name := range strings.FieldsSeq(names) {
			if props[name] == nil {
				t.Errorf("%s without %s: %v", typ, name, props)
			}
		}
		if len(props) != 4 {
			t.Errorf("%s: got %v", typ, props)
		}
	}
}

func TestHubSpotQuirk05Unknown(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	if props := at(p.get(dealsPath+"?properties=dealname,bogus&associations=bogus"), "results", 0, "properties").(map[string]any); len(props) != 4 {
		t.Errorf("got %v", props)
	}
	p.refused(http.MethodPost, searchPath, `{"filters":[{"propertyName":"bogus","operator":"EQ","value":"1"}]}`)
}

func TestHubSpotQuirk06ListLimits(t *testing.T) {
	p := servePortal(t, sim.Options{})
	if n := size(p.get(dealsPath), "results"); n != 10 {
		t.Errorf("unless asked for: %d", n)
	}
	p.get(dealsPath + "?limit=100")
	p.get(dealsPath + "?limit=50&propertiesWithHistory=dealstage")
	p.refused(http.MethodGet, dealsPath+"?limit=101", "")
	p.refused(http.MethodGet, dealsPath+"?limit=51&propertiesWithHistory=dealstage", "")
}

func TestHubSpotQuirk07LastPage(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	n := len(p.IDs("deals"))
	page := p.get(fmt.Sprintf("%s?limit=%d&properties=dealname", dealsPath, n-1))
	link, _ := at(page, "paging", "next", "link").(string)
	if _, has := page["total"]; has || !strings.HasPrefix(link, "https://api.hubapi.com/crm/objects/2026-09/deals?after=") {
		t.Errorf("got %v", page["paging"])
	}
	if last := p.get(dealsPath + "?limit=1&after=" + at(page, "paging", "next", "after").(string)); last["paging"] != nil || size(last, "results") != 1 {
		t.Errorf("the last page: %v", last)
	}
}

func TestHubSpotQuirk08ArchivedOnly(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	id := p.Find(sim.Stark)
	if err := p.Archive("deals", id); err != nil {
		t.Fatal(err)
	}
	out := p.get(dealsPath + "?limit=100&archived=true")
	if r := at(out, "results", 0); size(out, "results") != 1 || at(r, "id") != id || at(r, "archived") != true || at(r, "archivedAt") == nil {
		t.Errorf("got %v", out)
	}
	for _, r := range p.get(dealsPath + "?limit=100")["results"].([]any) {
		if at(r, "id") == id || at(r, "archivedAt") != nil {
			t.Errorf("among the others: %v", r)
		}
	}
}

func TestHubSpotQuirk09SearchLimits(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 30})
	p.importDeals(300, p.c.Now())
	if n := size(p.post(200, searchPath, `{}`), "results"); n != 10 {
		t.Errorf("unless asked for: %d", n)
	}
	if n := size(p.post(200, searchPath, `{"limit":200}`), "results"); n != 200 {
		t.Errorf("at most: %d", n)
	}
	p.refused(http.MethodPost, searchPath, `{"limit":201}`)
}

// Paging ends at 10,000, and the total counts all matches.
func TestHubSpotQuirk10TenThousand(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	p.importDeals(10_300, p.c.Now())
	page := p.post(200, searchPath, `{"limit":200,"after":"9800"}`)
	if size(page, "results") != 200 || at(page, "paging", "next", "after") != "10000" || page["total"].(float64) <= 10_300 {
		t.Errorf("%d results, %v of %v", size(page, "results"), page["paging"], page["total"])
	}
	p.refused(http.MethodPost, searchPath, `{"limit":200,"after":"9801"}`)
	p.refused(http.MethodPost, searchPath, `{"limit":1,"after":"10000"}`)
}

func TestHubSpotQuirk11Filters(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	group := func(n int) string {
		return `{"filters":[` + strings.TrimSuffix(strings.Repeat(`{"propertyName":"amount","operator":"HAS_PROPERTY"},`, n), ",") + `]}`
	}
	search := func(groups ...string) string { return `{"filterGroups":[` + strings.Join(groups, ",") + `]}` }
	p.post(200, searchPath, search(group(6), group(6), group(6)))
	p.post(200, searchPath, search(group(1), group(1), group(1), group(1), group(1)))
	p.post(200, searchPath, `{"sorts":["amount"]}`)
	p.refused(http.MethodPost, searchPath, search(group(7)))
	p.refused(http.MethodPost, searchPath, search(group(6), group(6), group(6), group(1)))
	p.refused(http.MethodPost, searchPath, search(group(1), group(1), group(1), group(1), group(1), group(1)))
	p.refused(http.MethodPost, searchPath, `{"sorts":["amount","dealname"]}`)
}

func TestHubSpotQuirk12IndexLags(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	p.Set(func(o *hubspot.Options) { o.IndexLag = 90 * time.Second })
	id := p.Find(sim.Stark)
	if err := p.SetProperty("deals", id, "amount", "9500"); err != nil {
		t.Fatal(err)
	}
	const query = `{"filters":[{"propertyName":"amount","operator":"EQ","value":"9500"}]}`
	if p.total(query) != 0 {
		t.Error("search knows at once")
	}
	if list := p.get(dealsPath + "?limit=100&properties=amount"); !strings.Contains(fmt.Sprint(list), "amount:9500") {
		t.Error("the list lags")
	}
	if at(p.get(dealsPath+"/"+id+"?properties=amount"), "properties", "amount") != "9500" || at(p.post(200, batchPath, `{"properties":["amount"],`+inputs(1, id)+`}`), "results", 0, "properties", "amount") != "9500" {
		t.Error("reads lag")
	}
	p.c.SetNow(p.c.Now().Add(90 * time.Second))
	if p.total(query) != 1 {
		t.Error("search does not know after the lag")
	}
}
