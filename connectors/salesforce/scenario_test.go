package salesforce_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// The tests of this file follow a stream over several runs.

// cache holds the records of one stream after some runs, as a store would.
type cache struct {
	t          *testing.T
	stream     crm.Stream
	at         crm.Cursor
	deals      map[string]crm.Opportunity
	activities map[string]crm.Activity
	pages      int
	delivered  map[string]int // how often each id came, deleted or not
	last       crm.Page
}

func newCache(t *testing.T, s crm.Stream) *cache {
	return &cache{t: t, stream: s, deals: map[string]crm.Opportunity{}, activities: map[string]crm.Activity{}, delivered: map[string]int{}}
}

// step fetches one page and reports whether there is more.
func (c *cache) step(src crm.Source) bool {
	c.t.Helper()
	p, err := src.Fetch(c.t.Context(), c.stream, c.at)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, o := range p.Opportunities {
		c.deals[o.ID] = o
		c.delivered[o.ID]++
	}
	for _, a := range p.Activities {
		c.activities[a.ID] = a
		c.delivered[a.ID]++
	}
	for _, id := range p.Deleted {
		delete(c.deals, id)
		delete(c.activities, id)
		c.delivered[id]++
	}
	c.at, c.last = p.Next, p
	c.pages++
	return p.More
}

func (c *cache) run(src crm.Source) {
	c.t.Helper()
	c.delivered = map[string]int{}
	for c.step(src) {
	}
}

func set(t *testing.T, a *account, id, field string, value any) {
	t.Helper()
	if err := a.company.SetField(id, field, value); err != nil {
		t.Fatal(err)
	}
}

func TestOwnBudget(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 300})
	now := time.Date(2026, 11, 24, 16, 50, 0, 0, time.UTC)
	a.cfg.Now = func() time.Time { return now }
	a.cfg.Budget = 0.1
	a.cfg.DescribeEvery = 24 * time.Hour
	a.org.Set(func(o *sim.SalesforceOptions) { o.LimitMax, o.PerApp = 120, true })
	src := a.Source(t)
	var err error
	for i := 0; err == nil && i < 50; i++ {
		_, err = src.Fetch(t.Context(), crm.Stages, "")
	}
	var quota *crm.QuotaError
	if !errors.As(err, &quota) || quota.Used != 12 || quota.Limit != 12 {
		t.Fatalf("got error %v, want our budget of 12 calls used up", err)
	}
	if want := time.Date(2026, 11, 25, 16, 0, 0, 0, time.UTC); !quota.Until.Equal(want) {
		t.Errorf("it goes on at %v, want %v", quota.Until, want)
	}
	if u := src.(crm.Meter).Usage(); u.Limit != 120 || u.Used != 11 || u.Calls != 12 {
		t.Errorf("usage is %+v", u) // our figure includes the login, which the org does not count
	}
	now = now.Add(24 * time.Hour)
	if _, err := src.Fetch(t.Context(), crm.Stages, ""); err != nil {
		t.Errorf("a day later: %v", err)
	}
}

// TestNewProcessDoesNotAskForForeignPages: a new process does not call the next page of
// another session's query. Such a call cannot succeed, and some orgs answer as if the
// session had ended.
func TestNewProcessDoesNotAskForForeignPages(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 300})
	deals := newCache(t, crm.Opportunities)
	deals.step(a.Source(t))
	a.org.ResetCalls()
	deals.step(a.Source(t))
	for _, c := range a.org.Calls() {
		if strings.Contains(c.Path, "/query/") {
			t.Errorf("it asked for %s, with status %d", c.Path, c.Status)
		}
	}
}

