package hubspot_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/fault"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

// ask reads a list, and returns any answer.
func (p *portalClient) ask(path string) (int, http.Header, []byte, error) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.url+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.Options().Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, body, err
}

func TestHubSpotFaultAnswers(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	for _, status := range []int{401, 403, 414, 423, 477, 500, 502, 503, 504, 521, 524} {
		f := hubspot.Fault(status)
		f.Path, f.Skip = "/deals", 1
		p.Fault(f)
		p.get(dealsPath)
		got, header, body, err := p.ask(dealsPath)
		var e struct{ Status, Category, Message, CorrelationID string }
		isJSON := json.Unmarshal(body, &e) == nil && e.Status == "error" && e.Category != "" && e.CorrelationID != ""
		page := strings.HasPrefix(string(body), "<html>") && header.Get("Content-Type") == "text/html"
		if html := status == 414 || status == 502 || status > 503; got != status || err != nil || page != html || isJSON == html || (header.Get("Retry-After") == "30") != (status == 477) {
			t.Errorf("%d: %d %v %s", status, got, header, body)
		}
		p.get(dealsPath)
	}
}

func TestHubSpotBrokenBodies(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	_, _, whole, _ := p.ask(dealsPath)
	p.Fault(fault.Rule{Path: "/deals", Kind: fault.Truncate})
	if _, _, body, err := p.ask(dealsPath); err == nil || len(body) >= len(whole) {
		t.Errorf("cut off: %d bytes, %v", len(body), err)
	}
	p.Fault(fault.Rule{Path: "/deals", Kind: fault.Cut})
	if status, _, body, err := p.ask(dealsPath); status != 200 || err != nil || json.Valid(body) || len(body) != len(whole)/2 {
		t.Errorf("half of the body: %d, %d bytes, %v", status, len(body), err)
	}
	p.Fault(fault.Rule{Path: "/deals", Kind: fault.Stall, Delay: 30 * time.Millisecond})
	begun := time.Now()
	if status, _, body, err := p.ask(dealsPath); status != 200 || err != nil || len(body) != len(whole) || time.Since(begun) < 30*time.Millisecond {
		t.Errorf("slow: %d, %d bytes, %v", status, len(body), err)
	}
	p.get(dealsPath)
}

// walk lists all deals, five at a time.
func (p *portalClient) walk() (ids []string) {
	p.t.Helper()
	for after := ""; ; {
		page := p.get(dealsPath + "?limit=5&after=" + after)
		if size(page, "results") > 5 {
			p.t.Fatal("too many on a page")
		}
		for _, r := range page["results"].([]any) {
			ids = append(ids, at(r, "id").(string))
		}
		next, ok := at(page, "paging", "next", "after").(string)
		if !ok {
			return ids
		}
		after = next
	}
}

func TestHubSpotPagesStumble(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 40})
	all := p.IDs("deals")
	p.Set(func(o *hubspot.Options) { o.RepeatRows = 2 })
	if got := p.walk(); len(got) != len(all)+2 || got[4] != got[5] || got[9] != got[10] || got[14] == got[15] {
		t.Errorf("repeated: %v", got)
	}
	p.Set(func(o *hubspot.Options) { o.SkipRows = 1 })
	if got := p.walk(); len(got) != len(all)-1 || got[5] != all[6] {
		t.Errorf("skipped: %v", got)
	}
	if got := p.walk(); len(got) != len(all) {
		t.Errorf("pages still stumble: %v", got)
	}
	search := func(after string) string {
		return `{"limit":5,"sorts":["hs_object_id"],"filters":[{"propertyName":"hs_object_id","operator":"GT","value":"` + after + `"}]}`
	}
	p.Set(func(o *hubspot.Options) { o.RepeatRows = 1 })
	p.post(200, searchPath, search("0")) // a first page has no page before
	if out := p.post(200, searchPath, search(all[4])); at(out, "results", 0, "id") != all[4] || at(out, "results", 1, "id") != all[5] || out["total"] != float64(len(all)-5) || size(out, "results") != 5 {
		t.Errorf("search: %v", out)
	}
	p.Set(func(o *hubspot.Options) { o.SkipRows = 1 })
	if out := p.post(200, searchPath, search(all[4])); at(out, "results", 0, "id") != all[6] {
		t.Errorf("search: %v", out)
	}
}

