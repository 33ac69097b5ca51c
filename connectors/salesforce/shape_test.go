package salesforce_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// calls returns the calls below /services/data since the last reset, by the last element
// of the path.
func calls(a *account) (got []string) {
	for _, c := range a.org.Calls() {
		if strings.Contains(c.Path, "/services/data") {
			got = append(got, c.Path[strings.LastIndex(c.Path, "/")+1:])
		}
	}
	a.org.ResetCalls()
	return got
}

func stagesOf(t *testing.T, src crm.Source) map[string][]string {
	t.Helper()
	p, err := src.Fetch(t.Context(), crm.Stages, "")
	if err != nil || p.More || !p.Replace {
		t.Fatalf("stages: more %v, all %v, %v", p.More, p.Replace, err)
	}
	got := map[string][]string{}
	for _, s := range p.Stages {
		name := s.Pipeline + "/" + s.PipelineLabel
		got[name] = append(got[name], s.ID)
	}
	return got
}

// TestShapeInFewCalls: what the org says of itself costs two calls a day and one for each
// record type, however many streams begin at once and however often Describe is called.
func TestShapeInFewCalls(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	now := a.company.Now()
	a.cfg.Now = func() time.Time { return now }
	src := a.Source(t)
	for _, want := range []string{"[composite organization StageName StageName]", "[]"} {
		if _, err := src.Describe(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(calls(a)); got != want {
			t.Errorf("it asked for %s, want %s", got, want)
		}
		now = now.Add(23 * time.Hour)
	}
	now = now.Add(2 * time.Hour)
	if _, err := src.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(calls(a)); got != "[composite organization StageName StageName]" {
		t.Errorf("a day later it asked for %s", got)
	}
}

// TestShapeOneByOne: an org that refuses composites tells the same, one call after
// another, and is sent one composite only.
func TestShapeOneByOne(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	with, err := a.Source(t).Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{403, 404} {
		a.org.Set(func(o *sim.SalesforceOptions) { o.NoComposite = status })
		calls(a)
		src := a.Source(t)
		without, err := src.Describe(t.Context())
		if err != nil || fmt.Sprint(with) != fmt.Sprint(without) {
			t.Errorf("status %d: got %+v, %v, want %+v", status, without, err, with)
		}
		stages := stagesOf(t, src)
		if len(stages) != 3 {
			t.Errorf("status %d: stages are %v", status, stages)
		}
		got := calls(a)
		if n := strings.Count(fmt.Sprint(got), "composite"); n != 1 || len(got) != 1+8+1+1+2+1 {
			t.Errorf("status %d: asked for %v", status, got)
		}
	}
}

// TestOneObjectDoesNotAnswer: a request that fails in a composite is made again, and so is
// one that calls an object hidden.
func TestOneObjectDoesNotAnswer(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	a.org.Fault(sim.Fault{Sub: "/Task/describe", Status: 500, Body: `[{"errorCode":"UNKNOWN_EXCEPTION","message":"no"}]`})
	a.company.HideObject("Event")
	info, err := a.Source(t).Describe(t.Context())
	if err != nil || info.Fields.Access("activities") != crm.Hidden {
		t.Fatalf("activities are %s, %v", info.Fields.Access("activities"), err)
	}
	if got := fmt.Sprint(calls(a)); got != "[composite composite organization StageName StageName]" {
		t.Errorf("it asked for %s", got)
	}
}

func TestOrganization(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	org := a.company.IDs("Organization")[0]
	set(t, a, org, "FiscalYearStartMonth", 7)
	info, err := a.Source(t).Describe(t.Context())
	if err != nil || info.TimeZone != "America/New_York" || info.FiscalStart != time.July {
		t.Errorf("the zone is %q, the year starts in %s, %v", info.TimeZone, info.FiscalStart, err)
	}
	a.company.HideField("Organization", "FiscalYearStartMonth")
	info, err = a.Source(t).Describe(t.Context())
	if err != nil || info.TimeZone != "" || info.FiscalStart != 0 {
		t.Errorf("refused: the zone is %q, the year starts in %d, %v", info.TimeZone, info.FiscalStart, err)
	}
}

func TestStagesPerRecordType(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	now := a.company.Now()
	a.cfg.Now = func() time.Time { return now }
	if err := a.company.SetStages("Renewal", sim.Proposal, "Closed Won", "Closed Lost", "of no list"); err != nil {
		t.Fatal(err)
	}
	src := a.Source(t)
	got := stagesOf(t, src)
	renewal := got["Renewal/Renewal"]
	if len(got) != 3 || fmt.Sprint(renewal) != "[Proposal Closed Won Closed Lost]" && len(renewal) != 3 {
		t.Errorf("stages are %v", got)
	}
	if business := got["New_Business/New Business"]; len(business) <= len(renewal) || slices.Contains(business, "Qualification") {
		t.Errorf("new business has %v", business)
	}
	if all := got["/"]; len(all) != len(a.company.IDs("OpportunityStage")) {
		t.Errorf("all have %v", all)
	}

	// A value that is not answered for the moment stays, and is read again within the hour.
	now = now.Add(25 * time.Hour)
	a.org.Fault(sim.Fault{Path: "/StageName", Times: -1, Status: 503, Body: `[{"errorCode":"SERVER_UNAVAILABLE","message":"busy"}]`})
	if again := stagesOf(t, src); fmt.Sprint(again) != fmt.Sprint(got) {
		t.Errorf("while it is busy, stages are %v", again)
	}
	// A new process, which knows no stages yet, does not take the stages for gone either.
	if p, err := a.Source(t).Fetch(t.Context(), crm.Stages, ""); err != nil || p.Replace || len(p.Stages) == 0 {
		t.Errorf("of a new process: %d stages, said to be all: %v, %v", len(p.Stages), p.Replace, err)
	}
	a.org.ClearFaults()
	if err := a.company.SetStages("Renewal", "Closed Won"); err != nil {
		t.Fatal(err)
	}
	now = now.Add(61 * time.Minute)
	if again := stagesOf(t, src)["Renewal/Renewal"]; fmt.Sprint(again) != "[Closed Won]" {
		t.Errorf("an hour later, renewals have %v", again)
	}

	// If the org refuses the stages of pipelines, the known ones stay. A new process does
	// not know them, and says so.
	now = now.Add(25 * time.Hour)
	a.org.Fault(sim.Fault{Path: "/StageName", Times: -1, Status: 403, Body: `[{"errorCode":"INSUFFICIENT_ACCESS","message":"no"}]`})
	if again := stagesOf(t, src); fmt.Sprint(again["Renewal/Renewal"]) != "[Closed Won]" || len(again) != 3 {
		t.Errorf("refused, stages are %v", again)
	}
	fresh := a.Source(t)
	if p, err := fresh.Fetch(t.Context(), crm.Stages, ""); err != nil || p.Replace || len(p.Stages) != len(got["/"]) {
		t.Errorf("refused: %d stages, said to be all: %v, %v", len(p.Stages), p.Replace, err)
	}
	info, err := fresh.Describe(t.Context())
	if err != nil || info.Fields.Access("stages") != crm.Hidden || !strings.Contains(info.Why["stages"], "New Business, Renewal") {
		t.Errorf("refused: stages are %s, %q, %v", info.Fields.Access("stages"), info.Why["stages"], err)
	}

	// The configuration names another field as the pipeline, so record types are none.
	a.org.ClearFaults()
	a.cfg.Fields = map[string]string{"pipeline": "Type"}
	if other := stagesOf(t, a.Source(t)); len(other) != 1 {
		t.Errorf("with the pipeline in another field, stages are %v", other)
	}
}

// TestVanishedObject: the query that fails notices that an object is gone, not the next
// describe a day later.
func TestVanishedObject(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	src := a.Source(t)
	if _, err := src.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.company.HideObject("OpportunityHistory")
	if _, err := src.Fetch(t.Context(), crm.History, ""); err == nil {
		t.Fatal("no error")
	}
	if slices.Contains(src.Streams(), crm.History) {
		t.Error("history is still among the streams")
	}
	if info, err := src.Describe(t.Context()); err != nil || info.Fields.Access("history") != crm.Hidden {
		t.Errorf("history is %s, %v", info.Fields.Access("history"), err)
	}
}
