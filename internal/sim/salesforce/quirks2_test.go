package salesforce_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/clock"
	"github.com/pipetidy/pipetidy/internal/sim/fault"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
	"github.com/pipetidy/pipetidy/internal/sim/soql"
	"github.com/pipetidy/pipetidy/internal/sim/wire"
)

func describedFields(t *testing.T, body []byte) map[string]map[string]any {
	t.Helper()
	var d struct{ Fields []map[string]any }
	if err := json.Unmarshal(body, &d); err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]any{}
	for _, f := range d.Fields {
		name, _ := f["name"].(string)
		out[name] = f
	}
	return out
}

func TestQuirk18And19Describe(t *testing.T) {
	o := small(t)
	path := data + "/sobjects/Opportunity/describe"
	_, header, body := o.get(path)
	fields := describedFields(t, body)
	if f := fields["HasOpenActivity"]; f["filterable"] != false {
		t.Errorf("HasOpenActivity: got %v", f)
	}
	for _, absent := range []string{"CurrencyIsoCode", "AgeInDays"} {
		if fields[absent] != nil {
			t.Errorf("%s exists without its org feature", absent)
		}
	}
	if status, _, _ := o.get(path, "If-Modified-Since", header.Get("Last-Modified")); status != 304 {
		t.Errorf("unchanged: got %d", status)
	}
	o.c.SetNow(o.c.Now().Add(time.Minute))
	o.c.HideField("Opportunity", "NextStep")
	o.c.Enable(org.MultiCurrency)
	status, _, body := o.get(path, "If-Modified-Since", header.Get("Last-Modified"))
	fields = describedFields(t, body)
	if status != 200 || fields["NextStep"] != nil || fields["CurrencyIsoCode"] == nil {
		t.Errorf("changed: got %d, NextStep %v, CurrencyIsoCode %v", status, fields["NextStep"], fields["CurrencyIsoCode"])
	}
	if crit := fields["Decision_Criteria__c"]; crit["custom"] != true || crit["type"] != "textarea" || crit["filterable"] != false {
		t.Errorf("Decision_Criteria__c: got %v", crit)
	}
	var values []string
	list, _ := fields["StageName"]["picklistValues"].([]any)
	for _, v := range list {
		if m, _ := v.(map[string]any); m["value"] != m["label"] {
			values = append(values, m["label"].(string)+"="+m["value"].(string))
		}
	}
	if len(values) != 1 || values[0] != "Negotiation=Negotiation/Review" {
		t.Errorf("stages whose API name is not their label: got %v", values)
	}
}

func TestQuirk20Sharing(t *testing.T) {
	o := small(t)
	all := o.query("SELECT COUNT() FROM Opportunity").TotalSize
	ana := o.c.User("ana@acme.example")
	o.sf.Set(func(s *salesforce.Options) { s.OnlyOwners = []string{ana} })
	mine := o.query("SELECT Id, OwnerId FROM Opportunity")
	if mine.TotalSize == 0 || mine.TotalSize >= all {
		t.Errorf("got %d of %d", mine.TotalSize, all)
	}
	for _, r := range mine.Records {
		if r["OwnerId"] != ana {
			t.Errorf("got a record of %v", r["OwnerId"])
		}
	}
	if n := o.query("SELECT COUNT() FROM OpportunityHistory").TotalSize; n == 0 || n >= o.rawCount("OpportunityHistory") {
		t.Errorf("history: got %d", n)
	}
}

// rawCount counts all records, also those that the login does not see.
func (o *orgClient) rawCount(object string) int {
	return bytes.Count(o.c.Dump(), []byte(`{"object":"`+object+`"`))
}

func TestQuirk21And22Limits(t *testing.T) {
	o := small(t)
	if _, h, _ := o.get("/services/data"); h.Get("Sforce-Limit-Info") != "" {
		t.Error("/services/data tells the limit")
	}
	o.sf.Set(func(s *salesforce.Options) { s.LimitUsed, s.LimitMax = 98, 100 })
	_, h, _ := o.get(data + "/limits")
	if got := h.Get("Sforce-Limit-Info"); got != "api-usage=99/100" {
		t.Errorf("got %q", got)
	}
	o.sf.Set(func(s *salesforce.Options) { s.PerApp = true })
	_, h, _ = o.get(data + "/limits")
	if got := h.Get("Sforce-Limit-Info"); !strings.HasPrefix(got, "api-usage=100/100; per-app-api-usage=") {
		t.Errorf("got %q", got)
	}
	status, code, message := o.refused(data + "/limits")
	if status != 403 || code != "REQUEST_LIMIT_EXCEEDED" || message != "TotalRequests Limit exceeded." {
		t.Errorf("got %d %s %s", status, code, message)
	}
}

