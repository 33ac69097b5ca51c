package hygiene

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestImports: twenty deals of one team within ten minutes are an import, whoever has them;
// what is paused, skipped or closed is in no share, and so in no import.
func TestImports(t *testing.T) {
	p := testPass(t)
	at := p.Now.Add(-24 * time.Hour).Truncate(time.Minute)
	type made struct {
		n       int
		after   time.Duration // when the first was created; the others follow
		every   time.Duration
		team    string
		owner   string
		changed func(*Result)
	}
	for _, c := range []struct {
		name string
		made []made
		want []Import
	}{
		{"nineteen are work", []made{{n: 19, team: "West", owner: "eve"}}, nil},
		{"twenty in ten minutes", []made{{n: 20, every: 31 * time.Second, team: "West", owner: "eve"}},
			[]Import{{"West", at, at.Add(9 * time.Minute), 20, map[string]int{"eve": 20}}}},
		{"twenty in an hour", []made{{n: 20, every: 3 * time.Minute, team: "West", owner: "eve"}}, nil},
		{"forty in twenty minutes are one", []made{{n: 41, every: 30 * time.Second, team: "West", owner: "eve"}},
			[]Import{{"West", at, at.Add(20 * time.Minute), 41, map[string]int{"eve": 41}}}},
		{"of two owners", []made{{n: 12, team: "West", owner: "eve"}, {n: 12, after: 2 * time.Minute, team: "West"}},
			[]Import{{"West", at, at.Add(2 * time.Minute), 24, map[string]int{"eve": 12, "": 12}}}},
		{"of two teams, each too few", []made{{n: 12, team: "West", owner: "eve"}, {n: 12, team: "East", owner: "jo"}}, nil},
		{"twice on a day", []made{{n: 20, team: "West", owner: "eve"}, {n: 3, after: time.Hour, team: "West", owner: "eve"}, {n: 20, after: 2 * time.Hour, team: "West", owner: "eve"}},
			[]Import{{"West", at, at, 20, map[string]int{"eve": 20}}, {"West", at.Add(2 * time.Hour), at.Add(2 * time.Hour), 20, map[string]int{"eve": 20}}}},
		{"long ago", []made{{n: 20, after: -FoldWindow * 24 * time.Hour, team: "West", owner: "eve"}}, nil},
		{"paused", []made{{n: 20, team: "West", owner: "eve", changed: func(r *Result) { r.Parked = true }}}, nil},
		{"skipped", []made{{n: 20, team: "West", owner: "eve", changed: func(r *Result) { r.Skipped = true }}}, nil},
		{"closed", []made{{n: 20, team: "West", owner: "eve", changed: func(r *Result) { r.ClosedAs = Won }}}, nil},
	} {
		all := NewTallies(p, nil)
		for _, m := range c.made {
			for i := range m.n {
				r := Result{Facts: Facts{OwnerID: m.owner, Team: m.team, CreatedAt: at.Add(m.after + time.Duration(i)*m.every)}}
				if m.changed != nil {
					m.changed(&r)
				}
				all.Add(&r)
			}
		}
		all.Add(&Result{Facts: Facts{Team: "West"}}) // nobody knows when it was created
		if diff := cmp.Diff(c.want, all.Imports()); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", c.name, diff)
		}
	}
}

// TestImportHolds: an import has whole minutes, and is the same one when its first deal is gone.
func TestImportHolds(t *testing.T) {
	at := time.Date(2026, 11, 10, 14, 2, 0, 0, time.UTC)
	x := Import{First: at, Last: at.Add(5 * time.Minute)}
	for after, want := range map[time.Duration]bool{-time.Second: false, 0: true, 5*time.Minute + 59*time.Second: true, 6 * time.Minute: false} {
		if got := x.Holds(at.Add(after)); got != want {
			t.Errorf("created %v after the first: %v, want %v", after, got, want)
		}
	}
	if x.Holds(time.Time{}) {
		t.Error("a deal of which nobody knows when it was created is of the import")
	}
	if !x.Meets(at.Add(-time.Hour), at) || !x.Meets(at.Add(5*time.Minute), at.Add(time.Hour)) || x.Meets(at.Add(6*time.Minute), at.Add(time.Hour)) {
		t.Error("two spans are the same import where they share a minute")
	}
}
