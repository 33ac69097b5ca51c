package hubspot_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestRecall recalls a few deals and compares them with the backfill.
func TestRecall(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 120})
	a.portal.Set(func(o *sim.HubSpotOptions) { o.AssociationPage = 2 })
	src := a.Source(t)
	all := map[crm.Stream]crm.Page{}
	for _, s := range src.Streams() {
		all[s] = joined(toEnd(t, src, s, ""))
	}
	contacts := all[crm.Contacts].ContactsOf
	gone := contacts[0]
	ids := contacts[1:6] // open ones
	if err := a.portal.Archive("deals", gone); err != nil {
		t.Fatal(err)
	}
	pages, err := src.(crm.Recaller).Recall(t.Context(), append([]string{gone, "no id", "1"}, ids...))
	if err != nil {
		t.Fatal(err)
	}
	var got crm.Page
	for _, p := range pages {
		if p.Next != "" || p.More || !p.Recalled || p.AsOf.IsZero() {
			t.Errorf("a page of %s has a cursor %q, is recalled %v as of %v", p.Stream, p.Next, p.Recalled, p.AsOf)
		}
		got.Opportunities = append(got.Opportunities, p.Opportunities...)
		got.Changes = append(got.Changes, p.Changes...)
		got.Contacts = append(got.Contacts, p.Contacts...)
		got.ContactsOf = append(got.ContactsOf, p.ContactsOf...)
		got.Activities = append(got.Activities, p.Activities...)
		if len(p.Deleted) > 0 && p.Stream != crm.Opportunities {
			t.Errorf("%s: deleted %q", p.Stream, p.Deleted)
		}
		got.Deleted = append(got.Deleted, p.Deleted...)
	}
	of := func(id string) bool { return slices.Contains(ids, id) }
	want := crm.Page{Deleted: []string{"1", gone}, ContactsOf: ids}
	for _, o := range all[crm.Opportunities].Opportunities {
		if of(o.ID) {
			want.Opportunities = append(want.Opportunities, o)
		}
	}
	for _, c := range all[crm.History].Changes {
		if of(c.OpportunityID) {
			want.Changes = append(want.Changes, c)
		}
	}
	for _, c := range all[crm.Contacts].Contacts {
		if of(c.OpportunityID) {
			want.Contacts = append(want.Contacts, c)
		}
	}
	for _, act := range all[crm.Activities].Activities {
		if slices.ContainsFunc(act.OpportunityIDs, of) {
			want.Activities = append(want.Activities, act)
		}
	}
	if len(want.Activities) == 0 || len(want.Contacts) == 0 || len(want.Changes) == 0 {
		t.Fatal("the deals have nothing that belongs to them")
	}
	byID := cmpopts.SortSlices(func(a, b crm.Activity) bool { return a.ID < b.ID })
	if diff := cmp.Diff(want, got, byID); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if pages, err := src.(crm.Recaller).Recall(t.Context(), []string{"x"}); err != nil || pages != nil {
		t.Errorf("no id gave %v, %v", pages, err)
	}
}

// TestSweep proves that a sweep does not mention a deal that was purged, and mentions a
// deal that was restored with an old stamp.
func TestSweep(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 120})
	src := a.Source(t)
	at := map[crm.Stream]crm.Cursor{}
	first := poll(t, src, at)
	back := a.portal.IDs("deals")[9]
	if err := a.portal.Archive("deals", back); err != nil {
		t.Fatal(err)
	}
	a.later(2 * time.Hour)
	poll(t, src, at)
	if err := a.portal.Restore("deals", back); err != nil {
		t.Fatal(err)
	}
	purged := a.portal.IDs("deals")[4]
	if err := a.portal.Purge("deals", purged); err != nil {
		t.Fatal(err)
	}
	a.later(2 * time.Hour)
	for _, s := range src.Streams() {
		for _, p := range toEnd(t, src, s, at[s]) {
			if p.Sweep {
				t.Errorf("%s: an increment says that it mentions all", s)
			}
			at[s] = p.Next
		}
	}
	a.later(25 * time.Hour)
	src = a.Source(t) // another process, which reads the time first
	for s, sweeps := range map[crm.Stream]bool{crm.Opportunities: true, crm.Activities: true, crm.History: false, crm.Contacts: false} {
		pages := toEnd(t, src, s, at[s])
		for i, p := range pages {
			if p.Sweep != sweeps {
				t.Errorf("%s: page %d of the daily reading says that it mentions all: %v, want %v", s, i, p.Sweep, sweeps)
			}
		}
		all := joined(pages)
		mentions := map[string]bool{}
		for _, o := range all.Opportunities {
			mentions[o.ID] = true
		}
		for _, c := range all.Changes {
			mentions[c.OpportunityID] = true
		}
		for _, act := range all.Activities {
			for _, id := range act.OpportunityIDs {
				mentions[id] = true
			}
		}
		if s == crm.Contacts {
			continue
		}
		if mentions[purged] {
			t.Errorf("%s: the purged deal is mentioned", s)
		}
		if !mentions[back] {
			t.Errorf("%s: the restored deal is not mentioned", s)
		}
	}
	if n := len(first[crm.Opportunities].Opportunities); n != len(a.portal.IDs("deals"))+1 {
		t.Errorf("%d deals at first, %d now", n, len(a.portal.IDs("deals")))
	}
}

// TestNoSweepOfHiddenKinds takes the scope of emails away: the daily reading of the
// other activities must be no sweep, which would drop all emails.
func TestNoSweepOfHiddenKinds(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	src := a.Source(t)
	at := joined(toEnd(t, src, crm.Activities, "")).Next
	a.later(25 * time.Hour)
	at = joined(toEnd(t, src, crm.Activities, at)).Next
	a.portal.Set(func(o *sim.HubSpotOptions) { o.Denied = []string{"emails"} })
	src = a.Source(t)
	a.later(time.Minute)
	pages := toEnd(t, src, crm.Activities, at)
	if p := joined(pages); len(p.Activities) < 20 {
		t.Fatalf("not read from the beginning: %d activities", len(p.Activities))
	}
	for i, p := range pages {
		if p.Sweep {
			t.Errorf("page %d of %d says that all activities are mentioned", i, len(pages))
		}
	}
}

// TestRecallOfClosedDeals: as in any other reading, nobody asks who the buyers of a closed
// deal are.
func TestRecallOfClosedDeals(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	src := a.Source(t)
	var closed []string
	for _, o := range joined(toEnd(t, src, crm.Opportunities, "")).Opportunities {
		if o.Closed && len(a.portal.Links("deals", o.ID, "contacts")) > 0 {
			closed = append(closed, o.ID)
		}
	}
	pages, err := src.(crm.Recaller).Recall(t.Context(), closed)
	if err != nil || len(closed) == 0 {
		t.Fatal(len(closed), err)
	}
	for _, p := range pages {
		if len(p.Contacts) > 0 || len(p.ContactsOf) > 0 {
			t.Errorf("read the contacts of %v", p.ContactsOf)
		}
	}
}