func TestQuirk23Faults(t *testing.T) {
	o := small(t)
	path := data + "/query?q=" + url.QueryEscape("SELECT Id FROM User")
	for _, tt := range []struct {
		fault  fault.Rule
		status int
		body   string
	}{
		{fault.Rule{Kind: fault.HTML200}, 200, "<!DOCTYPE html>"},
		{fault.Rule{Kind: fault.HTML503}, 503, "<!DOCTYPE html>"},
		{fault.Rule{Status: 503, Body: `[{"message":"ConcurrentRequests (Concurrent API Requests) Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]`}, 503, "ConcurrentRequests"},
		{fault.Rule{Status: 406}, 406, ""},
	} {
		tt.fault.Path = "/query"
		o.sf.Fault(tt.fault)
		if status, _, body := o.get(path); status != tt.status || !strings.HasPrefix(strings.TrimLeft(string(body), `[{"mesag:`), tt.body) {
			t.Errorf("got %d %q, want %d %q", status, body, tt.status, tt.body)
		}
	}
	request := func() ([]byte, error) {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, o.url+path, nil) // the transport repeats no POST
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil, err
		}
		defer func() { _ = resp.Body.Close() }()
		return io.ReadAll(resp.Body)
	}
	o.sf.Fault(fault.Rule{Kind: fault.Reset})
	if _, err := request(); err == nil {
		t.Error("reset: got an answer")
	}
	o.sf.Fault(fault.Rule{Kind: fault.Truncate})
	if body, err := request(); !errors.Is(err, io.ErrUnexpectedEOF) || len(body) == 0 {
		t.Errorf("truncate: got %d bytes and %v", len(body), err)
	}
	o.sf.Fault(fault.Rule{Skip: 1, Times: 2, Status: 500})
	var statuses []int
	for range 4 {
		status, _, _ := o.get(path)
		statuses = append(statuses, status)
	}
	if statuses[0] != 200 || statuses[1] != 500 || statuses[2] != 500 || statuses[3] != 200 {
		t.Errorf("skip one, twice: got %v", statuses)
	}
	for _, c := range o.sf.Calls() {
		if strings.Contains(c.Path+c.Query, o.token) || strings.Contains(c.Path+c.Query, o.sf.Options().ClientSecret) {
			t.Errorf("a secret in the log: %+v", c)
		}
	}
}

func TestQuirk24And26Sizes(t *testing.T) {
	o := small(t)
	long := url.QueryEscape("SELECT Id FROM Account WHERE Name = '" + strings.Repeat("x", 3000) + "'")
	if status, _, _ := o.get(data + "/query?q=" + long); status != 200 {
		t.Errorf("3000 characters: got %d", status)
	}
	if status, code, _ := o.refused(data + "/query?q=" + strings.Repeat("x", wire.MaxURI)); status != 414 {
		t.Errorf("long URI: got %d %s", status, code)
	}
	if status, code, _ := o.refused(data+"/query?q="+strings.Repeat("x", 9000), "X-Long", strings.Repeat("y", 9000)); status != 431 {
		t.Errorf("long headers: got %d %s", status, code)
	}
	if _, err := soql.Parse("SELECT Id FROM Account WHERE Name = '" + strings.Repeat("x", 100_000) + "'"); err == nil {
		t.Error("100,000 characters parse")
	}
	if status, code, _ := o.refused("/services/data/v20.0/limits"); status != 410 || code != "GONE" {
		t.Errorf("retired version: got %d %s", status, code)
	}
	if status, _, _ := o.refused("/services/data/v99.0/limits"); status != 404 {
		t.Errorf("version of the future: got %d", status)
	}
}

