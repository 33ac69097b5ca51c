package digest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
)

func circle(n int) []*deal {
	var ds []*deal
	for i := range n {
		ds = append(ds, &deal{source: "sales", record: fmt.Sprintf("006A0000%d", i)})
	}
	return ds
}

// TestTurnsReachEverybody proves that five deals a week reach all of 23 deals in eight
// weeks, whichever week is the first. The fewest weeks possible are five.
func TestTurnsReachEverybody(t *testing.T) {
	ds := circle(23)
	for begin := range 60 {
		seen := map[*deal]bool{}
		for week := range 8 {
			these := turn(ds, 5, 2026*53+begin+week)
			if len(these) != 5 {
				t.Fatalf("%d are listed", len(these))
			}
			for _, d := range these {
				seen[d] = true
			}
		}
		if len(seen) != len(ds) {
			t.Errorf("from week %d on, %d of %d are listed", begin, len(seen), len(ds))
		}
	}
}

// TestTurnsAreCalm fixes one listed deal after the other within a week. Another deal
// takes the place of the fixed one, and at most one more listed deal changes.
func TestTurnsAreCalm(t *testing.T) {
	for week := range 60 {
		ds := circle(23)
		these := turn(ds, 5, week)
		for len(ds) > 6 {
			gone := ds[len(ds)/2]
			ds = slices.DeleteFunc(slices.Clone(ds), func(d *deal) bool { return d == gone })
			next := turn(ds, 5, week)
			changed := 0
			if slices.Contains(these, gone) {
				changed--
			}
			for _, d := range next {
				if !slices.Contains(these, d) {
					changed++
				}
			}
			if changed > 1 {
				t.Errorf("week %d: of the others, %d changed", week, changed)
			}
			these = next
		}
	}
}

// TestTurnIsOfTheKeys proves that the chosen deals depend on their keys and not on their
// order, and that turn chooses all of a few deals.
func TestTurnIsOfTheKeys(t *testing.T) {
	ds := circle(12)
	want := turn(ds, 4, 7)
	slices.Reverse(ds)
	got := turn(ds, 4, 7)
	slices.Reverse(got)
	if !slices.Equal(got, want) {
		t.Error("the order of the deals changes who is listed")
	}
	if got := turn(ds, 12, 7); len(got) != 12 {
		t.Errorf("%d of 12 are listed", len(got))
	}
}

// TestOldSectionsSayWhatIsLeftOut proves that the last section counts the deals for
// which there is no room.
func TestOldSectionsSayWhatIsLeftOut(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC)
	in := Input{Now: now, BacklogPerWeek: 100, Sources: []SourceStatus{{Name: "sales", Complete: true, AsOf: now}}}
	for i := range 250 {
		in.Lives = append(in.Lives, hygiene.Life{State: hygiene.Open, Backlog: true, Opened: now, Finding: hygiene.Finding{
			Key:      hygiene.Key{Source: "sales", Record: fmt.Sprintf("%03d", i), Rule: "no-activity"},
			Severity: hygiene.Medium, Deal: hygiene.Facts{OwnerEmail: fmt.Sprintf("rep%d@acme.example", i/50)},
		}})
	}
	d := Compose(in)
	last := d.Overflow[len(d.Overflow)-1]
	if len(d.Overflow) != 5 || last.Title != "From before the start: 50 more" || last.Lines[0][0].Text != "Not listed here." {
		t.Errorf("%d sections, the last %+v", len(d.Overflow), last)
	}
}
