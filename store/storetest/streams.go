package storetest

import (
	"fmt"
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

func testObservedChanges(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	o := Opportunity(1)
	Commit(t, e, PageOf(o))
	if d := Deals(t, e, "sf")[0]; len(d.Changes) != 0 {
		t.Fatalf("a record seen for the first time has no changes: %+v", d.Changes)
	}
	o.Stage, o.Amount, o.Name, o.ModifiedAt = "Closing", crm.Number{}, "Renamed", Noon
	diff(t, "commit", Commit(t, e, PageOf(o)), store.Commit{Changed: 1, Changes: 2})
	want := []crm.Change{
		{ID: "seen-amount", OpportunityID: o.ID, Field: crm.FieldAmount, Old: "1", OldKnown: true, At: Noon, Observed: true},
		{ID: "seen-stage", OpportunityID: o.ID, Field: crm.FieldStage, Old: "Prospecting", New: "Closing", OldKnown: true, At: Noon, Observed: true},
	}
	diff(t, "changes", Deals(t, e, "sf")[0].Changes, want)

	o.Stage = "Prospecting" // again under the same stamp
	Commit(t, e, PageOf(o))
	o.NextStep, o.ModifiedAt = "call", time.Time{}
	Commit(t, e, PageOf(o))
	got := Deals(t, e, "sf")[0].Changes
	want = append(want,
		crm.Change{ID: "seen-stage-2", OpportunityID: o.ID, Field: crm.FieldStage, Old: "Closing", New: "Prospecting", OldKnown: true, At: Noon, Observed: true},
		crm.Change{ID: "seen-next_step", OpportunityID: o.ID, Field: crm.FieldNextStep, New: "call", OldKnown: true, At: Noon, Observed: true},
	)
	if len(got) != 4 {
		t.Fatalf("got %d changes: %+v", len(got), got)
	}
	for _, w := range want {
		found := false
		for _, g := range got {
			found = found || g == w
		}
		if !found {
			t.Errorf("missing %+v", w)
		}
	}
}

func testHistoryAndObservationAreFolded(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	o := Opportunity(1)
	Commit(t, e, PageOf(o))
	o.Stage, o.ModifiedAt = "Closing", Noon
	Commit(t, e, PageOf(o))
	early := Noon.Add(-48 * time.Hour)
	h := crm.Page{Stream: crm.History, Changes: []crm.Change{
		{ID: "h2", OpportunityID: o.ID, Field: crm.FieldStage, New: "Closing", At: Noon.Add(-time.Second), By: "u7"},
		{ID: "h1", OpportunityID: o.ID, Field: crm.FieldStage, New: "Prospecting", At: early},
		{ID: "h9", OpportunityID: ID(99), Field: crm.FieldStage, New: "x", At: early}, // of a deal that is not there
	}}
	diff(t, "commit", Commit(t, e, h), store.Commit{Added: 3})
	diff(t, "again", Commit(t, e, h), store.Commit{Unchanged: 3})
	diff(t, "changes", Deals(t, e, "sf")[0].Changes, []crm.Change{
		{ID: "h1", OpportunityID: o.ID, Field: crm.FieldStage, New: "Prospecting", At: early},
		{ID: "h2", OpportunityID: o.ID, Field: crm.FieldStage, Old: "Prospecting", OldKnown: true, New: "Closing", At: Noon.Add(-time.Second), By: "u7"},
	})
	if n := state(t, e, crm.History).Records; n != 3 {
		t.Errorf("history holds %d records", n)
	}
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
	var closed bool
	found, err := e.Deal(t.Context(), "", won.ID, func(d *hygiene.Deal) error {
		closed = d.Opportunity.Closed && d.Source == "sf"
		return nil
	})
	if !found || err != nil || !closed {
		t.Errorf("deal: %v %v %v", found, closed, err)
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
	// Before their opportunities: streams are read side by side.
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

func testReplacedStreamDropsWhatIsNotMentioned(t *testing.T, empty Empty) {
	place := empty(t)
	e := open(t, place)
	Register(t, e, "sf")
	user := func(id string) crm.User { return crm.User{ID: id, Name: "N" + id} }
	users := func(next crm.Cursor, more bool, us ...crm.User) crm.Page {
		return crm.Page{Stream: crm.Users, Users: us, Next: next, More: more, Replace: true, AsOf: Noon}
	}
	Commit(t, e, users("1", true, user("a"), user("b")))
	last := users("", false, user("c"), user("d"))
	Commit(t, e, last)
	Commit(t, e, last) // repeated: it is no run of its own
	names := func() string {
		ref, err := e.Reference(t.Context(), "sf")
		if err != nil {
			t.Fatal(err)
		}
		var out string
		for _, id := range []string{"a", "b", "c", "d", "e"} {
			if ref.Users[id] != nil {
				out += id
			}
		}
		return out
	}
	if got := names(); got != "abcd" {
		t.Fatalf("after the repeated page: %s", got)
	}
	Commit(t, e, users("1", true, user("a"), user("e")))
	if err := e.Close(); err != nil { // between the pages of a run
		t.Fatal(err)
	}
	e = open(t, place)
	diff(t, "end of run", Commit(t, e, users("", false, user("c"), user("d"))), store.Commit{Unchanged: 2, Deleted: 1})
	if got := names(); got != "acde" {
		t.Errorf("got %s, want acde", got)
	}
	p := users("", false, user("a"))
	p.AsOf = Noon.Add(time.Hour)
	Commit(t, e, p)
	if got := names(); got != "acde" {
		t.Errorf("a run with one of four was believed: %s", got)
	}
	if st := state(t, e, crm.Users); !strings.Contains(st.Held, "3 of 4 users") || st.Records != 4 {
		t.Errorf("state: %+v", st)
	}
}

func testFullRunDropsWhatIsGone(t *testing.T, empty Empty) {
	for _, c := range []struct {
		name string
		gone int // of 20
		held bool
	}{{"none", 0, false}, {"a handful", 5, false}, {"more", 6, true}, {"all", 20, true}} {
		t.Run(c.name, func(t *testing.T) {
			e := fresh(t, empty)
			var all []crm.Opportunity
			var acts []crm.Activity
			for i := range 20 {
				o := Opportunity(i)
				o.Closed = i%2 == 1
				all = append(all, o)
				acts = append(acts, crm.Activity{ID: fmt.Sprint("t", i), OpportunityIDs: []string{o.ID}})
			}
			Commit(t, e, PageOf(all...))
			Commit(t, e, crm.Page{Stream: crm.Activities, Activities: acts})
			if err := e.Restart(t.Context(), e.Fence(), "sf", crm.Opportunities); err != nil {
				t.Fatal(err)
			}
			if st := state(t, e, crm.Opportunities); st.Cursor != "" || st.Records != 20 || !st.Complete {
				t.Errorf("after restart: %+v", st)
			}
			half := PageOf(all[c.gone:][:(20-c.gone)/2]...)
			half.More = true
			Commit(t, e, half)
			rest := PageOf(all[c.gone+(20-c.gone)/2:]...)
			got := Commit(t, e, rest)
			st := state(t, e, crm.Opportunities)
			left := 20 - c.gone
			if c.held {
				left = 20
			}
			if got.Deleted != 20-left || st.Records != left || (st.Held != "") != c.held {
				t.Errorf("deleted %d, state %+v", got.Deleted, st)
			}
			if n := state(t, e, crm.Activities).Records; n != left {
				t.Errorf("%d activities left", n)
			}
			absent, err := e.Absent(t.Context(), "sf", []string{all[0].ID})
			if wantGone := c.gone > 0 && !c.held; err != nil || (absent[all[0].ID] == hygiene.Gone) != wantGone {
				t.Errorf("absent: %v, %v", absent, err)
			}
			// An ordinary run after it drops nothing.
			Commit(t, e, PageOf(all[19]))
			if n := state(t, e, crm.Opportunities).Records; n != left {
				t.Errorf("an incremental run dropped records: %d left of %d", n, left)
			}
			if err := e.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
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

func testStreamFailedKeepsTheCursor(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	Commit(t, e, PageOf(Opportunity(1)))
	if err := e.StreamFailed(t.Context(), e.Fence(), "sf", crm.Opportunities, "no", Noon); err != nil {
		t.Fatal(err)
	}
	if err := e.StreamFailed(t.Context(), e.Fence(), "new", crm.Users, "credentials refused", Noon); err != nil {
		t.Fatal(err)
	}
	st := state(t, e, crm.Opportunities)
	if st.Cursor != "c" || st.Error != "no" || !st.ErrorAt.Equal(Noon) {
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
