package salesforce_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
)

type picklist struct {
	Values []struct {
		Label, Value string
		Attributes   map[string]any
	}
}

func (p picklist) names() (out []string) {
	for _, v := range p.Values {
		out = append(out, v.Value)
	}
	return out
}

func TestStagesOfRecordTypes(t *testing.T) {
	o := small(t)
	if err := o.c.SetStages("Renewal", sim.Discovery, sim.Negotiation, sim.ClosedWon, sim.ClosedLost); err != nil {
		t.Fatal(err)
	}
	stages := func(recordType string) (p picklist) {
		t.Helper()
		status, _, body := o.get(data + "/ui-api/object-info/Opportunity/picklist-values/" + recordType + "/StageName")
		if err := json.Unmarshal(body, &p); err != nil || status != 200 {
			t.Fatalf("%s: got %d %s", recordType, status, body)
		}
		return p
	}
	const master = "012000000000000AAA"                                                                           // the record type of records without one
	all := []string{sim.Prospecting, sim.Discovery, sim.Proposal, sim.Negotiation, sim.ClosedWon, sim.ClosedLost} // without the inactive one
	for recordType, want := range map[string][]string{o.recordType("Renewal"): {sim.Discovery, sim.Negotiation, sim.ClosedWon, sim.ClosedLost}, o.recordType("New_Business")[:15]: all, master: all} {
		if diff := cmp.Diff(want, stages(recordType).names()); diff != "" {
			t.Errorf("%s: %s", recordType, diff)
		}
	}
	if v := stages(master).Values[3]; v.Label != "Negotiation" || v.Attributes["closed"] != false || v.Attributes["defaultProbability"] != 80.0 {
		t.Errorf("got %+v", v)
	}
	if status, code, _ := o.refused(data + "/ui-api/object-info/Opportunity/picklist-values/" + o.c.IDs("Account")[0] + "/StageName"); status != 404 || code != "NOT_FOUND" {
		t.Errorf("no record type: got %d %s", status, code)
	}
	o.c.HideField("Opportunity", "StageName")
	if status, _, _ := o.refused(data + "/ui-api/object-info/Opportunity/picklist-values/" + master + "/StageName"); status != 404 {
		t.Errorf("hidden field: got %d", status)
	}
	status, _, body := o.get(data + "/ui-api/object-info/Opportunity/picklist-values/" + master)
	if status != 200 || !strings.Contains(string(body), "ForecastCategoryName") || strings.Contains(string(body), "StageName") {
		t.Errorf("all picklists: got %d %s", status, body)
	}
}

func TestOrganizationAndUsers(t *testing.T) {
	o := small(t)
	if err := o.c.SetField(o.c.IDs("Organization")[0], "FiscalYearStartMonth", 4); err != nil {
		t.Fatal(err)
	}
	org := o.query("SELECT Id, Name, FiscalYearStartMonth, UsesStartDateAsFiscalYearName, TimeZoneSidKey, InstanceName, IsSandbox, DefaultLocaleSidKey FROM Organization").Records[0]
	delete(org, "attributes")
	want := map[string]any{"Id": o.c.IDs("Organization")[0], "Name": "Acme", "FiscalYearStartMonth": 4.0, "UsesStartDateAsFiscalYearName": false, "TimeZoneSidKey": "America/New_York", "InstanceName": "USA42", "IsSandbox": false, "DefaultLocaleSidKey": "en_US"}
	if diff := cmp.Diff(want, org); diff != "" {
		t.Error(diff)
	}
	task := o.query("SELECT Subject, CreatedBy.Username, LastModifiedBy.Name, RecurrenceActivityId, IsRecurrence FROM Task WHERE CreatedById = '" + o.c.User("ana@acme.example") + "' LIMIT 1").Records[0]
	by, _ := task["CreatedBy"].(map[string]any)
	if by["Username"] != "ana@acme.example" || task["Subject"] == nil {
		t.Errorf("got %v", task)
	}
}

func TestQuirk31SeriesAndGroupEvents(t *testing.T) {
	o := small(t)
	id := o.c.Find(sim.Globex)
	old := today(o.c) - 400
	pattern, days := o.c.AddTaskSeries(org.Task{WhatID: id, Subject: "Weekly", Closed: true, Due: old}, old, old+7)
	count := func(where string) int { return o.query("SELECT COUNT() FROM Task WHERE " + where).TotalSize }
	if n := count("IsRecurrence = true AND Id = '" + pattern + "'"); n != 1 {
		t.Errorf("the pattern of a series is archived, or none: %d", n)
	}
	if n := o.queryAll("SELECT COUNT() FROM Task WHERE IsRecurrence = false AND RecurrenceActivityId = '" + pattern + "'").TotalSize; n != len(days) || n != 2 {
		t.Errorf("got %d occurrences", n)
	}
	ben, cleo := o.c.User("ben@acme.example"), o.c.User("cleo@acme.example")
	before := o.rawCount("Event")
	o.c.AddEvent(org.Event{WhatID: id, Subject: "All hands", Begin: o.c.Now().Add(time.Hour), Invitees: []string{ben, cleo}})
	if got := o.rawCount("Event") - before; got != 3 {
		t.Errorf("got %d rows, want the event and two copies", got)
	}
	p := o.query("SELECT IsChild, OwnerId FROM Event WHERE Subject = 'All hands' AND IsGroupEvent = true ORDER BY Id")
	for i, want := range []bool{false, true, true} {
		if p.Records[i]["IsChild"] != want {
			t.Errorf("row %d: got %v", i, p.Records[i])
		}
	}
}

func (o *orgClient) recordType(developerName string) string {
	for _, id := range o.c.IDs("RecordType") {
		if o.c.Record(id)["DeveloperName"] == developerName {
			return id
		}
	}
	return ""
}
