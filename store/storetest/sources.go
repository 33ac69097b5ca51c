package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

func testRegisterRefusesAnotherAccount(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	for _, info := range []crm.Info{{Type: "salesforce", Account: "00D2"}, {Type: "hubspot", Account: "00D1"}} {
		if err := e.Register(t.Context(), e.Fence(), "sf", info); !errors.Is(err, crm.ErrAccount) {
			t.Errorf("%+v: got %v, want ErrAccount", info, err)
		}
	}
	if err := e.Register(t.Context(), e.Fence(), "sf", crm.Info{Type: "salesforce"}); err != nil {
		t.Error(err)
	}
	ref, err := e.Reference(t.Context(), "sf")
	if err != nil || ref.Info.Account != "00D1" {
		t.Errorf("account %q, %v: an unknown account must not forget the known one", ref.Info.Account, err)
	}
}

func testReferenceHasUsersAndStagesInOrder(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	Commit(t, e, crm.Page{Stream: crm.Users, Users: []crm.User{{ID: "u2", Name: "Bo"}, {ID: "u1", Name: "Al", Email: "al@x.org", Active: true}}})
	Commit(t, e, crm.Page{Stream: crm.Stages, Stages: []crm.Stage{{ID: "Won", Order: 9, Closed: true, Won: true}, {ID: "New", Order: 1, Label: "Neu"}, {Pipeline: "p", PipelineLabel: "Partners", ID: "New", Order: 0}}})
	ref, err := e.Reference(t.Context(), "sf")
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "users", ref.Users, map[string]*crm.User{"u1": {ID: "u1", Name: "Al", Email: "al@x.org", Active: true}, "u2": {ID: "u2", Name: "Bo"}})
	diff(t, "stages", ref.Stages, []crm.Stage{{ID: "New", Order: 1, Label: "Neu"}, {ID: "Won", Order: 9, Closed: true, Won: true}, {Pipeline: "p", PipelineLabel: "Partners", ID: "New"}})
	if ref.Info.Fields.Access("next_step") != crm.Hidden || ref.Info.Why["next_step"] != "ask for it" || ref.Info.URL("1") != "https://x/1" {
		t.Errorf("info: %+v", ref.Info)
	}
	none, err := e.Reference(t.Context(), "other")
	if err != nil || none.Name != "other" || len(none.Users) != 0 {
		t.Errorf("unknown source: %+v, %v", none, err)
	}
}

// Deals may be in a stage that the CRM has no longer, so its last name is kept. A stage
// that is gone need not be mentioned by any later run, so it holds back no sweep.
func testAStageThatIsGoneKeepsItsName(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	list := func(names ...string) crm.Page {
		p := crm.Page{Stream: crm.Stages, Replace: true}
		for i, n := range names {
			p.Stages = append(p.Stages, crm.Stage{Pipeline: "p", PipelineLabel: "Partners", ID: n, Label: "Stage " + n, Order: i, Active: true})
		}
		return p
	}
	states := func() (out []string) {
		ref, err := e.Reference(t.Context(), "sf")
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range ref.Stages {
			if s.Label != "Stage "+s.ID || s.PipelineLabel != "Partners" || s.Gone == s.Active {
				t.Errorf("stage %+v", s)
			}
			if s.Gone {
				s.ID += " gone"
			}
			out = append(out, s.ID)
		}
		slices.Sort(out)
		return out
	}
	Commit(t, e, list("a", "b", "c", "d"))
	diff(t, "commit", Commit(t, e, list("a", "c", "d")), store.Commit{Unchanged: 1, Changed: 2, Deleted: 1})
	diff(t, "b is gone", states(), []string{"a", "b gone", "c", "d"})
	Commit(t, e, crm.Page{Stream: crm.Stages, Deleted: []string{"b", "c"}, Stages: list("a", "d").Stages})
	diff(t, "c is deleted", states(), []string{"a", "b gone", "c gone", "d"})
	if c := Commit(t, e, list("a")); c.Deleted != 1 {
		t.Errorf("one of two went, while two had gone before: %+v", c)
	}
	Commit(t, e, list("a", "b"))
	diff(t, "b is back", states(), []string{"a", "b", "c gone", "d gone"})
}

// Since is the end of the first run, even when the stream is read again later.
func testReferenceKnowsSinceWhenEverythingWasSeen(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	since := func() time.Time {
		ref, err := e.Reference(t.Context(), "sf")
		if err != nil {
			t.Fatal(err)
		}
		return ref.Since
	}
	p := PageOf(Opportunity(1))
	p.More = true
	Commit(t, e, p)
	if at := since(); !at.IsZero() {
		t.Errorf("the first run is under way, but it is complete since %v", at)
	}
	Commit(t, e, PageOf(Opportunity(2)))
	if err := e.Restart(t.Context(), e.Fence(), "sf", crm.Opportunities); err != nil {
		t.Fatal(err)
	}
	p = PageOf(Opportunity(1), Opportunity(2))
	p.AsOf = Noon.Add(time.Hour)
	Commit(t, e, p)
	if at := since(); !at.Equal(Noon) {
		t.Errorf("got %v, want %v", at, Noon)
	}
}

// A forgotten source leaves nothing behind, even for a source that takes its place, and
// takes nothing along of another one.
func testNothingOfAForgottenSourceIsLeft(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	fill := func(source string) {
		t.Helper()
		Register(t, e, source)
		swept := PageOf(Opportunity(1), Opportunity(2))
		swept.Sweep, swept.More = true, true // a run under way has noted ids
		for _, p := range []crm.Page{
			{Stream: crm.Users, Users: []crm.User{{ID: "u1", Name: "Al"}}},
			{Stream: crm.Stages, Stages: []crm.Stage{{ID: "New"}}},
			PageOf(Opportunity(1), Opportunity(2)),
			{Stream: crm.Activities, Activities: []crm.Activity{{ID: "a1", OpportunityIDs: []string{ID(1)}, At: Noon}}},
			{Stream: crm.Contacts, Contacts: []crm.Contact{{ID: "c1", OpportunityID: ID(1)}}},
			{Stream: crm.History, Changes: []crm.Change{{ID: "h1", OpportunityID: ID(1), Field: crm.FieldStage, New: "New", At: Noon}}},
			swept,
		} {
			if _, err := e.CommitPage(t.Context(), e.Fence(), source, &p, Noon); err != nil {
				t.Fatal(err)
			}
		}
	}
	streams := func() (out []string) {
		states, err := e.Streams(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range states {
			if !slices.Contains(out, s.Source) {
				out = append(out, s.Source)
			}
		}
		return out
	}
	fill("other")
	fill("sf")
	before := Deals(t, e, "other")
	for range 2 { // the second time there is nothing to forget
		if err := e.Forget(t.Context(), e.Fence(), "sf"); err != nil {
			t.Fatal(err)
		}
	}
	diff(t, "streams", streams(), []string{"other"})
	diff(t, "the other source", Deals(t, e, "other"), before)
	Register(t, e, "new")
	for _, source := range []string{"sf", "new"} {
		ref, err := e.Reference(t.Context(), source)
		if err != nil || len(ref.Users)+len(ref.Stages) > 0 || len(Deals(t, e, source)) > 0 {
			t.Errorf("%s: %+v, %v", source, ref, err)
		}
	}
	fill("sf")
	diff(t, "the source that came back", len(Deals(t, e, "sf")), 2)
}
