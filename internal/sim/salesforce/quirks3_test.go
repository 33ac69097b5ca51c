package salesforce_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/fault"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

func (o *orgClient) total(soql string) int { o.t.Helper(); return o.query(soql).TotalSize }

func TestQuirk07ForeignLocatorGone(t *testing.T) {
	o := small(t)
	o.sf.Set(func(s *salesforce.Options) { s.ForeignLocator400 = true })
	p := o.queryAll(everyTask, "Sforce-Query-Options", "batchSize=200")
	o.login()
	if status, code, _ := o.refused(p.NextRecordsURL); status != 400 || code != "INVALID_QUERY_LOCATOR" {
		t.Errorf("got %d %s", status, code)
	}
	p = o.queryAll(everyTask, "Sforce-Query-Options", "batchSize=200")
	o.sf.DropLocators()
	if status, code, _ := o.refused(p.NextRecordsURL); status != 400 || code != "INVALID_QUERY_LOCATOR" {
		t.Errorf("dropped: got %d %s", status, code)
	}
}

func TestQuirk20SharingOfChildren(t *testing.T) {
	o := small(t)
	ana, ben := o.c.User("ana@acme.example"), o.c.User("ben@acme.example")
	id := o.c.Find(sim.Globex) // Ana's
	o.c.AddTask(org.Task{WhatID: id, OwnerID: ben, Subject: "of Ben", Closed: true, Due: today(o.c)})
	const tasks, events = "SELECT COUNT() FROM Task", "SELECT COUNT() FROM Event"
	const bens = "SELECT COUNT() FROM Task WHERE Subject = 'of Ben'"
	all, meetings := o.total(tasks), o.total(events)
	see := func(owners ...string) {
		o.sf.Set(func(s *salesforce.Options) { s.OnlyOwners = owners })
	}
	see(ana)
	if n := o.total(tasks); n == 0 || n >= all {
		t.Errorf("tasks: got %d of %d", n, all)
	}
	if n := o.total(events); n == 0 || n >= meetings {
		t.Errorf("events: got %d of %d", n, meetings)
	}
	if n := o.total(bens); n != 1 {
		t.Errorf("another's task about an own deal: got %d", n)
	}
	see(ben)
	if n := o.total(bens); n != 1 {
		t.Errorf("an own task about another's deal: got %d", n)
	}
	see(o.c.User("cleo@acme.example"))
	if n := o.total(bens); n != 0 {
		t.Errorf("neither own task nor own deal: got %d", n)
	}
	if n := o.total("SELECT COUNT() FROM OpportunityContactRole WHERE OpportunityId = '" + id + "'"); n != 0 {
		t.Errorf("contact roles of another's deal: got %d", n)
	}
}

func TestQuirk20LostSharingOfOneRecord(t *testing.T) {
	o := small(t)
	id := o.c.Find(sim.Globex)
	o.c.AddTask(org.Task{WhatID: id, Subject: "Call", Closed: true, Due: today(o.c)})
	stamp := o.c.Record(id)["SystemModstamp"]
	counts := func() (n []int) {
		for _, soql := range []string{"Opportunity WHERE Id = '", "Task WHERE WhatId = '", "OpportunityHistory WHERE OpportunityId = '", "OpportunityContactRole WHERE OpportunityId = '"} {
			n = append(n, o.queryAll("SELECT COUNT() FROM "+soql+id+"'").TotalSize)
		}
		return n
	}
	before := counts()
	o.c.HideRecord(id)
	for i, n := range counts() {
		if n != 0 || before[i] == 0 {
			t.Errorf("object %d: got %d, before %d", i, n, before[i])
		}
	}
	if status, _, _ := o.refused(data + "/sobjects/Opportunity/" + id); status != 404 {
		t.Errorf("the record: got %d", status)
	}
	o.c.ShowRecord(id)
	if got := counts(); got[0] != 1 || got[1] != before[1] {
		t.Errorf("shown again: got %v, want %v", got, before)
	}
	if o.c.Record(id)["SystemModstamp"] != stamp {
		t.Error("sharing gave a new stamp")
	}
}

func TestQuirk21LimitLags(t *testing.T) {
	o := small(t)
	o.sf.Set(func(s *salesforce.Options) { s.LimitUsed, s.LimitLag = 50, 3 })
	if _, h, _ := o.get(data + "/limits"); h.Get("Sforce-Limit-Info") != "api-usage=48/100000" {
		t.Errorf("got %q", h.Get("Sforce-Limit-Info"))
	}
}

func TestQuirk22TooManyAtOnce(t *testing.T) {
	o := small(t)
	o.sf.Set(func(s *salesforce.Options) { s.MostAtOnce = 1 })
	arrived := make(chan struct{})
	o.sf.Fault(fault.Rule{Path: "/limits", Kind: fault.Hang, Match: func(*http.Request) bool { close(arrived); return true }})
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, o.url+data+"/limits", nil)
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
		}
	})
	<-arrived
	status, code, message := o.refused(ask("SELECT Id FROM User"))
	if status != 403 || code != "REQUEST_LIMIT_EXCEEDED" || message != "ConcurrentRequests (Concurrent API Requests) Limit exceeded." {
		t.Errorf("got %d %s %s", status, code, message)
	}
	stop()
	wg.Wait()
	if o.sf.Peak() != 2 {
		t.Errorf("peak: got %d", o.sf.Peak())
	}
}

