package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

func testUnchangedPageIsCountedAndNotWritten(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	p := PageOf(Opportunity(2), Opportunity(1))
	diff(t, "first", Commit(t, e, p), store.Commit{Added: 2})
	diff(t, "again", Commit(t, e, p), store.Commit{Unchanged: 2})
	st := state(t, e, crm.Opportunities)
	diff(t, "state", st, store.StreamState{Source: "sf", Stream: crm.Opportunities, Cursor: "c", Complete: true, AsOf: Noon, Records: 2, Changed: Noon})
}

func testClosingMovesAndDeletingRemembers(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	won, lost, gone, open := Opportunity(1), Opportunity(2), Opportunity(3), Opportunity(4)
	Commit(t, e, PageOf(won, lost, gone, open))
	won.Closed, won.Won, lost.Closed = true, true, true
	p := PageOf(won, lost)
	p.Deleted = []string{gone.ID, ID(77)}
	diff(t, "commit", Commit(t, e, p), store.Commit{Changed: 2, Deleted: 1})
	var left []string
	for _, d := range Deals(t, e, "sf") {
		left = append(left, d.Opportunity.ID)
	}
	diff(t, "open", left, []string{open.ID})
	got, err := e.Absent(t.Context(), "sf", []string{won.ID, lost.ID, gone.ID, open.ID})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "absent", got, map[string]hygiene.State{won.ID: hygiene.Won, lost.ID: hygiene.Lost, gone.ID: hygiene.Gone})
	if n := state(t, e, crm.Opportunities).Records; n != 3 {
		t.Errorf("%d records", n)
	}
	var lent []string
	err = e.Lend(t.Context(), "sf", []string{won.ID, lost.ID, won.ID, gone.ID, "", "nowhere"}, func(d *hygiene.Deal) error {
		lent = append(lent, fmt.Sprint(strings.Clone(d.Opportunity.ID), d.Opportunity.Closed))
		return nil
	})
	want := []string{won.ID + "true", lost.ID + "true"}
	if slices.Sort(want); err != nil || !slices.Equal(lent, want) {
		t.Errorf("lent %v, want %v (error %v)", lent, want, err)
	}
	lost.Closed = false
	Commit(t, e, PageOf(lost))
	if n := len(Deals(t, e, "sf")); n != 2 {
		t.Errorf("reopened: %d open deals", n)
	}
}

func testNothingIsGoneWhileTheCacheIsFilled(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	absent := func() string {
		t.Helper()
		got, err := e.Absent(t.Context(), "sf", []string{ID(1), ID(2)})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(got)
	}
	p := PageOf(Opportunity(1))
	p.More = true
	Commit(t, e, p)
	if got := absent(); got != "map[]" {
		t.Errorf("first page: %s", got)
	}
	p.Deleted = []string{ID(1)}
	Commit(t, e, p)
	if got, want := absent(), fmt.Sprintf("map[%s:gone]", ID(1)); got != want {
		t.Errorf("deleted: got %s, want %s", got, want)
	}
	p.Deleted = nil
	Commit(t, e, p) // taken out of the bin
	p.Opportunities, p.More = nil, false
	Commit(t, e, p)
	if got, want := absent(), fmt.Sprintf("map[%s:gone]", ID(2)); got != want {
		t.Errorf("complete: got %s, want %s", got, want)
	}
}

func testOfARecordTwiceInAPageTheLastCounts(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	first, last := Opportunity(1), Opportunity(1)
	first.Stage = "Old"
	diff(t, "commit", Commit(t, e, PageOf(first, Opportunity(0), last)), store.Commit{Added: 2})
	if d := Deals(t, e, "sf")[1]; d.Opportunity.Stage != last.Stage || len(d.Changes) != 0 {
		t.Errorf("got %+v", d)
	}
}

