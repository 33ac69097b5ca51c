package daemon_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// parks are the parks of a deal in short, with how many of its findings are shown and how
// many are paused.
func (x *orgBench) parks(id string) (said string, shown, paused int) {
	x.t.Helper()
	ks, err := x.store.Parks(x.t.Context(), "sales")
	if err != nil {
		x.t.Fatal(err)
	}
	var out []string
	for i := range ks {
		if k := &ks[i]; k.Record == id {
			out = append(out, strings.TrimSpace(string(k.How)+" until "+k.Until.Short()+" for "+k.Reason+" "+string(k.End)))
		}
	}
	for _, l := range x.life() {
		switch {
		case l.Record != id || l.State != hygiene.Open:
		case l.Paused:
			paused++
		default:
			shown++
		}
	}
	return strings.Join(out, ", "), shown, paused
}

// is fails unless the parks of the deal are those, and its findings are shown or paused.
func (x *orgBench) is(when, id, want string, quiet bool) {
	x.t.Helper()
	said, shown, paused := x.parks(id)
	if said != want || (shown == 0) != quiet || (paused > 0) != quiet {
		x.t.Errorf("%s: parked %q, %d findings shown, %d paused; want %q, quiet %v", when, said, shown, paused, want, quiet)
	}
}

// failing is an open deal that breaks a rule whatever is booked.
func (x *orgBench) failing() string {
	x.t.Helper()
	found := x.findings()
	for _, rule := range []string{"no-contact", hygiene.CloseDatePast, "stage-stuck"} {
		for id, rules := range found {
			if slices.Contains(rules, rule) {
				return id
			}
		}
	}
	x.t.Fatalf("no deal breaks such a rule: %v", found)
	return ""
}

// parking are the limits of these tests.
var parking = hygiene.Parking{Once: 30, Most: 90, Subject: "On hold"}

// TestOwnerParksByFieldInAnOrg: what the owner writes into the mapped fields parks the deal
// from the next poll on, and what the login does not see takes nothing back.
func TestOwnerParksByFieldInAnOrg(t *testing.T) {
	x := newOrgBench(t, 60, func(c *salesforce.Config) {
		c.Fields = map[string]string{hygiene.HoldUntil: "On_Hold_Until__c", hygiene.HoldReason: "On_Hold_Reason__c"}
	})
	x.cfg.Parking = parking
	x.restart()
	x.polled()
	id := x.failing()
	day := crm.DateOf(x.company.Now(), time.UTC)
	write := func(field string, v any) {
		t.Helper()
		if err := x.company.SetField(id, field, v); err != nil {
			t.Fatal(err)
		}
	}
	x.is("before", id, "", false)
	write("On_Hold_Until__c", day+10)
	write("On_Hold_Reason__c", "budget in January")
	x.later(15 * time.Minute)
	x.polled()
	parked := "field until " + (day + 10).Short() + " for budget in January"
	x.is("parked", id, parked, true)

	x.company.HideField("Opportunity", "On_Hold_Until__c")
	x.later(24 * time.Hour)
	x.reborn()
	x.polled()
	x.is("hidden", id, parked, true)
	x.company.ShowField("Opportunity", "On_Hold_Until__c")

	write("On_Hold_Until__c", nil)
	x.later(24 * time.Hour)
	x.reborn()
	x.polled()
	x.is("emptied", id, parked+" taken back", false)

	write("On_Hold_Until__c", day+60)
	x.later(15 * time.Minute)
	x.polled()
	again := parked + " taken back, field until " + (day + 32).Short() + " for budget in January"
	x.is("for too long", id, again, true)
	x.later(30 * 24 * time.Hour)
	x.polled()
	x.is("on the morning of the last day", id, again+" over", false)
}

