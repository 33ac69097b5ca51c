package hubspot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// Fifteen ways in which other connectors have lost data of HubSpot's, each a test called
// TestFailure and a number. Tests that require no portal, or belong to another subject,
// are in the files beside this file.

// imported adds n deals, all of one millisecond.
func (a *account) imported(n int) []string {
	a.t.Helper()
	return a.importedAt(n, time.Time{})
}

// importedAt adds n deals with a stamp; the zero time is now.
func (a *account) importedAt(n int, at time.Time) []string {
	a.t.Helper()
	rows := make([]map[string]string, n)
	for i := range rows {
		rows[i] = map[string]string{"dealname": fmt.Sprint("imported ", i), "pipeline": "default", "dealstage": "appointmentscheduled"}
	}
	ids, err := a.portal.Import("deals", at, rows)
	if err != nil {
		a.t.Fatal(err)
	}
	return ids
}

// caughtUp returns a portal of which all deals have been read, so long ago that no
// overlap reaches back to them.
func caughtUp(t *testing.T) (*account, *cache) {
	t.Helper()
	a := newAccount(t, sim.Options{Deals: 60})
	a.cfg.PageLimit = 0
	deals := newCache(t)
	deals.run(a.Source(t), crm.Opportunities)
	a.later(20 * time.Minute)
	a.portal.ResetCalls()
	return a, deals
}

// bounded compares the calls with the bound for n changed deals.
func (a *account) bounded(n int) {
	a.t.Helper()
	calls, by := a.spent()
	a.t.Logf("%d calls", calls)
	const describe, bin, overlap = 12, 1, 2
	if most := ceil(n, 200) + ceil(n, 100) + describe + bin + overlap; calls > most {
		a.t.Errorf("%d changed deals took %d calls, want at most %d: %v", n, calls, most, by)
	}
}

// TestFailure01TenThousandWall changes 25,000 deals between two runs. No search is
// answered beyond its first 10,000 rows (airbyte PR 10700; node issue 132).
func TestFailure01TenThousandWall(t *testing.T) {
	t.Parallel()
	a, deals := caughtUp(t)
	a.later(time.Minute)
	for i := range 25 { // the order of their stamps is not that of their ids
		a.importedAt(1000, a.company.Now().Add(time.Duration(-i)*time.Second))
	}
	a.later(time.Minute)
	deals.run(a.Source(t), crm.Opportunities)
	a.same(deals)
	a.bounded(25_000)
}

// TestFailure02OneMillisecond gives 12,000 deals the same stamp, as imports do: a
// cursor of times would never get past that stamp (airbyte issue 43317).
// TestManyChangesAreReadOnce does the same with a poll of all streams.
func TestFailure02OneMillisecond(t *testing.T) {
	t.Parallel()
	a, deals := caughtUp(t)
	a.imported(12_000)
	a.later(time.Minute)
	deals.run(a.Source(t), crm.Opportunities)
	a.same(deals)
	a.bounded(12_000)
}

// TestFailure05ContactsByTheirCursor proves that no search is made for contacts: the
// stamp of contacts has another name, and a search by the wrong name finds none without
// an error (airbyte PR 85019). Contacts come as links of deals.
func TestFailure05ContactsByTheirCursor(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	src, at := a.Source(t), map[crm.Stream]crm.Cursor{}
	if p := poll(t, src, at); len(p[crm.Contacts].Contacts) == 0 {
		t.Error("no contact was read")
	}
	for range 3 {
		a.later(time.Hour)
		poll(t, src, at)
		a.later(20 * time.Minute)
		toEnd(t, src, crm.Contacts, at[crm.Contacts]) // without the search that a poll shares
	}
	for call := range a.portal.Tally().Calls {
		if strings.HasPrefix(call, "contacts") && call != "contacts list" { // the list shows whether the token has the scope
			t.Errorf("called %s", call)
		}
	}
}

// TestFailure06UpdatedDuringTheRun changes a deal after its page was read and before
// the run ends (tap-hubspot PR 226).
func TestFailure06UpdatedDuringTheRun(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	src := a.Source(t)
	p, err := src.Fetch(t.Context(), crm.Opportunities, "")
	if err != nil || !p.More {
		t.Fatal(err)
	}
	id := p.Opportunities[0].ID
	a.later(30 * time.Minute) // a long run
	if err := a.portal.SetProperty("deals", id, "dealname", "changed meanwhile"); err != nil {
		t.Fatal(err)
	}
	a.later(30 * time.Minute)
	at := joined(toEnd(t, src, crm.Opportunities, p.Next)).Next
	a.later(time.Minute)
	for _, o := range joined(toEnd(t, src, crm.Opportunities, at)).Opportunities {
		if o.ID == id && o.Name == "changed meanwhile" {
			return
		}
	}
	t.Error("the change was not read")
}

