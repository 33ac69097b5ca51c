package storetest

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

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

// The past of another field is not the field's own, and the step from the one to the other
// is no change.
func testAFieldThatIsMappedElsewhereHasNoPast(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	o, other := Opportunity(1), Opportunity(2)
	Commit(t, e, PageOf(o, other))
	o.NextStep, o.Stage, o.ModifiedAt = "call", "Closing", Noon
	Commit(t, e, PageOf(o, other))
	Commit(t, e, crm.Page{Stream: crm.History, Next: "h", Changes: []crm.Change{
		{ID: "h1", OpportunityID: o.ID, Field: crm.FieldNextStep, New: "write", At: Noon.Add(-time.Hour)},
		{ID: "h2", OpportunityID: o.ID, Field: crm.FieldStage, New: "Prospecting", At: Noon.Add(-time.Hour)},
	}})
	info := crm.Info{Type: "salesforce", Mapped: map[string]string{"next_step": "Plan__c", "champion": "Champion__c"}}
	register := func() {
		t.Helper()
		if err := e.Register(t.Context(), e.Fence(), "sf", info); err != nil {
			t.Fatal(err)
		}
	}
	past := func(what string, want ...string) {
		t.Helper()
		var got []string
		for _, d := range Deals(t, e, "sf") {
			for _, c := range d.Changes {
				got = append(got, c.ID)
			}
		}
		diff(t, what, got, want)
	}
	register()
	past("at once", "h2", "seen-stage")
	if h, os := state(t, e, crm.History), state(t, e, crm.Opportunities); h.Cursor != "" || h.Records != 1 || os.Cursor != "" || os.Records != 2 {
		t.Errorf("history %+v, opportunities %+v", h, os)
	}
	o.NextStep, other.NextStep, other.Stage, other.ModifiedAt = "sign", "meet", "Closing", Noon
	page := PageOf(o)
	page.More = true
	Commit(t, e, page)
	register() // as before: a run that was broken off goes on
	if c := state(t, e, crm.Opportunities).Cursor; c != "c" {
		t.Errorf("the run goes on from %q", c)
	}
	Commit(t, e, PageOf(other))
	past("read again", "h2", "seen-stage", "seen-stage")
	other.NextStep, other.ModifiedAt = "decide", Noon.Add(time.Hour)
	Commit(t, e, PageOf(o, other))
	past("then", "h2", "seen-stage", "seen-stage", "seen-next_step")
}

func testHistoryAndObservationAreFolded(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	o := Opportunity(1)
	Commit(t, e, PageOf(o))
	o.Stage, o.ModifiedAt = "Closing", Noon
	Commit(t, e, PageOf(o))
	early := Noon.Add(-48 * time.Hour)
	h := crm.Page{Stream: crm.History, Changes: []crm.Change{
		{ID: "h2", OpportunityID: o.ID, Field: crm.FieldStage, New: "Closing", At: Noon.Add(-time.Second), Origin: crm.Origin{By: "u7"}},
		{ID: "h1", OpportunityID: o.ID, Field: crm.FieldStage, New: "Prospecting", At: early},
		{ID: "h9", OpportunityID: ID(99), Field: crm.FieldStage, New: "x", At: early}, // of a deal that is not there
	}}
	diff(t, "commit", Commit(t, e, h), store.Commit{Added: 3})
	diff(t, "again", Commit(t, e, h), store.Commit{Unchanged: 3})
	diff(t, "changes", Deals(t, e, "sf")[0].Changes, []crm.Change{
		{ID: "h1", OpportunityID: o.ID, Field: crm.FieldStage, New: "Prospecting", At: early},
		{ID: "h2", OpportunityID: o.ID, Field: crm.FieldStage, Old: "Prospecting", OldKnown: true, New: "Closing", At: Noon.Add(-time.Second), Origin: crm.Origin{By: "u7"}},
	})
	if n := state(t, e, crm.History).Records; n != 3 {
		t.Errorf("history holds %d records", n)
	}
}