func testActivitiesFollowTheirOpportunities(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	a := crm.Activity{ID: "00T1", Kind: crm.Call, OpportunityIDs: []string{ID(1), ID(2), ID(1)}, At: Noon, Done: true}
	b := crm.Activity{ID: "00T2", Kind: crm.Email, OpportunityIDs: []string{ID(1)}, At: Noon.Add(-time.Hour)}
	page := func(as ...crm.Activity) crm.Page { return crm.Page{Stream: crm.Activities, Activities: as} }
	// Activities come before their opportunities: streams are read side by side.
	diff(t, "first", Commit(t, e, page(a, b, crm.Activity{ID: "00T3"})), store.Commit{Added: 2, Unchanged: 1})
	Commit(t, e, PageOf(Opportunity(1), Opportunity(2), Opportunity(3)))
	ids := func() string {
		var out []string
		for _, d := range Deals(t, e, "sf") {
			var of []string
			for _, a := range d.Activities {
				of = append(of, a.ID)
			}
			out = append(out, strings.Join(of, "+"))
		}
		return strings.Join(out, " ")
	}
	expect := func(what, want string, records int) {
		t.Helper()
		if got := ids(); got != want {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
		if n := state(t, e, crm.Activities).Records; n != records {
			t.Errorf("%s: %d records, want %d", what, n, records)
		}
	}
	expect("linked, by time", "00T2+00T1 00T1 ", 2)
	diff(t, "again", Commit(t, e, page(a, b)), store.Commit{Unchanged: 2})
	a.OpportunityIDs = []string{ID(2), ID(3)}
	diff(t, "move", Commit(t, e, page(a)), store.Commit{Changed: 1})
	expect("moved", "00T2 00T1 00T1", 2)
	b.OpportunityIDs = nil
	diff(t, "cut off", Commit(t, e, page(b)), store.Commit{Changed: 1})
	expect("cut off", " 00T1 00T1", 1)
	Commit(t, e, crm.Page{Stream: crm.Opportunities, Deleted: []string{ID(2)}})
	expect("opportunity deleted", " 00T1", 1)
	diff(t, "left link", Deals(t, e, "sf")[1].Activities[0].OpportunityIDs, []string{ID(3)})
	diff(t, "delete", Commit(t, e, crm.Page{Stream: crm.Activities, Deleted: []string{"00T1", "00T9"}}), store.Commit{Deleted: 1})
	expect("deleted", " ", 0)
	if err := e.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func testBadIDsAreRefusedWhole(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	for _, id := range []string{"", "a\x00b", strings.Repeat("x", store.MaxID+1), "a\xff"} {
		o := Opportunity(1)
		o.ID = id
		if _, err := e.CommitPage(t.Context(), e.Fence(), "sf", &crm.Page{Stream: crm.Opportunities, Opportunities: []crm.Opportunity{Opportunity(5), o}}, Noon); err == nil {
			t.Errorf("id %.10q was accepted", id)
		}
	}
	if n := len(Deals(t, e, "sf")); n != 0 {
		t.Errorf("%d deals of refused pages", n)
	}
	if st := state(t, e, crm.Opportunities); st.Stream != "" {
		t.Errorf("the cursor moved: %+v", st)
	}
}

func testAForeignStreamIsMarked(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	Commit(t, e, PageOf(Opportunity(1)))
	if err := e.StreamFailed(t.Context(), e.Fence(), "sf", crm.Opportunities, fmt.Errorf("org 2: %w", crm.ErrAccount), Noon); err != nil {
		t.Fatal(err)
	}
	if st := state(t, e, crm.Opportunities); !st.Foreign || st.Cursor != "c" || st.Error == "" || len(Deals(t, e, "sf")) != 1 {
		t.Errorf("%+v", st)
	}
	if err := e.StreamFailed(t.Context(), e.Fence(), "sf", crm.Opportunities, crm.ErrBusy, Noon); err != nil {
		t.Fatal(err)
	}
	if !state(t, e, crm.Opportunities).Foreign {
		t.Error("an outage has cured it")
	}
	Commit(t, e, PageOf(Opportunity(1)))
	if st := state(t, e, crm.Opportunities); st.Foreign || st.Error != "" {
		t.Errorf("after a page: %+v", st)
	}
}

func testStreamFailedKeepsTheCursor(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	Commit(t, e, PageOf(Opportunity(1)))
	if err := e.StreamFailed(t.Context(), e.Fence(), "sf", crm.Opportunities, errors.New("no"), Noon); err != nil {
		t.Fatal(err)
	}
	if err := e.StreamFailed(t.Context(), e.Fence(), "new", crm.Users, errors.New("credentials refused"), Noon); err != nil {
		t.Fatal(err)
	}
	st := state(t, e, crm.Opportunities)
	if st.Cursor != "c" || st.Error != "no" || !st.ErrorAt.Equal(Noon) || st.Foreign {
		t.Errorf("%+v", st)
	}
	all, _ := e.Streams(t.Context())
	if len(all) != 2 || all[0].Source != "new" || all[0].Complete {
		t.Errorf("streams: %+v", all)
	}
	Commit(t, e, PageOf(Opportunity(1)))
	if st := state(t, e, crm.Opportunities); st.Error != "" {
		t.Errorf("error stays after a page that went well: %+v", st)
	}
}