// TestFailure10LinksOfChanges compares the links of changed records in an increment
// with the links in a backfill: searches tell no links (airbyte issues 14390, 14639).
func TestFailure10LinksOfChanges(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	src, at := a.Source(t), map[crm.Stream]crm.Cursor{}
	first := poll(t, src, at)
	deal := first[crm.Contacts].ContactsOf[0]
	var act crm.Activity
	for _, x := range first[crm.Activities].Activities {
		if x.Kind == crm.Note {
			act = x
		}
	}
	a.later(20 * time.Minute)
	if err := a.portal.SetProperty("deals", deal, "dealname", "x"); err != nil {
		t.Fatal(err)
	}
	if err := a.portal.SetProperty("notes", strings.TrimPrefix(act.ID, "notes:"), "hs_note_body", "x"); err != nil {
		t.Fatal(err)
	}
	a.later(time.Minute)
	p := poll(t, src, at)
	of := func(list []crm.Contact) (out []crm.Contact) {
		for _, c := range list {
			if c.OpportunityID == deal {
				out = append(out, c)
			}
		}
		return out
	}
	if diff := cmp.Diff(of(first[crm.Contacts].Contacts), of(p[crm.Contacts].Contacts)); diff != "" {
		t.Errorf("contacts (-backfill +increment):\n%s", diff)
	}
	if diff := cmp.Diff([]crm.Activity{act}, p[crm.Activities].Activities); diff != "" {
		t.Errorf("activities (-backfill +increment):\n%s", diff)
	}
}

// TestFailure11PartIsNoFailure archives a deal that the index still finds: the batch
// is answered in part (207), and the other deals must be read all the same
// (hubspot-api-php issue 619).
func TestFailure11PartIsNoFailure(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	deals := newCache(t)
	deals.run(a.Source(t), crm.Opportunities)
	a.later(20 * time.Minute)
	ids := a.portal.IDs("deals")[:3]
	for _, id := range ids {
		if err := a.portal.SetProperty("deals", id, "dealname", "changed"); err != nil {
			t.Fatal(err)
		}
	}
	a.later(time.Minute)
	a.portal.Set(func(o *sim.HubSpotOptions) { o.IndexLag = 10 * time.Minute })
	if err := a.portal.Archive("deals", ids[1]); err != nil {
		t.Fatal(err)
	}
	a.portal.ResetCalls()
	deals.run(a.Source(t), crm.Opportunities)
	part := false
	for _, c := range a.portal.Calls() {
		part = part || c.Status == 207
	}
	if !part {
		t.Fatal("nothing was answered in part")
	}
	a.same(deals)
	if deals.deals[ids[0]].Name != "changed" || deals.deals[ids[2]].Name != "changed" {
		t.Error("the deals beside the archived one were not read")
	}
}

// TestFailure12LinksArePaged links 700 contacts with one deal (hubspot-api-python
// issues 135 and 187).
func TestFailure12LinksArePaged(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	deal := ""
	for _, id := range a.portal.IDs("deals") {
		if a.portal.Properties("deals", id)["hs_is_closed"] == "false" {
			deal = id
		}
	}
	rows := make([]map[string]string, 700)
	for i := range rows {
		rows[i] = map[string]string{"email": fmt.Sprintf("c%d@buyer.example", i)}
	}
	ids, err := a.portal.Import("contacts", time.Time{}, rows)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if err := a.portal.Associate("deals", deal, "contacts", id); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]bool{}
	for _, c := range joined(toEnd(t, a.Source(t), crm.Contacts, "")).Contacts {
		if c.OpportunityID == deal {
			got[c.ContactID] = true
		}
	}
	for _, id := range ids {
		if !got[id] {
			t.Fatalf("contact %s is missing among %d", id, len(got))
		}
	}
}

// TestFailure15CalculatedAndOwn changes a calculated property without a stamp, which
// the day's reading finds, and adds a task that an integration made, which must count
// as automated.
func TestFailure15CalculatedAndOwn(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	cache := newCache(t)
	cache.run(a.Source(t), crm.Opportunities)
	cache.run(a.Source(t), crm.Activities)
	id := a.portal.IDs("deals")[4]
	a.later(20 * time.Minute)
	task, err := a.portal.Create("tasks", id, map[string]string{"hs_timestamp": "2027-01-01T09:00:00Z", "hs_task_status": "NOT_STARTED", "hs_object_source": "INTEGRATION"})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.portal.SetQuietly("deals", id, "notes_last_contacted", "2026-11-01T09:00:00Z"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		a.later(25 * time.Hour)
		cache.run(a.Source(t), crm.Opportunities)
		cache.run(a.Source(t), crm.Activities)
	}
	if got := cache.deals[id].LastActivityAt; !got.Equal(time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("the last contact was at %v", got)
	}
	if got := cache.activities["tasks:"+task]; !got.Automated {
		t.Errorf("the task counts as a person's: %+v", got)
	}
}
