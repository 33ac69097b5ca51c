package salesforce_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// The scenarios are failures that other connectors are known for.

// cache is what a store would hold of one stream after some runs.
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

func TestLateCommit(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	src := a.Source(t)
	deals := newCache(t, crm.Opportunities)
	deals.run(src)
	ids := a.company.IDs("Opportunity")
	early, late := ids[0], ids[1]

	a.tick()
	a.company.SetCommitDelay(9 * time.Minute)
	set(t, a, late, "NextStep", "stamped first, seen last")
	a.company.SetCommitDelay(0)
	a.tick()
	set(t, a, early, "NextStep", "stamped second, seen first")
	a.tick()
	deals.run(src)
	if deals.deals[early].NextStep != "stamped second, seen first" || deals.deals[late].NextStep == "stamped first, seen last" {
		t.Fatal("the scenario does not hold: one row visible, one not")
	}
	a.company.SetNow(a.company.Now().Add(8 * time.Minute))
	deals.run(src)
	if got := deals.deals[late].NextStep; got != "stamped first, seen last" {
		t.Errorf("the late row was lost: next step is %q", got)
	}
}

// TestTies has all rows share one stamp, and loses the session after each page.
func TestTies(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 300})
	src := a.Source(t)
	deals := newCache(t, crm.Opportunities)
	deals.run(src)
	a.company.SetNow(a.company.Now().Add(time.Hour))
	a.company.Restamp("Opportunity")
	a.tick()
	deals.delivered = map[string]int{}
	before := deals.pages
	for deals.step(src) {
		a.org.ExpireSessions()
	}
	if n := len(deals.deals); n != len(deals.delivered) || deals.pages-before < 2 {
		t.Fatalf("%d of %d rows came, on %d pages", len(deals.delivered), n, deals.pages-before)
	}
	for id, n := range deals.delivered {
		if n != 1 {
			t.Errorf("%s came %d times", id, n)
		}
	}
}

func TestPagesGoneInBetween(t *testing.T) {
	for name, lose := range map[string]func(*account){
		"session ended":            func(a *account) { a.org.ExpireSessions() },
		"query locator timed out":  func(a *account) { a.company.SetNow(a.company.Now().Add(16 * time.Minute)) },
		"both, with a new process": func(a *account) { a.org.ExpireSessions(); a.tick() },
	} {
		for _, s := range []crm.Stream{crm.Opportunities, crm.Activities, crm.History} {
			t.Run(name+"/"+string(s), func(t *testing.T) {
				a := newAccount(t, sim.Options{Deals: 300})
				src := a.Source(t)
				var got []string
				var at crm.Cursor
				for i := 0; ; i++ {
					p, err := src.Fetch(t.Context(), s, at)
					if err != nil {
						t.Fatal(err)
					}
					for _, o := range p.Opportunities {
						got = append(got, o.ID)
					}
					for _, x := range p.Activities {
						got = append(got, x.ID)
					}
					for _, c := range p.Changes {
						got = append(got, c.ID)
					}
					if at = p.Next; !p.More {
						break
					}
					lose(a)
					if strings.Contains(name, "new process") {
						src = a.Source(t)
					}
				}
				want := a.IDs(s)
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) {
					t.Errorf("read %d ids, want %d", len(got), len(want))
				}
			})
		}
	}
}

// TestSessionEndsDuringPage ends the session behind the connector's back, so
// that the 401 comes in the middle of a run.
func TestSessionEndsDuringPage(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 300})
	src := a.Source(t)
	deals := newCache(t, crm.Opportunities)
	deals.step(src)
	a.org.ExpireSessions()
	before := a.org.Tokens()
	for deals.step(src) {
	}
	if n := a.org.Tokens() - before; n != 1 {
		t.Errorf("%d logins, want 1", n)
	}
	if len(deals.deals) != len(a.IDs(crm.Opportunities)) {
		t.Errorf("%d deals, want %d", len(deals.deals), len(a.IDs(crm.Opportunities)))
	}
}

func TestManySeeOneSessionEnd(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	src := a.Source(t)
	if _, err := src.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.org.ExpireSessions()
	before := a.org.Tokens()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := src.Fetch(t.Context(), crm.Users, ""); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := a.org.Tokens() - before; n != 1 {
		t.Errorf("%d logins for one session that ended, want 1", n)
	}
}

