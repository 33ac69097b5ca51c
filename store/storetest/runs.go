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
	Commit(t, e, last) // a repeated page is not a run of its own
	names := func() string {
		ref, err := e.Reference(t.Context(), "sf")
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, id := range []string{"a", "b", "c", "d", "e"} {
			if ref.Users[id] != nil {
				out = append(out, id)
			}
		}
		return strings.Join(out, "")
	}
	if got := names(); got != "abcd" {
		t.Fatalf("after the repeated page: %s", got)
	}
	Commit(t, e, users("1", true, user("a"), user("e")))
	if err := e.Close(); err != nil { // in the middle of a run
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
	}{{"none", 0, false}, {"a handful", 5, false}, {"more than half of the open ones", 12, true}, {"all", 20, true}} {
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
			// An incremental run drops nothing.
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
