package bolt

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// sweepPage is a page of a sweep that saw the opportunities from..to exist.
func sweepPage(at time.Time, more bool, from, to int) crm.Page {
	p := crm.Page{Stream: crm.Opportunities, Sweep: true, More: more, Next: "c", AsOf: at}
	for i := from; i < to; i++ {
		p.Exist = append(p.Exist, sfid(i))
	}
	return p
}

func TestASweepDropsWhatIsNoLongerSeen(t *testing.T) {
	for _, c := range []struct{ open, gone, left int }{
		{1, 1, 1}, {2, 1, 1}, {4, 4, 4}, {8, 1, 7}, {8, 4, 4}, {8, 7, 8}, {40, 5, 35}, {40, 6, 40}, {100, 10, 90}, {100, 11, 100},
	} {
		t.Run(fmt.Sprintf("%d of %d", c.gone, c.open), func(t *testing.T) {
			s := newStore(t)
			p := pageOf()
			for i := range c.open {
				p.Opportunities = append(p.Opportunities, opportunity(i))
			}
			for i := range 50 { // closed ones need not be mentioned, and do not make a loss look small
				o := opportunity(1000 + i)
				o.Closed = true
				p.Opportunities = append(p.Opportunities, o)
			}
			commitPage(t, s, p)
			commitPage(t, s, sweepPage(noon, false, c.gone, c.open))
			if n := len(deals(t, s, "sf")); n != c.left {
				t.Errorf("%d open deals are left, want %d", n, c.left)
			}
			st := state(t, s, crm.Opportunities)
			if want := c.left == c.open; (st.Held != "") != want || st.Records != c.left+50 {
				t.Errorf("held (%v wanted): %q, %d records", want, st.Held, st.Records)
			}
			if words := fmt.Sprintf("%d of %d open deals are no longer visible to the login. ", c.gone, c.open); st.Held != "" && (!strings.HasPrefix(st.Held, words) || !strings.Contains(st.Held, "pipetidy sync --full --source sf")) {
				t.Errorf("held says %q", st.Held)
			}
			// An increment changes nothing about it; a sweep that sees all does.
			commitPage(t, s, pageOf(opportunity(c.open-1)))
			if now := state(t, s, crm.Opportunities).Held; now != st.Held {
				t.Errorf("after an increment held is %q", now)
			}
			commitPage(t, s, sweepPage(noon.Add(time.Hour), false, 0, c.open))
			if now := state(t, s, crm.Opportunities).Held; now != "" {
				t.Errorf("after a sweep that saw all held is %q", now)
			}
		})
	}
}

