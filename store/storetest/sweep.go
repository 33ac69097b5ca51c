package storetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// sweepPage is a page of a sweep that saw the opportunities from..to exist.
func sweepPage(at time.Time, more bool, from, to int) crm.Page {
	p := crm.Page{Stream: crm.Opportunities, Sweep: true, More: more, Next: "c", AsOf: at}
	for i := from; i < to; i++ {
		p.Exist = append(p.Exist, ID(i))
	}
	return p
}

func testASweepDropsWhatIsNoLongerSeen(t *testing.T, empty Empty) {
	for _, c := range []struct{ open, gone, left int }{
		{1, 1, 1}, {2, 1, 1}, {4, 4, 4}, {8, 1, 7}, {8, 4, 4}, {8, 7, 8}, {40, 5, 35}, {40, 6, 40}, {100, 10, 90}, {100, 11, 100},
	} {
		t.Run(fmt.Sprintf("%d of %d", c.gone, c.open), func(t *testing.T) {
			e := fresh(t, empty)
			p := PageOf()
			for i := range c.open {
				p.Opportunities = append(p.Opportunities, Opportunity(i))
			}
			for i := range 50 { // a sweep need not mention closed deals, and they do not count for the tenth
				o := Opportunity(1000 + i)
				o.Closed = true
				p.Opportunities = append(p.Opportunities, o)
			}
			Commit(t, e, p)
			Commit(t, e, sweepPage(Noon, false, c.gone, c.open))
			if n := len(Deals(t, e, "sf")); n != c.left {
				t.Errorf("%d open deals are left, want %d", n, c.left)
			}
			if n, err := e.CountOpen(t.Context(), "sf"); err != nil || n != c.left {
				t.Errorf("%d open deals are counted, %v", n, err)
			}
			st := state(t, e, crm.Opportunities)
			if want := c.left == c.open; (st.Held != "") != want || st.Records != c.left+50 {
				t.Errorf("held %q (want one: %v), %d records", st.Held, want, st.Records)
			}
			if words := fmt.Sprintf("%d of %d open deals are no longer visible to the login. ", c.gone, c.open); st.Held != "" && (!strings.HasPrefix(st.Held, words) || !strings.Contains(st.Held, "pipetidy sync --full --source sf")) {
				t.Errorf("held says %q", st.Held)
			}
			// A stream that is held stays held after an increment, until a sweep mentions all.
			Commit(t, e, PageOf(Opportunity(c.open-1)))
			if now := state(t, e, crm.Opportunities).Held; now != st.Held {
				t.Errorf("after an increment held is %q", now)
			}
			Commit(t, e, sweepPage(Noon.Add(time.Hour), false, 0, c.open))
			if now := state(t, e, crm.Opportunities).Held; now != "" {
				t.Errorf("after a sweep that saw all held is %q", now)
			}
		})
	}
}

// A sweep that misses much of one kind of activity is held, however many activities of
// other kinds and of closed deals the sweep mentions.
func testASweepCountsEachKindOfActivity(t *testing.T, empty Empty) {
	for what, c := range map[string]struct {
		open, closed []string // the kinds of the activities of the open and of the closed deal, 40 of each kind
		missed       int      // of the first kind of the open deal
		held         bool
	}{
		"one kind among five":        {[]string{"calls:", "emails:", "meetings:", "notes:", "tasks:"}, nil, 6, true},
		"tasks beside events":        {[]string{"00T000000000", "00U000000000"}, nil, 6, true},
		"beside those of closed":     {[]string{"calls:"}, []string{"calls:", "emails:"}, 6, true},
		"a few of one kind may go":   {[]string{"calls:", "emails:"}, nil, 5, false},
		"a few beside those, closed": {[]string{"calls:"}, []string{"calls:"}, 5, false},
	} {
		t.Run(what, func(t *testing.T) {
			e := fresh(t, empty)
			closed := Opportunity(1)
			closed.Closed = true
			Commit(t, e, PageOf(Opportunity(0), closed))
			first, sweep := crm.Page{Stream: crm.Activities, AsOf: Noon}, crm.Page{Stream: crm.Activities, Sweep: true, AsOf: Noon}
			for deal, kinds := range [][]string{c.open, c.closed} {
				for k, kind := range kinds {
					for i := range 40 {
						id := fmt.Sprintf("%s%d", kind, 100+50*deal+i)
						first.Activities = append(first.Activities, crm.Activity{ID: id, Kind: crm.Call, OpportunityIDs: []string{ID(deal)}})
						if deal > 0 || k > 0 || i >= c.missed {
							sweep.Exist = append(sweep.Exist, id)
						}
					}
				}
			}
			Commit(t, e, first)
			got, st := Commit(t, e, sweep), state(t, e, crm.Activities)
			if held := st.Held != ""; held != c.held || held == (got.Deleted > 0) {
				t.Errorf("%d are dropped, held %q", got.Deleted, st.Held)
			}
			if st.Held != "" && !strings.HasPrefix(st.Held, "6 of 40 records of the object "+map[string]string{"calls:": "calls", "00T000000000": "Task"}[c.open[0]]+" are") {
				t.Errorf("held says %q", st.Held)
			}
		})
	}
}