func TestQuirk25TooLarge(t *testing.T) {
	o := small(t)
	n := o.queryAll("SELECT COUNT() FROM Task").TotalSize
	o.sf.Set(func(s *salesforce.Options) { s.SlowOver = map[string]int{"Task": n - 1} })
	if status, code, _ := o.refused(soqlAll("SELECT Id FROM Task LIMIT 1")); status != 400 || code != "QUERY_TIMEOUT" {
		t.Errorf("all tasks: got %d %s", status, code)
	}
	o.queryAll("SELECT Id FROM Task WHERE WhatId = '" + o.c.Find(sim.Globex) + "'")
	o.queryAll("SELECT Id FROM Opportunity")
	o.complete("queryAll", "SELECT Id FROM Task") // in chunks
	o.sf.Set(func(s *salesforce.Options) { s.Bulk.Polls = 1 })
	ordered := o.create("queryAll", "SELECT Id FROM Task ORDER BY Id", 200).ID
	if j := o.job("GET", jobsPath+"/"+ordered, "", 200); j.State != "Failed" || !strings.Contains(*j.ErrorMessage, "QUERY_TIMEOUT") {
		t.Errorf("a job with an order: got %+v", j)
	}
	o.sf.Set(func(s *salesforce.Options) { s.SizeLimits = salesforce.SizeLimits{MostWhoWhats: 20} })
	for _, object := range []string{"Task", "Event"} {
		if status, code, message := o.refused(soqlAll("SELECT Id FROM " + object)); status != 400 || code != "OPERATION_TOO_LARGE" || message != "exceeded 20 distinct who/what's" {
			t.Errorf("%s: got %d %s %s", object, status, code, message)
		}
	}
	if n := o.queryAll("SELECT Id FROM Task WHERE WhatId = '" + o.c.Find(sim.Globex) + "'").TotalSize; n == 0 {
		t.Error("one deal's tasks: got none")
	}
}

func TestQuirk29Replication(t *testing.T) {
	o := small(t)
	start := o.c.Now().Truncate(time.Minute)
	o.c.SetNow(start.Add(90 * time.Second))
	changed, deleted := o.c.Find(sim.Globex), o.c.Find(sim.Umbrella)
	if err := o.c.SetField(changed, "NextStep", "x"); err != nil {
		t.Fatal(err)
	}
	if err := o.c.Delete(deleted); err != nil {
		t.Fatal(err)
	}
	o.c.SetNow(start.Add(10 * time.Minute))
	window := func(from, to time.Duration) string {
		const layout = "2006-01-02T15:04:05Z"
		return "?start=" + url.QueryEscape(start.Add(from).Format(layout)) + "&end=" + url.QueryEscape(start.Add(to).Format(layout))
	}
	read := func(what, window string) (out struct {
		IDs            []string
		DeletedRecords []struct{ ID, DeletedDate string }
		LatestDate     string `json:"latestDateCovered"`
	}) {
		t.Helper()
		status, _, body := o.get(data + "/sobjects/Opportunity/" + what + "/" + window)
		if err := json.Unmarshal(body, &out); err != nil || status != 200 {
			t.Fatalf("got %d %s", status, body)
		}
		return out
	}
	// Seconds are cut off at both ends: 1:59 becomes 1:00.
	if got := read("updated", window(119*time.Second, 179*time.Second)); len(got.IDs) != 1 || got.IDs[0] != changed {
		t.Errorf("updated: got %v", got)
	}
	if got := read("deleted", window(time.Minute, 2*time.Minute)); len(got.DeletedRecords) != 1 || got.DeletedRecords[0].ID != deleted || !strings.HasSuffix(got.DeletedRecords[0].DeletedDate, "+0000") {
		t.Errorf("deleted: got %v", got)
	}
	if got := read("updated", window(3*time.Minute, 5*time.Minute)); len(got.IDs) != 0 {
		t.Errorf("nothing then: got %v", got)
	}
	o.sf.Set(func(s *salesforce.Options) { s.ReplicationLag = 3 * time.Hour })
	if got, want := read("updated", window(0, 9*time.Minute)).LatestDate, start.Add(10*time.Minute-3*time.Hour).Format(soql.RESTTime); got != want {
		t.Errorf("latestDateCovered: got %s, want %s", got, want)
	}
	for _, bad := range []string{"updated/" + window(61*time.Second, 119*time.Second), "updated/" + window(-31*24*time.Hour, 0), "deleted/" + window(-16*24*time.Hour, 0), "updated/?start=x"} {
		if status, code, _ := o.refused(data + "/sobjects/Opportunity/" + bad); status != 400 || code != "INVALID_REPLICATION_DATE" {
			t.Errorf("%s: got %d %s", bad, status, code)
		}
	}
}

