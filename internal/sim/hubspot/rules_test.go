package hubspot_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/fault"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

func TestHubSpotTokens(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	for _, tt := range []struct {
		header, category, message string
		change                    func(*hubspot.Options)
		status                    int
	}{
		{"", "INVALID_AUTHENTICATION", "credentials not found", nil, 401},
		{"Bearer pat-na1-other", "INVALID_AUTHENTICATION", "credentials not found", nil, 401},
		{"Bearer $HUBSPOT_TOKEN", "EXPIRED_AUTHENTICATION", "20781 day(s) ago", nil, 401},
		{"Bearer " + p.Options().Token, "EXPIRED_AUTHENTICATION", "75 second(s) ago", func(o *hubspot.Options) { o.Expired = true }, 401},
	} {
		if tt.change != nil {
			p.Set(tt.change)
		}
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/crm/owners/2026-09", nil)
		if tt.header != "" {
			req.Header.Set("Authorization", tt.header)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		var e struct{ Category, Message, CorrelationID string }
		if err := json.Unmarshal(body, &e); err != nil || resp.StatusCode != tt.status || e.Category != tt.category || !strings.Contains(e.Message, tt.message) || len(e.CorrelationID) != 36 ||
			e.CorrelationID != resp.Header.Get("X-HubSpot-Correlation-Id") {
			t.Errorf("%q: %d %s (%v)", tt.header, resp.StatusCode, body, err)
		}
	}
	for _, c := range p.Calls() {
		if strings.Contains(c.Query+c.Path, "pat-") {
			t.Errorf("a call kept the token: %v", c)
		}
	}
}

func TestHubSpotScopes(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	p.Set(func(o *hubspot.Options) {
		o.Scopes = []string{"crm.objects.deals.read", "crm.objects.contacts.read"}
	})
	for path, want := range map[string]string{"/crm/objects/2026-09/deals": "", "/crm/objects/2026-09/calls": "", "/crm/objects/2026-09/emails": "sales-email-read",
		"/crm/owners/2026-09": "crm.objects.owners.read", "/crm/pipelines/2026-09/deals": "", "/crm/properties/2026-09/deals": "", "/account-info/2026-09/details": ""} {
		status, _, body := p.do(http.MethodGet, path, nil)
		if want == "" && status != 200 {
			t.Errorf("%s: %d %v", path, status, body)
		}
		scopes, _ := json.Marshal(at(body, "errors", 0, "context", "requiredGranularScopes"))
		if want != "" && (status != 403 || body["category"] != "MISSING_SCOPES" || !strings.Contains(string(scopes), want)) {
			t.Errorf("%s: %d %v", path, status, body)
		}
	}
	p.Set(func(o *hubspot.Options) { o.Scopes = []string{"crm.objects.deals.read"} })
	if status, _, _ := p.do(http.MethodPost, "/crm/associations/2026-09/deals/contacts/batch/read", `{"inputs":[]}`); status != 403 {
		t.Errorf("associations with contacts: %d", status)
	}
}

func TestHubSpotLimits(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	const list, search = "/crm/objects/2026-09/deals", "/crm/objects/2026-09/deals/search"
	p.Set(func(o *hubspot.Options) { o.Burst, o.Searches = 3, 2 })
	for range 3 {
		p.get(list)
	}
	status, header, body := p.do(http.MethodGet, list, nil)
	if status != 429 || body["policyName"] != "TEN_SECONDLY_ROLLING" || body["errorType"] != "RATE_LIMIT" || body["category"] != nil || header.Get("X-HubSpot-RateLimit-Remaining") != "0" || header.Get("X-HubSpot-RateLimit-Max") != "3" {
		t.Errorf("burst: %d %v %v", status, body, header)
	}
	for range 2 { // searches have an allowance of their own
		if _, header, _ := p.do(http.MethodPost, search, "{}"); header.Get("X-HubSpot-RateLimit-Remaining") != "" || header.Get("X-HubSpot-RateLimit-Daily") == "" {
			t.Errorf("headers of a search: %v", header)
		}
	}
	status, header, body = p.do(http.MethodPost, search, "{}")
	if status != 429 || body["policyName"] != nil || body["message"] != "You have reached your secondly limit." || header.Get("Retry-After") != "" {
		t.Errorf("search: %d %v", status, body)
	}
	p.Set(func(o *hubspot.Options) { o.Burst, o.Daily, o.DailyUsed = 0, 10, 10 })
	if status, _, body := p.do(http.MethodGet, list, nil); status != 429 || body["policyName"] != "DAILY" {
		t.Errorf("day: %d %v", status, body)
	}
	p.c.SetNow(time.Date(2026, 11, 25, 4, 59, 0, 0, time.UTC)) // 23:59 in the portal
	if status, _, _ := p.do(http.MethodGet, list, nil); status != 429 {
		t.Errorf("before midnight: %d", status)
	}
	p.c.SetNow(time.Date(2026, 11, 25, 5, 0, 0, 0, time.UTC))
	p.get(list)
}

// A burst is over after ten seconds, counted from each of its calls.
func TestHubSpotBurstEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := sim.New(sim.Options{Deals: 1, HubSpot: true}).HubSpot()
		h.Set(func(o *hubspot.Options) { o.Burst = 1 })
		call := func() int {
			w := fault.NewTape()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/crm/objects/2026-09/deals", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+h.Options().Token)
			h.ServeHTTP(w, r)
			return w.Status
		}
		if status := call(); status != 200 {
			t.Fatalf("the first call: %d", status)
		}
		<-time.After(9 * time.Second)
		if status := call(); status != 429 {
			t.Errorf("two calls within ten seconds: %d", status)
		}
		<-time.After(time.Second)
		if status := call(); status != 200 {
			t.Errorf("ten seconds later: %d", status)
		}
	})
}