func TestIncurableRefusal(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	a.org.Set(func(o *sim.SalesforceOptions) { o.RefuseSessions = true })
	_, err := a.Source(t).Describe(t.Context())
	if !errors.Is(err, crm.ErrAuth) || !strings.Contains(err.Error(), "does not let it use the REST API") {
		t.Errorf("got %v", err)
	}
	if n := a.org.Tokens(); n != 1 {
		t.Errorf("%d logins for a refusal that no login cures, want 1", n)
	}
}

func TestOrgQuotaIsNoSuccess(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 300})
	src := a.Source(t)
	deals := newCache(t, crm.Opportunities)
	deals.step(src)
	a.org.Set(func(o *sim.SalesforceOptions) { o.LimitUsed = o.LimitMax })
	for range 2 {
		_, err := src.Fetch(t.Context(), crm.Opportunities, deals.at)
		var quota *crm.QuotaError
		if !errors.Is(err, crm.ErrQuota) || !errors.As(err, &quota) || quota.Limit != 100_000 {
			t.Fatalf("got error %v, want the quota", err)
		}
	}
	a.org.Set(func(o *sim.SalesforceOptions) { o.LimitUsed = 0 })
	for deals.step(src) {
	}
	if len(deals.deals) != len(a.IDs(crm.Opportunities)) {
		t.Errorf("%d deals, want %d", len(deals.deals), len(a.IDs(crm.Opportunities)))
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
		t.Errorf("usage is %+v", u) // the login is a call of ours that the org does not count
	}
	now = now.Add(24 * time.Hour)
	if _, err := src.Fetch(t.Context(), crm.Stages, ""); err != nil {
		t.Errorf("a day later: %v", err)
	}
}

func TestFieldDisappearsAndReturns(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 300})
	now := a.company.Now()
	a.cfg.Now = func() time.Time { return now }
	src := a.Source(t)
	deals := newCache(t, crm.Opportunities)
	deals.step(src)
	// The page that was asked for goes on; the next query meets the gap.
	a.company.HideField("Opportunity", "NextStep")
	a.org.ExpireSessions()
	for deals.step(src) {
	}
	if len(deals.deals) != len(a.IDs(crm.Opportunities)) {
		t.Fatalf("%d deals, want %d", len(deals.deals), len(a.IDs(crm.Opportunities)))
	}
	info, err := src.Describe(t.Context())
	if err != nil || info.Fields.Access("next_step") != crm.Hidden {
		t.Fatalf("next step is %s, %v", info.Fields.Access("next_step"), err)
	}
	a.tick()
	deals.run(src)
	if len(deals.delivered) != 0 && len(deals.delivered) == len(deals.deals) {
		t.Error("a quiet run read everything")
	}
	a.company.ShowField("Opportunity", "NextStep")
	now = now.Add(25 * time.Hour) // describe is asked again
	deals.run(src)
	if len(deals.delivered) != len(deals.deals) {
		t.Errorf("%d of %d deals were read again for the field that is back", len(deals.delivered), len(deals.deals))
	}
	for id, d := range deals.deals {
		if want, _ := a.company.Record(id)["NextStep"].(string); d.NextStep != want {
			t.Fatalf("%s: next step is %q, want %q", id, d.NextStep, want)
		}
	}
	a.tick()
	deals.run(src)
	if len(deals.delivered) == len(deals.deals) {
		t.Error("the run after it read everything again")
	}
}

// TestFieldGoneInTheMiddle takes a field away and gives it back within one run:
// the pages in between were read without it.
func TestFieldGoneInTheMiddle(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 700})
	now := a.company.Now()
	a.cfg.Now = func() time.Time { return now }
	src := a.Source(t)
	deals := newCache(t, crm.Opportunities)
	deals.step(src)
	a.company.HideField("Opportunity", "NextStep")
	a.org.ExpireSessions() // so that the query is asked again, without the field
	now = now.Add(25 * time.Hour)
	if !deals.step(src) {
		t.Fatal("the scenario does not hold: too few pages")
	}
	a.company.ShowField("Opportunity", "NextStep")
	now = now.Add(25 * time.Hour)
	for deals.step(src) {
	}
	a.tick()
	deals.run(src)
	for id, d := range deals.deals {
		if want, _ := a.company.Record(id)["NextStep"].(string); d.NextStep != want {
			t.Fatalf("%s: next step is %q, want %q", id, d.NextStep, want)
		}
	}
}

// TestNewProcessDoesNotAskForForeignPages: a page of another session's query is
// a call that cannot succeed, and some orgs answer it as if the session were bad.
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
		"economic_buyer":    crm.Readable, // names are without case
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

