package salesforce_test

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

func TestKeep(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	deals := openDeals(a)
	now := a.company.Now()
	ago := func(days int) crm.Date { return crm.DateOf(now, time.UTC) - crm.Date(days) }
	oldWon, oldOpen, lately := deals[0], deals[1], deals[2]
	for id, days := range map[string]int{oldWon: 400, oldOpen: 400, lately: 300} {
		if id != oldOpen {
			if err := a.company.CloseWon(id); err != nil {
				t.Fatal(err)
			}
		}
		set(t, a, id, "CloseDate", ago(days))
	}
	tasks := map[string]bool{ // id → whether the task is kept
		a.company.AddTask(sim.Task{WhatID: oldOpen, Closed: true, Due: ago(400)}):      false,
		a.company.AddTask(sim.Task{WhatID: oldOpen, Due: ago(400)}):                    true,
		a.company.AddTask(sim.Task{WhatID: oldOpen, Closed: true, Due: ago(300)}):      true,
		a.company.AddTask(sim.Task{WhatID: oldOpen, Closed: true}):                     true,
		a.company.AddEvent(sim.Event{WhatID: oldOpen, Begin: now.AddDate(0, 0, -400)}): false,
		a.company.AddEvent(sim.Event{WhatID: oldOpen, Begin: now.AddDate(0, 0, -300)}): true,
		a.company.AddEvent(sim.Event{WhatID: oldOpen, Begin: now.AddDate(0, 0, 300)}):  true,
	}
	a.tick()
	a.cfg.Keep.Closed, a.cfg.Keep.Activities = 12, 12
	src := a.Source(t)
	d, acts := newCache(t, crm.Opportunities), newCache(t, crm.Activities)
	d.run(src)
	acts.run(src)
	for id, want := range map[string]bool{oldWon: false, oldOpen: true, lately: true} {
		if d.delivered[id] > 0 != want {
			t.Errorf("deal %s: delivered %d times, kept is %v", id, d.delivered[id], want)
		}
	}
	for id, want := range tasks {
		if acts.delivered[id] > 0 != want {
			t.Errorf("activity %s: delivered %d times, kept is %v", id, acts.delivered[id], want)
		}
	}

	// A deal that is open in the cache is closed with an old date, and must not stay open.
	a.tick()
	if err := a.company.CloseWon(oldOpen); err != nil {
		t.Fatal(err)
	}
	set(t, a, oldOpen, "CloseDate", ago(400))
	a.tick()
	d.run(src)
	if _, there := d.deals[oldOpen]; there || d.delivered[oldOpen] == 0 {
		t.Error("the deal that was closed is still there")
	}

	// A shorter time starts no backfill, a longer time does.
	again := func(months int) int {
		t.Helper()
		a.company.SetNow(a.company.Now().Add(time.Hour))
		a.cfg.Keep.Closed = connectors.Months(months)
		d.run(a.Source(t))
		return len(d.delivered)
	}
	total := len(a.company.IDs("Opportunity"))
	for _, c := range []struct {
		months int
		full   bool
	}{{12, false}, {6, false}, {12, true}, {12, false}, {0, true}, {0, false}, {24, false}, {0, true}} {
		if n := again(c.months); n > total/2 != c.full {
			t.Errorf("keeping %d months, %d of %d came; read again should be %v", c.months, n, total, c.full)
		}
		if _, there := d.deals[lately]; !there {
			t.Errorf("keeping %d months, a deal that nobody touched has left the cache", c.months)
		}
	}
	if _, there := d.deals[oldWon]; !there {
		t.Error("everything is kept now, but the old deal is not there")
	}
}

// TestATwinIsKept: a deal that was won long ago, and names its copy in another CRM, is read
// at first, and stays when it changes. Without the name it goes.
func TestATwinIsKept(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 20, HubSpot: true})
	deals := openDeals(a)
	ago := crm.DateOf(a.company.Now(), time.UTC) - 400
	for _, id := range deals[:3] {
		if err := a.company.CloseWon(id); err != nil {
			t.Fatal(err)
		}
		set(t, a, id, "CloseDate", ago)
	}
	twin, alone, later := deals[0], deals[1], deals[2]
	set(t, a, twin, "HubSpot_Deal_Id__c", "42")
	a.tick()
	a.cfg.Keep.Closed, a.cfg.Fields = 12, map[string]string{crm.SameAs: "HubSpot_Deal_Id__c"}
	src, d := a.Source(t), newCache(t, crm.Opportunities)
	d.run(src)
	if _, there := d.deals[twin]; !there || d.delivered[alone] > 0 {
		t.Errorf("at first, the twin is there: %v; the deal that names none came %d times", there, d.delivered[alone])
	}
	for _, id := range []string{twin, later} {
		set(t, a, id, "NextStep", "invoiced")
	}
	set(t, a, later, "HubSpot_Deal_Id__c", "43")
	a.tick()
	d.run(src)
	for id, want := range map[string]bool{twin: true, later: true, alone: false} {
		if _, there := d.deals[id]; there != want {
			t.Errorf("deal %s: kept is %v, want %v", id, there, want)
		}
	}
	set(t, a, twin, "HubSpot_Deal_Id__c", nil)
	a.tick()
	d.run(src)
	if _, there := d.deals[twin]; there {
		t.Error("a deal that names none any more is kept")
	}
}
