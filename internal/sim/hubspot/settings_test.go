package hubspot_test

import (
	"net/http"
	"testing"

	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

func TestHubSpotOwners(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	emails := map[any]bool{}
	for after := ""; ; {
		page := p.get("/crm/owners/2026-09?limit=4&after=" + after)
		for _, o := range page["results"].([]any) {
			_, isString := at(o, "id").(string)
			_, isNumber := at(o, "userId").(float64)
			if !isString || !isNumber || at(o, "archived") != false || emails[at(o, "email")] {
				t.Errorf("got %v", o)
			}
			emails[at(o, "email")] = true
		}
		next, ok := at(page, "paging", "next", "after").(string)
		if !ok {
			break
		}
		after = next
	}
	if !emails[sim.OldAddress] || emails["cleo@acme.example"] || emails["pat@acme.example"] || emails["ana@acme.example"] || !emails["maria@acme.example"] || len(emails) < 9 {
		t.Errorf("got %v", emails)
	}
	gone := p.get("/crm/owners/2026-09?archived=true")
	if o := at(gone, "results", 0); size(gone, "results") != 1 || at(o, "email") != "pat@acme.example" || at(o, "userId") != nil || at(o, "userIdIncludingInactive") == nil {
		t.Errorf("archived: %v", gone)
	}
	one := at(p.get("/crm/owners/2026-09?email="+sim.OldAddress), "results", 0)
	if o := p.get("/crm/v3/owners/" + p.OwnerID("cleo@acme.example")); at(one, "id") != o["id"] || at(o, "teams", 0, "name") != "West" {
		t.Errorf("got %v and %v", one, o)
	}
}

func TestHubSpotPipelines(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	if err := p.RenameStage("qualifiedtobuy", "Agreed to talk"); err != nil {
		t.Fatal(err)
	}
	if err := p.ArchiveStage("148220012"); err != nil {
		t.Fatal(err)
	}
	out := p.get("/crm/pipelines/2026-09/deals")
	first, second := at(out, "results", 0), at(out, "results", 1)
	if at(first, "id") != "default" || at(first, "createdAt") != "1970-01-01T00:00:00Z" || at(first, "stages", 1, "label") != "Agreed to talk" || at(first, "stages", 4, "metadata", "isClosed") != "true" ||
		at(first, "stages", 0, "metadata", "probability") != "0.2" || size(second, "stages") != 5 {
		t.Errorf("got %v", out)
	}
	if r := p.get("/crm/objects/2026-09/deals/" + p.Find(sim.Stark) + "?properties=hs_deal_stage_probability"); at(r, "properties", "hs_deal_stage_probability") != "0.40000000000000002220446049250313080847263336181640625" {
		t.Errorf("got %v", r)
	}
	if status, _, _ := p.do(http.MethodGet, "/crm/pipelines/2026-09/tickets", nil); status != 404 {
		t.Errorf("tickets: %d", status)
	}
}

func TestHubSpotProperties(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	for _, typ := range append([]string{"deals", "contacts"}, portal.Activities...) {
		out := p.get("/crm/properties/2026-09/" + typ)
		names := map[any]any{}
		for _, x := range out["results"].([]any) {
			names[at(x, "name")] = at(x, "type")
		}
		if names["hs_object_id"] != "number" || names[portal.TypeNamed(typ).Modified] != "datetime" {
			t.Errorf("%s: got %v", typ, names)
		}
		if typ == "deals" && (names["hs_v2_date_entered_closedwon"] != "datetime" || names["dealstage"] != "enumeration") {
			t.Errorf("deals: got %v", names)
		}
	}
	if one := p.get("/crm/properties/2026-09/deals/amount"); one["currencyPropertyName"] != "deal_currency_code" {
		t.Errorf("got %v", one)
	}
	if status, _, _ := p.do(http.MethodGet, "/crm/properties/2026-09/deals/decision_criteria", nil); status != 404 {
		t.Errorf("unknown property: %d", status)
	}
}
