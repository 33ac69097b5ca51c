package daemon_test

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
)

// entry is something that a rep does in an org: logs a task as done, plans one, completes
// one that was planned, books a meeting, by the hour or for whole days, moves the close
// date. on is when it is done by the owner's clock, for is the date or the time that it is about.
type entry struct {
	on    moment
	what  string
	about moment
}

// calendar is what happened to one deal of an org.
type calendar struct {
	now     moment
	entries []entry // in the order of their moments
}

func (m moment) before(other moment) bool {
	return m.day*1440+m.hour*60+m.minute < other.day*1440+other.hour*60+other.minute
}

func anyCalendar(t *rapid.T, team string) calendar {
	midnight := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC).In(where(team)).Hour()
	anyMoment := func(label string, from, to int) moment {
		m := moment{day: rapid.IntRange(from, to).Draw(t, label), hour: midnight}
		if rapid.IntRange(0, 2).Draw(t, label+" is anywhen") > 0 {
			m.hour, m.minute = rapid.IntRange(0, 23).Draw(t, label+" hour"), rapid.SampledFrom([]int{0, 1, 30, 59}).Draw(t, label+" minute")
		}
		return m
	}
	c := calendar{now: anyMoment("now", 0, 0)}
	for range rapid.IntRange(0, 5).Draw(t, "entries") {
		e := entry{on: anyMoment("on", -34, -1), what: rapid.SampledFrom([]string{"done", "call", "planned", "late", "meeting", "day", "close"}).Draw(t, "what")}
		switch e.what {
		case "done", "call": // of the day on which it was logged, or of a day before
			e.about = moment{day: e.on.day - rapid.IntRange(0, 2).Draw(t, "ago")}
		case "meeting":
			e.about = anyMoment("about", -20, 5)
		case "close":
			e.about = moment{day: rapid.IntRange(-5, 40).Draw(t, "to")}
		default:
			e.about = moment{day: rapid.IntRange(-10, 5).Draw(t, "about")}
		}
		c.entries = append(c.entries, e)
	}
	slices.SortStableFunc(c.entries, func(a, b entry) int {
		switch {
		case a.on.before(b.on):
			return -1
		case b.on.before(a.on):
			return 1
		}
		return 0
	})
	return c
}

// orgOf lets a company live through the calendar in its Salesforce org, and returns the id
// of the deal.
func (c *calendar) orgOf(t testing.TB, z zones) (company *sim.Company, id string) {
	tree := fstest.MapFS{"Opportunity.json": {Data: []byte(`{"records":[{"attributes":{"type":"Opportunity","referenceId":"o"},
		"Name":"Globex","StageName":"Value Proposition","CloseDate":"2027-06-30","Amount":1000,"NextStep":"Maya signs on 27 November"}]}`)}}
	company, err := sim.LoadTree(tree, sim.Options{Zone: z.portal, Start: moment{day: -40, hour: 9}.in(z.team)})
	if err != nil {
		t.Fatal(err)
	}
	id = company.IDs("Opportunity")[0]
	ana := company.User("ana@acme.example")
	set := func(id, name string, value any) {
		t.Helper()
		if err := company.SetField(id, name, value); err != nil {
			t.Fatal(err)
		}
	}
	set(ana, "TimeZoneSidKey", z.team)
	set(id, "OwnerId", ana)
	for _, e := range c.entries {
		company.SetNow(e.on.in(z.team))
		at := e.about.in(z.team)
		on := crm.DateOf(at, where(z.team))
		switch e.what {
		case "done":
			company.AddTask(org.Task{WhatID: id, OwnerID: ana, Subject: "Proposal", Due: on, Closed: true})
		case "call":
			company.AddTask(org.Task{WhatID: id, OwnerID: ana, Subject: "Call", Subtype: "Call", CallType: "Outbound", Due: on, Closed: true})
		case "planned":
			company.AddTask(org.Task{WhatID: id, OwnerID: ana, Subject: "Call back", Due: on})
		case "late":
			task := company.AddTask(org.Task{WhatID: id, OwnerID: ana, Subject: "Send it", Due: on})
			company.SetNow(e.on.in(z.team).Add(30 * time.Minute))
			if err := company.CompleteTask(task); err != nil {
				t.Fatal(err)
			}
		case "meeting":
			company.AddEvent(org.Event{WhatID: id, OwnerID: ana, Subject: "Demo", Begin: at})
		case "day":
			company.AddEvent(org.Event{WhatID: id, OwnerID: ana, Subject: "Workshop", Begin: at, AllDay: true})
		case "close":
			set(id, "CloseDate", on.String())
		}
	}
	company.SetNow(c.now.in(z.team))
	return company, id
}

func (c *calendar) judge(t testing.TB, z zones) string {
	before := time.Local
	time.Local = where(z.server)
	defer func() { time.Local = before }()
	company, id := c.orgOf(t, z)
	srv := httptest.NewServer(company.Salesforce())
	defer srv.Close()
	o := company.Salesforce().Options()
	src, err := salesforce.New(salesforce.Config{
		Name: "sales", URL: srv.URL, Auth: salesforce.Auth{ClientID: o.ClientID, ClientSecret: connectortest.Secret(t, o.ClientSecret)},
		Budget: 1, Now: company.Now,
	}, rest.New(rest.Config{Attempts: 2}))
	if err != nil {
		t.Fatal(err)
	}
	return z.verdicts(t, src, id, company.Now())
}

// String tells the calendar in lines.
func (c calendar) String() string {
	s := fmt.Sprintf("now %v", c.now)
	for _, e := range c.entries {
		s += fmt.Sprintf("\n%+v", e)
	}
	return s
}

// What reps did in Salesforce at the same hours of the owner's clock is judged alike,
// wherever on earth the owner, the org, the company and the machine are. Tasks, whole days and
// close dates are dates there, meetings are times.
func TestJudgementHasTheOwnersDateInAnOrg(t *testing.T) {
	t.Parallel()
	var all []string
	for h := -12; h <= 14; h++ {
		all = append(all, fmt.Sprintf("Etc/GMT%+d", -h))
	}
	zone := rapid.SampledFrom(all)
	rapid.Check(t, func(r *rapid.T) {
		z := zones{zone.Draw(r, "team"), zone.Draw(r, "org"), zone.Draw(r, "company"), zone.Draw(r, "server")}
		c := anyCalendar(r, z.team)
		want, got := c.judge(t, zones{"Etc/GMT+0", "Etc/GMT+0", "Etc/GMT+0", "Etc/GMT+0"}), c.judge(t, z)
		if got != want {
			r.Fatalf("%s\neverybody in UTC:\n%s\n%+v:\n%s", c, difference(want, got), z, difference(got, want))
		}
	})
}