func TestDeletedAndBack(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	src := a.Source(t)
	deals, acts := newCache(t, crm.Opportunities), newCache(t, crm.Activities)
	deals.run(src)
	acts.run(src)
	var id string
	for _, x := range acts.activities {
		id = x.OpportunityIDs[0]
	}
	a.tick()
	if err := a.company.Delete(id); err != nil {
		t.Fatal(err)
	}
	deals.run(src)
	acts.run(src)
	if _, there := deals.deals[id]; there {
		t.Error("the deleted deal is still there")
	}
	for _, x := range acts.activities {
		if slices.Contains(x.OpportunityIDs, id) {
			t.Error("an activity of the deleted deal is still there")
		}
	}
	a.tick()
	if err := a.company.Undelete(id); err != nil {
		t.Fatal(err)
	}
	deals.run(src)
	acts.run(src)
	if _, there := deals.deals[id]; !there {
		t.Error("the deal did not come back")
	}
	if len(acts.activities) != len(a.IDs(crm.Activities)) {
		t.Errorf("%d activities, want %d", len(acts.activities), len(a.IDs(crm.Activities)))
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

// TestMeetingTakesPlace lets a meeting end without anybody touching its row.
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

func TestRestampIsNoChange(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	src := a.Source(t)
	deals := newCache(t, crm.Opportunities)
	deals.run(src)
	before := deals.deals
	a.tick()
	if err := a.company.RenameStage(sim.Proposal, "Offer"); err != nil {
		t.Fatal(err)
	}
	deals.deals = map[string]crm.Opportunity{}
	deals.run(src)
	if len(deals.delivered) == 0 {
		t.Fatal("the scenario does not hold: nothing was stamped")
	}
	for id, d := range deals.deals {
		if !d.ModifiedAt.Equal(before[id].ModifiedAt) {
			t.Errorf("%s: nobody modified it, but it says %v", id, d.ModifiedAt)
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

func TestMultiCurrency(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	a.company.Enable(sim.MultiCurrency)
	src := a.Source(t)
	info, err := src.Describe(t.Context())
	if err != nil || info.Fields.Access("currency") != crm.Readable {
		t.Fatalf("currency is %s, %v", info.Fields.Access("currency"), err)
	}
	deals := newCache(t, crm.Opportunities)
	deals.run(src)
	for id, d := range deals.deals {
		if d.Currency != "USD" {
			t.Fatalf("%s is in %q", id, d.Currency)
		}
	}
}

// TestWatermarkMovesAtTheEnd changes a row that the run has already passed.
func TestWatermarkMovesAtTheEnd(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 300})
	src := a.Source(t)
	deals := newCache(t, crm.Opportunities)
	deals.step(src)
	began := a.company.Now()
	passed := a.company.IDs("Opportunity")[0]
	if _, read := deals.deals[passed]; !read {
		t.Fatal("the scenario does not hold: the row is still to come")
	}
	a.tick()
	set(t, a, passed, "NextStep", "changed behind the run")
	a.company.SetNow(a.company.Now().Add(3 * time.Hour)) // a slow run
	for deals.step(src) {
	}
	if !deals.last.AsOf.Equal(began) {
		t.Errorf("complete as of %v, want when the run began, %v", deals.last.AsOf, began)
	}
	deals.run(src)
	if got := deals.deals[passed].NextStep; got != "changed behind the run" {
		t.Errorf("the change behind the run was lost: next step is %q", got)
	}
}

// TestArchivedActivitiesStay lets two years pass: Salesforce puts activities away
// after one, and a plain query no longer shows them.
func TestArchivedActivitiesStay(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	deal := a.company.IDs("Opportunity")[0]
	id := a.company.AddTask(sim.Task{WhatID: deal, Subtype: "Call", Closed: true})
	acts := newCache(t, crm.Activities)
	src := a.Source(t)
	acts.run(src)
	before := len(acts.activities)
	a.company.SetNow(a.company.Now().AddDate(2, 0, 0))
	a.company.Restamp("Task")
	a.tick()
	if archived, _ := a.company.Record(id)["IsArchived"].(bool); !archived {
		t.Fatal("the scenario does not hold: the call is not archived")
	}
	acts.run(src)
	if _, there := acts.activities[id]; !there || len(acts.activities) != before || acts.delivered[id] != 1 {
		t.Errorf("%d of %d activities are left, the call came %d times", len(acts.activities), before, acts.delivered[id])
	}
	again := newCache(t, crm.Activities)
	again.run(src)
	if _, there := again.activities[id]; !there {
		t.Error("a backfill does not see the archived call")
	}
}

// TestOwnTasks: what the login makes for a rep is our reminder.
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