func TestHubSpotIndexLags(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	id := p.Find(sim.Stark)
	p.Set(func(o *hubspot.Options) { o.IndexLag = 90 * time.Second })
	find := func(filter string) (int, any) {
		t.Helper()
		page := p.post(200, "/crm/objects/2026-09/deals/search", `{"filters":[`+filter+`],"properties":["amount","hs_lastmodifieddate"]}`)
		return int(page["total"].(float64)), at(page, "results", 0)
	}
	if err := p.SetProperty("deals", id, "amount", "9500"); err != nil {
		t.Fatal(err)
	}
	if n, _ := find(`{"propertyName":"hs_lastmodifieddate","operator":"GTE","value":"2026-11-24T16:12:00Z"}`); n != 0 {
		t.Error("search knows of the change already")
	}
	// The deal is found by its old values and told with its present values.
	if n, r := find(`{"propertyName":"hs_lastmodifieddate","operator":"LT","value":"2026-11-24T16:12:00Z"},{"propertyName":"amount","operator":"EQ","value":"9000"}`); n != 1 || at(r, "properties", "amount") != "9500" {
		t.Errorf("got %v", r)
	}
	if r := p.get("/crm/objects/2026-09/deals/" + id + "?properties=amount"); at(r, "properties", "amount") != "9500" {
		t.Errorf("a single read lags: %v", r)
	}
	fresh, err := p.Create("deals", "", map[string]string{"dealname": "Fresh", "dealstage": "qualifiedtobuy", "pipeline": "default"})
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := find(`{"propertyName":"dealname","operator":"EQ","value":"fresh"}`); n != 0 {
		t.Error("search knows of a new deal already")
	}
	p.c.SetNow(p.c.Now().Add(90 * time.Second))
	if n, _ := find(`{"propertyName":"dealname","operator":"EQ","value":"fRESH"}`); n != 1 {
		t.Error("a text is found only in its own case")
	}
	if n, _ := find(`{"propertyName":"dealname","operator":"EQ","value":"Fresh"},{"propertyName":"dealstage","operator":"IN","values":["QualifiedToBuy"]}`); n != 0 {
		t.Error("stages are found without regard to case")
	}
	if n, _ := find(`{"propertyName":"hs_lastmodifieddate","operator":"GTE","value":1795536720000}`); n != 2 {
		t.Errorf("%d changes after the lag", n)
	}
	if err := p.Archive("deals", fresh); err != nil {
		t.Fatal(err)
	}
	if n, _ := find(`{"propertyName":"dealname","operator":"EQ","value":"Fresh"}`); n != 1 {
		t.Error("an archived deal left the index at once")
	}
	p.c.SetNow(p.c.Now().Add(90 * time.Second))
	if n, _ := find(`{"propertyName":"dealname","operator":"EQ","value":"Fresh"}`); n != 0 {
		t.Error("search tells of an archived deal")
	}
}

