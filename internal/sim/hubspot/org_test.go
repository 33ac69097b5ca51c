package hubspot_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

func (p *portalClient) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func TestHubSpotPipelinesChange(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 40})
	id := p.Find(sim.Stark)
	stamp := p.Properties("deals", id)["hs_lastmodifieddate"]
	p.must(p.DeleteStage("qualifiedtobuy"))
	p.must(p.ArchivePipeline("75398210"))
	p.must(p.AddPipeline("88", "Resellers", portal.NewStage{ID: "881", Label: "Asked", Probability: 0.3}, portal.NewStage{ID: "882", Label: "Lost", Closed: true}))
	p.must(p.ArchiveStage("882"))
	lines := func() string {
		var out []string
		for _, line := range p.get("/crm/pipelines/2026-09/deals")["results"].([]any) {
			s := at(line, "id").(string) + ":"
			for _, x := range at(line, "stages").([]any) {
				s += " " + at(x, "id").(string)
				if at(x, "archived") == true && at(x, "archivedAt") != nil {
					s += "!"
				}
			}
			out = append(out, s)
		}
		return strings.Join(out, "; ")
	}
	const rest = "default: appointmentscheduled presentationscheduled contractsent closedwon closedlost; 88: 881"
	if got := lines(); got != rest {
		t.Errorf("got %s", got)
	}
	p.Set(func(o *hubspot.Options) { o.ArchivedStages = true })
	if got := lines(); got != rest+" 882!" {
		t.Errorf("with the archived ones: %s", got)
	}
	if line := p.get("/crm/pipelines/2026-09/deals/75398210"); line["archived"] != true || size(line, "stages") != 6 {
		t.Errorf("the archived pipeline: %v", line)
	}
	if is := p.Properties("deals", id); is["dealstage"] != "qualifiedtobuy" || is["hs_lastmodifieddate"] != stamp {
		t.Errorf("the deal in the deleted stage: %v", is)
	}
	if status, _, _ := p.do(http.MethodGet, "/crm/properties/2026-09/deals/hs_v2_date_entered_qualifiedtobuy", nil); status != 404 {
		t.Errorf("the deleted stage's property: %d", status)
	}
	p.must(p.SetProperty("deals", id, "pipeline", "88"))
	p.must(p.SetProperty("deals", id, "dealstage", "882"))
	if is := p.Properties("deals", id); is["hs_is_closed_lost"] != "true" || is["hs_deal_stage_probability"] != "0" || is["hs_v2_date_entered_882"] == "" {
		t.Errorf("moved: %v", is)
	}
	for name, err := range map[string]error{"pipeline": p.AddPipeline("88", "Again"), "stage": p.AddPipeline("89", "Other", portal.NewStage{ID: "881"}), "delete": p.DeleteStage("bogus"), "archive": p.ArchivePipeline("bogus")} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestHubSpotTeams(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	id := p.OwnerID(sim.OldAddress)
	before := p.get("/crm/owners/2026-09/" + id)
	p.must(p.SetTeams(sim.OldAddress, "East", "Channel"))
	o := p.get("/crm/owners/2026-09/" + id)
	if at(o, "teams", 0, "id") != "6113" || at(o, "teams", 0, "primary") != true || at(o, "teams", 1, "id") != "6114" || at(o, "teams", 1, "name") != "Channel" || at(o, "teams", 1, "primary") != false || o["updatedAt"] != before["updatedAt"] {
		t.Errorf("got %v", o)
	}
	teams := p.get("/settings/v3/users/teams")
	if channel := at(teams, "results", 2); at(channel, "id") != "6114" || size(channel, "userIds") != 0 || size(channel, "secondaryUserIds") != 1 || size(teams, "results", 0, "userIds") == 0 {
		t.Errorf("got %v", teams)
	}
	p.must(p.SetTeams(sim.OldAddress))
	if o := p.get("/crm/owners/2026-09/" + id); o["teams"] != nil {
		t.Errorf("in no team: %v", o)
	}
	p.Set(func(o *hubspot.Options) { o.Scopes = []string{"crm.objects.owners.read"} })
	if status, _, _ := p.do(http.MethodGet, "/settings/v3/users/teams", nil); status != 403 {
		t.Errorf("without the scope: %d", status)
	}
}

