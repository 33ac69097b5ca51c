package sim

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/clock"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
)

// since is the number of business days from a date or time of a record to the
// company's beginning.
func since(t *testing.T, rec map[string]any, field string, zone string) int {
	t.Helper()
	switch x := rec[field].(type) {
	case time.Time:
		return businessDays(crm.DateOf(x, clock.Location(zone)), crm.NewDate(2026, 11, 24))
	case crm.Date:
		return businessDays(x, crm.NewDate(2026, 11, 24))
	}
	t.Errorf("%s: got %v", field, rec[field])
	return -1
}

func TestStories(t *testing.T) {
	c := New(Options{})
	deal := func(name string) map[string]any {
		t.Helper()
		rec := c.Record(c.Find(name))
		if rec == nil {
			t.Fatalf("no deal called %q", name)
		}
		return rec
	}
	globex := deal(Globex)
	if globex["Amount"] != 86000.0 || globex["ForecastCategoryName"] != "Commit" || globex["CloseDate"] != crm.NewDate(2026, 11, 27) ||
		since(t, globex, "LastActivityDate", westZone) != 19 || globex["HasOpenActivity"] == true || globex["Economic_Buyer__c"] == nil {
		t.Errorf("%s: got %v", Globex, globex)
	}
	initech := deal(Initech)
	if initech["Amount"] != 40000.0 || initech["ForecastCategoryName"] != "Commit" || initech["PushCount"] != 2 || since(t, initech, "CloseDate", westZone) != 4 {
		t.Errorf("%s: got %v", Initech, initech)
	}
	hooli := deal(Hooli)
	if hooli["StageName"] != Negotiation || since(t, hooli, "LastStageChangeDate", westZone) != 1 || hooli["Economic_Buyer__c"] != nil || hooli["Decision_Criteria__c"] == nil {
		t.Errorf("%s: got %v", Hooli, hooli)
	}
	vandelay := deal(Vandelay)
	if vandelay["StageName"] != Proposal || since(t, vandelay, "LastStageChangeDate", westZone) != 28 || since(t, vandelay, "LastActivityDate", westZone) > 14 {
		t.Errorf("%s: got %v", Vandelay, vandelay)
	}
	umbrella := deal(Umbrella)
	if umbrella["StageName"] != Proposal || umbrella["HasOpenActivity"] != true || umbrella["NextStep"] == nil || umbrella["Decision_Criteria__c"] == nil {
		t.Errorf("%s: got %v", Umbrella, umbrella)
	}
	if hostile := deal(Hostile); hostile["NextStep"] != nil {
		t.Errorf("the hostile deal: got %v", hostile)
	}
	if New(Options{NoHostile: true, Deals: 20}).Find(Hostile) != "" {
		t.Error("NoHostile did not leave out the hostile deal")
	}
}

func TestCompanyIsPlausible(t *testing.T) {
	c := New(Options{})
	open, west, fine := 0, 0, 0
	names := map[string]bool{}
	for _, id := range c.IDs("Opportunity") {
		rec := c.Record(id)
		names[rec["Name"].(string)] = true
		created, changed := rec["CreatedDate"].(time.Time), rec["SystemModstamp"].(time.Time)
		if changed.Before(created) || changed.After(DefaultStart()) || rec["LastModifiedDate"].(time.Time).After(changed) {
			t.Errorf("%s: created %v, modified %v, stamped %v", rec["Name"], created, rec["LastModifiedDate"], changed)
		}
		if rec["IsClosed"] == true {
			continue
		}
		open++
		d := c.deals[id]
		if d.owner.team == "West" {
			west++
		}
		if d.problem == inOrder && !d.story {
			fine++
			if rec["CloseDate"].(crm.Date) <= today(c) || c.silence(d, today(c)) > 14 || d.stages[len(d.stages)-1].to != Prospecting && rec["NextStep"] == nil {
				t.Errorf("%s is not in order: %v", rec["Name"], rec)
			}
		}
	}
	if open != 300 || west != 212 || len(c.IDs("Opportunity")) != 500 {
		t.Errorf("got %d open, %d of them West's, of %d", open, west, len(c.IDs("Opportunity")))
	}
	if share := fine * 100 / open; share < 72 || share > 85 {
		t.Errorf("%d %% in order", share)
	}
	if len(names) != 500 {
		t.Errorf("got %d different names", len(names))
	}
}