func TestHubSpotArchiveAndMerge(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 40})
	a, b := p.Find(sim.Stark), p.Find(sim.Wayne)
	stamp := p.Properties("deals", a)["hs_lastmodifieddate"]
	if err := p.Archive("deals", a); err != nil {
		t.Fatal(err)
	}
	if status, _, _ := p.do(http.MethodGet, "/crm/objects/2026-09/deals/"+a, nil); status != 404 {
		t.Errorf("archived: %d", status)
	}
	if r := p.get("/crm/objects/2026-09/deals/" + a + "?archived=true"); r["updatedAt"] != stamp || r["archivedAt"] == nil || r["archived"] != true {
		t.Errorf("got %v", r)
	}
	if n := size(p.get("/crm/objects/2026-09/deals?archived=true"), "results"); n != 1 {
		t.Errorf("%d archived deals", n)
	}
	if err := p.Restore("deals", a); err != nil {
		t.Fatal(err)
	}
	contacts := len(p.Links("deals", a, "contacts")) + len(p.Links("deals", b, "contacts"))
	if id, err := p.Merge("deals", a, b, false); err != nil || id != a {
		t.Fatal(id, err)
	}
	if got := p.Properties("deals", a); got["hs_merged_object_ids"] != b || got["num_associated_contacts"] != strconv.Itoa(contacts) {
		t.Errorf("got %v", got)
	}
	if out := p.post(207, "/crm/objects/2026-09/deals/batch/read", map[string]any{"inputs": []any{map[string]string{"id": b}}}); size(out, "results") != 0 {
		t.Errorf("the loser: %v", out)
	}
	p.Set(func(o *hubspot.Options) { o.MergedResolve = true })
	if r := p.get("/crm/objects/2026-09/deals/" + b); r["id"] != a {
		t.Errorf("the loser leads to %v", r["id"])
	}
	other := p.IDs("deals")[0]
	minted, err := p.Merge("deals", a, other, true)
	if err != nil || minted == a || p.Properties("deals", a) != nil || !strings.Contains(p.Properties("deals", minted)["hs_merged_object_ids"], other+";"+a) {
		t.Errorf("got %s, %v: %v", minted, err, p.Properties("deals", minted))
	}
	if r := p.get("/crm/objects/2026-09/deals/" + b); r["id"] != minted {
		t.Errorf("the first loser leads to %v", r["id"])
	}
	for name, err := range map[string]error{"type": p.Archive("dealz", a), "id": p.Archive("deals", "1"), "property": p.SetProperty("deals", minted, "bogus", "1"), "stage": p.RenameStage("bogus", "x")} {
		if err == nil {
			t.Errorf("unknown %s: no error", name)
		}
	}
}

