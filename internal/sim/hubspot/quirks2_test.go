package hubspot_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot"
)

func TestHubSpotQuirk13ToldAsItIs(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	p.Set(func(o *hubspot.Options) { o.IndexLag = 90 * time.Second })
	until := p.c.Now()
	p.c.SetNow(until.Add(time.Minute))
	if err := p.SetProperty("deals", p.Find(sim.Stark), "amount", "9500"); err != nil {
		t.Fatal(err)
	}
	out := p.post(200, searchPath, `{"properties":["amount"],"filters":[{"propertyName":"amount","operator":"EQ","value":"9000"},{"propertyName":"hs_lastmodifieddate","operator":"LTE","value":"`+strconv.FormatInt(until.UnixMilli(), 10)+`"}]}`)
	stamp, _ := time.Parse(time.RFC3339, fmt.Sprint(at(out, "results", 0, "properties", "hs_lastmodifieddate")))
	if at(out, "results", 0, "properties", "amount") != "9500" || !stamp.After(until) {
		t.Errorf("got %v", out)
	}
}

func TestHubSpotQuirk14SearchIsOfTheLiving(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	p.Set(func(o *hubspot.Options) { o.IndexLag = 90 * time.Second })
	all := p.total(`{}`)
	if err := p.Archive("deals", p.Find(sim.Stark)); err != nil {
		t.Fatal(err)
	}
	if n := p.total(`{}`); n != all {
		t.Errorf("within the lag: %d of %d", n, all)
	}
	p.c.SetNow(p.c.Now().Add(90 * time.Second))
	if n := p.total(`{}`); n != all-1 {
		t.Errorf("after the lag: %d of %d", n, all)
	}
}

func TestHubSpotQuirk15ContactsOtherwise(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	for name, some := range map[string]bool{"hs_lastmodifieddate": false, "lastmodifieddate": true} {
		out := p.post(200, "/crm/objects/2026-09/contacts/search", `{"filters":[{"propertyName":"`+name+`","operator":"GT","value":"0"}]}`)
		if (out["total"] != 0.0) != some {
			t.Errorf("%s: %v", name, out["total"])
		}
	}
}

func TestHubSpotQuirk16Times(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	moment := p.c.Now().Add(time.Hour + 123*time.Millisecond)
	p.importDeals(1, moment)
	ms := moment.UnixMilli()
	for value, want := range map[string]int{fmt.Sprintf(`"%d"`, ms): 1, fmt.Sprint(ms): 1, `"` + moment.Format("2006-01-02T15:04:05.000Z07:00") + `"`: 1, fmt.Sprint(ms + 1): 0, fmt.Sprintf(`"%d"`, ms-1): 1} {
		if n := p.total(`{"filters":[{"propertyName":"hs_lastmodifieddate","operator":"GTE","value":` + value + `}]}`); n != want {
			t.Errorf("from %s on: %d", value, n)
		}
	}
	p.refused(http.MethodPost, searchPath, `{"filters":[{"propertyName":"hs_lastmodifieddate","operator":"GTE","value":"yesterday"}]}`)
}

func TestHubSpotQuirk17Sorts(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 30})
	ids := p.IDs("deals")
	first, last := ids[0], ids[len(ids)-1]
	for body, want := range map[string]string{`{}`: first, `{"sorts":["createdate"]}`: first, `{"sorts":["-createdate"]}`: last, `{"sorts":[{"propertyName":"createdate","direction":"DESCENDING"}]}`: last,
		`{"sorts":[{"propertyName":"hs_object_id","direction":"DESCENDING"}]}`: last, `{"sorts":[{"propertyName":"hs_object_id","direction":"ASCENDING"}]}`: first} {
		if got := at(p.post(200, searchPath, body), "results", 0, "id"); got != want {
			t.Errorf("%s: got %v, want %s", body, got, want)
		}
	}
	var stamps []string
	for _, r := range p.post(200, searchPath, `{"limit":200,"sorts":["-hs_lastmodifieddate"]}`)["results"].([]any) {
		stamps = append(stamps, at(r, "updatedAt").(string)[:19])
	}
	for i := range stamps[1:] {
		if stamps[i] < stamps[i+1] {
			t.Fatalf("out of order: %v", stamps)
		}
	}
}
func TestHubSpotQuirk18OneGroup(t *testing.T) {
	p := servePortal(t, sim.Options{})
	const filters = `"filters":[{"propertyName":"dealstage","operator":"EQ","value":"closedwon"},{"propertyName":"amount","operator":"GT","value":"1000"}]`
	short, long := p.total("{"+filters+"}"), p.total(`{"filterGroups":[{`+filters+`}]}`)
	if short != long || short == 0 || short == p.total(`{}`) {
		t.Errorf("%d and %d", short, long)
	}
}

func TestHubSpotQuirk19SearchSaysLess(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	_, header, out := p.do(http.MethodPost, searchPath, `{"associations":["contacts"]}`)
	for name := range header {
		if strings.HasPrefix(name, "X-Hubspot-Ratelimit-") && !strings.Contains(name, "Daily") {
			t.Errorf("a search has %s", name)
		}
	}
	if size(out, "results") == 0 || at(out, "results", 0, "associations") != nil {
		t.Errorf("got %v", out)
	}
}

