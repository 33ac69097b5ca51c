package hubspot_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

func TestHubSpotQuirk25AssociationPages(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	id := p.Find(sim.Stark)
	rows := make([]map[string]string, 700)
	ids, err := p.Import("emails", time.Time{}, rows)
	if err != nil {
		t.Fatal(err)
	}
	for _, mail := range ids {
		if err := p.Associate("emails", mail, "deals", id); err != nil {
			t.Fatal(err)
		}
	}
	want := len(p.Links("deals", id, "emails"))
	one := p.get(dealsPath + "/" + id + "/associations/emails")
	rest := p.get(dealsPath + "/" + id + "/associations/emails?after=" + at(one, "paging", "next", "after").(string))
	if size(one, "results") != 500 || size(one, "results")+size(rest, "results") != want || rest["paging"] != nil {
		t.Errorf("alone: %d and %d of %d", size(one, "results"), size(rest, "results"), want)
	}
	n, pages, after := 0, 1, ""
	for ; ; pages++ {
		out := at(p.post(200, "/crm/associations/2026-09/deals/emails/batch/read", map[string]any{"inputs": []any{map[string]string{"id": id, "after": after}}}), "results", 0)
		n += size(out, "to")
		next, ok := at(out, "paging", "next", "after").(string)
		if !ok {
			break
		}
		if raw, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(next, "%3D", "=")); err != nil || size(out, "to") != 100 || next == after {
			t.Fatalf("%d at once, then %q (%s)", size(out, "to"), next, raw)
		}
		after = next
	}
	if n != want || pages != (want+99)/100 {
		t.Errorf("in batches: %d of %d on %d pages", n, want, pages)
	}
}

func TestHubSpotQuirk26Primary(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	to := at(p.get(dealsPath+"/"+p.Find(sim.Stark)+"/associations/companies"), "results")
	if types := at(to, 0, "associationTypes"); size(to) != 1 || at(types, 0, "typeId") != 341.0 || at(types, 0, "label") != nil || at(types, 1, "typeId") != 5.0 || at(types, 1, "label") != "Primary" {
		t.Errorf("got %v", to)
	}
}

func TestHubSpotQuirk27Archive(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	id := p.Find(sim.Stark)
	path := dealsPath + "/" + id
	contact := p.Links("deals", id, "contacts")[0]
	stamp := p.get(path)["updatedAt"]
	for range 2 {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodDelete, p.url+path, nil)
		req.Header.Set("Authorization", "Bearer "+p.Options().Token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != 204 {
			t.Errorf("DELETE: %d", resp.StatusCode)
		}
		p.c.SetNow(p.c.Now().Add(time.Hour))
	}
	if status, _, _ := p.do(http.MethodGet, path, nil); status != 404 {
		t.Errorf("read: %d", status)
	}
	if r := p.get(path + "?archived=true"); r["updatedAt"] != stamp || r["archivedAt"] != "2026-11-24T16:12:00Z" {
		t.Errorf("read with the archived: %v", r)
	}
	if n := size(p.get("/crm/objects/2026-09/contacts/"+contact+"/associations/deals"), "results"); n != 0 {
		t.Errorf("%d associations lead to the archived record", n)
	}
	p.c.SetNow(p.c.Now().Add(90 * 24 * time.Hour))
	if status, _, _ := p.do(http.MethodGet, path+"?archived=true", nil); status != 404 || size(p.get(dealsPath+"?archived=true"), "results") != 0 {
		t.Errorf("after the recycle bin was emptied: %d", status)
	}
}

func TestHubSpotQuirk28AssociatingStampsNobody(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	id, call := p.Find(sim.Wayne), p.IDs("calls")[0]
	stamps := func() string {
		return p.Properties("deals", id)["hs_lastmodifieddate"] + p.Properties("calls", call)["hs_lastmodifieddate"]
	}
	was := stamps()
	if err := p.Associate("deals", id, "calls", call); err != nil {
		t.Fatal(err)
	}
	if stamps() != was {
		t.Error("a new association stamped somebody")
	}
	if err := p.Dissociate("deals", id, "calls", call); err != nil {
		t.Fatal(err)
	}
	if stamps() != was {
		t.Error("the end of an association stamped somebody")
	}
	p.Set(func(o *hubspot.Options) { o.LinksStamp = true })
	if err := p.Associate("deals", id, "calls", call); err != nil {
		t.Fatal(err)
	}
	if is := stamps(); is[:24] == was[:24] || is[24:] == was[24:] {
		t.Errorf("with LinksStamp the stamps were %s and are %s", was, is)
	}
}

// rollups are the properties of a deal that follow from its activities.
func (p *portalClient) rollups(id string) map[string]string {
	all := p.Properties("deals", id)
	return map[string]string{"updated": all["notes_last_updated"], "count": all["num_notes"], "next": all["notes_next_activity_date"], "stamp": all["hs_lastmodifieddate"]}
}

