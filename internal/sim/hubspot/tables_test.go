package hubspot_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pipetidy/pipetidy/internal/sim"
)

// The loaded tables are read over HTTP.
func TestLoadHubSpotTables(t *testing.T) {
	c, err := sim.LoadHubSpotTables(os.DirFS("../testdata/dbt-hubspot"), sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := clientOf(t, c)
	for typ, want := range map[string]int{"deals": 44, "contacts": 22, "calls": 1, "emails": 1, "meetings": 100, "notes": 1, "tasks": 2} {
		got := 0
		for after := ""; ; {
			page := p.get("/crm/objects/2026-09/" + typ + "?limit=50&properties=hs_timestamp,dealname&propertiesWithHistory=dealname&after=" + after)
			got += size(page, "results")
			next, ok := at(page, "paging", "next", "after").(string)
			if !ok {
				break
			}
			after = next
		}
		if got != want {
			t.Errorf("%s: got %d, want %d", typ, got, want)
		}
	}
	deal := at(p.get("/crm/objects/2026-09/deals/2392872971?properties=dealname,hubspot_owner_id,dealstage"), "properties")
	if at(deal, "hubspot_owner_id") != "35252170" || at(deal, "dealstage") != nil || at(deal, "createdate") != "2020-07-09T20:15:11Z" || at(deal, "dealname") != "3299bfc43f7022de0c9b160b8514217a" {
		t.Errorf("got %v", deal)
	}
	pipelines := p.get("/crm/pipelines/2026-09/deals")
	stages := 0
	for _, x := range pipelines["results"].([]any) {
		stages += size(x, "stages")
	}
	if size(pipelines, "results") < 6 || stages != 71-archivedStages(c) {
		t.Errorf("%d pipelines, %d stages", size(pipelines, "results"), stages)
	}
	if n := size(p.get("/crm/owners/2026-09?limit=500"), "results"); n != 100 {
		t.Errorf("%d owners", n)
	}
	again, err := sim.LoadHubSpotTables(os.DirFS("../testdata/dbt-hubspot"), sim.Options{})
	if err != nil || !bytes.Equal(again.Dump(), c.Dump()) {
		t.Errorf("loaded again, the company is another one (%v)", err)
	}
}

func archivedStages(c *sim.Company) (n int) {
	for _, p := range c.HubSpot().Records.Pipelines {
		for _, s := range p.Stages {
			if s.Archived || p.Archived {
				n++
			}
		}
	}
	return n
}

// Tables that join records become associations, stages and merges.
func TestLoadHubSpotTablesJoins(t *testing.T) {
	c, err := sim.LoadHubSpotTables(fstest.MapFS{
		"deal_data.csv":                {Data: []byte("deal_id,is_deleted,owner_id,property_dealname,property_amount,property_createdate\n10,false,7,One,12.50,2020-01-02 3:04:05.678\n11,true,,Two,,2020-01-02 3:04:05\n12,false,,Three,,2020-01-02 3:04:05\n")},
		"deal_pipeline_data.csv":       {Data: []byte("pipeline_id,label,created_at\np,Sales,2019-01-01 00:00:00\n")},
		"deal_pipeline_stage_data.csv": {Data: []byte("stage_id,label,pipeline_id,is_closed,probability,display_order,created_at\nb,Second,p,FALSE,0.5,2,\na,First,p,FALSE,0.2,1,\nx,Lost,q,TRUE,0.0,1,\n")},
		"deal_stage_data.csv":          {Data: []byte("deal_id,value,date_entered,_fivetran_active\n10,b,2020-02-03 04:05:06,TRUE\n99,b,2020-02-03 04:05:06,TRUE\n")},
		"engagement_call_data.csv":     {Data: []byte("engagement_id,property_hs_createdate,property_hs_timestamp,property_odd\n500,2020-03-01 00:00:00,2020-03-01 00:00:00.250000,yes\n")},
		"engagement_deal_data.csv":     {Data: []byte("deal_id,engagement_id,engagement_type,type_id\n10,500,CALL,206\n10,501,CALL,206\n")},
		"merged_deal_data.csv":         {Data: []byte("deal_id,merged_deal_id\n10,12\n10,13\n")},
	}, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := c.HubSpot()
	one := h.Properties("deals", "10")
	if one["dealstage"] != "b" || one["hs_v2_date_entered_current_stage"] != "2020-02-03T04:05:06Z" || one["hs_lastmodifieddate"] != "2020-02-03T04:05:06Z" || one["hs_merged_object_ids"] != "12;13" || one["amount"] != "12.50" ||
		one["notes_last_updated"] != "2020-03-01T00:00:00.250Z" || one["createdate"] != "2020-01-02T03:04:05.678Z" {
		t.Errorf("got %v", one)
	}
	if got := strings.Join(h.IDs("deals"), " "); got != "10" {
		t.Errorf("deals that are neither archived nor merged: %s", got)
	}
	if h.Records.Pipelines[0].Stages[0].ID != "a" || h.Records.Pipelines[1].ID != "q" {
		t.Error("stages are out of order, or the pipeline of one is missing")
	}
	if h.Properties("calls", "500")["odd"] != "yes" {
		t.Error("an own property is missing")
	}
}

func TestLoadHubSpotTablesRefuses(t *testing.T) {
	for name, file := range map[string]string{"no deals": "deal_id\n", "no number": "deal_id\nx\n", "bad time": "deal_id,property_createdate\n1,yesterday\n", "twice": "deal_id\n1\n1\n", "ragged": "deal_id,is_deleted\n1\n", "empty": ""} {
		if _, err := sim.LoadHubSpotTables(fstest.MapFS{"deal_data.csv": {Data: []byte(file)}}, sim.Options{}); err == nil {
			t.Errorf("%s: loaded", name)
		}
	}
	if _, err := sim.LoadHubSpotTables(fstest.MapFS{}, sim.Options{}); err == nil {
		t.Error("nothing was loaded as something")
	}
}
