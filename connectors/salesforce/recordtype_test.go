package salesforce_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// pipelines returns the pipelines of deals by id.
func pipelines(deals []crm.Opportunity) map[string]string {
	out := map[string]string{}
	for _, d := range deals {
		out[d.ID] = d.Pipeline
	}
	return out
}

// recorded returns the API names of the record types of all deals by id.
func recorded(c *sim.Company) map[string]string {
	out := map[string]string{}
	for _, id := range c.IDs("Opportunity") {
		out[id] = ""
		if rt, ok := c.Record(id)["RecordTypeId"].(string); ok && rt != "" {
			out[id] = c.Record(rt)["DeveloperName"].(string)
		}
	}
	return out
}

// TestRecordTypeObjectHidden: a login that sees no rows of RecordType reads the deals with
// their pipelines, at first and with each poll.
func TestRecordTypeObjectHidden(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 100})
	a.company.HideObject("RecordType")
	src := a.Source(t)
	if _, err := src.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	runs := runAll(t, src, map[crm.Stream]crm.Cursor{}, false)
	if diff := cmp.Diff(recorded(a.company), pipelines(runs[crm.Opportunities].Page.Opportunities)); diff != "" {
		t.Errorf("first run: %s", diff)
	}
	id, name := a.Rename(t)
	deals := runAll(t, src, advance(runs), true)[crm.Opportunities].Page.Opportunities
	if i := slices.IndexFunc(deals, func(d crm.Opportunity) bool { return d.ID == id }); i < 0 || deals[i].Name != name || deals[i].Pipeline != recorded(a.company)[id] {
		t.Errorf("poll: %+v", deals)
	}
}

// TestRecordTypeObjectHiddenFromJobs is the same by a Bulk job.
func TestRecordTypeObjectHiddenFromJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBulkOrg(t, 300)
		b.company.HideObject("RecordType")
		src := b.source(t)
		if _, err := src.Describe(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.company.AddRecordType("Partner") // after describe
		partner := b.company.IDs("RecordType")
		if err := b.company.SetField(b.company.IDs("Opportunity")[5], "RecordTypeId", partner[len(partner)-1]); err != nil {
			t.Fatal(err)
		}
		pages, _ := pagesOf(t, src, crm.Opportunities, "", nil)
		var deals []crm.Opportunity
		for _, p := range pages {
			deals = append(deals, p.Opportunities...)
		}
		if diff := cmp.Diff(recorded(b.company), pipelines(deals)); diff != "" || len(b.org.Jobs()) != 1 {
			t.Errorf("%d jobs, %s", len(b.org.Jobs()), diff)
		}
	})
}

// TestNewRecordType: a deal with a record type that describe did not tell has the right
// pipeline at once, for one call more.
func TestNewRecordType(t *testing.T) {
	for _, poll := range []bool{true, false} {
		a, src, at := synced(t, sim.Options{Deals: 60})
		id := a.company.IDs("Opportunity")[3]
		set(t, a, id, "RecordTypeId", a.company.AddRecordType("Partner"))
		a.company.SetNow(a.company.Now().Add(time.Minute))
		calls(a)
		runs := runAll(t, src, at, poll)
		described := 0
		for _, c := range calls(a) {
			if c == "describe" {
				described++
			}
		}
		if got := pipelines(runs[crm.Opportunities].Page.Opportunities); got[id] != "Partner" || described != 1 {
			t.Errorf("poll %v: pipeline %q after %d calls of describe", poll, got[id], described)
		}
		if note := runs[crm.Opportunities].Page.Note; !strings.Contains(note, "the record types Partner only when it was asked again") {
			t.Errorf("poll %v: said %q", poll, note)
		}
		set(t, a, id, "Amount", 5.0)
		calls(a)
		runAll(t, src, advance(runs), poll)
		if slices.Contains(calls(a), "describe") {
			t.Errorf("poll %v: describe is called again for a record type that is known", poll)
		}
	}
}

// TestUntoldRecordType: of a deal whose record type describe does not tell, the pipeline
// is unclear and the rest is read. Describe is asked once.
func TestUntoldRecordType(t *testing.T) {
	a, src, at := synced(t, sim.Options{Deals: 60})
	ids := a.company.IDs("Opportunity")
	for _, id := range ids[3:6] {
		if err := a.company.Garble(id, "RecordTypeId", "012000000000099AAA"); err != nil {
			t.Fatal(err)
		}
	}
	set(t, a, ids[3], "Amount", 77.0)
	a.company.SetNow(a.company.Now().Add(time.Minute))
	calls(a)
	for range 2 {
		runs := runAll(t, src, at, true)
		deals := runs[crm.Opportunities].Page.Opportunities
		unclear := 0
		for _, d := range deals {
			if d.IsUnclear("pipeline") && d.Pipeline == "" && d.Stage != "" {
				unclear++
			}
		}
		if unclear != 3 {
			t.Errorf("%d deals have an unclear pipeline: %+v", unclear, deals)
		}
		at = advance(runs)
	}
	described := 0
	for _, c := range calls(a) {
		if c == "describe" {
			described++
		}
	}
	if described > 2 { // once in a run
		t.Errorf("%d calls of describe", described)
	}
}

// TestRenamedRecordType: after a record type was renamed, which stamps no deal, all deals
// are read once more, so all have the new name in the same run as the stages have it.
func TestRenamedRecordType(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	a.cfg.Now = a.company.Now
	a.org.Set(func(o *sim.SalesforceOptions) { o.SessionIdle = 1000 * time.Hour })
	src := a.Source(t)
	if _, err := src.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	at := advance(runAll(t, src, map[crm.Stream]crm.Cursor{}, false))
	if err := a.company.RenameRecordType("New_Business", "New_Logo"); err != nil {
		t.Fatal(err)
	}
	a.company.SetNow(a.company.Now().Add(25 * time.Hour))
	if _, err := src.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	runs := runAll(t, src, at, true)
	if diff := cmp.Diff(recorded(a.company), pipelines(runs[crm.Opportunities].Page.Opportunities)); diff != "" {
		t.Errorf("deals: %s", diff)
	}
	if !slices.ContainsFunc(runs[crm.Stages].Page.Stages, func(s crm.Stage) bool { return s.Pipeline == "New_Logo" }) {
		t.Error("no stage has the new name")
	}
	a.company.SetNow(a.company.Now().Add(time.Hour))
	if deals := runAll(t, src, advance(runs), true)[crm.Opportunities].Page.Opportunities; len(deals) > 20 {
		t.Errorf("%d deals are read again", len(deals))
	}
}
