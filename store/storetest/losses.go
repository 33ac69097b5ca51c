package storetest

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

func testLossesAreToldAndNotMade(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	p, acts := PageOf(), crm.Page{Stream: crm.Activities, AsOf: Noon}
	for i := range 20 {
		p.Opportunities = append(p.Opportunities, Opportunity(i))
		acts.Activities = append(acts.Activities, crm.Activity{ID: ID(100 + i), Kind: crm.Call, OpportunityIDs: []string{ID(i)}})
	}
	closed := Opportunity(20)
	closed.Closed = true
	p.Opportunities = append(p.Opportunities, closed)
	Commit(t, e, p)
	Commit(t, e, acts)
	named := PageOf()
	named.Deleted = []string{ID(3), ID(20), ID(99)} // open, closed, and not there
	kept := PageOf()
	kept.Deleted, kept.KeptFrom = named.Deleted, closed.CloseDate
	few, first, last := sweepPage(Noon, false, 2, 20), sweepPage(Noon, true, 0, 10), sweepPage(Noon, false, 12, 20)
	several := crm.Page{Stream: crm.Activities, Sweep: true, AsOf: Noon}
	for i := range 19 {
		several.Exist = append(several.Exist, ID(101+i))
	}
	// One activity and two contacts of each of three deals, the last of which is closed.
	acts.Activities = append(acts.Activities, crm.Activity{ID: ID(120), Kind: crm.Call, OpportunityIDs: []string{ID(20)}})
	Commit(t, e, acts)
	Commit(t, e, linkPage(role(1, ID(1)), role(2, ID(1)), role(3, ID(2)), role(4, ID(2)), role(5, ID(20))))
	gone := crm.Page{Stream: crm.Activities, Deleted: []string{ID(101), ID(120), ID(150)}, AsOf: Noon}
	none := crm.Page{Stream: crm.Activities, AsOf: Noon, Activities: []crm.Activity{
		{ID: ID(101), Kind: crm.Call}, {ID: ID(102), Kind: crm.Call, OpportunityIDs: []string{ID(9)}}, {ID: ID(150), Kind: crm.Call}, {ID: ID(3), Kind: crm.Call},
	}}
	roles, removed := linkPage(role(3, ID(2))), linkPage()
	roles.ContactsOf = []string{ID(1), ID(2), ID(3)}
	removed.Deleted = []string{role(3, ID(2)).ID, role(5, ID(20)).ID}
	for _, c := range []struct {
		what string
		page crm.Page
		want store.Losses
	}{
		{"activities named", gone, store.Losses{Named: []string{ID(101), ID(120)}}},
		{"activities of no deal any more", none, store.Losses{Unlinked: []crm.Link{{OpportunityID: ID(1), ID: ID(101)}}}},
		{"deals without contacts", roles, store.Losses{Unlinked: []crm.Link{{OpportunityID: ID(1), ID: role(1, ID(1)).ID}, {OpportunityID: ID(1), ID: role(2, ID(1)).ID}}}},
		{"contacts named", removed, store.Losses{Named: []string{role(3, ID(2)).ID, role(5, ID(20)).ID}}},
		{"named", named, store.Losses{Named: []string{ID(3), ID(20)}}},
		{"named, and one no longer kept", kept, store.Losses{Named: []string{ID(3)}}},
		{"a sweep of one page", few, store.Losses{Missed: []string{ID(0), ID(1)}}},
		{"not the end of a sweep", first, store.Losses{}},
		{"held", sweepPage(Noon, false, 0, 14), store.Losses{}},
		{"activities", several, store.Losses{Missed: []string{ID(100)}}},
		{"nothing", PageOf(Opportunity(0)), store.Losses{}},
	} {
		for range 2 {
			got, err := e.Losses(t.Context(), e.Fence(), "sf", &c.page, Noon)
			if err != nil {
				t.Fatal(err)
			}
			diff(t, c.what, got, c.want)
		}
	}
	if n, st := len(Deals(t, e, "sf")), state(t, e, crm.Opportunities); n != 20 || st.Records != 21 || st.Held != "" || st.Cursor != "c" && st.Cursor != p.Next {
		t.Errorf("%d deals are left, %+v", n, st)
	}
	Commit(t, e, first)
	got, err := e.Losses(t.Context(), e.Fence(), "sf", &last, Noon)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "the end of a sweep", got, store.Losses{Missed: []string{ID(10), ID(11)}})
	// What is found to be there is no loss.
	last.Exist = append(last.Exist, ID(10))
	diff(t, "commit", Commit(t, e, last), store.Commit{Deleted: 1})
	if err := e.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// No CRM has the changes that were observed, so they wait for a while for a deal that is
// gone. Meanwhile nobody sees them.
func testADealThatReturnsHasItsHistory(t *testing.T, empty Empty) {
	for after, kept := range map[time.Duration]bool{store.KeepGone: true, store.KeepGone + time.Hour: false} {
		e := fresh(t, empty)
		o := Opportunity(1)
		Commit(t, e, PageOf(o, Opportunity(2)))
		o.NextStep, o.ModifiedAt = "call", Noon
		Commit(t, e, PageOf(o))
		want := Deals(t, e, "sf")[0].Changes
		if len(want) != 1 {
			t.Fatalf("observed %+v", want)
		}
		Commit(t, e, sweepPage(Noon, false, 2, 3))
		if n := len(Deals(t, e, "sf")); n != 1 {
			t.Fatalf("%d deals are left", n)
		}
		if p, _, err := e.Export(t.Context(), "sf", crm.History, "", 10); err != nil || len(p.Changes) != 0 {
			t.Errorf("exported are %+v, %v", p.Changes, err)
		}
		sweep := sweepPage(Noon.Add(after), false, 2, 3)
		if _, err := e.CommitPage(t.Context(), e.Fence(), "sf", &sweep, Noon.Add(after)); err != nil {
			t.Fatal(err)
		}
		Commit(t, e, PageOf(o))
		if !kept {
			want = nil
		}
		diff(t, after.String(), Deals(t, e, "sf")[0].Changes, want)
	}
}