func TestConfiguredFieldThatDoesNotExist(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	a.cfg.Fields = map[string]string{"champion": "Champion__c", "economic_buyer": "economic_buyer__c", "amount": "Name", "next_step": "Decision_Criteria__c"}
	src := a.Source(t)
	info, err := src.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]crm.Access{
		"champion":          crm.Hidden,
		"economic_buyer":    crm.Readable, // the case of a field name does not matter
		"amount":            crm.Hidden,   // a text is no amount
		"next_step":         crm.Readable,
		"contacts":          crm.Readable,
		"currency":          crm.Unmapped, // an org with one currency has no such field
		"activities":        crm.Readable,
		"history":           crm.Readable,
		"forecast_category": crm.Readable,
		"pipeline":          crm.Readable,
	} {
		if got := info.Fields.Access(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	deals := newCache(t, crm.Opportunities)
	deals.run(src)
	for id, d := range deals.deals {
		if _, ok := d.Get("champion"); ok || d.Amount.Known {
			t.Fatalf("%s has values nobody could read: %+v", id, d)
		}
		if want, _ := a.company.Record(id)["Decision_Criteria__c"].(string); d.NextStep != want {
			t.Fatalf("%s: next step is %q, want that of the configured field, %q", id, d.NextStep, want)
		}
	}
}

func TestHiddenObjects(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	a.company.HideObject("OpportunityHistory")
	a.company.HideObject("Event")
	src := a.Source(t)
	info, err := src.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.Fields.Access("history") != crm.Hidden || info.Fields.Access("activities") != crm.Hidden {
		t.Errorf("history is %s, activities are %s; half of them are none", info.Fields.Access("history"), info.Fields.Access("activities"))
	}
	if got, want := info.Why["activities"], "the login cannot read the object Event; give the run-as user read permission for this object"; got != want || info.Why["contacts"] != "" {
		t.Errorf("it says %q, want %q, and of contacts %q", got, want, info.Why["contacts"])
	}
	if s := src.Streams(); slices.Contains(s, crm.History) || !slices.Contains(s, crm.Activities) {
		t.Errorf("streams are %v", s)
	}
	if _, err := src.Fetch(t.Context(), crm.History, ""); !errors.Is(err, crm.ErrRefused) {
		t.Errorf("history: got error %v, want ErrRefused", err)
	}
	acts := newCache(t, crm.Activities)
	acts.run(src)
	if len(acts.activities) == 0 {
		t.Error("tasks can still be read")
	}
	a.company.HideObject("Opportunity")
	if _, err := a.Source(t).Describe(t.Context()); !errors.Is(err, crm.ErrRefused) {
		t.Errorf("without opportunities: got error %v, want ErrRefused", err)
	}
}

// No rule requires users and stages: if the login cannot read them, the cached records
// only grow old.
func TestHiddenUsersAndStages(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	a.company.HideObject("User")
	a.company.HideObject("OpportunityStage")
	info, err := a.Source(t).Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(info.Why["users"], "object User;") || !strings.Contains(info.Why["stages"], "object OpportunityStage;") {
		t.Errorf("it says %q", info.Why)
	}
}

// TestWhyAFieldIsHidden: Describe tells the operator why a field is hidden.
func TestWhyAFieldIsHidden(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	a.company.HideField("Opportunity", "NextStep")
	a.cfg.Fields = map[string]string{"close_date": "LeadSource", "economic_buyer": "Economic_Buyerr__c", "decision_criteria": "Decision_Criteria__c"}
	info, err := a.Source(t).Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"next_step":      "the login does not see the field NextStep of Opportunity; let the run-as user read the field (field-level security)",
		"close_date":     "fields.close_date names LeadSource, whose type is picklist; name a field of a type that fits: date, datetime",
		"economic_buyer": "fields.economic_buyer names Economic_Buyerr__c, which the login does not see on Opportunity; check the spelling of the API name, then let the run-as user read the field (field-level security)",
	}
	if d := cmp.Diff(want, info.Why); d != "" {
		t.Errorf("why (-want +got):\n%s", d)
	}
}

