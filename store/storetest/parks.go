package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

func testParks(t *testing.T, empty Empty) {
	place := empty(t)
	e := open(t, place)
	Register(t, e, "sf")
	save := func(ks ...hygiene.Park) {
		t.Helper()
		if err := e.SaveParks(t.Context(), e.Fence(), ks...); err != nil {
			t.Fatal(err)
		}
	}
	check := func(what, source string, want ...hygiene.Park) {
		t.Helper()
		got, err := e.Parks(t.Context(), source)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, what, got, want)
	}
	early, late, other := Park("sf", "9", Noon.Add(-time.Hour)), Park("sf", "9", Noon), Park("sf", "10", Noon)
	rule := late
	rule.Rule = "no-activity"
	save(late, other, rule, early, Park("sfx", "1", Noon))
	check("by id and time", "sf", early, late, rule, other)
	check("another source", "sfx", Park("sfx", "1", Noon))
	check("no source", "s")

	late.Reason, late.Deal.Name = "budget in February", "Renamed"
	save(late)
	check("stored again", "sf", early, late, rule, other)

	early.End, early.Ended = hygiene.EndOver, Noon
	save(early)
	early.Deal.Name = "Renamed"
	save(early)
	again, beside := early, Park("sf", "11", Noon)
	again.End, again.Ended = "", time.Time{}
	if err := e.SaveParks(t.Context(), e.Fence(), beside, again); !errors.Is(err, store.ErrEnded) {
		t.Errorf("a park that has ended holds again: %v", err)
	}
	check("nothing of a refused step", "sf", early, late, rule, other)

	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = open(t, place)
	check("opened again", "sf", early, late, rule, other)
}

func testOldParksAreDropped(t *testing.T, empty Empty) {
	e := fresh(t, empty)
	long, lately, holds := Park("sf", "1", Noon.AddDate(-2, 0, 0)), Park("sf", "2", Noon.AddDate(-2, 0, 0)), Park("sf", "3", Noon.AddDate(-3, 0, 0))
	long.End, long.Ended = hygiene.EndOver, Noon.Add(-store.KeepParks-time.Second)
	lately.End, lately.Ended = hygiene.EndOver, Noon.Add(-store.KeepParks)
	if err := e.SaveParks(t.Context(), e.Fence(), long, lately, holds); err != nil {
		t.Fatal(err)
	}
	gen, err := e.BeginGeneration(t.Context(), e.Fence())
	if err != nil {
		t.Fatal(err)
	}
	if err := e.FinishGeneration(t.Context(), e.Fence(), gen, hygiene.Snapshot{Source: "sf", At: Noon}); err != nil {
		t.Fatal(err)
	}
	got, err := e.Parks(t.Context(), "sf")
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "parks", got, []hygiene.Park{lately, holds})
}
