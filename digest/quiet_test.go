package digest

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
)

func TestQuiet(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC)
	last := now.Add(-24 * time.Hour)
	shown := []SourceStatus{{Name: "sales", Complete: true, AsOf: now}}
	old := hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.Medium}, State: hygiene.Open, Opened: last.Add(-time.Hour)}
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