func TestHubSpotQuirk29Rollups(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	id := p.Find(sim.Stark)
	p.Set(func(o *hubspot.Options) { o.RollupDelay = 40 * time.Second })
	was := p.rollups(id)
	p.c.SetNow(p.c.Now().Add(time.Minute))
	made := p.c.Now()
	soon := portal.Stamp(made.Add(24 * time.Hour))
	for typ, at := range map[string]string{"notes": portal.Stamp(made), "meetings": soon} {
		if _, err := p.Create(typ, id, map[string]string{"hs_timestamp": at}); err != nil {
			t.Fatal(err)
		}
	}
	p.c.SetNow(made.Add(39 * time.Second))
	if is := p.rollups(id); is["updated"] != was["updated"] || is["count"] != was["count"] || is["stamp"] != was["stamp"] {
		t.Errorf("before the delay is over: was %v, is %v", was, is)
	}
	p.c.SetNow(made.Add(time.Hour))
	is := p.rollups(id)
	stamp, err := time.Parse(time.RFC3339, is["stamp"])
	if is["updated"] != portal.Stamp(made) || is["count"] == was["count"] || is["next"] != soon || err != nil || stamp.Before(made.Add(40*time.Second)) || stamp.After(made.Add(50*time.Second)) {
		t.Errorf("after the delay: was %v, is %v", was, is)
	}
}

func TestHubSpotQuirk30StampAfterCreation(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	id, err := p.Create("deals", "", map[string]string{"dealname": "Fresh"})
	if err != nil {
		t.Fatal(err)
	}
	r := p.get(dealsPath + "/" + id)
	created, _ := time.Parse(time.RFC3339, r["createdAt"].(string))
	updated, _ := time.Parse(time.RFC3339, r["updatedAt"].(string))
	if d := updated.Sub(created); d < 300*time.Millisecond || d > 600*time.Millisecond || at(r, "properties", "hs_lastmodifieddate") != r["updatedAt"] || at(r, "properties", "createdate") != r["createdAt"] {
		t.Errorf("got %v", r)
	}
}

func TestHubSpotQuirk31Merge(t *testing.T) {
	for _, mint := range []bool{false, true} {
		p := servePortal(t, sim.Options{Deals: 40})
		a, b := p.Find(sim.Stark), p.Find(sim.Wayne)
		all := len(p.IDs("deals"))
		survivor, err := p.Merge("deals", a, b, mint)
		if err != nil || (survivor == a) == mint {
			t.Fatal(survivor, err)
		}
		if p.total(`{}`) != all-1 || slices.Contains(p.IDs("deals"), b) {
			t.Error("the loser is still there")
		}
		ends := p.Properties("deals", survivor)["hs_merged_object_ids"]
		if want := map[bool]string{false: b, true: b + ";" + a}[mint]; ends != want {
			t.Errorf("merged: %s, want %s", ends, want)
		}
		if status, _, _ := p.do(http.MethodGet, dealsPath+"/"+b, nil); status != 404 {
			t.Errorf("the loser: %d", status)
		}
		p.Set(func(o *hubspot.Options) { o.MergedResolve = true })
		if r := p.get(dealsPath + "/" + b); r["id"] != survivor {
			t.Errorf("the loser leads to %v", r["id"])
		}
	}
}

func TestHubSpotQuirk32History(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	id := p.Find(sim.Stark)
	for i := range 25 {
		p.c.SetNow(p.c.Now().Add(time.Minute))
		if err := p.SetProperty("deals", id, "amount", fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	list, _ := at(p.get(dealsPath+"/"+id+"?propertiesWithHistory=amount"), "propertiesWithHistory", "amount").([]any)
	if len(list) != 20 || at(list, 0, "value") != "24" || at(list, 0, "sourceType") != "CRM_UI" || !strings.HasPrefix(fmt.Sprint(at(list, 0, "sourceId")), "userId:") {
		t.Fatalf("%d versions: %v", len(list), list)
	}
	for i := range list[1:] {
		if at(list, i, "timestamp").(string) < at(list, i+1, "timestamp").(string) {
			t.Fatalf("out of order: %v", list)
		}
	}
}

func TestHubSpotQuirk33Pipelines(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	var ids []string
	line := at(p.get("/crm/pipelines/2026-09/deals"), "results", 0)
	for _, s := range at(line, "stages").([]any) {
		ids = append(ids, at(s, "id").(string))
	}
	if at(line, "id") != "default" || at(line, "createdAt") != "1970-01-01T00:00:00Z" || strings.Join(ids, " ") != "appointmentscheduled qualifiedtobuy presentationscheduled contractsent closedwon closedlost" {
		t.Errorf("got %v", line)
	}
	if m := at(line, "stages", 4, "metadata"); at(m, "isClosed") != "true" || at(m, "probability") != "1.0" {
		t.Errorf("got %v", m)
	}
}

func TestHubSpotQuirk34Paths(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	for path, want := range map[string]int{"/crm/objects/2026-09/deals": 200, "/crm/objects/2026-03/deal": 200, "/crm/objects/2026-09/0-3": 200, "/crm/objects/2026-09/DEALS": 200, "/crm/v3/objects/deals": 200,
		"/crm/objects/2027-03/deals": 404, "/crm/objects/2026-09-beta/deals": 404, "/crm/v5/objects/deals": 404, "/crm/owners/2026-09?archived=true": 200} {
		if status, _, body := p.do(http.MethodGet, path, nil); status != want {
			t.Errorf("%s: %d %v", path, status, body)
		}
	}
	resp, err := http.Get(p.url + dealsPath + "?properties=" + strings.Repeat("dealname,", 2000))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != 414 || !strings.HasPrefix(string(body), "<html>") || resp.Header.Get("Content-Type") != "text/html" {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if at, err := time.Parse(time.RFC3339, p.Properties("deals", p.Find(sim.Stark))["hs_v2_time_in_current_stage"]); err != nil || at.After(p.c.Now()) {
		t.Errorf("%v, %v", at, err)
	}
}
