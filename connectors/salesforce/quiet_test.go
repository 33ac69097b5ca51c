package salesforce_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

const none = `{"totalSize":0,"done":true,"records":[]}`

// nothing lets the org answer that an object has no rows, to queries whose text holds words.
func nothing(a *account, words string) {
	a.org.Fault(sim.Fault{Sub: "/query", Match: matches(words), Times: -1, Status: 200, Body: none})
	a.org.Fault(sim.Fault{Path: "/query", Match: matches(words), Times: -1, Status: 200, Body: none, Header: map[string]string{"Content-Type": "application/json"}})
}

// keys names what a run brought of a stream, with what changed in it.
func keys(runs map[crm.Stream]*record) map[string]bool {
	out := map[string]bool{}
	for s, r := range runs {
		p := &r.Page
		for i := range p.Users {
			out[string(s)+" "+p.Users[i].ID] = true
		}
		for i := range p.Opportunities {
			out[string(s)+" "+p.Opportunities[i].ID] = true
		}
		for i := range p.Activities {
			out[string(s)+" "+p.Activities[i].ID] = true
		}
		for i := range p.Changes {
			out[string(s)+" "+p.Changes[i].ID] = true
		}
		for i := range p.Contacts {
			out[string(s)+" "+p.Contacts[i].ID] = true
		}
		for _, id := range p.Deleted {
			out[string(s)+" "+id] = true
		}
	}
	return out
}

// TestAnAnswerWithoutRowsIsAskedAgain: the org answers for a while that nothing was touched.
// The first poll that it answers well brings all changes, without a further call.
func TestAnAnswerWithoutRowsIsAskedAgain(t *testing.T) {
	for _, c := range []struct {
		name, words string
		polls       int
		composites  bool
	}{
		{"deals", "FROM Opportunity WHERE SystemModstamp", 1, true},
		{"deals, one by one", "FROM Opportunity WHERE SystemModstamp", 1, false},
		{"deals, for an hour", "FROM Opportunity WHERE SystemModstamp", 3, true},
		{"tasks", "FROM Task", 1, true},
		{"history", "FROM OpportunityHistory", 2, true},
		{"contact roles", "FROM OpportunityContactRole", 1, true},
		{"users", "FROM User", 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, src, at := synced(t, sim.Options{Deals: 60})
			at = advance(runAll(t, src, at, true))
			a.later(20 * time.Minute)
			disturb(t, a)
			want := keys(runAll(t, src, at, c.composites))
			a.later(19 * time.Minute) // more than the overlap
			nothing(a, c.words)
			for range c.polls {
				runs := runAll(t, src, at, c.composites)
				for key := range keys(runs) {
					delete(want, key)
				}
				at = advance(runs)
				a.later(20 * time.Minute)
			}
			if len(want) == 0 {
				t.Fatal("the scenario does not hold: nothing was kept back")
			}
			a.org.ClearFaults()
			a.org.ResetCalls()
			got := runAll(t, src, at, c.composites)
			if made := calls(a); c.composites && len(made) != 2 {
				t.Errorf("%d calls, want 2: %v", len(made), made)
			}
			have := keys(got)
			for key := range want {
				if !have[key] {
					t.Errorf("%s did not come", key)
				}
			}
		})
	}
}

var stamped = regexp.MustCompile(`SystemModstamp >= (\S+)`)

// askedFrom is the stamp that the latest query of deals asked from.
func askedFrom(t *testing.T, a *account) time.Time {
	t.Helper()
	var out time.Time
	for _, c := range a.org.Subrequests() {
		if m := stamped.FindStringSubmatch(c.Query); m != nil && strings.Contains(c.Query, "FROM Opportunity ") && !strings.Contains(c.Query, "COUNT()") {
			at, err := time.Parse(time.RFC3339, m[1])
			if err != nil {
				t.Fatal(err)
			}
			out = at
		}
	}
	return out
}

// TestHowFarBackItAsks: rows that came are asked for again within the overlap only, so a
// mass change is not read twice. Answers without rows let a poll ask from where the first
// of them asked, for as long as a day.
func TestHowFarBackItAsks(t *testing.T) {
	a, src, at := synced(t, sim.Options{Deals: 60})
	at = advance(runAll(t, src, at, true)) // the deep run of the day
	poll := func() time.Time {
		t.Helper()
		a.later(20 * time.Minute)
		at = advance(runAll(t, src, at, true))
		return askedFrom(t, a)
	}
	disturb(t, a)
	poll()
	since := a.company.Now()
	const overlap = 15 * time.Minute
	for range 3 {
		if got := poll(); !got.Equal(since.Add(-overlap)) {
			t.Errorf("after an answer without rows it asks from %v, want %v", got, since.Add(-overlap))
		}
	}
	disturb(t, a)
	poll()
	if got, want := poll(), a.company.Now().Add(-20*time.Minute-overlap); !got.Equal(want) {
		t.Errorf("after an answer with rows it asks from %v, want %v", got, want)
	}
	for range 100 {
		poll()
	}
	if got := a.company.Now().Sub(poll()); got > 49*time.Hour {
		t.Errorf("it asks %v back", got)
	}
}

// TestMeetingsThatEndedAreAskedForAgain: a meeting ends while the org answers that none did.
func TestMeetingsThatEndedAreAskedForAgain(t *testing.T) {
	a, src, at := synced(t, sim.Options{Deals: 60})
	id := a.company.AddEvent(sim.Event{WhatID: a.company.IDs("Opportunity")[0], Begin: a.company.Now().Add(50 * time.Minute), Minutes: 5})
	for range 2 {
		at = advance(runAll(t, src, at, true))
		a.later(20 * time.Minute)
	}
	at = advance(runAll(t, src, at, true))
	a.later(20 * time.Minute)
	nothing(a, "EndDateTime >=")
	at = advance(runAll(t, src, at, true))
	a.org.ClearFaults()
	a.later(20 * time.Minute)
	for _, x := range runAll(t, src, at, true)[crm.Activities].Page.Activities {
		if x.ID == id && x.Done {
			return
		}
	}
	t.Error("the meeting that has taken place did not come")
}

// TestAnOrgWithoutAnyRow: every org has stages and users, so an answer without them is none,
// and a poll in which nothing else has rows either is none at all.
func TestAnOrgWithoutAnyRow(t *testing.T) {
	a, src, at := synced(t, sim.Options{Deals: 60})
	disturb(t, a)
	nothing(a, "SELECT")
	if _, err := src.(crm.Poller).Poll(t.Context(), at); !errors.Is(err, crm.ErrBusy) || !strings.Contains(err.Error(), "every org has rows of OpportunityStage") {
		t.Errorf("a poll: %v", err)
	}
	for _, s := range []crm.Stream{crm.Stages, crm.Users} {
		if _, err := src.Fetch(t.Context(), s, ""); !errors.Is(err, crm.ErrBusy) {
			t.Errorf("a full read of %s: %v", s, err)
		}
	}
	a.org.ClearFaults()
	nothing(a, "FROM OpportunityStage")
	pages, err := src.(crm.Poller).Poll(t.Context(), at)
	if _, ok := pages[crm.Stages]; err != nil || ok || len(pages[crm.Opportunities].Opportunities) == 0 {
		t.Errorf("no stages alone: %v, %d deals, stages among the pages: %v", err, len(pages[crm.Opportunities].Opportunities), ok)
	}
	a.org.ClearFaults()
	if n := len(runAll(t, src, at, true)[crm.Opportunities].Page.Opportunities); n == 0 {
		t.Error("the next poll reads no deal")
	}
}