func testASweepSurvivesItsInterruptions(t *testing.T, empty Empty) {
	place := empty(t)
	e := open(t, place)
	Register(t, e, "sf")
	p := PageOf()
	for i := range 8 {
		p.Opportunities = append(p.Opportunities, Opportunity(i))
	}
	Commit(t, e, p)
	first, middle, last := sweepPage(Noon, true, 1, 3), sweepPage(Noon, true, 3, 6), sweepPage(Noon, false, 6, 8)
	Commit(t, e, first)
	Commit(t, e, first) // fetched again after a crash
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open(t, place)
	Commit(t, e, middle)
	// A page of recalled deals belongs to no run.
	recalled := PageOf(Opportunity(8))
	recalled.Next, recalled.Recalled = "", true
	Commit(t, e, recalled)
	if c := state(t, e, crm.Opportunities).Cursor; c != "c" {
		t.Errorf("a recalled page moved the cursor to %q", c)
	}
	diff(t, "end", Commit(t, e, last), store.Commit{Deleted: 1})
	diff(t, "end, once more", Commit(t, e, last), store.Commit{})
	if n := len(Deals(t, e, "sf")); n != 8 {
		t.Errorf("%d deals are left, want 8", n)
	}
	if err := e.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// A source that gives up its sweep in the middle has mentioned only some records.
func testASweepGivenUpDropsNothing(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	Commit(t, e, PageOf(Opportunity(0), Opportunity(1), Opportunity(2), Opportunity(3)))
	Commit(t, e, sweepPage(Noon, true, 0, 3))
	Commit(t, e, PageOf(Opportunity(0)))
	// So has a source that begins to sweep in the middle of a run.
	p := PageOf(Opportunity(0))
	p.More = true
	Commit(t, e, p)
	Commit(t, e, sweepPage(Noon.Add(time.Hour), false, 0, 3))
	if n, st := len(Deals(t, e, "sf")), state(t, e, crm.Opportunities); n != 4 || st.Held != "" {
		t.Errorf("%d deals are left, held %q", n, st.Held)
	}
}

// A sweep may take several runs. What any of these mentions is there, also what a run
// brings back behind the place of the sweep.
func testASweepGoesOn(t *testing.T, empty Empty) {
	for what, c := range map[string]struct {
		givenUp bool
		left    int
	}{"to its end": {false, 7}, "until it is given up": {true, 8}} {
		t.Run(what, func(t *testing.T) {
			e := fresh(t, empty)
			p := PageOf()
			for i := range 8 {
				p.Opportunities = append(p.Opportunities, Opportunity(i))
			}
			Commit(t, e, p)
			at, drops := Noon, 0
			run := func(p crm.Page) {
				at = at.Add(time.Hour)
				p.AsOf, p.Next = at, crm.Cursor(at.String())
				for range 2 { // and once more after a crash
					drops += Commit(t, e, p).Deleted
				}
			}
			goesOn := func(p crm.Page) crm.Page { p.SweepGoesOn = true; return p }
			run(goesOn(sweepPage(at, false, 1, 3)))
			increment := PageOf(Opportunity(0)) // behind the place of the sweep
			increment.Sweep = !c.givenUp
			run(goesOn(increment))
			run(goesOn(sweepPage(at, false, 3, 3)))
			if drops > 0 {
				t.Errorf("%d deals are dropped in the middle of the sweep", drops)
			}
			run(sweepPage(at, true, 3, 5))
			if c.givenUp { // a source that gave up does not go on either
				run(PageOf())
			} else {
				run(sweepPage(at, false, 6, 8))
			}
			if n, held := len(Deals(t, e, "sf")), state(t, e, crm.Opportunities).Held; n != c.left || held != "" {
				t.Errorf("%d deals are left, want %d; held %q", n, c.left, held)
			}
			if err := e.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func testASweepNamesWhatTheCacheDoesNotHave(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	lost := Opportunity(2)
	lost.Closed = true
	Commit(t, e, PageOf(Opportunity(0), Opportunity(1), lost))
	p := sweepPage(Noon, false, 0, 6)
	young := Opportunity(4)
	young.CreatedAt = Noon
	p.Opportunities = []crm.Opportunity{young}
	p.Deleted = []string{ID(5)}
	diff(t, "commit", Commit(t, e, p), store.Commit{Added: 1, Unknown: []string{ID(3)}})
}

// When somebody changes an open deal that the login could not see for a while, or never
// before, an increment brings the deal, but not its activities and contacts.
func testDealsThatAreBackAreRecalled(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	open := func(i int) crm.Opportunity {
		o := Opportunity(i)
		o.CreatedAt = Noon.AddDate(0, 0, -30)
		return o
	}
	young, closed, unborn := open(4), open(5), open(6)
	young.CreatedAt, closed.Closed, unborn.CreatedAt = Noon.Add(-time.Hour), true, time.Time{}
	first := PageOf(open(0), open(1))
	diff(t, "backfill", Commit(t, e, first), store.Commit{Added: 2})
	gone := PageOf()
	gone.Deleted = []string{ID(1), ID(2)}
	diff(t, "deletion", Commit(t, e, gone), store.Commit{Deleted: 1})
	back := open(1)
	back.CreatedAt = Noon // so only the mark from the deletion tells that the deal is back
	diff(t, "increment", Commit(t, e, PageOf(open(0), back, open(3), young, closed, unborn)), store.Commit{Added: 5, Unchanged: 1, Unknown: []string{ID(1), ID(3)}})
	diff(t, "increment, once more", Commit(t, e, PageOf(back, open(3))), store.Commit{Unchanged: 2})
	// The process ended before the two deals were recalled, so a sweep names them again, also
	// where they were read alone in between.
	alone := PageOf(back, open(3))
	alone.Recalled, alone.Alone = true, true
	diff(t, "read alone", Commit(t, e, alone), store.Commit{Unchanged: 2})
	diff(t, "sweep", Commit(t, e, sweepPage(Noon, false, 0, 7)), store.Commit{Unknown: []string{ID(1), ID(2), ID(3)}})
	recalled := PageOf(back, open(3))
	recalled.Recalled = true
	Commit(t, e, recalled)
	diff(t, "sweep after the recall", Commit(t, e, sweepPage(Noon.Add(time.Hour), false, 0, 7)), store.Commit{Unknown: []string{ID(2)}})
	last := PageOf(open(7))
	last.Deleted = []string{ID(7)}
	diff(t, "deleted at once", Commit(t, e, last), store.Commit{Added: 1, Deleted: 1})
}

// A sweep that mentions closed deals too drops those that are gone, a few at a time, and
// another sweep leaves them alone. Closed deals never hold the stream.
func testASweepDropsClosedDeals(t *testing.T, empty Empty) {
	for what, c := range map[string]struct {
		says bool
		gone int
		want int // deals that are left of 22
	}{
		"it mentions open deals only":    {false, 2, 22},
		"it mentions all":                {true, 2, 20},
		"it misses too many closed ones": {true, 8, 22},
	} {
		t.Run(what, func(t *testing.T) {
			e := fresh(t, empty)
			var all []crm.Opportunity
			for i := range 22 {
				o := Opportunity(i)
				o.Closed = i >= 2
				all = append(all, o)
			}
			Commit(t, e, PageOf(all...))
			p := sweepPage(Noon, false, 0, 22-c.gone)
			p.SweepsClosed = c.says
			got := Commit(t, e, p)
			if st := state(t, e, crm.Opportunities); got.Deleted != 22-c.want || st.Records != c.want || st.Held != "" {
				t.Errorf("got %+v, %d records are left, held %q", got, st.Records, st.Held)
			}
		})
	}
}

// A full run is held by what a sweep would be held by: open deals and what is theirs. So a
// sweep tells that it is over.
func testClosedDealsHoldNoFullRun(t *testing.T, empty Empty) {
	for what, c := range map[string]struct {
		open, closed int // activities of one kind that the run misses, of 20 each
		left         int // activities of 40
		held         bool
	}{
		"those of closed deals":          {0, 20, 40, false},
		"a few of each":                  {3, 3, 34, false},
		"a few, and those of the closed": {3, 20, 37, false},
		"those of open deals":            {6, 0, 40, true},
		"all":                            {20, 20, 40, true},
	} {
		t.Run(what, func(t *testing.T) {
			e := fresh(t, empty)
			open, closed := Opportunity(0), Opportunity(1)
			closed.Closed = true
			Commit(t, e, PageOf(open, closed))
			of := func(deal, from int) (out []crm.Activity) {
				for i := from; i < 20; i++ {
					out = append(out, crm.Activity{ID: fmt.Sprintf("calls:%d", 100*deal+i), Kind: crm.Call, OpportunityIDs: []string{ID(deal)}})
				}
				return out
			}
			Commit(t, e, crm.Page{Stream: crm.Activities, Activities: append(of(0, 0), of(1, 0)...), AsOf: Noon})
			if err := e.Restart(t.Context(), e.Fence(), "sf", crm.Activities); err != nil {
				t.Fatal(err)
			}
			Commit(t, e, crm.Page{Stream: crm.Activities, Activities: append(of(0, c.open), of(1, c.closed)...), AsOf: Noon.Add(time.Hour)})
			if st := state(t, e, crm.Activities); (st.Held != "") != c.held || st.Records != c.left {
				t.Errorf("held %q, want one: %v; %d activities are left, want %d", st.Held, c.held, st.Records, c.left)
			}
		})
	}
}

// What belonged to a deal that was merged belongs to the survivor, without a stamp.
func testASurvivorIsRecalled(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	Commit(t, e, PageOf(Opportunity(0), Opportunity(1), Opportunity(2), Opportunity(3)))
	merge := func(into string, ids ...string) *crm.Page {
		p := PageOf()
		p.Deleted, p.Merged = ids, map[string]string{}
		for _, id := range ids {
			p.Merged[id] = into
		}
		return &p
	}
	dropped := PageOf()
	dropped.Deleted = []string{ID(1)}
	diff(t, "not there, and nothing says why", Commit(t, e, dropped), store.Commit{Deleted: 1})
	diff(t, "which was merged", Commit(t, e, *merge(ID(0), ID(1))), store.Commit{Unknown: []string{ID(0)}})
	Commit(t, e, PageOf(Opportunity(1)))
	diff(t, "two merged into one", Commit(t, e, *merge(ID(0), ID(1), ID(2))), store.Commit{Deleted: 2, Unknown: []string{ID(0)}})
	diff(t, "seen again", Commit(t, e, *merge(ID(0), ID(1), ID(2))), store.Commit{})
	if got, err := e.Survivors(t.Context(), "sf", []string{ID(0), ID(1), ID(2), ID(3)}); err != nil || !maps.Equal(got, map[string]string{ID(1): ID(0), ID(2): ID(0)}) {
		t.Errorf("the survivors are %v, %v", got, err)
	}
	gone := merge(ID(0), ID(3))
	gone.Deleted = append(gone.Deleted, ID(0))
	diff(t, "the survivor is gone too", Commit(t, e, *gone), store.Commit{Deleted: 2})
}

// A deal that returns closed is recalled when it reopens, however long that takes and
// however often the deal is touched before.
func testDealsThatReturnClosedAreRecalledOnceTheyReopen(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	Commit(t, e, PageOf(Opportunity(0), Opportunity(1), Opportunity(2)))
	gone := PageOf()
	gone.Deleted = []string{ID(1), ID(2)}
	diff(t, "deletion", Commit(t, e, gone), store.Commit{Deleted: 2})
	open, won := Opportunity(1), Opportunity(1)
	won.Closed, won.Won = true, true
	diff(t, "back and closed", Commit(t, e, PageOf(won)), store.Commit{Added: 1})
	won.Name = "renamed"
	diff(t, "touched", Commit(t, e, PageOf(won)), store.Commit{Changed: 1})
	if got, err := e.Absent(t.Context(), "sf", []string{ID(1), ID(2)}); err != nil || got[ID(1)] != hygiene.Won || got[ID(2)] != hygiene.Gone {
		t.Errorf("absent are %v, %v", got, err)
	}
	open.Name = won.Name
	diff(t, "open again", Commit(t, e, PageOf(open)), store.Commit{Changed: 1, Unknown: []string{ID(1)}})
	// The process ended before the recall, so a sweep names the deal again, also where it was
	// read alone, closed and then open.
	for _, o := range []crm.Opportunity{won, open} {
		alone := PageOf(o)
		alone.Recalled, alone.Alone = true, true
		Commit(t, e, alone)
	}
	diff(t, "sweep", Commit(t, e, sweepPage(Noon, false, 0, 2)), store.Commit{Unknown: []string{ID(1)}})
	recalled := PageOf(open)
	recalled.Recalled = true
	Commit(t, e, recalled)
	Commit(t, e, PageOf(won))
	diff(t, "once more", Commit(t, e, PageOf(open)), store.Commit{Changed: 1})
	// A deal that is recalled while it is closed came with all that belongs to it.
	other := Opportunity(2)
	other.Closed = true
	recalled = PageOf(other)
	recalled.Recalled = true
	Commit(t, e, recalled)
	diff(t, "recalled closed", Commit(t, e, PageOf(Opportunity(2))), store.Commit{Changed: 1})
}

// Streams are read side by side, and the deals are the same in whichever order the pages
// of the streams are committed. There is one exception: an activity that comes after the
// deletion of one of its deals still has the id of that deal. No other deal shows that,
// and the deletion, read again, removes the id.
func testStreamsMayBeCommittedInAnyOrder(t *testing.T, empty Empty) {
	back, gone := Opportunity(0), Opportunity(2)
	before := []crm.Page{
		PageOf(Opportunity(1), gone), {Stream: crm.Opportunities, Deleted: []string{back.ID}},
	}
	moved := Opportunity(1)
	moved.Stage, moved.ModifiedAt = "Closing", Noon.Add(time.Hour)
	pages := []crm.Page{
		{Stream: crm.Opportunities, Opportunities: []crm.Opportunity{back, moved, Opportunity(3)}, Deleted: []string{gone.ID}, Next: "o", AsOf: Noon},
		{Stream: crm.Activities, Activities: []crm.Activity{
			{ID: "a1", OpportunityIDs: []string{back.ID, gone.ID}, At: Noon}, {ID: "a2", OpportunityIDs: []string{gone.ID, ID(3)}, At: Noon},
		}, Next: "a", AsOf: Noon},
		{Stream: crm.History, Changes: []crm.Change{
			{ID: "h1", OpportunityID: moved.ID, Field: crm.FieldStage, New: "Closing", At: Noon.Add(time.Hour)}, {ID: "h2", OpportunityID: gone.ID, Field: crm.FieldStage, New: "x", At: Noon},
			{ID: "h3", OpportunityID: back.ID, Field: crm.FieldOwner, New: "u", At: Noon},
		}, Next: "h", AsOf: Noon},
		{Stream: crm.Contacts, Contacts: []crm.Contact{{ID: "c1", OpportunityID: back.ID}, {ID: "c2", OpportunityID: gone.ID}}, Next: "c", AsOf: Noon},
	}
	var first string
	permute(len(pages), func(order []int) {
		e := fresh(t, empty)
		for _, p := range before {
			Commit(t, e, p)
		}
		for _, i := range order {
			Commit(t, e, pages[i])
		}
		all := Deals(t, e, "sf")
		for i := range all {
			for j := range all[i].Activities {
				a := &all[i].Activities[j]
				a.OpportunityIDs = slices.DeleteFunc(a.OpportunityIDs, func(id string) bool { return id == gone.ID })
			}
		}
		got := fmt.Sprintf("%+v", all)
		absent, err := e.Absent(t.Context(), "sf", []string{back.ID, gone.ID})
		if err != nil {
			t.Fatal(err)
		}
		got += fmt.Sprint(absent)
		if first == "" {
			first = got
		}
		diff(t, fmt.Sprint("order ", order), got, first)
		if err := e.Check(t.Context()); err != nil {
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
