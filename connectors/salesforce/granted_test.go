package salesforce_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestGrantedIsSeenAtOnce: a permission that is granted after the first Describe is seen
// by the next one, whether an object, a field of an object or a field to filter by was
// hidden. While nothing is hidden, Describe asks for nothing.
func TestGrantedIsSeenAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		object, field string
		access        string // what the login sees in the end
	}{
		"deals":                {object: "Opportunity", access: "amount"},
		"activities, in part":  {object: "Task", access: "activities"},
		"contacts":             {object: "OpportunityContactRole", access: "contacts"},
		"history":              {object: "OpportunityHistory", access: "history"},
		"a field of deals":     {object: "Opportunity", field: "NextStep", access: "next_step"},
		"a configured field":   {object: "Opportunity", field: "Decision_Criteria__c", access: "decision_criteria"},
		"a field of tasks":     {object: "Task", field: "CallDisposition", access: "activities"},
		"the deal of tasks":    {object: "Task", field: "WhatId", access: "activities"},
		"the day of meetings":  {object: "Event", field: "StartDateTime", access: "activities"},
		"a field of the owner": {object: "User", field: "ManagerId", access: "users"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t, sim.Options{Deals: 30})
			hide, show := func() { a.company.HideObject(c.object) }, func() { a.company.ShowObject(c.object) }
			if c.field != "" {
				hide, show = func() { a.company.HideField(c.object, c.field) }, func() { a.company.ShowField(c.object, c.field) }
			}
			hide()
			src := a.Source(t)
			for range 2 {
				if _, err := src.Describe(t.Context()); (err != nil) != (name == "deals") {
					t.Fatalf("hidden: %v", err)
				}
			}
			calls(a)
			if _, err := src.Describe(t.Context()); (err != nil) != (name == "deals") || len(calls(a)) != 1 {
				t.Errorf("while it is hidden, Describe asked for more than what is missing: %v", err)
			}
			show()
			info, err := src.Describe(t.Context())
			if err != nil || info.Fields.Access(c.access) != crm.Readable {
				t.Errorf("granted: %s is %s, %v", c.access, info.Fields.Access(c.access), err)
			}
			if p, err := src.Fetch(t.Context(), crm.Opportunities, ""); err != nil || p.Len() == 0 {
				t.Errorf("granted: %d deals, %v", p.Len(), err)
			}
			calls(a)
			if _, err := src.Describe(t.Context()); err != nil || len(calls(a)) > 0 {
				t.Errorf("once all is seen, Describe makes calls: %v", err)
			}
		})
	}
}

// TestFirst404IsAskedTwice: one answer that an object is not there, within a composite or
// alone, hides nothing; two do.
func TestFirst404IsAskedTwice(t *testing.T) {
	const gone = `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`
	for _, alone := range []bool{false, true} {
		for times, want := range map[int]crm.Access{1: crm.Readable, 2: crm.Hidden} {
			a := newAccount(t, sim.Options{Deals: 30})
			within := sim.Fault{Sub: "/OpportunityHistory/describe", Status: http.StatusNotFound, Body: gone}
			byItself := sim.Fault{Path: "/OpportunityHistory/describe", Status: http.StatusNotFound, Body: gone, Times: times - 1}
			if alone {
				a.org.Set(func(o *sim.SalesforceOptions) { o.NoComposite = http.StatusForbidden })
				byItself.Times = times
			} else {
				a.org.Fault(within)
			}
			if byItself.Times > 0 {
				a.org.Fault(byItself)
			}
			info, err := a.Source(t).Describe(t.Context())
			if err != nil || info.Fields.Access("history") != want {
				t.Errorf("alone %v, %d answers: history is %s, %v; want %s", alone, times, info.Fields.Access("history"), err, want)
			}
		}
	}
}

// TestReconsideringIsNotRequired: while the org is busy, what is missing stays missing and
// the rest is read; an object that was seen is not hidden by one answer.
func TestReconsideringIsNotRequired(t *testing.T) {
	for _, status := range []int{http.StatusServiceUnavailable, http.StatusNotFound} {
		a := newAccount(t, sim.Options{Deals: 30})
		a.company.HideField("Opportunity", "NextStep")
		a.company.HideObject("OpportunityContactRole")
		src := a.Source(t)
		if _, err := src.Describe(t.Context()); err != nil {
			t.Fatal(err)
		}
		body := fmt.Sprintf(`[{"errorCode":"X%d","message":"no"}]`, status)
		a.org.Fault(sim.Fault{Sub: "/describe", Times: -1, Status: status, Body: body})
		a.org.Fault(sim.Fault{Path: "/describe", Times: -1, Status: status, Body: body})
		info, err := src.Describe(t.Context())
		if err != nil || info.Fields.Access("amount") != crm.Readable || info.Fields.Access("contacts") != crm.Hidden {
			t.Errorf("HTTP %d: amount is %s, contacts are %s, %v", status, info.Fields.Access("amount"), info.Fields.Access("contacts"), err)
		}
	}
}

// TestRefreshTriesAgainAtOnce: what waits for an hour after a refusal is tried at once
// when a person asks.
func TestRefreshTriesAgainAtOnce(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	now := a.company.Now()
	a.cfg.Now = func() time.Time { return now }
	a.company.HideObject("OpportunityHistory")
	a.company.HideObject("OpportunityContactRole")
	a.org.Set(func(o *sim.SalesforceOptions) { o.NoComposite = http.StatusNotFound })
	a.org.Fault(sim.Fault{Path: "/StageName", Times: -1, Status: 403, Body: `[{"errorCode":"INSUFFICIENT_ACCESS","message":"no"}]`})
	src := a.Source(t)
	if info, err := src.Describe(t.Context()); err != nil || info.Fields.Access("stages") != crm.Hidden {
		t.Fatalf("stages are %s, %v", info.Fields.Access("stages"), err)
	}
	a.org.ClearFaults()
	a.org.Set(func(o *sim.SalesforceOptions) { o.NoComposite = 0 })
	if info, err := src.Describe(t.Context()); err != nil || info.Fields.Access("stages") != crm.Hidden {
		t.Fatalf("the scenario does not hold: stages are %s, %v", info.Fields.Access("stages"), err)
	}
	src.(crm.Refresher).Refresh()
	calls(a)
	info, err := src.Describe(t.Context())
	if err != nil || info.Fields.Access("stages") != crm.Readable {
		t.Errorf("after Refresh stages are %s, %v", info.Fields.Access("stages"), err)
	}
	if got := fmt.Sprint(calls(a)); !strings.Contains(got, "composite") {
		t.Errorf("after Refresh it asked for %s, without a composite", got)
	}
}
