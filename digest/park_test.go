package digest

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestWokeWords: a deal that woke up says for how long it was quiet and why, and why that was
// shorter than what the CRM still says.
func TestWokeWords(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC)
	today := crm.DateOf(now, time.UTC)
	w := newWall(&Input{Now: now, LastSent: now.Add(-24 * time.Hour), Team: hygiene.Team{Calendar: &hygiene.Calendar{Location: time.UTC}}})
	for want, k := range map[string]hygiene.Park{
		"Woke up today: parked 7 days for “budget”.":                                        {Reason: "budget"},
		"Woke up today: parked 7 days.":                                                     {},
		"Woke up today: parked 7 days, the most at a time, for “budget”.":                   {Reason: "budget", Cut: hygiene.CutOnce},
		"Woke up today: parked 7 days, the most at a time.":                                 {Cut: hygiene.CutOnce},
		"Woke up today: parked 7 days, the last of those that its owner has, for “budget”.": {Reason: "budget", Cut: hygiene.CutMost},
		"Woke up today: parked 7 days for “budget”, until its owner took that back.":        {Reason: "budget", Cut: hygiene.CutOnce, End: hygiene.EndTakenBack},
		"Woke up today: parked 7 days for “budget”, and has another owner since.":           {Reason: "budget", End: hygiene.EndOwner},
	} {
		k.From, k.Until, k.Ended = today-7, today, now
		if k.End == "" {
			k.End = hygiene.EndOver
		}
		if got := (&deal{woke: &k}).wokeWords(w); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