// The first day holds what a second digest requires: fixed deals, new deals, a rep
// who leaves, a deletion, a moved task.
func TestFirstDay(t *testing.T) {
	c := New(Options{})
	problems := func() (bad []string) {
		for id, d := range c.deals {
			if d.problem != inOrder && !d.story {
				bad = append(bad, id)
			}
		}
		return bad
	}
	flawed := problems()
	what := map[string]any{}
	for _, id := range c.IDs("Task") {
		what[id] = c.Record(id)["WhatId"]
	}
	count := len(c.IDs("Opportunity"))
	past := func() (n int) {
		for _, object := range []string{"Opportunity", "Task", "Event", "OpportunityHistory"} {
			for _, r := range c.rec.Tables[object].Rows {
				if !r.Values["CreatedDate"].(time.Time).After(DefaultStart()) {
					n++
				}
			}
		}
		return n
	}
	past0 := past()
	next := DefaultStart().AddDate(0, 0, 1)
	c.Advance(next)
	if !c.Now().Equal(next) {
		t.Errorf("the clock shows %v", c.Now())
	}
	if n := past(); n != past0 {
		t.Errorf("%d records came into the past", n-past0)
	}
	fixed := 0
	for _, id := range flawed {
		if c.deals[id].problem == inOrder {
			fixed++
		}
	}
	if fixed < 5 || fixed > len(flawed)/2 {
		t.Errorf("%d of %d problems were fixed", fixed, len(flawed))
	}
	dana := c.User(leaverMail)
	hers := 0
	for _, id := range c.IDs("Opportunity") {
		if rec := c.Record(id); rec["OwnerId"] == dana && rec["IsClosed"] != true {
			hers++
		}
	}
	if c.Record(dana)["IsActive"] != false || hers != 3 {
		t.Errorf("Dana: active %v, %d deals", c.Record(dana)["IsActive"], hers)
	}
	deleted, won, lost := 0, 0, 0
	for _, r := range c.rec.Tables["Opportunity"].Rows {
		if r.Values["IsDeleted"] == true {
			deleted++
		}
		if at, _ := r.Values["LastStageChangeDate"].(time.Time); at.After(DefaultStart()) && r.Values["IsClosed"] == true {
			if r.Values["IsWon"] == true {
				won++
			} else {
				lost++
			}
		}
	}
	if deleted != 1 || won == 0 || lost == 0 {
		t.Errorf("%d deleted, %d won, %d lost", deleted, won, lost)
	}
	moved := 0
	for id, old := range what {
		if now := c.Record(id)["WhatId"]; now != old {
			moved++
		}
	}
	if moved != 1 {
		t.Errorf("%d tasks moved to another deal", moved)
	}
	if n := len(c.IDs("Opportunity")) + deleted - count; n < 1 {
		t.Errorf("%d new deals", n)
	}
	if u := c.Record(c.Find(Umbrella)); u["StageName"] != Negotiation || u["Economic_Buyer__c"] == nil || u["HasOpenActivity"] != true {
		t.Errorf("%s: got %v", Umbrella, u)
	}
}

// After a quarter the company still has open deals, and no record is stamped later
// than the present.
func TestCompanyLivesOn(t *testing.T) {
	c := New(Options{Deals: 100})
	end := DefaultStart().AddDate(0, 3, 0)
	c.Advance(end)
	open := 0
	for _, o := range []string{"Opportunity", "Task", "OpportunityHistory"} {
		for _, id := range c.IDs(o) {
			rec := c.Record(id)
			if at := rec["SystemModstamp"].(time.Time); at.After(end) {
				t.Fatalf("%s %s is stamped %v", o, id, at)
			}
			if o == "Opportunity" && rec["IsClosed"] != true {
				open++
			}
		}
	}
	if open < 40 || open > 250 {
		t.Errorf("%d deals are open", open)
	}
	dump := c.Dump()
	c.Advance(end.Add(-time.Hour))
	c.SetNow(end) // derived fields depend on the time
	if string(c.Dump()) != string(dump) {
		t.Error("going back wrote something")
	}
}

func TestMutators(t *testing.T) {
	c := New(Options{Deals: 20})
	id := c.Find(Globex)
	for field, value := range map[string]any{"Amount": "many", "CloseDate": "27/11/2026", "Nonsense": 1} {
		if err := c.SetField(id, field, value); err == nil {
			t.Errorf("%s = %v was accepted", field, value)
		}
	}
	if err := c.SetField("006000000000000AAA", "Amount", 1); err == nil {
		t.Error("a record that does not exist was changed")
	}
	if err := c.SetField(id, "NextStep", ""); err != nil || c.Record(id)["NextStep"] != nil {
		t.Errorf("an empty text is stored as %v (%v)", c.Record(id)["NextStep"], err)
	}
	if err := c.CloseLost(id, "Price"); err != nil {
		t.Fatal(err)
	}
	if rec := c.Record(id); rec["IsClosed"] != true || rec["IsWon"] != false || rec["Loss_Reason__c"] != "Price" || rec["CloseDate"] != today(c) {
		t.Errorf("lost: got %v", rec)
	}
	task := c.AddTask(org.Task{WhatID: id, Subject: "Call", Due: today(c), Closed: true})
	if rec := c.Record(id); rec["LastActivityDate"] != today(c) {
		t.Errorf("last activity: got %v", rec["LastActivityDate"])
	}
	todo := c.AddTask(org.Task{WhatID: id, Subject: "Send the offer", Due: today(c) - 1})
	if rec := c.Record(id); rec["HasOpenActivity"] != true || rec["HasOverdueTask"] != true {
		t.Errorf("an overdue task: got %v", rec)
	}
	if err := c.CompleteTask(todo); err != nil || c.Record(id)["HasOverdueTask"] != false {
		t.Errorf("a completed task is overdue still (%v)", err)
	}
	other := c.Find(Hostile) // has no meeting booked later than today
	if err := c.MoveActivity(task, other); err != nil {
		t.Fatal(err)
	}
	if c.Record(id)["LastActivityDate"] == today(c) || c.Record(other)["LastActivityDate"] != today(c) {
		t.Error("the moved task still counts for the old deal")
	}
	if got := strings.Join(c.Activities(other), " "); !strings.Contains(got, task) {
		t.Errorf("activities: got %s", got)
	}
	if err := c.Purge(other); err != nil || c.Record(other) != nil {
		t.Errorf("purged: %v", err)
	}
}
