package hubspot_test

import (
	"slices"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestKeep reads with fewer and with more months to be kept, and changes records that
// are too old.
func TestKeep(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	now := a.company.Now()
	ago := func(days int) string { return now.AddDate(0, 0, -days).UTC().Format(time.RFC3339) }
	create := func(typ string, p map[string]string) string {
		deal := ""
		if typ != "deals" {
			deal = a.portal.IDs("deals")[0]
		}
		id, err := a.portal.Create(typ, deal, p)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	deal := func(stage, closed string) string {
		return create("deals", map[string]string{"dealname": "kept?", "pipeline": "default", "dealstage": stage, "closedate": closed})
	}
	oldWon, newWon := deal("closedwon", ago(400)), deal("closedwon", ago(300))
	oldOpen, undated := deal("appointmentscheduled", ago(400)), deal("closedlost", "")
	if err := a.portal.SetProperty("deals", undated, "closedate", ""); err != nil {
		t.Fatal(err)
	}
	oldNote := "notes:" + create("notes", map[string]string{"hs_timestamp": ago(400)})
	newNote := "notes:" + create("notes", map[string]string{"hs_timestamp": ago(300)})
	openTask := "tasks:" + create("tasks", map[string]string{"hs_timestamp": ago(400), "hs_task_status": "NOT_STARTED"})
	doneTask := "tasks:" + create("tasks", map[string]string{"hs_timestamp": ago(400), "hs_task_status": "COMPLETED"})
	a.later(time.Minute)

	cache, at := newCache(t), map[crm.Stream]crm.Cursor{}
	history := map[string]bool{}
	read := func(months int) (deleted []string) {
		t.Helper()
		a.cfg.Keep = hubspot.Keep{Closed: connectors.Months(months), Activities: connectors.Months(months)}
		src := a.Source(t)
		for _, s := range []crm.Stream{crm.Opportunities, crm.Activities, crm.History} {
			p := joined(toEnd(t, src, s, at[s]))
			at[s] = p.Next
			for _, o := range p.Opportunities {
				cache.deals[o.ID] = o
			}
			for _, act := range p.Activities {
				cache.activities[act.ID] = act
			}
			for _, c := range p.Changes {
				history[c.OpportunityID] = true
			}
			for _, id := range p.Deleted {
				delete(cache.deals, id)
				delete(cache.activities, id)
				delete(history, id)
			}
			deleted = append(deleted, p.Deleted...)
		}
		return deleted
	}
	check := func(what string, want bool) {
		t.Helper()
		for id, want := range map[string]bool{oldWon: want, newWon: true, oldOpen: true, undated: true} {
			if _, got := cache.deals[id]; got != want {
				t.Errorf("%s: deal %s is kept: %v, want %v", what, id, got, want)
			}
			if history[id] != want {
				t.Errorf("%s: the history of deal %s is kept: %v, want %v", what, id, history[id], want)
			}
		}
		for id, want := range map[string]bool{oldNote: want, doneTask: want, newNote: true, openTask: true} {
			if _, got := cache.activities[id]; got != want {
				t.Errorf("%s: activity %s is kept: %v, want %v", what, id, got, want)
			}
		}
	}
	if deleted := read(12); slices.Contains(deleted, oldWon) || slices.Contains(deleted, oldNote) {
		t.Error("the first reading reports records as deleted that no cache has")
	}
	check("a year at first", false)
	a.later(20 * time.Minute)
	if read(0); len(cache.deals) != len(a.portal.IDs("deals")) {
		t.Error("the older deals were not read when all are to be kept")
	}
	check("all", true)
	for _, id := range []string{oldWon, newWon} {
		if err := a.portal.SetProperty("deals", id, "amount", "5"); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{oldNote, newNote} {
		if err := a.portal.SetProperty("notes", id[len("notes:"):], "hs_note_body", "x"); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.portal.SetProperty("tasks", doneTask[len("tasks:"):], "hs_task_subject", "x"); err != nil {
		t.Fatal(err)
	}
	a.later(time.Minute)
	read(12)
	check("changed when too old", false)
	a.later(20 * time.Minute) // beyond the overlap
	read(12)
	a.later(20 * time.Minute)
	read(24)
	check("two years after one", true)
	// A record that is too old now without a change goes with the daily reading.
	a.later(26 * time.Hour)
	read(12)
	check("a year, by the daily reading", false)
	if pages, err := a.Source(t).(crm.Recaller).Recall(t.Context(), []string{oldWon, newWon}); err != nil || len(pages[0].Opportunities) != 1 || !slices.Equal(pages[0].Deleted, []string{oldWon}) {
		t.Errorf("recalled %v, %v", pages, err)
	}
}

// TestATwinIsKept: a deal that was won long ago is kept while it names its copy in another
// CRM.
func TestATwinIsKept(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 5})
	closed := a.company.Now().AddDate(0, 0, -400).UTC().Format(time.RFC3339)
	made := func(twin string) string {
		id, err := a.portal.Create("deals", "", map[string]string{"dealname": "kept?", "pipeline": "default", "dealstage": "closedwon", "closedate": closed, "hs_next_step": twin})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	twin, alone := made("006000000000001AAA"), made("")
	a.later(time.Minute)
	a.cfg.Keep, a.cfg.Fields = hubspot.Keep{Closed: 12}, map[string]string{crm.SameAs: "hs_next_step"}
	src := a.Source(t)
	p := joined(toEnd(t, src, crm.Opportunities, ""))
	has := func(id string) bool {
		return slices.ContainsFunc(p.Opportunities, func(o crm.Opportunity) bool { return o.ID == id })
	}
	if !has(twin) || has(alone) {
		t.Errorf("the deal that names its copy is kept: %v, one that names none: %v", has(twin), has(alone))
	}
	if err := a.portal.SetProperty("deals", twin, "amount", "5"); err != nil {
		t.Fatal(err)
	}
	a.later(time.Minute)
	if p = joined(toEnd(t, src, crm.Opportunities, p.Next)); !has(twin) || slices.Contains(p.Deleted, twin) {
		t.Errorf("after a change: %+v", p)
	}
}
