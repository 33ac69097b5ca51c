package hubspot_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// abreast polls as the daemon does: the first pages at once, then the streams side by
// side, and moves the cursors on. The streams take each step together, because what
// they share depends on the distance between them: a stream that runs further ahead
// than a memo has room makes calls of its own (TestMemoIsBounded), so on a busy machine
// the number of calls would depend on the scheduler.
func abreast(t *testing.T, src crm.Source, at map[crm.Stream]crm.Cursor) map[crm.Stream]crm.Page {
	t.Helper()
	first, err := src.(crm.Poller).Poll(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	pages := map[crm.Stream][]crm.Page{}
	unfinished := slices.Clone(src.Streams())
	ended := func(s crm.Stream) bool { n := len(pages[s]); return n > 0 && !pages[s][n-1].More }
	for s, p := range first {
		pages[s], at[s] = []crm.Page{p}, p.Next
	}
	for {
		if unfinished = slices.DeleteFunc(unfinished, ended); len(unfinished) == 0 {
			break
		}
		step := make([]crm.Page, len(unfinished))
		var wg sync.WaitGroup
		for i, s := range unfinished {
			wg.Go(func() {
				var err error
				if step[i], err = src.Fetch(t.Context(), s, at[s]); err != nil {
					t.Errorf("%s: %v", s, err)
				}
			})
		}
		wg.Wait()
		if t.Failed() {
			t.FailNow()
		}
		for i, s := range unfinished {
			pages[s], at[s] = append(pages[s], step[i]), step[i].Next
		}
	}
	out := map[crm.Stream]crm.Page{}
	for s, list := range pages {
		out[s] = joined(list)
	}
	return out
}

// pollCalls is what docs/hubspot.md says that a poll of n changed deals costs.
func pollCalls(n int) int { return 11 + ceil(n, 200) + ceil(n, 50) + ceil(n, 1000) }

// TestManyChangesAreReadOnce counts the calls of polls of more deals than one search
// finds, all changed in the same millisecond as by a bulk edit, and compares what the
// streams give side by side with what each stream gives alone.
func TestManyChangesAreReadOnce(t *testing.T) {
	t.Parallel()
	for _, n := range []int{5_000, 25_000} {
		a := newAccount(t, sim.Options{Deals: 60})
		a.cfg.PageLimit = 0
		a.later(3 * time.Hour)
		src, at := a.Source(t), map[crm.Stream]crm.Cursor{}
		poll(t, src, at)
		a.later(20 * time.Minute)
		if err := a.portal.SetMany("deals", a.imported(n), time.Time{}, "amount", fmt.Sprint(n)); err != nil {
			t.Fatal(err)
		}
		if err := a.portal.SetMany("notes", a.portal.IDs("notes")[:9], time.Time{}, "hs_note_body", fmt.Sprint(n)); err != nil {
			t.Fatal(err)
		}
		a.later(time.Minute)
		want := map[crm.Stream]crm.Page{}
		if n == 5_000 {
			for _, s := range src.Streams() {
				want[s] = joined(toEnd(t, a.Source(t), s, at[s])) // a source without a memo
			}
		}
		a.spent()
		got := abreast(t, src, at)
		calls, by := a.spent()
		t.Logf("%d changed deals: %d calls %v", n, calls, by)
		const notes = 2 // calls for the changed notes
		if most := pollCalls(n) + notes; calls > most {
			t.Errorf("%d changed deals took %d calls, want at most %d", n, calls, most)
		}
		if most := 11 + notes + 2*(ceil(n, 200)+ceil(n, 100)); calls > most { // the deals, and their histories
			t.Errorf("%d changed deals took %d calls, want at most %d", n, calls, most)
		}
		if len(got[crm.Opportunities].Opportunities) != n || len(got[crm.Contacts].ContactsOf) != n {
			t.Errorf("read %d of %d deals, contacts of %d", len(got[crm.Opportunities].Opportunities), n, len(got[crm.Contacts].ContactsOf))
		}
		for s := range want {
			if diff := cmp.Diff(timeless(t, want[s]), timeless(t, got[s])); diff != "" {
				t.Errorf("%s (-alone +side by side):\n%.4000s", s, diff)
			}
		}
	}
}

// underWay is a poll of 247 changed deals after its first page of 200. The history
// has read the second page, so the records of that page wait for opportunities.
type underWay struct {
	*account
	src   crm.Source
	at    map[crm.Stream]crm.Cursor // before the poll
	pages map[crm.Stream]crm.Page
	deal  string // a deal on the second page
}

func newUnderWay(t *testing.T) *underWay {
	t.Helper()
	a := newAccount(t, sim.Options{Deals: 320})
	u := &underWay{account: a, src: a.Source(t), at: map[crm.Stream]crm.Cursor{}}
	poll(t, u.src, u.at)
	a.later(20 * time.Minute)
	poll(t, u.src, u.at)
	a.later(20 * time.Minute)
	ids := a.portal.IDs("deals")
	if err := a.portal.SetMany("deals", ids, time.Time{}, "dealname", "before"); err != nil {
		t.Fatal(err)
	}
	a.later(time.Minute)
	var err error
	if u.pages, err = u.src.(crm.Poller).Poll(t.Context(), u.at); err != nil {
		t.Fatal(err)
	}
	if _, err := u.src.Fetch(t.Context(), crm.History, u.pages[crm.History].Next); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(ids, func(a, b string) int { return strings.Compare(fmt.Sprintf("%020s", a), fmt.Sprintf("%020s", b)) })
	u.deal = ids[220]
	return u
}

// name is what the deal is called on a page, "" where the page does not have the deal.
func (u *underWay) name(p crm.Page) string {
	for _, o := range p.Opportunities {
		if o.ID == u.deal {
			return o.Name
		}
	}
	return ""
}

func (u *underWay) rename() {
	u.t.Helper()
	u.later(time.Minute)
	if err := u.portal.SetProperty("deals", u.deal, "dealname", "after"); err != nil {
		u.t.Fatal(err)
	}
	u.later(30 * time.Minute) // no overlap reaches back to the change
}

// TestChangeBetweenTheTwo changes a deal after the deal was read for both streams: the
// second stream gets the deal as it was, and the next run of that stream as it is.
func TestChangeBetweenTheTwo(t *testing.T) {
	u := newUnderWay(t)
	u.rename()
	p := joined(toEnd(t, u.src, crm.Opportunities, u.pages[crm.Opportunities].Next))
	if got := u.name(p); got != "before" {
		t.Fatalf("the deal is %q: the page was not read for both", got)
	}
	u.later(time.Minute)
	if got := u.name(joined(toEnd(t, u.src, crm.Opportunities, p.Next))); got != "after" {
		t.Errorf("the next run read %q", got)
	}
}

// TestLaterRunReadsForItself begins a run after the change: with a page that was read
// before the run began, the run would miss the change.
func TestLaterRunReadsForItself(t *testing.T) {
	u := newUnderWay(t)
	u.rename()
	if got := u.name(joined(toEnd(t, u.src, crm.Opportunities, u.at[crm.Opportunities]))); got != "after" {
		t.Errorf("the run read %q", got)
	}
}

// TestLongerWindowIsKept begins a run in the same second as the poll, with a window that
// reaches further back.
func TestLongerWindowIsKept(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 320})
	src, at := a.Source(t), map[crm.Stream]crm.Cursor{}
	poll(t, src, at)
	a.later(20 * time.Minute)
	old := at[crm.Opportunities]
	ids := a.portal.IDs("deals")
	if err := a.portal.SetMany("deals", ids, time.Time{}, "dealname", "x"); err != nil {
		t.Fatal(err)
	}
	for _, d := range []time.Duration{time.Minute, 20 * time.Minute} {
		a.later(d)
		poll(t, src, at)
	}
	a.later(10 * time.Minute)
	// All but every second one of the last hundred change again.
	var again []string
	for i, id := range ids {
		if i < 220 || i%2 == 0 {
			again = append(again, id)
		}
	}
	if err := a.portal.SetMany("deals", again, time.Time{}, "dealname", "y"); err != nil {
		t.Fatal(err)
	}
	a.later(time.Minute)
	if _, err := src.(crm.Poller).Poll(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	if n := len(joined(toEnd(t, src, crm.Opportunities, old)).Opportunities); n != len(ids) {
		t.Errorf("read %d of %d deals", n, len(ids))
	}
}