func TestActivityMovesAway(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	src := a.Source(t)
	acts := newCache(t, crm.Activities)
	acts.run(src)
	id := a.IDs(crm.Activities)[0]
	a.tick()
	if err := a.company.MoveActivity(id, a.company.IDs("Account")[0]); err != nil {
		t.Fatal(err)
	}
	acts.run(src)
	if got := acts.activities[id].OpportunityIDs; len(got) != 0 {
		t.Errorf("it still belongs to %v", got)
	}
}

// TestMeetingTakesPlace: a meeting ends, and its row does not change.
func TestMeetingTakesPlace(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	src := a.Source(t)
	begin := a.company.Now().Add(3 * time.Hour)
	id := a.company.AddEvent(sim.Event{WhatID: a.company.IDs("Opportunity")[0], Begin: begin, Minutes: 30})
	acts := newCache(t, crm.Activities)
	acts.run(src)
	if x := acts.activities[id]; x.Done || !x.At.Equal(begin) || x.Kind != crm.Meeting {
		t.Fatalf("before: %+v", x)
	}
	for _, after := range []time.Duration{3*time.Hour + 15*time.Minute, 4 * time.Hour} {
		a.company.SetNow(begin.Add(after - 3*time.Hour))
		acts.run(src)
		if want := after == 4*time.Hour; acts.activities[id].Done != want {
			t.Errorf("%v after it began, done is %v", after-3*time.Hour, acts.activities[id].Done)
		}
	}
}

func TestAutomated(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	rep := a.company.Record(a.company.IDs("Opportunity")[0])["OwnerId"].(string)
	user := a.company.Record(rep)
	deal := a.company.IDs("Opportunity")[0]
	id := a.company.AddTask(sim.Task{WhatID: deal, Subtype: "Email", Closed: true, By: rep})
	for _, who := range []string{"nobody@acme.example", strings.ToUpper(user["Username"].(string)), user["Email"].(string), rep, rep[:15]} {
		a.cfg.IntegrationUsers = []string{who}
		acts := newCache(t, crm.Activities)
		acts.run(a.Source(t))
		if got, want := acts.activities[id].Automated, who != "nobody@acme.example"; got != want {
			t.Errorf("integration user %s: automated is %v, want %v", who, got, want)
		}
	}
}

// Orgs that protect personal data hide fields of users. Activities are read all the
// same, and their creator is recognised by the remaining field.
func TestAutomatedWhereUsersAreHidden(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	rep := a.company.Record(a.company.IDs("Opportunity")[0])["OwnerId"].(string)
	id := a.company.AddTask(sim.Task{WhatID: a.company.IDs("Opportunity")[0], Subtype: "Email", Closed: true, By: rep})
	a.cfg.IntegrationUsers = []string{a.company.Record(rep)["Username"].(string)}
	src := a.Source(t)
	acts := newCache(t, crm.Activities)
	acts.run(src)
	a.company.HideField("User", "Email")
	a.tick()
	acts.run(src)
	if !acts.activities[id].Automated {
		t.Error("the user name is still seen")
	}
	a.company.HideObject("User")
	for _, s := range []crm.Source{src, a.Source(t)} {
		all := newCache(t, crm.Activities)
		all.run(s)
		if len(all.activities) == 0 || all.activities[id].Automated {
			t.Errorf("without users, %d activities, automated %v", len(all.activities), all.activities[id].Automated)
		}
	}
}

// TestOwnTasks: a task that our login creates for a rep is our reminder.
func TestOwnTasks(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	deal := a.company.IDs("Opportunity")[0]
	us := a.company.User("pipetidy@acme.example")
	reminder := a.company.AddTask(sim.Task{WhatID: deal, By: us})
	work := a.company.AddTask(sim.Task{WhatID: deal, OwnerID: us})
	acts := newCache(t, crm.Activities)
	acts.run(a.Source(t))
	if !acts.activities[reminder].Automated || acts.activities[work].Automated {
		t.Errorf("the reminder is automated: %v, the login's own work: %v", acts.activities[reminder].Automated, acts.activities[work].Automated)
	}
}