func TestASweepSurvivesItsInterruptions(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	register(t, s, "sf")
	p := pageOf()
	for i := range 8 {
		p.Opportunities = append(p.Opportunities, opportunity(i))
	}
	commitPage(t, s, p)
	first, middle, last := sweepPage(noon, true, 1, 3), sweepPage(noon, true, 3, 6), sweepPage(noon, false, 6, 8)
	commitPage(t, s, first)
	commitPage(t, s, first) // fetched again after a crash
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, dir)
	commitPage(t, s, middle)
	// Deals that come back in the meantime belong to no run.
	recalled := pageOf(opportunity(8))
	recalled.Next, recalled.Recalled = "", true
	commitPage(t, s, recalled)
	if c := state(t, s, crm.Opportunities).Cursor; c != "c" {
		t.Errorf("a recalled page moved the cursor to %q", c)
	}
	diff(t, "end", commitPage(t, s, last), store.Commit{Deleted: 1})
	diff(t, "end, once more", commitPage(t, s, last), store.Commit{})
	if n := len(deals(t, s, "sf")); n != 8 {
		t.Errorf("%d deals are left, want 8", n)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// A source that gives its sweep up in the middle has mentioned only some.
func TestASweepGivenUpDropsNothing(t *testing.T) {
	s := newStore(t)
	commitPage(t, s, pageOf(opportunity(0), opportunity(1), opportunity(2), opportunity(3)))
	commitPage(t, s, sweepPage(noon, true, 0, 3))
	commitPage(t, s, pageOf(opportunity(0)))
	// And one that begins it in the middle of a run has left out the others.
	p := pageOf(opportunity(0))
	p.More = true
	commitPage(t, s, p)
	commitPage(t, s, sweepPage(noon.Add(time.Hour), false, 0, 3))
	if n, st := len(deals(t, s, "sf")), state(t, s, crm.Opportunities); n != 4 || st.Held != "" {
		t.Errorf("%d deals are left, held %q", n, st.Held)
	}
}

func TestASweepNamesWhatTheCacheDoesNotHave(t *testing.T) {
	s := newStore(t)
	lost := opportunity(2)
	lost.Closed = true
	commitPage(t, s, pageOf(opportunity(0), opportunity(1), lost))
	p := sweepPage(noon, false, 0, 6)
	young := opportunity(4)
	young.CreatedAt = noon
	p.Opportunities = []crm.Opportunity{young}
	p.Deleted = []string{sfid(5)}
	diff(t, "commit", commitPage(t, s, p), store.Commit{Added: 1, Unknown: []string{sfid(3)}})
}

// An increment brings an open deal that the login could not see for a while, or
// never before, as soon as somebody touches it, and nothing of what belongs to it.
func TestDealsThatAreBackAreRecalled(t *testing.T) {
	s := newStore(t)
	open := func(i int) crm.Opportunity {
		o := opportunity(i)
		o.CreatedAt = noon.AddDate(0, 0, -30)
		return o
	}
	young, closed, unborn := open(4), open(5), open(6)
	young.CreatedAt, closed.Closed, unborn.CreatedAt = noon.Add(-time.Hour), true, time.Time{}
	first := pageOf(open(0), open(1))
	diff(t, "backfill", commitPage(t, s, first), store.Commit{Added: 2})
	gone := pageOf()
	gone.Deleted = []string{sfid(1), sfid(2)}
	diff(t, "deletion", commitPage(t, s, gone), store.Commit{Deleted: 1})
	back := open(1)
	back.CreatedAt = noon // the mark alone tells
	diff(t, "increment", commitPage(t, s, pageOf(open(0), back, open(3), young, closed, unborn)), store.Commit{Added: 5, Unchanged: 1, Unknown: []string{sfid(1), sfid(3)}})
	diff(t, "increment, once more", commitPage(t, s, pageOf(back, open(3))), store.Commit{Unchanged: 2})
	// The process ended before they were recalled.
	diff(t, "sweep", commitPage(t, s, sweepPage(noon, false, 0, 7)), store.Commit{Unknown: []string{sfid(1), sfid(2), sfid(3)}})
	recalled := pageOf(back, open(3))
	recalled.Recalled = true
	commitPage(t, s, recalled)
	diff(t, "sweep after the recall", commitPage(t, s, sweepPage(noon.Add(time.Hour), false, 0, 7)), store.Commit{Unknown: []string{sfid(2)}})
	last := pageOf(open(7))
	last.Deleted = []string{sfid(7)}
	diff(t, "deleted at once", commitPage(t, s, last), store.Commit{Added: 1, Deleted: 1})
}

// Streams are read side by side: whichever order their pages come in, the deals
// end up the same. Only the ids of an activity may still name a deal that is gone,
// where the activity came after the deletion: no deal shows that, and a deletion
// that is read again takes it away.
func TestStreamsMayBeCommittedInAnyOrder(t *testing.T) {
	back, gone := opportunity(0), opportunity(2)
	before := []crm.Page{
		pageOf(opportunity(1), gone), {Stream: crm.Opportunities, Deleted: []string{back.ID}},
	}
	moved := opportunity(1)
	moved.Stage, moved.ModifiedAt = "Closing", noon.Add(time.Hour)
	pages := []crm.Page{
		{Stream: crm.Opportunities, Opportunities: []crm.Opportunity{back, moved, opportunity(3)}, Deleted: []string{gone.ID}, Next: "o", AsOf: noon},
		{Stream: crm.Activities, Activities: []crm.Activity{
			{ID: "a1", OpportunityIDs: []string{back.ID, gone.ID}, At: noon}, {ID: "a2", OpportunityIDs: []string{gone.ID, sfid(3)}, At: noon},
		}, Next: "a", AsOf: noon},
		{Stream: crm.History, Changes: []crm.Change{
			{ID: "h1", OpportunityID: moved.ID, Field: crm.FieldStage, New: "Closing", At: noon.Add(time.Hour)}, {ID: "h2", OpportunityID: gone.ID, Field: crm.FieldStage, New: "x", At: noon},
			{ID: "h3", OpportunityID: back.ID, Field: crm.FieldOwner, New: "u", At: noon},
		}, Next: "h", AsOf: noon},
		{Stream: crm.Contacts, Contacts: []crm.Contact{{ID: "c1", OpportunityID: back.ID}, {ID: "c2", OpportunityID: gone.ID}}, Next: "c", AsOf: noon},
	}
	var first string
	permute(len(pages), func(order []int) {
		s := newStore(t)
		for _, p := range before {
			commitPage(t, s, p)
		}
		for _, i := range order {
			commitPage(t, s, pages[i])
		}
		all := deals(t, s, "sf")
		for i := range all {
			for j := range all[i].Activities {
				a := &all[i].Activities[j]
				a.OpportunityIDs = slices.DeleteFunc(a.OpportunityIDs, func(id string) bool { return id == gone.ID })
			}
		}
		got := fmt.Sprintf("%+v", all)
		absent, err := s.Absent(t.Context(), "sf", []string{back.ID, gone.ID})
		if err != nil {
			t.Fatal(err)
		}
		got += fmt.Sprint(absent)
		if first == "" {
			first = got
		}
		diff(t, fmt.Sprint("order ", order), got, first)
		if err := s.Check(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// permute calls fn with every order of the numbers below n.
func permute(n int, fn func([]int)) {
	order := make([]int, 0, n)
	var next func(used int)
	next = func(used int) {
		if len(order) == n {
			fn(order)
			return
		}
		for i := range n {
			if used&(1<<i) == 0 {
				order = append(order, i)
				next(used | 1<<i)
				order = order[:len(order)-1]
			}
		}
	}
	next(0)
}
