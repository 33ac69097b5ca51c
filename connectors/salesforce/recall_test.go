package salesforce_test

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestRecall: a recall of some deals gives the records that a backfill gives of these
// deals, and no record of another deal.
func TestRecall(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 150})
	src := a.Source(t)
	ids := slices.Clone(a.company.IDs("Opportunity"))[:crm.MostRecalled]
	deleted, purged := ids[3], ids[4]
	for _, id := range []string{deleted, purged} {
		if err := a.company.Delete(id); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.company.Purge(purged); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, s := range []crm.Stream{crm.Opportunities, crm.Activities, crm.History, crm.Contacts} {
		pages, _ := pagesOf(t, src, s, "", nil)
		for i := range pages {
			p := &pages[i]
			other := func(id string) bool { return !slices.Contains(ids, id) }
			p.Opportunities = slices.DeleteFunc(p.Opportunities, func(x crm.Opportunity) bool { return other(x.ID) })
			p.Activities = slices.DeleteFunc(p.Activities, func(x crm.Activity) bool { return other(x.OpportunityIDs[0]) })
			p.Changes = slices.DeleteFunc(p.Changes, func(x crm.Change) bool { return other(x.OpportunityID) })
			p.Contacts = slices.DeleteFunc(p.Contacts, func(x crm.Contact) bool { return other(x.OpportunityID) })
			p.Deleted = nil
		}
		maps.Copy(want, all(pages))
	}
	want[deleted], want[purged] = "deleted", "deleted"
	pages, err := src.(crm.Recaller).Recall(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	for i := range pages {
		p := &pages[i]
		if !p.Recalled || p.More || p.Next != "" || p.Sweep || p.Replace || p.Ascending || p.AsOf.IsZero() {
			t.Errorf("%s: %+v", p.Stream, p)
		}
		if p.Stream != crm.Opportunities {
			p.Deleted = nil
		}
	}
	if diff := cmp.Diff(want, all(pages)); diff != "" {
		t.Errorf("(-backfill +recalled):\n%s", diff)
	}
	if len(pages) != 4 || pages[0].Stream != crm.Opportunities {
		t.Errorf("%d pages, the first of %s", len(pages), pages[0].Stream)
	}
}

func TestRecallOfLittle(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	a.company.HideObject("OpportunityHistory")
	src := a.Source(t).(crm.Recaller)
	a.org.ResetCalls()
	if pages, err := src.Recall(t.Context(), []string{"", "x' OR Id != '", "006"}); err != nil || pages != nil || len(a.org.Calls()) != 0 {
		t.Errorf("got %d pages, %v, after %d calls", len(pages), err, len(a.org.Calls()))
	}
	if _, err := src.Recall(t.Context(), make([]string, crm.MostRecalled+1)); !errors.Is(err, crm.ErrRefused) {
		t.Errorf("too many: %v", err)
	}
	id := a.company.IDs("Opportunity")[0]
	pages, err := src.Recall(t.Context(), []string{id})
	if err != nil || len(pages) != 3 || len(pages[0].Opportunities) != 1 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	a.org.Fault(sim.Fault{Path: "queryAll", Skip: 1, Times: -1, Status: 503})
	if pages, err = src.Recall(t.Context(), []string{id}); !errors.Is(err, crm.ErrBusy) || pages != nil {
		t.Errorf("half of it: %d pages, %v", len(pages), err)
	}
}

// TestObjectHiddenInTheMiddle: after the query of an object failed, the object is
// described anew, and the next attempt reads the parts that the login still sees.
func TestObjectHiddenInTheMiddle(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	src := a.Source(t)
	p, err := src.Fetch(t.Context(), crm.Activities, "")
	if err != nil || !p.More {
		t.Fatal(p.More, err)
	}
	a.company.HideObject("Task")
	a.org.ExpireSessions() // the query is made again
	if _, err := src.Fetch(t.Context(), crm.Activities, p.Next); !errors.Is(err, crm.ErrRefused) {
		t.Fatalf("got %v", err)
	}
	pages, _ := pagesOf(t, src, crm.Activities, p.Next, nil)
	for _, p := range pages {
		for _, x := range p.Activities {
			if x.Kind != crm.Meeting {
				t.Fatalf("%+v", x)
			}
		}
	}
	if !slices.ContainsFunc(pages, func(p crm.Page) bool { return len(p.Activities) > 0 }) {
		t.Error("events can still be read")
	}
}