func TestHubSpotRollups(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	id := p.Find(sim.Stark)
	was := p.Properties("deals", id)
	p.c.SetNow(p.c.Now().Add(time.Minute))
	noted := p.c.Now().Add(-30 * time.Second)
	if _, err := p.Create("notes", id, map[string]string{"hs_timestamp": portal.Stamp(noted), "hs_note_body": "x"}); err != nil {
		t.Fatal(err)
	}
	soon := portal.Stamp(p.c.Now().Add(24 * time.Hour))
	if _, err := p.Create("tasks", id, map[string]string{"hs_timestamp": soon, "hs_task_status": "NOT_STARTED"}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Create("tasks", id, map[string]string{"hs_timestamp": portal.Stamp(p.c.Now().Add(-time.Second)), "hs_task_status": "NOT_STARTED"}); err != nil {
		t.Fatal(err)
	}
	is := p.Properties("deals", id)
	if is["notes_last_updated"] != portal.Stamp(noted) || is["notes_last_contacted"] != was["notes_last_contacted"] || is["hs_lastmodifieddate"] == was["hs_lastmodifieddate"] || is["notes_next_activity_date"] != soon {
		t.Errorf("was %v, is %v", was, is)
	}
	p.c.SetNow(p.c.Now().Add(25 * time.Hour))
	if later := p.Properties("deals", id); later["notes_next_activity_date"] != "" || later["hs_lastmodifieddate"] != is["hs_lastmodifieddate"] {
		t.Errorf("later: %v", later)
	}
	if err := p.SetProperty("deals", id, "hs_next_step", ""); err != nil {
		t.Fatal(err)
	}
	if r := p.get("/crm/objects/2026-09/deals/" + id + "?properties=hs_next_step,closed_won_reason"); at(r, "properties", "hs_next_step") != "" || at(r, "properties", "closed_won_reason") != nil {
		t.Errorf("got %v", r)
	}
	for range 30 {
		p.c.SetNow(p.c.Now().Add(time.Minute))
		_ = p.SetProperty("deals", id, "amount", p.c.Now().Format("1504"))
	}
	if r := p.get("/crm/objects/2026-09/deals/" + id + "?propertiesWithHistory=amount"); size(r, "propertiesWithHistory", "amount") != 20 {
		t.Errorf("%d versions", size(r, "propertiesWithHistory", "amount"))
	}
}

// HubSpot lives on with the company: deals move, one deal is archived, Dana's owner is
// archived.
func TestHubSpotLivesOn(t *testing.T) {
	c := sim.New(sim.Options{Deals: 100, HubSpot: true})
	h := c.HubSpot()
	c.Advance(sim.DefaultStart().AddDate(0, 0, 1))
	archived, changed := 0, 0
	for _, o := range h.Records.Tables["deals"].Rows {
		if o.Archived {
			archived++
		}
		if o.Updated.After(sim.DefaultStart()) {
			changed++
		}
	}
	if o := h.Records.OwnerOf("dana@acme.example"); !o.Archived || archived != 1 || changed < 10 {
		t.Errorf("Dana archived: %v, %d deals archived, %d changed", o.Archived, archived, changed)
	}
	c.Advance(sim.DefaultStart().AddDate(0, 2, 0))
	won, lost, fresh := 0, 0, 0
	for _, o := range h.Records.Tables["deals"].Rows {
		at, _ := time.Parse(time.RFC3339, o.Props["hs_v2_date_entered_current_stage"])
		switch {
		case o.Created.After(sim.DefaultStart()):
			fresh++
		case at.After(sim.DefaultStart()) && o.Props["hs_is_closed_won"] == "true":
			won++
		case at.After(sim.DefaultStart()) && o.Props["hs_is_closed_lost"] == "true":
			lost++
		}
		if o.Updated.After(c.Now().Add(time.Second)) {
			t.Fatalf("%d changed at %v", o.ID, o.Updated)
		}
	}
	if won == 0 || lost == 0 || fresh == 0 {
		t.Errorf("%d won, %d lost, %d new", won, lost, fresh)
	}
}
