package digest

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestQuietRep proves that a rep with nothing to do and nothing fixed gets no digest.
func TestQuietRep(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC) // Tuesday
	mon, fri := now.Add(-24*time.Hour), now.Add(-4*24*time.Hour)
	life := func(change func(*hygiene.Life)) []hygiene.Life {
		l := hygiene.Life{State: hygiene.Open, Opened: fri.Add(-time.Hour), Finding: hygiene.Finding{
			Key: hygiene.Key{Source: "sales", Record: "1", Rule: "no-activity"}, Severity: hygiene.Medium, Deal: hygiene.Facts{OwnerEmail: "ana@acme.example"},
		}}
		if change != nil {
			change(&l)
		}
		return []hygiene.Life{l}
	}
	old := life(func(l *hygiene.Life) { l.Backlog = true })
	for _, c := range []struct {
		name  string
		last  time.Time
		lives []hygiene.Life
		want  bool
	}{
		{"nothing, never sent", time.Time{}, nil, true},
		{"nothing", mon, nil, true},
		{"nothing for a month", mon.Add(-30 * 24 * time.Hour), nil, true},
		{"an open finding", mon, life(nil), false},
		{"a colleague's finding", mon, life(func(l *hygiene.Life) { l.Deal.OwnerEmail = "ben@acme.example" }), true},
		{"nobody's finding", mon, life(func(l *hygiene.Life) { l.Deal.OwnerEmail = "" }), true},
		{"one of no weight", mon, life(func(l *hygiene.Life) { l.Severity = hygiene.Info }), true},
		{"one not judged", mon, life(func(l *hygiene.Life) { l.Held = true }), true},
		{"one due, not judged", mon, life(func(l *hygiene.Life) { l.Held, l.Deal.Commit, l.Deal.CloseDate = true, true, crm.NewDate(2026, 11, 25) }), false},
		{"something fixed", mon, life(func(l *hygiene.Life) { l.State, l.Ended = hygiene.Fixed, now }), false},
		{"something fixed from before the start", mon, life(func(l *hygiene.Life) { l.State, l.Ended, l.Backlog = hygiene.Fixed, now, true }), false},
		{"something lost", mon, life(func(l *hygiene.Life) { l.State, l.Ended = hygiene.Lost, now }), true},
		{"from before the start, first list", time.Time{}, old, false},
		{"from before the start, a new week", fri, old, false},
		{"from before the start, listed this week", mon, old, true},
		{"from before the start, urgent", mon, life(func(l *hygiene.Life) {
			l.Backlog, l.Severity, l.Deal.Commit, l.Deal.CloseDate = true, hygiene.High, true, crm.NewDate(2026, 11, 27)
		}), false},
	} {
		in := Input{For: "reps", Recipient: "ana@acme.example", Now: now, LastSent: c.last, Lives: c.lives, BacklogPerWeek: 5, Sources: []SourceStatus{{Name: "sales", Complete: true, AsOf: now}}}
		if got := Quiet(in); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// TestQuietBeforeTheStart proves that deals that are counted apart are no reason for a
// manager's digest.
func TestQuietBeforeTheStart(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC)
	l := hygiene.Life{State: hygiene.Open, Backlog: true, Opened: now.Add(-48 * time.Hour), Finding: hygiene.Finding{
		Key: hygiene.Key{Source: "sales", Record: "1", Rule: "no-activity"}, Severity: hygiene.High,
	}}
	in := Input{Now: now, LastSent: now.Add(-24 * time.Hour), BacklogPerWeek: 5, Lives: []hygiene.Life{l}, Sources: []SourceStatus{{Name: "sales", Complete: true, AsOf: now}}}
	if !Quiet(in) {
		t.Error("wakes the manager")
	}
	in.Lives[0].Deal.Commit, in.Lives[0].Deal.CloseDate = true, crm.NewDate(2026, 11, 27)
	if Quiet(in) {
		t.Error("keeps an urgent deal back")
	}
	in.BacklogPerWeek, in.Lives[0].Deal.Commit = 0, false
	if Quiet(in) {
		t.Error("keeps a high finding back where nothing is counted apart")
	}
}

func TestQuiet(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC)
	last := now.Add(-24 * time.Hour)
	shown := []SourceStatus{{Name: "sales", Complete: true, AsOf: now}}
	old := hygiene.Life{Finding: hygiene.Finding{Key: hygiene.Key{Source: "sales", Record: "1"}, Severity: hygiene.Medium}, State: hygiene.Open, Opened: last.Add(-time.Hour)}
	with := func(change func(*hygiene.Life)) []hygiene.Life {
		l := old
		change(&l)
		return []hygiene.Life{l}
	}
	for _, c := range []struct {
		name string
		in   Input
		want bool
	}{
		{"the first digest", Input{Now: now, Sources: shown}, false},
		{"nothing at all", Input{Now: now, LastSent: last, Sources: shown}, true},
		{"only what was there", Input{Now: now, LastSent: last, Sources: shown, Lives: []hygiene.Life{old}}, true},
		{"something new", Input{Now: now, LastSent: last, Sources: shown, Lives: with(func(l *hygiene.Life) { l.Opened = now })}, false},
		{"something fixed", Input{Now: now, LastSent: last, Sources: shown, Lives: with(func(l *hygiene.Life) { l.State, l.Ended = hygiene.Fixed, now })}, false},
		{"something high", Input{Now: now, LastSent: last, Sources: shown, Lives: with(func(l *hygiene.Life) { l.Severity = hygiene.High })}, false},
		{"high but not judged", Input{Now: now, LastSent: last, Sources: shown, Lives: with(func(l *hygiene.Life) { l.Severity, l.Held = hygiene.High, true })}, true},
		{"due and not judged", Input{Now: now, LastSent: last, Sources: shown, Lives: with(func(l *hygiene.Life) {
			l.Severity, l.Held, l.Deal.Commit, l.Deal.CloseDate = hygiene.High, true, true, crm.NewDate(2026, 11, 25)
		})}, false},
		{"a source withheld", Input{Now: now, LastSent: last, Sources: []SourceStatus{{Complete: true, Withheld: "26 hours old"}}}, false},
		{"a digest was missed", Input{Now: now, LastSent: last, Sources: shown, Missed: "The digest of 23 Nov could not be delivered."}, false},
		{"a week of silence", Input{Now: now, LastSent: now.Add(-7 * 24 * time.Hour), Sources: shown}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Quiet(c.in); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
