package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// apply writes lives into a slice and returns the records and rules of the lives that
// were stored in the slice before.
func apply(t *testing.T, e store.Engine, source, from, through string, write ...hygiene.Life) string {
	t.Helper()
	var had []string
	err := e.ApplySlice(t.Context(), e.Fence(), source, from, through, func(stored []hygiene.Life) []hygiene.Life {
		for _, l := range stored {
			had = append(had, l.Record+"/"+l.Rule)
		}
		return write
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(had, " ")
}

func testSlicesOfFindings(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	apply(t, e, "sf", "", "", Life("sf", "10", "a"), Life("sf", "9", "b"), Life("sf", "9", "a"), Life("sf", "x", "a"), Life("sf", "xy", "a"))
	apply(t, e, "sfx", "", "", Life("sfx", "1", "a"))
	for _, c := range []struct{ from, through, want string }{
		{"", "", "9/a 9/b 10/a x/a xy/a"},
		{"", "9", "9/a 9/b"},
		{"9", "10", "10/a"},
		{"9", "", "10/a x/a xy/a"},
		{"10", "x", "x/a"},
		{"x", "xy", "xy/a"},
		{"xy", "", ""},
		{"2", "5", ""},
	} {
		if got := apply(t, e, "sf", c.from, c.through); got != c.want {
			t.Errorf("(%s, %s]: got %q, want %q", c.from, c.through, got, c.want)
		}
	}
	// A life that lies outside the slice is refused, with all other lives.
	for _, outside := range []string{"9", "xy"} {
		err := e.ApplySlice(t.Context(), e.Fence(), "sf", "9", "x", func([]hygiene.Life) []hygiene.Life {
			return []hygiene.Life{Life("sf", "10", "new"), Life("sf", outside, "new")}
		})
		if err == nil {
			t.Errorf("a finding on %s outside the slice was accepted", outside)
		}
	}
	l := Life("sf", "10", "a")
	l.State, l.Ended = hygiene.Fixed, Noon
	apply(t, e, "sf", "9", "10", l)
	for _, c := range []struct {
		since time.Time
		want  string
	}{{Noon.Add(-time.Second), "sf9 sf9 sf10 sfx sfxy sfx1"}, {Noon, "sf9 sf9 sfx sfxy sfx1"}} {
		var got []string
		err := e.Lives(t.Context(), c.since, func(l hygiene.Life) error {
			got = append(got, l.Source+l.Record)
			return nil
		})
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("since %v: got %v, %v", c.since, got, err)
		}
	}
}

func testASliceMayReadTheCache(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	Commit(t, e, PageOf(Opportunity(1)))
	err := e.ApplySlice(t.Context(), e.Fence(), "sf", "", "", func([]hygiene.Life) []hygiene.Life {
		if n := len(Deals(t, e, "sf")); n != 1 {
			t.Errorf("%d deals, want 1", n)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func testGenerationsAreNumberedAcrossOpenings(t *testing.T, empty Empty) {
	place := empty(t)
	for want := uint64(1); want <= 3; want++ {
		e := open(t, place)
		got, err := e.BeginGeneration(t.Context(), e.Fence())
		if got != want || err != nil {
			t.Errorf("got %d, %v", got, err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	e := open(t, place)
	if err := e.FinishGeneration(t.Context(), e.Fence(), 3, hygiene.Snapshot{Source: "sf", At: Noon}); err != nil {
		t.Fatal(err)
	}
	if err := e.FinishGeneration(t.Context(), e.Fence(), 2, hygiene.Snapshot{Source: "sf", At: Noon}); err == nil {
		t.Error("an older generation became current")
	}
}

func testSnapshotsOverTime(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	gen := uint64(0)
	take := func(source string, at time.Time) {
		t.Helper()
		gen++
		snap := hygiene.Snapshot{Source: source, Day: crm.DateOf(at, time.UTC), At: at, Generation: gen, Tallies: []hygiene.Tally{{OwnerID: "u", Deals: int(gen)}}, Committed: []hygiene.Commitment{{Record: "1"}}}
		if err := e.FinishGeneration(t.Context(), e.Fence(), gen, snap); err != nil {
			t.Fatal(err)
		}
	}
	at := func(h time.Duration) uint64 {
		t.Helper()
		snap, ok, err := e.Snapshot(t.Context(), "sf", Noon.Add(h*time.Hour))
		if err != nil || ok != (snap.Generation != 0) {
			t.Fatal(err)
		}
		return snap.Generation
	}
	take("a", Noon.Add(-50*time.Hour))
	for h := range time.Duration(6) {
		take("sf", Noon.Add(h*time.Hour)) // generations 2 to 7
	}
	take("z", Noon)
	for h, want := range map[time.Duration]int{0: 0, 4: 0, 5: 1} { // the deals of the commit are kept of the latest alone
		if snap, _, err := e.Snapshot(t.Context(), "sf", Noon.Add(h*time.Hour)); err != nil || len(snap.Committed) != want {
			t.Errorf("after %d hours: %d deals of the commit are kept, %v", h, len(snap.Committed), err)
		}
	}
	if got := fmt.Sprint(at(-1), at(0), at(3), at(5), at(500)); got != "0 2 5 7 7" {
		t.Errorf("same day: got %s", got)
	}
	d := delivery.Delivery{ID: "d", Digest: "daily", Team: "w", Recipient: "r@x", State: delivery.Sent, AsOf: Noon.Add(2*time.Hour + time.Minute), Changed: Noon.Add(2*time.Hour + 2*time.Minute)}
	if err := e.SaveDelivery(t.Context(), e.Fence(), d, nil); err != nil {
		t.Fatal(err)
	}
	take("sf", Noon.Add(72*time.Hour)) // generation 9
	// Of the first day two snapshots are left: the last one, and the one that the
	// reader's digest was composed from.
	if got := fmt.Sprint(at(0), at(1), at(2), at(3), at(5), at(72)); got != "0 0 4 4 7 9" {
		t.Errorf("three days later: got %s", got)
	}
}

func testOldEndsAreDropped(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	old, recent := Life("sf", "1", "a"), Life("sf", "2", "a")
	old.State, old.Ended = hygiene.Fixed, Noon.Add(-store.KeepEnded-time.Hour)
	recent.State, recent.Ended = hygiene.Fixed, Noon.Add(-store.KeepEnded+time.Hour)
	apply(t, e, "sf", "", "", old, recent, Life("sf", "3", "a"))
	if err := e.FinishGeneration(t.Context(), e.Fence(), 1, hygiene.Snapshot{Source: "sf", At: Noon}); err != nil {
		t.Fatal(err)
	}
	if got := apply(t, e, "sf", "", ""); got != "2/a 3/a" {
		t.Errorf("got %s", got)
	}
}
