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