func TestHubSpotOwnersComeAndGo(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	id := p.OwnerID(sim.OldAddress)
	p.must(p.DeactivateOwner(sim.OldAddress))
	if status, _, _ := p.do(http.MethodGet, "/crm/owners/2026-09/"+id, nil); status != 404 {
		t.Errorf("active: %d", status)
	}
	if o := p.get("/crm/owners/2026-09/" + id + "?archived=true"); o["archived"] != true || o["userId"] != nil || o["userIdIncludingInactive"] == nil {
		t.Errorf("got %v", o)
	}
	if p.Properties("deals", p.Find(sim.Stark))["hubspot_owner_id"] != id {
		t.Error("the deal lost its owner")
	}
	p.must(p.ReactivateOwner(sim.OldAddress))
	p.get("/crm/owners/2026-09/" + id)
	if p.DeactivateOwner("nobody@acme.example") == nil {
		t.Error("nobody was deactivated")
	}
}

// An e-mail of a sequence and a note of a workflow differ from a rep's only in their
// source.
func TestHubSpotMachinesWork(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	deal := p.Find(sim.Stark)
	was := p.Properties("deals", deal)["num_notes"]
	mail, err := p.Create("emails", deal, map[string]string{"hs_timestamp": portal.Stamp(p.c.Now()), "hs_email_direction": "EMAIL", "hs_object_source": "SEQUENCES", "hs_object_source_id": "9", "hs_sequence_id": "77"})
	p.must(err)
	note, err := p.Create("notes", deal, map[string]string{"hs_timestamp": portal.Stamp(p.c.Now()), "hs_note_body": "x", "hs_object_source": "AUTOMATION_PLATFORM"})
	p.must(err)
	r := p.get("/crm/objects/2026-09/emails/" + mail + "?properties=hs_object_source,hs_sequence_id,hubspot_owner_id&propertiesWithHistory=hs_timestamp")
	if at(r, "properties", "hs_object_source") != "SEQUENCES" || at(r, "properties", "hs_sequence_id") != "77" || at(r, "properties", "hubspot_owner_id") != p.OwnerID(sim.OldAddress) || at(r, "propertiesWithHistory", "hs_timestamp", 0, "sourceType") != "SEQUENCES" || at(r, "propertiesWithHistory", "hs_timestamp", 0, "sourceId") != "9" {
		t.Errorf("got %v", r)
	}
	if p.Properties("notes", note)["hs_object_source"] != "AUTOMATION_PLATFORM" || p.Properties("deals", deal)["num_notes"] == was {
		t.Error("the note is not a workflow's, or does not count")
	}
}

func TestHubSpotAccount(t *testing.T) {
	p := servePortal(t, sim.Options{Deals: 10})
	if out := p.get("/account-info/2026-09/details"); out["timeZone"] != "US/Eastern" || out["utcOffset"] != "-05:00" || out["companyCurrency"] != "USD" || out["uiDomain"] != "app.hubspot.com" {
		t.Errorf("got %v", out)
	}
	p.Set(func(o *hubspot.Options) {
		o.Zone, o.Currency, o.UIDomain, o.PortalID = "America/St_Johns", "CAD", "app-eu1.hubspot.com", 7
	})
	if out := p.get("/account-info/v3/details"); out["utcOffset"] != "-03:30" || out["companyCurrency"] != "CAD" || out["dataHostingLocation"] != "eu1" || out["portalId"] != 7.0 {
		t.Errorf("got %v", out)
	}
	if url := at(p.get(dealsPath), "results", 0, "url"); !strings.HasPrefix(url.(string), "https://app-eu1.hubspot.com/contacts/7/record/0-3/") {
		t.Errorf("got %v", url)
	}
}