func TestQuirk30PurgeAtOnce(t *testing.T) {
	o := small(t)
	id := o.c.Find(sim.Globex)
	o.c.AddTask(org.Task{WhatID: id, Subject: "Call", Closed: true, Due: today(o.c)})
	if err := o.c.Delete(id); err != nil {
		t.Fatal(err)
	}
	deleted := func() int {
		return o.queryAll("SELECT COUNT() FROM Opportunity WHERE IsDeleted = true").TotalSize + o.queryAll("SELECT COUNT() FROM Task WHERE IsDeleted = true").TotalSize
	}
	if deleted() < 2 {
		t.Fatal("nothing in the bin")
	}
	live := o.total("SELECT COUNT() FROM Opportunity")
	o.c.EmptyBin()
	if n := deleted(); n != 0 {
		t.Errorf("got %d deleted rows", n)
	}
	if n := o.queryAll("SELECT COUNT() FROM OpportunityHistory WHERE OpportunityId = '" + id + "'").TotalSize; n != 0 {
		t.Errorf("got %d history rows of a purged deal", n)
	}
	if n := o.total("SELECT COUNT() FROM Opportunity"); n != live {
		t.Errorf("got %d live deals, want %d", n, live)
	}
}

func TestQuirk31ArchiverStamps(t *testing.T) {
	for _, bump := range []bool{false, true} {
		o := small(t)
		o.c.SetArchiving(30, bump)
		due := today(o.c) - 29
		id := o.c.AddTask(org.Task{WhatID: o.c.Find(sim.Globex), Subject: "Call", Closed: true, Due: due})
		open := o.c.AddTask(org.Task{WhatID: o.c.Find(sim.Globex), Subject: "Call", Due: due})
		where := "SELECT SystemModstamp, LastModifiedDate FROM Task WHERE Id = '" + id + "'"
		if o.total(where) != 1 {
			t.Fatal("archived after 29 days")
		}
		before := o.query(where).Records[0]
		o.c.SetNow(o.c.Now().Add(24 * time.Hour))
		o.login()
		if o.total(where) != 0 {
			t.Error("not archived after 30 days")
		}
		after := o.queryAll(where).Records[0]
		if (after["SystemModstamp"] != before["SystemModstamp"]) != bump || after["LastModifiedDate"] != before["LastModifiedDate"] {
			t.Errorf("bump %v: got %v, before %v", bump, after, before)
		}
		if n := o.queryAll("SELECT COUNT() FROM Task WHERE IsArchived = true AND Id = '" + id + "' AND SystemModstamp >= " + (due + 30).In(time.UTC).Format(time.RFC3339)).TotalSize; (n == 1) != bump {
			t.Errorf("bump %v: a filter by stamp finds %d", bump, n)
		}
		if o.total("SELECT COUNT() FROM Task WHERE Id = '"+open+"'") != 1 {
			t.Error("an open task is archived")
		}
	}
}

func TestQuirk34Products(t *testing.T) {
	o := small(t)
	id := o.c.Find(sim.Globex)
	if err := o.c.AddProducts(id, 1234); err != nil {
		t.Fatal(err)
	}
	if err := o.c.SetField(id, "Amount", 99.0); err != nil {
		t.Fatal(err)
	}
	if rec := o.c.Record(id); rec["Amount"] != 1234.0 || rec["HasOpportunityLineItem"] != true {
		t.Errorf("got %v, %v", rec["Amount"], rec["HasOpportunityLineItem"])
	}
}

func TestJWTAccessTokens(t *testing.T) {
	o := small(t)
	o.sf.Set(func(s *salesforce.Options) { s.Auth.JWTTokens = true })
	o.login()
	if len(o.token) < 1500 {
		t.Errorf("a token of %d characters", len(o.token))
	}
	o.query("SELECT Id FROM User LIMIT 1")
	o.sf.ExpireSessions()
	if status, code, message := o.refused(data + "/limits"); status != 401 || code != "INVALID_AUTH_HEADER" || message != "INVALID_JWT_FORMAT" {
		t.Errorf("got %d %s %s", status, code, message)
	}
}

func TestCurrencyOfADeal(t *testing.T) {
	o := small(t)
	o.c.Enable(org.MultiCurrency)
	id := o.c.Find(sim.Globex)
	if err := o.c.SetField(id, "CurrencyIsoCode", "EUR"); err != nil {
		t.Fatal(err)
	}
	if n := o.total("SELECT COUNT() FROM Opportunity WHERE CurrencyIsoCode = 'EUR'"); n != 1 {
		t.Errorf("got %d deals in euros", n)
	}
	if n := o.total("SELECT COUNT() FROM Opportunity WHERE CurrencyIsoCode = 'USD'"); n == 0 {
		t.Error("got no deals in dollars")
	}
}
