package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

func testExportGivesEverythingOnce(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	Register(t, e, "other")
	var os []crm.Opportunity
	var as []crm.Activity
	var cs []crm.Change
	for i := range 7 {
		o := Opportunity(i)
		o.Closed = i%3 == 0
		os = append(os, o)
		as = append(as, crm.Activity{ID: fmt.Sprint("t", i), Kind: crm.Note, OpportunityIDs: []string{ID(6 - i), ID(9)}, At: Noon})
		for j := range 2 {
			cs = append(cs, crm.Change{ID: fmt.Sprint(j), OpportunityID: o.ID, Field: crm.FieldOwner, New: fmt.Sprint(j), At: Noon.Add(time.Duration(j) * time.Second)})
		}
	}
	Commit(t, e, PageOf(os...))
	Commit(t, e, crm.Page{Stream: crm.Activities, Activities: as})
	Commit(t, e, crm.Page{Stream: crm.History, Changes: cs})
	if _, err := e.CommitPage(t.Context(), e.Fence(), "other", &crm.Page{Stream: crm.Opportunities, Opportunities: os}, Noon); err != nil {
		t.Fatal(err)
	}
	for _, stream := range []crm.Stream{crm.Opportunities, crm.Activities, crm.History} {
		var all crm.Page
		for after, n := "", 0; ; n++ {
			p, next, err := e.Export(t.Context(), "sf", stream, after, 3)
			if err != nil || n > 9 {
				t.Fatal(err)
			}
			if p.Len() > 3 {
				t.Errorf("%s: %d records in a page", stream, p.Len())
			}
			all.Opportunities = append(all.Opportunities, p.Opportunities...)
			all.Activities = append(all.Activities, p.Activities...)
			all.Changes = append(all.Changes, p.Changes...)
			if after = next; next == "" {
				break
			}
		}
		switch stream {
		case crm.Opportunities:
			diff(t, "opportunities", all.Opportunities, os)
		case crm.Activities:
			diff(t, "activities", all.Activities, as)
		case crm.History:
			if len(all.Changes) != 14 || all.Changes[13].Old != "0" || !all.Changes[13].OldKnown {
				t.Errorf("history: %+v", all.Changes)
			}
		}
	}
	if _, _, err := e.Export(t.Context(), "sf", crm.Users, "zz", 3); err == nil {
		t.Error("a cursor that no export returned was accepted")
	}
}