// TestOwnerParksByTask: without a mapped field an open task parks the deal, in either CRM.
func TestOwnerParksByTask(t *testing.T) {
	begin := func(x *orgBench) (string, crm.Date) {
		x.cfg.Parking = parking
		x.restart()
		x.polled()
		return x.failing(), crm.DateOf(x.company.Now(), time.UTC)
	}
	t.Run("Salesforce", func(t *testing.T) {
		x := newOrgBench(t, 60, func(c *salesforce.Config) { c.AutomatedSubjects = []string{} })
		id, day := begin(x)
		x.company.AddTask(sim.Task{WhatID: id, Subject: "Call back", Due: day + 5})
		task := x.company.AddTask(sim.Task{WhatID: id, Subject: "On hold: budget in January", Due: day + 10})
		x.later(15 * time.Minute)
		x.polled()
		parked := "task until " + (day + 10).Short() + " for budget in January"
		x.is("parked", id, parked, true)
		if err := x.company.CompleteTask(task); err != nil {
			t.Fatal(err)
		}
		x.later(15 * time.Minute)
		x.polled()
		x.is("done", id, parked+" taken back", false)
	})
	t.Run("HubSpot", func(t *testing.T) {
		x := newPortalBench(t, 60)
		id, day := begin(x.orgBench)
		due := (day + 10).In(x.cfg.Location).Add(8 * time.Hour).UTC().Format(time.RFC3339)
		task, err := x.portal.Create("tasks", id, map[string]string{"hs_timestamp": due, "hs_task_status": "NOT_STARTED", "hs_task_subject": "On hold – budget in January"})
		if err != nil {
			t.Fatal(err)
		}
		x.later(15 * time.Minute)
		x.polled()
		parked := "task until " + (day + 10).Short() + " for budget in January"
		x.is("parked", id, parked, true)
		x.set("tasks", task, "hs_task_status", "COMPLETED")
		x.later(15 * time.Minute)
		x.polled()
		x.is("done", id, parked+" taken back", false)
	})
}

// TestOwnerParksByFieldInAPortal is the same of a portal, where a deal that is closed wakes
// nobody up.
func TestOwnerParksByFieldInAPortal(t *testing.T) {
	x := newPortalBench(t, 60, func(c *hubspot.Config) {
		c.Fields = map[string]string{hygiene.HoldUntil: "on_hold_until", hygiene.HoldReason: "on_hold_reason"}
	})
	x.cfg.Parking = parking
	x.restart()
	x.polled()
	id, day := x.failing(), crm.DateOf(x.company.Now(), time.UTC)
	x.set("deals", id, "on_hold_until", (day + 10).String())
	x.set("deals", id, "on_hold_reason", "budget in January")
	x.later(15 * time.Minute)
	x.polled()
	parked := "field until " + (day + 10).Short() + " for budget in January"
	x.is("parked", id, parked, true)
	x.later(24 * time.Hour)
	if err := x.company.CloseWon(id); err != nil {
		t.Fatal(err)
	}
	x.later(15 * time.Minute)
	x.polled()
	if said, shown, paused := x.parks(id); said != parked+" closed" || shown+paused > 0 {
		t.Errorf("closed: %q, %d shown, %d paused", said, shown, paused)
	}
}

// TestWokenIsSaidInAList: a list that named the deal before it was parked, and was not sent
// since, says that it woke up; the next one does not.
func TestWokenIsSaidInAList(t *testing.T) {
	b := newBench(t, func(b *bench) { b.reps(); b.cfg.Parking = parking })
	const said = "Woke up today: parked 2 days for “budget”."
	says(t, strings.Join(b.morning("2026-11-23"), ""), "before it", "Initech", "!Woke up")
	if _, err := b.Park(t.Context(), api.ParkRequest{Deal: "006000000000001AAA", Until: "2026-11-25", Reason: "budget", By: "ops"}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(b.morning("2026-11-24"), ""); strings.Contains(got, "1. Initech") {
		t.Errorf("while it is parked:\n%s", got)
	}
	says(t, strings.Join(strings.Fields(strings.Join(b.morning("2026-11-25"), "")), " "), "the day on which it wakes up", "1. Initech", said)
	says(t, strings.Join(strings.Fields(strings.Join(b.morning("2026-11-26"), "")), " "), "the day after", "1. Initech", "!Woke up")
}

// TestParkWhileAListIsComposed: a list that is composed while its deal is parked asks about the
// deal or counts it as paused, never both, and from the next one on it is quiet.
func TestParkWhileAListIsComposed(t *testing.T) {
	for range 8 {
		b := newBench(t, func(b *bench) { b.reps(); b.cfg.Parking = parking })
		b.morning("2026-11-23")
		parked := make(chan error, 1)
		go func() {
			_, err := b.Park(t.Context(), api.ParkRequest{Deal: "006000000000001AAA", Until: "2026-11-27", Reason: "budget", By: "ops"})
			parked <- err
		}()
		for _, list := range b.morning("2026-11-24") {
			if strings.Contains(list, "1. Initech") && strings.Contains(list, "paused") {
				t.Errorf("the deal is asked about and paused:\n%s", list)
			}
		}
		if err := <-parked; err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(b.morning("2026-11-25"), ""); strings.Contains(got, "1. Initech") {
			t.Errorf("while it is parked:\n%s", got)
		}
	}
}
