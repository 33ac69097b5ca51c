package bolt

import (
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store/storetest"
)

// Row by row a source is forgotten: from the first row on no stream of it counts as read,
// and in the end no bucket has a key.
func TestASourceIsForgottenInSteps(t *testing.T) {
	s := newStore(t)
	p := storetest.PageOf(storetest.Opportunity(1), storetest.Opportunity(2), storetest.Opportunity(3))
	storetest.Commit(t, s, p)
	storetest.Commit(t, s, crm.Page{Stream: crm.Opportunities, Deleted: []string{storetest.ID(3)}})
	storetest.Commit(t, s, crm.Page{Stream: crm.Users, Users: []crm.User{{ID: "u1"}, {ID: "u2"}}})
	storetest.Commit(t, s, crm.Page{Stream: crm.Stages, Stages: []crm.Stage{{ID: "New"}}})
	storetest.Commit(t, s, crm.Page{Stream: crm.Activities, Activities: []crm.Activity{{ID: "a1", OpportunityIDs: []string{storetest.ID(1)}, At: storetest.Noon}}})
	storetest.Commit(t, s, crm.Page{Stream: crm.Contacts, Contacts: []crm.Contact{{ID: "c1", OpportunityID: storetest.ID(1)}}})
	storetest.Commit(t, s, crm.Page{Stream: crm.History, Changes: []crm.Change{{ID: "h1", OpportunityID: storetest.ID(1), Field: crm.FieldStage, New: "New", At: storetest.Noon}}})
	p.Sweep, p.More = true, true // a run under way has noted ids
	storetest.Commit(t, s, p)
	filled := 0
	for _, name := range cacheBuckets[1:] {
		if count(t, s, name) > 0 {
			filled++
		}
	}
	if filled < 11 {
		t.Fatalf("only %d buckets are filled", filled)
	}
	steps := 0
	for more := true; more; steps++ {
		err := s.cache.update(t.Context(), s.Fence(), func(x cacheTx) (err error) {
			more, err = x.forget("sf", 6) // the states of all streams at once
			return err
		})
		if err != nil || steps > 100 {
			t.Fatal(steps, err)
		}
		states, err := s.Streams(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range states {
			if states[i].Complete {
				t.Errorf("after step %d %s counts as read", steps, states[i].Stream)
			}
		}
	}
	if steps < 3 {
		t.Errorf("only %d steps", steps)
	}
	for _, name := range cacheBuckets[1:] { // the first is what the file says of itself
		if n := count(t, s, name); n > 0 {
			t.Errorf("%s has %d keys left", name, n)
		}
	}
}