func TestHubSpotQuirk20SearchLimit(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	p.Set(func(o *hubspot.Options) { o.Searches = 1 })
	p.post(200, searchPath, `{}`)
	status, header, body := p.do(http.MethodPost, searchPath, `{}`)
	delete(body, "correlationId")
	if status != 429 || len(body) != 3 || body["status"] != "error" || body["message"] != "You have reached your secondly limit." || body["category"] != "RATE_LIMITS" || header.Get("Retry-After") != "" {
		t.Errorf("%d %v", status, body)
	}
	p.Set(func(o *hubspot.Options) { o.SearchPolicy, o.RetryAfter = true, "1" })
	if _, header, body := p.do(http.MethodPost, searchPath, `{}`); body["policyName"] != "SECONDLY" || header.Get("Retry-After") != "1" {
		t.Errorf("with SearchPolicy: %v", body)
	}
	if n := p.Tally(); n.Limited != 2 || n.Calls["deals search"] != 1 {
		t.Errorf("counted %v", n)
	}
}

// The daily limit is shared by all apps, and ends at midnight in the portal's zone,
// which is half an hour off the hours of UTC.
func TestHubSpotQuirk21Limits(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	p.Set(func(o *hubspot.Options) { o.Burst = 1 })
	p.get(dealsPath)
	if status, _, body := p.do(http.MethodGet, dealsPath, nil); status != 429 || body["errorType"] != "RATE_LIMIT" || body["policyName"] != "TEN_SECONDLY_ROLLING" {
		t.Errorf("burst: %d %v", status, body)
	}
	p.Set(func(o *hubspot.Options) { o.Burst, o.Zone, o.Daily = 0, "Asia/Kolkata", 1000 })
	if out := p.get("/account-info/2026-09/details"); out["timeZone"] != "Asia/Kolkata" || out["utcOffset"] != "+05:30" || out["utcOffsetMilliseconds"] != 19_800_000.0 {
		t.Errorf("account: %v", out)
	}
	p.OthersCall(990)
	usage := at(p.get("/account-info/2026-09/api-usage/daily/private-apps"), "results", 0)
	if at(usage, "resetsAt") != "2026-11-24T18:30:00Z" || at(usage, "usageLimit") != 1000.0 || at(usage, "currentUsage").(float64) < 990 {
		t.Errorf("usage: %v", usage)
	}
	p.OthersCall(10)
	for now, want := range map[string]int{"2026-11-24T18:29:59Z": 429} {
		at, _ := time.Parse(time.RFC3339, now)
		p.c.SetNow(at)
		if status, _, body := p.do(http.MethodGet, dealsPath, nil); status != want || body["policyName"] != "DAILY" {
			t.Errorf("%s: %d %v", now, status, body)
		}
		if status, _, _ := p.do(http.MethodPost, searchPath, `{}`); status != want {
			t.Errorf("%s: a search: %d", now, status)
		}
	}
	p.c.SetNow(p.c.Now().Add(time.Second))
	if _, header, _ := p.do(http.MethodGet, dealsPath, nil); header.Get("X-HubSpot-RateLimit-Daily-Remaining") != "999" {
		t.Errorf("the next day: %v", header)
	}
}

func TestHubSpotQuirk22Headers(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	p.Set(func(o *hubspot.Options) { o.Burst, o.Daily, o.DailyUsed = 100, 250_000, 9 })
	_, header, _ := p.do(http.MethodGet, dealsPath, nil)
	for name, want := range map[string]string{"Daily": "250000", "Daily-Remaining": "249990", "Interval-Milliseconds": "10000", "Max": "100", "Remaining": "99"} {
		if got := header.Get("X-HubSpot-RateLimit-" + name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	_, token := p.token("2026-09", nil)
	if _, header, _ := p.as(token["access_token"].(string)); header.Get("X-HubSpot-RateLimit-Daily") != "" || header.Get("X-HubSpot-RateLimit-Daily-Remaining") != "" || header.Get("X-HubSpot-RateLimit-Remaining") != "98" {
		t.Errorf("an OAuth app: %v", header)
	}
}

func TestHubSpotQuirk23Batches(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	id := p.Find(sim.Stark)
	p.post(200, batchPath, "{"+inputs(100, id)+"}")
	p.refused(http.MethodPost, batchPath, "{"+inputs(101, id)+"}")
	p.post(200, batchPath, `{"propertiesWithHistory":["dealstage"],`+inputs(50, id)+"}")
	p.refused(http.MethodPost, batchPath, `{"propertiesWithHistory":["dealstage"],`+inputs(51, id)+"}")
	out := p.post(207, batchPath, `{"inputs":[{"id":"1"},{"id":"`+id+`"},{"id":"2"}]}`)
	if size(out, "results") != 1 || at(out, "results", 0, "id") != id || out["status"] != "COMPLETE" || out["numErrors"] != 1.0 || at(out, "errors", 0, "category") != "OBJECT_NOT_FOUND" || size(out, "errors", 0, "context", "ids") != 2 {
		t.Errorf("got %v", out)
	}
}

func TestHubSpotQuirk24NoAssociations(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	const path = "/crm/associations/2026-09/deals/tasks/batch/read"
	id := p.Find(sim.Stark)
	p.post(207, path, "{"+inputs(1000, id)+"}")
	p.refused(http.MethodPost, path, "{"+inputs(1001, id)+"}")
	out := p.post(207, path, "{"+inputs(1, id)+"}")
	if e := at(out, "errors", 0); size(out, "results") != 0 || at(e, "subCategory") != "crm.associations.NO_ASSOCIATIONS_FOUND" || at(e, "context", "fromObjectId", 0) != id || at(e, "message") != "No task is associated with deal "+id+"." {
		t.Errorf("got %v", out)
	}
}