func TestQuirk30RecycleBin(t *testing.T) {
	o := small(t)
	id := o.c.Find(sim.Umbrella)
	stamp := o.c.Record(id)["SystemModstamp"]
	o.c.SetNow(o.c.Now().Add(time.Hour))
	if err := o.c.Delete(id); err != nil {
		t.Fatal(err)
	}
	if o.c.Record(id)["SystemModstamp"] == stamp {
		t.Error("deletion gave no new stamp")
	}
	if status, code, _ := o.refused(data + "/sobjects/Opportunity/" + id); status != 404 || code != "ENTITY_IS_DELETED" {
		t.Errorf("deleted: got %d %s", status, code)
	}
	count := func() int {
		return o.queryAll("SELECT COUNT() FROM Opportunity WHERE Id = '" + id + "'").TotalSize
	}
	o.c.SetNow(o.c.Now().Add(14 * 24 * time.Hour))
	o.login()
	if count() != 1 {
		t.Error("gone after 14 days")
	}
	o.c.SetNow(o.c.Now().Add(2 * 24 * time.Hour))
	o.login()
	if count() != 0 {
		t.Error("still there after 16 days")
	}
	if err := o.c.Undelete(id); err != nil {
		t.Fatal(err)
	}
	if p := o.query("SELECT IsDeleted FROM Opportunity WHERE Id = '" + id[:15] + "'"); len(p.Records) != 1 || p.Records[0]["IsDeleted"] != false {
		t.Errorf("undeleted: got %v", p.Records)
	}
}

func TestQuirk32And33Stage(t *testing.T) {
	o := small(t)
	id := o.c.Find(sim.Umbrella)
	rows := func() int {
		return o.query("SELECT COUNT() FROM OpportunityHistory WHERE OpportunityId = '" + id + "'").TotalSize
	}
	set := func(field string, value any) {
		t.Helper()
		if err := o.c.SetField(id, field, value); err != nil {
			t.Fatal(err)
		}
	}
	n := rows()
	set("NextStep", "no history for this")
	if rows() != n {
		t.Error("a next step gave a history row")
	}
	set("StageName", sim.ClosedWon)
	rec := o.c.Record(id)
	if rec["IsClosed"] != true || rec["IsWon"] != true || rec["Probability"] != 100.0 || rec["ForecastCategoryName"] != "Closed" || rec["ForecastCategory"] != "Closed" {
		t.Errorf("closed won: got %v", rec)
	}
	set("Amount", 30000)
	if rows() != n+2 {
		t.Errorf("got %d new history rows, want 2", rows()-n)
	}
	last := o.query("SELECT StageName, Amount, CloseDate, PrevAmount FROM OpportunityHistory WHERE OpportunityId = '" + id + "' ORDER BY Id DESC LIMIT 1").Records[0]
	if last["StageName"] != sim.ClosedWon || last["Amount"] != 30000.0 || last["PrevAmount"] != 26000.0 || last["CloseDate"] != rec["CloseDate"].(interface{ String() string }).String() {
		t.Errorf("history row: got %v", last)
	}
	for _, move := range []struct {
		date string
		want int
	}{{"2026-12-30", 0}, {"2027-01-04", 1}, {"2026-12-01", 1}, {"2027-03-01", 2}} {
		set("CloseDate", move.date)
		if got := o.c.Record(id)["PushCount"]; got != move.want {
			t.Errorf("close date to %s: PushCount %v, want %d", move.date, got, move.want)
		}
	}
}

// The suffix of an id is tested in package soql.
func TestQuirk36IDs(t *testing.T) {
	o := small(t)
	id := o.c.IDs("Account")[0]
	if status, _, _ := o.get(data + "/sobjects/Account/" + id[:15]); status != 200 {
		t.Errorf("15 characters in a URL: got %d", status)
	}
}

func TestQuirk37Date(t *testing.T) {
	o := small(t)
	o.c.SetNow(time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC))
	if _, h, _ := o.get("/services/data"); h.Get("Date") != "Mon, 03 Feb 2031 04:05:06 GMT" {
		t.Errorf("got %q", h.Get("Date"))
	}
}

// Readers, writers and the passing of time run at once; the race detector fails the
// test for unguarded access.
func TestAtTheSameTime(t *testing.T) {
	o := small(t)
	id := o.c.Find(sim.Globex)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 5 {
				o.queryAll("SELECT Id, Name, Owner.Name, HasOpenActivity FROM Opportunity WHERE IsClosed = false ORDER BY SystemModstamp, Id")
				if err := o.c.SetField(id, "NextStep", strings.Repeat("x", 1+i+n)); err != nil {
					t.Error(err)
				}
				o.c.AddTask(org.Task{WhatID: id, Subject: "Call", Closed: true, Due: crm.NewDate(2026, 11, 24)})
			}
		})
	}
	wg.Go(func() {
		for h := range 24 {
			o.c.Advance(sim.DefaultStart().Add(time.Duration(h) * time.Minute))
			_ = o.c.RenameStage(sim.Discovery, "Discovery "+strings.Repeat("i", h)) // the stage exists, so there is no error
		}
	})
	wg.Wait()
}

func today(c *sim.Company) crm.Date { return crm.DateOf(c.Now(), clock.Location("America/New_York")) }
