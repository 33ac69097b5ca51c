package salesforce_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
)

// The names of tests carry the numbers of the quirks in the package comment.

func small(t *testing.T) *orgClient { return serveOrg(t, sim.New(sim.Options{Deals: 60})) }

func TestQuirk01TokenReply(t *testing.T) {
	o := small(t)
	status, _, body := o.post("/services/oauth2/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {o.sf.Options().ClientID}, "client_secret": {o.sf.Options().ClientSecret}})
	var reply map[string]any
	if err := json.Unmarshal(body, &reply); err != nil || status != 200 {
		t.Fatalf("status %d: %s", status, body)
	}
	if _, ok := reply["expires_in"]; ok {
		t.Error("there is an expires_in")
	}
	if issued, ok := reply["issued_at"].(string); !ok || len(issued) != 13 {
		t.Errorf("issued_at: got %v, want milliseconds as a string", reply["issued_at"])
	}
	id, _ := reply["id"].(string)
	if !strings.Contains(id, "/id/"+o.c.IDs("Organization")[0]+"/"+o.c.User("pipetidy@acme.example")) {
		t.Errorf("id: got %q", id)
	}
	if reply["instance_url"] != o.url {
		t.Errorf("instance_url: got %v", reply["instance_url"])
	}
	req, _ := http.NewRequest(http.MethodPost, o.url+"/services/oauth2/token", strings.NewReader("grant_type=client_credentials"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(o.sf.Options().ClientID, o.sf.Options().ClientSecret)
	resp, err := http.DefaultClient.Do(req)
	if status, _, body := o.read(resp, err); status != 200 {
		t.Errorf("basic authentication: status %d: %s", status, body)
	}
	req.Host = "login.salesforce.com"
	req.Body = io.NopCloser(strings.NewReader("grant_type=client_credentials"))
	resp, err = http.DefaultClient.Do(req)
	if status, _, body := o.read(resp, err); status != 400 || !strings.Contains(string(body), "request not supported on this domain") {
		t.Errorf("login host: status %d: %s", status, body)
	}
}

func TestQuirk02OAuthErrorsAreObjects(t *testing.T) {
	o := small(t)
	status, _, body := o.post("/services/oauth2/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {o.sf.Options().ClientID}, "client_secret": {"wrong"}})
	var reply struct {
		Error       string
		Description string `json:"error_description"`
	}
	if err := json.Unmarshal(body, &reply); err != nil || status != 400 || reply.Error != "invalid_client" || reply.Description == "" {
		t.Errorf("status %d: %s (%v)", status, body, err)
	}
}

func TestQuirk05SessionsSlideAndEnd(t *testing.T) {
	o := small(t)
	for range 3 { // each success prolongs the session
		o.c.SetNow(o.c.Now().Add(90 * time.Minute))
		o.query("SELECT Id FROM User LIMIT 1")
	}
	o.c.SetNow(o.c.Now().Add(121 * time.Minute))
	status, header, body := o.get(data + "/limits")
	if want := `[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]`; status != 401 || strings.TrimSpace(string(body)) != want {
		t.Errorf("got %d %s, want 401 %s", status, body, want)
	}
	if header.Get("WWW-Authenticate") != "Token" || header.Get("Content-Type") != "application/json;charset=UTF-8" {
		t.Errorf("headers: %v", header)
	}
}

func TestQuirk06PermanentRefusal(t *testing.T) {
	o := small(t)
	o.sf.Set(func(s *salesforce.Options) { s.RefuseSessions = true })
	o.login()
	if status, code, message := o.refused(data + "/limits"); status != 401 || code != "INVALID_SESSION_ID" || message != "This session is not valid for use with the REST API" {
		t.Errorf("got %d %s %q", status, code, message)
	}
}

const everyTask = "SELECT Id FROM Task ORDER BY SystemModstamp, Id"

func TestQuirk07LocatorBelongsToSession(t *testing.T) {
	o := small(t)
	p := o.queryAll(everyTask, "Sforce-Query-Options", "batchSize=200")
	o.login()
	if status, code, _ := o.refused(p.NextRecordsURL); status != 401 || code != "INVALID_SESSION_ID" {
		t.Errorf("other session: got %d %s", status, code)
	}
	if p := o.queryAll(everyTask, "Sforce-Query-Options", "batchSize=200"); o.page(p.NextRecordsURL).TotalSize != p.TotalSize {
		t.Error("own session: the page is another query's")
	}
}

func TestQuirk08LocatorsEnd(t *testing.T) {
	o := small(t)
	first := o.queryAll(everyTask, "Sforce-Query-Options", "batchSize=200")
	o.c.SetNow(o.c.Now().Add(14 * time.Minute))
	o.page(first.NextRecordsURL)
	o.c.SetNow(o.c.Now().Add(14 * time.Minute))
	o.page(first.NextRecordsURL) // used in between
	o.c.SetNow(o.c.Now().Add(16 * time.Minute))
	if status, code, _ := o.refused(first.NextRecordsURL); status != 400 || code != "INVALID_QUERY_LOCATOR" {
		t.Errorf("idle: got %d %s", status, code)
	}
	var opened []queryPage
	for range 11 {
		opened = append(opened, o.queryAll(everyTask, "Sforce-Query-Options", "batchSize=200"))
	}
	if _, code, _ := o.refused(opened[0].NextRecordsURL); code != "INVALID_QUERY_LOCATOR" {
		t.Errorf("the oldest of 11: got %s", code)
	}
	o.page(opened[1].NextRecordsURL)
	if n := o.sf.Locators(); n != 10 {
		t.Errorf("got %d open locators, want 10", n)
	}
}

func TestQuirk09NextURLVerbatim(t *testing.T) {
	o := small(t)
	next := o.queryAll(everyTask, "Sforce-Query-Options", "batchSize=200").NextRecordsURL
	if !strings.HasPrefix(next, data+"/query/01g") {
		t.Fatalf("got %q", next)
	}
	for _, wrong := range []string{strings.Replace(next, "v66.0", "v65.0", 1), strings.Replace(next, "/query/", "/queryAll/", 1), data + next, strings.Replace(next, "/query/", "/query//", 1)} {
		if status, code, _ := o.refused(wrong); status != 404 || code != "NOT_FOUND" {
			t.Errorf("%s: got %d %s", wrong, status, code)
		}
	}
	o.page(next)
}

func TestQuirk10Pages(t *testing.T) {
	o := serveOrg(t, sim.New(sim.Options{Deals: 150})) // 250 opportunities
	total := o.queryAll("SELECT COUNT() FROM Task").TotalSize
	for _, tt := range []struct {
		name, soql, option string
		size               int
		short              bool
	}{
		{"as asked", everyTask, "batchSize=250", 250, false},
		{"at least 200", everyTask, "batchSize=10", 200, false},
		{"at most 2000", everyTask, "batchSize=9999", 2000, false},
		{"two long texts", "SELECT Id, Description, Decision_Criteria__c FROM Opportunity", "", 200, false},
		{"short", everyTask, "batchSize=250", 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o.sf.Set(func(s *salesforce.Options) { s.ShortPages = tt.short })
			p := o.queryAll(tt.soql, "Sforce-Query-Options", tt.option)
			want := p.TotalSize
			seen := map[any]bool{}
			for pages := 1; ; pages++ {
				for _, r := range p.Records {
					seen[r["Id"]] = true
				}
				if p.TotalSize != want {
					t.Errorf("page %d: totalSize %d, before %d", pages, p.TotalSize, want)
				}
				if !p.Done && tt.size > 0 && len(p.Records) != tt.size {
					t.Errorf("page %d: got %d rows, want %d", pages, len(p.Records), tt.size)
				}
				if !p.Done && tt.short && len(p.Records) >= 250 {
					t.Errorf("page %d: got %d rows, want fewer than asked for", pages, len(p.Records))
				}
				if p.Done != (p.NextRecordsURL == "") {
					t.Errorf("page %d: done %v with next %q", pages, p.Done, p.NextRecordsURL)
				}
				if p.Done && tt.size > 0 && len(p.Records) > tt.size {
					t.Errorf("last page: got %d rows, at most %d fit", len(p.Records), tt.size)
				}
				if p.Done {
					break
				}
				p = o.page(p.NextRecordsURL)
			}
			if len(seen) != want {
				t.Errorf("got %d different rows of %d", len(seen), want)
			}
		})
	}
	if total < 300 {
		t.Errorf("only %d tasks: the cases prove nothing", total)
	}
}

func TestQuirk11DeletedAndArchived(t *testing.T) {
	o := small(t)
	id := o.c.IDs("Opportunity")[0]
	if err := o.c.Delete(id); err != nil {
		t.Fatal(err)
	}
	where := "SELECT Id, IsDeleted FROM Opportunity WHERE Id = '" + id + "'"
	if n := o.query(where).TotalSize; n != 0 {
		t.Errorf("query: got %d deleted rows", n)
	}
	if p := o.queryAll(where); len(p.Records) != 1 || p.Records[0]["IsDeleted"] != true {
		t.Errorf("queryAll: got %v", p.Records)
	}
	archived := "SELECT COUNT() FROM Task WHERE IsArchived = true"
	if n := o.query(archived).TotalSize; n != 0 {
		t.Errorf("query: got %d archived tasks", n)
	}
	if n := o.queryAll(archived).TotalSize; n == 0 {
		t.Error("queryAll: got no archived task")
	}
}

func TestQuirk12LateCommit(t *testing.T) {
	o := small(t)
	id := o.c.IDs("Opportunity")[0]
	o.c.SetCommitDelay(50 * time.Second)
	if err := o.c.SetField(id, "NextStep", "late"); err != nil {
		t.Fatal(err)
	}
	task := o.c.AddTask(org.Task{WhatID: id, Subject: "late"})
	stamp := o.c.Now().Truncate(time.Second)
	get := func() (any, int) {
		return o.query("SELECT NextStep FROM Opportunity WHERE Id = '" + id + "'").Records[0]["NextStep"],
			o.query("SELECT COUNT() FROM Task WHERE Id = '" + task + "'").TotalSize
	}
	if step, n := get(); step == "late" || n != 0 {
		t.Errorf("before the commit: got %v and %d tasks", step, n)
	}
	o.c.SetNow(o.c.Now().Add(time.Minute))
	if step, n := get(); step != "late" || n != 1 {
		t.Errorf("after the commit: got %v and %d tasks", step, n)
	}
	p := o.query("SELECT SystemModstamp FROM Task WHERE Id = '" + task + "'")
	if got, want := p.Records[0]["SystemModstamp"], stamp.Format("2006-01-02T15:04:05.000-0700"); got != want {
		t.Errorf("stamp: got %v, want %v, earlier than the commit", got, want)
	}
}

func TestQuirk14PlatformStamps(t *testing.T) {
	o := small(t)
	id := o.c.IDs("Opportunity")[0]
	read := func() map[string]any {
		return o.query("SELECT StageName, LastActivityDate, LastModifiedDate, LastModifiedById, SystemModstamp FROM Opportunity WHERE Id = '" + id + "'").Records[0]
	}
	for name, change := range map[string]func(){
		"last activity": func() {
			o.c.AddTask(org.Task{WhatID: id, Closed: true, Due: today(o.c), Subject: "x", OwnerID: o.c.User("ben@acme.example")})
		},
		"stage label": func() {
			if err := o.c.RenameStage(o.c.Record(id)["StageName"].(string), "Renamed"); err != nil {
				t.Error(err)
			}
		},
	} {
		o.c.SetNow(o.c.Now().Add(time.Hour))
		before := read()
		change()
		after := read()
		if after["SystemModstamp"] == before["SystemModstamp"] {
			t.Errorf("%s: SystemModstamp stayed", name)
		}
		if after["LastModifiedDate"] != before["LastModifiedDate"] || after["LastModifiedById"] != before["LastModifiedById"] {
			t.Errorf("%s: LastModified changed", name)
		}
	}
}

func TestQuirk15Plus(t *testing.T) {
	o := small(t)
	raw := "SELECT+Id+FROM+Account+WHERE+SystemModstamp>2026-01-01T00:00:00+01:00"
	if _, code, _ := o.refused(data + "/query?q=" + raw); code != "MALFORMED_QUERY" {
		t.Errorf("raw plus: got %s", code)
	}
	p := o.query("SELECT CreatedDate FROM Account LIMIT 1")
	if s, _ := p.Records[0]["CreatedDate"].(string); !strings.HasSuffix(s, ".000+0000") {
		t.Errorf("datetime: got %q", s)
	}
}

func TestQuirk16NoOrder(t *testing.T) {
	o := small(t)
	var ids []string
	for _, r := range o.query("SELECT Id FROM Account").Records {
		ids = append(ids, r["Id"].(string))
	}
	if strings.Join(ids, "") == strings.Join(o.c.IDs("Account"), "") {
		t.Error("rows come in order of creation without ORDER BY")
	}
}

func TestQuirk17HiddenLooksUnknown(t *testing.T) {
	o := small(t)
	path := data + "/query?q=" + url.QueryEscape("SELECT Id, XextStep FROM Opportunity")
	s1, c1, m1 := o.refused(path)
	o.c.HideField("Opportunity", "NextStep")
	s2, c2, m2 := o.refused(data + "/query?q=" + url.QueryEscape("SELECT Id, NextStep FROM Opportunity"))
	if s1 != s2 || c1 != c2 || strings.ReplaceAll(m1, "XextStep", "NextStep") != m2 {
		t.Errorf("unknown: %d %s %s\nhidden: %d %s %s", s1, c1, m1, s2, c2, m2)
	}
	o.c.HideObject("Event")
	if _, code, message := o.refused(data + "/query?q=" + url.QueryEscape("SELECT Id FROM Event")); code != "INVALID_TYPE" || !strings.Contains(message, "sObject type 'Event' is not supported.") {
		t.Errorf("hidden object: got %s %s", code, message)
	}
	o.c.ShowField("Opportunity", "NextStep")
	o.query("SELECT NextStep FROM Opportunity LIMIT 1")
}
