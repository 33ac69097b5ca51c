package daemon_test

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

// Failures seldom come alone.

// TestChangedWhileOutOfSight: deals are changed while the login cannot see them. The
// deals come back without a new stamp, so no increment tells of the changes.
func TestChangedWhileOutOfSight(t *testing.T) {
	x := newOrgBench(t, 150)
	x.polled()
	ids := x.open()
	hidden := ids[4:]
	for _, id := range hidden {
		x.company.HideRecord(id)
	}
	x.later(25 * time.Hour)
	x.polled()
	x.polled()
	changed, gone := hidden[0], hidden[1]
	if err := errors.Join(x.company.SetField(changed, "NextStep", "changed in the dark"), x.company.Delete(gone), x.company.Purge(gone)); err != nil {
		t.Fatal(err)
	}
	call := x.company.AddTask(sim.Task{WhatID: changed, Subtype: "Call", Closed: true})
	for range 3 {
		x.later(25 * time.Hour)
		x.polled()
	}
	if c := x.check(); c.Sources[0].Withheld == "" {
		t.Fatal("the scenario does not hold: nothing is held back")
	}
	for _, id := range hidden {
		x.company.ShowRecord(id)
	}
	for range 2 {
		x.later(25 * time.Hour)
		x.polled()
		x.polled()
	}
	if c := x.check(); c.Sources[0].Withheld != "" {
		t.Fatalf("still withheld: %s", c.Sources[0].Withheld)
	}
	if got := x.nextStep(changed); got != "changed in the dark" {
		t.Errorf("next step is %q", got)
	}
	if !x.has(crm.Activities, call) || x.has(crm.Opportunities, gone) {
		t.Errorf("the call is there: %v, the purged deal: %v", x.has(crm.Activities, call), x.has(crm.Opportunities, gone))
	}
}

// TestOffForTwentyDays: nothing ran for twenty days, and the recycle bin forgets after
// fifteen. After one poll the cache is right about all that was deleted, purged or closed
// in these days.
func TestOffForTwentyDays(t *testing.T) {
	x := newOrgBench(t, 60)
	x.polled()
	ids := x.open()
	call := x.company.Activities(ids[0])[0]
	must := func(errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	x.later(time.Hour)
	must(x.company.Delete(call), x.company.Delete(ids[1]), x.company.CloseWon(ids[2]), x.company.Delete(ids[2]), x.company.CloseWon(ids[3]),
		x.company.Delete(ids[4]), x.company.Purge(ids[4]), x.company.Delete(ids[5]))
	x.later(10 * 24 * time.Hour)
	must(x.company.Undelete(ids[5]))
	x.later(10 * 24 * time.Hour)
	x.reborn()
	x.polled()
	for i, there := range []bool{0: true, 1: false, 2: false, 3: true, 4: false, 5: true} {
		if x.has(crm.Opportunities, ids[i]) != there {
			t.Errorf("deal %d is there: %v, want %v", i, !there, there)
		}
	}
	want := []string{}
	for _, id := range x.company.IDs("Opportunity") {
		for _, a := range x.company.Activities(id) {
			if r := x.company.Record(a); r["IsChild"] != true && r["IsRecurrence"] != true {
				want = append(want, a)
			}
		}
	}
	slices.Sort(want)
	got := x.cached(crm.Activities)
	slices.Sort(got)
	if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
		t.Errorf("activities: %s", diff)
	}
}

// TestQuotaWithinAPoll: the allowance ends between the requests of one composite.
func TestQuotaWithinAPoll(t *testing.T) {
	x := newOrgBench(t, 60)
	x.polled()
	at := x.company.Now()
	x.later(20 * time.Minute)
	changed := x.open()[0]
	if err := x.company.SetField(changed, "NextStep", "agree on the date"); err != nil {
		t.Fatal(err)
	}
	x.later(time.Minute)
	const spent = `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`
	x.org.Fault(sim.Fault{Sub: "/queryAll", Skip: 2, Times: -1, Status: 403, Body: spent})
	x.org.Fault(sim.Fault{Path: "/query", Times: -1, Status: 403, Body: spent})
	x.org.ResetCalls()
	_, err := x.poll()
	if !errors.Is(err, crm.ErrQuota) {
		t.Fatalf("got %v", err)
	}
	if n := len(x.org.Calls()); n > 2 {
		t.Errorf("%d calls without an allowance", n)
	}
	if c := x.check(); c.Sources[0].AsOf == nil || !c.Sources[0].AsOf.Equal(at) {
		t.Errorf("as of %v, want %v", c.Sources[0].AsOf, at)
	}
	x.org.ClearFaults()
	x.polled()
	if got := x.nextStep(changed); got != "agree on the date" {
		t.Errorf("next step is %q", got)
	}
}

// TestAnotherOrgInTheMiddle: the credentials lead to another org from the second page
// on, as after a sandbox was refreshed. No record of the other org gets into the cache.
func TestAnotherOrgInTheMiddle(t *testing.T) {
	x := newOrgBench(t, 60)
	x.polled()
	deals, found := x.cached(crm.Opportunities), len(x.check().Findings)
	withheld := func(when string) {
		t.Helper()
		c := x.check()
		if !strings.Contains(c.Sources[0].Withheld, "lead to another account") || len(c.Findings) != 0 {
			t.Errorf("%s: %d findings, withheld %q", when, len(c.Findings), c.Sources[0].Withheld)
		}
		if st, err := x.Status(t.Context()); err != nil || !strings.Contains(strings.Join(st.Notices, ""), "00D000000000009EAA") {
			t.Errorf("%s: status says %v, %v", when, st.Notices, err)
		}
	}
	x.later(time.Hour)
	x.company.Restamp("Opportunity")
	x.org.Set(func(o *sim.SalesforceOptions) { o.Auth.OrgID = "00D000000000009EAA" })
	x.org.ExpireSessions()
	for range 2 {
		if _, err := x.poll(); !errors.Is(err, crm.ErrAccount) || !strings.Contains(err.Error(), "00D000000000009EAA") {
			t.Errorf("got %v", err)
		}
		withheld("in the same process")
	}
	x.reborn()
	withheld("before the next sync")
	if _, err := x.poll(); !errors.Is(err, crm.ErrAccount) {
		t.Errorf("in a new process: %v", err)
	}
	withheld("in a new process")
	if _, err := x.poll(); !errors.Is(err, crm.ErrAccount) {
		t.Errorf("once more: %v", err)
	}
	x.org.Set(func(o *sim.SalesforceOptions) { o.Auth.OrgID = "" })
	x.reborn()
	x.polled()
	if diff := cmp.Diff(deals, x.cached(crm.Opportunities)); diff != "" {
		t.Error(diff)
	}
	if c := x.check(); c.Sources[0].Withheld != "" || len(c.Findings) != found || found == 0 {
		t.Errorf("back: %d findings, want %d, withheld %q", len(c.Findings), found, c.Sources[0].Withheld)
	}
}