func TestHubSpotDenied(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	p.Set(func(o *hubspot.Options) { o.Denied, o.ScopesNamed = []string{"meetings"}, "missingScopes" })
	p.get(dealsPath)
	for method, path := range map[string]string{http.MethodGet: "/crm/objects/2026-09/meetings", http.MethodPost: "/crm/associations/2026-09/deals/meetings/batch/read"} {
		status, _, body := p.do(method, path, `{"inputs":[]}`)
		if status != 403 || body["category"] != "MISSING_SCOPES" || at(body, "errors", 0, "context", "missingScopes", 0) != "crm.objects.contacts.read" {
			t.Errorf("%s: %d %v", path, status, body)
		}
	}
}

// The portal's clock is ahead of the company's; stamps and Date header of the portal
// agree.
func TestHubSpotClockSkew(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	p.Set(func(o *hubspot.Options) { o.Skew = 7 * time.Minute })
	id := p.Find(sim.Stark)
	if err := p.SetProperty("deals", id, "amount", "1"); err != nil {
		t.Fatal(err)
	}
	_, header, r := p.do(http.MethodGet, dealsPath+"/"+id, nil)
	want := p.c.Now().Add(7 * time.Minute)
	if date, err := http.ParseTime(header.Get("Date")); err != nil || !date.Equal(want) || r["updatedAt"] != portal.Stamp(want) {
		t.Errorf("Date %v, stamp %v", date, r["updatedAt"])
	}
}

func TestHubSpotPurge(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 40})
	id, other := p.Find(sim.Stark), p.Find(sim.Wayne)
	if _, err := p.Merge("deals", id, p.IDs("deals")[0], false); err != nil {
		t.Fatal(err)
	}
	contact := p.Links("deals", id, "contacts")[0]
	stamp := p.Properties("contacts", contact)["lastmodifieddate"]
	all := len(p.IDs("deals"))
	p.Set(func(o *hubspot.Options) { o.IndexLag, o.MergedResolve = time.Hour, true })
	if err := p.Purge("deals", id); err != nil {
		t.Fatal(err)
	}
	for _, archived := range []string{"false", "true"} {
		if status, _, _ := p.do(http.MethodGet, dealsPath+"/"+id+"?archived="+archived, nil); status != 404 {
			t.Errorf("archived=%s: %d", archived, status)
		}
		if n := size(p.get(dealsPath+"?limit=100&archived="+archived), "results"); archived == "true" && n != 0 || archived == "false" && n != all-1 {
			t.Errorf("archived=%s: %d of %d", archived, n, all)
		}
	}
	if n := p.total(`{}`); n != all-1 {
		t.Errorf("search: %d of %d", n, all)
	}
	if n := size(p.get("/crm/objects/2026-09/contacts/"+contact+"/associations/deals"), "results"); n != 0 {
		t.Errorf("%d associations lead to the purged deal", n)
	}
	if len(p.Links("contacts", contact, "deals")) != 0 {
		t.Error("a contact is still linked to the purged deal")
	}
	newest := p.IDs("deals")[all-2]
	p.must(p.Purge("deals", newest))
	if again, err := p.Create("deals", "", map[string]string{"dealname": "Next"}); err != nil || again <= newest {
		t.Errorf("the purged id was given to a new deal: %s, %v", again, err)
	}
	if p.Properties("contacts", contact)["lastmodifieddate"] != stamp || p.Properties("deals", other) == nil || p.Restore("deals", id) == nil {
		t.Error("the purge stamped the contact, removed another deal, or can be undone")
	}
}
