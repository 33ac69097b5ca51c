package edition

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
)

func TestIsDue(t *testing.T) {
	loc, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	s := digest.Schedule{At: digest.At{Hour: 8, Minute: 30}, Days: []time.Weekday{time.Tuesday}}
	tuesday, wednesday := crm.NewDate(2026, 11, 24), crm.NewDate(2026, 11, 25)
	at := func(h, m int) time.Time { return time.Date(2026, 11, 24, h, m, 0, 0, loc) }
	for _, c := range []struct {
		name string
		now  time.Time
		date crm.Date
		have bool
		want dueness
	}{
		{"before its time", at(8, 29), tuesday, false, notYet},
		{"at its time", at(8, 30), tuesday, false, due},
		{"at its deadline", at(12, 30), tuesday, false, due},
		{"after its deadline", at(12, 31), tuesday, false, tooLate},
		{"done", at(8, 30), tuesday, true, already},
		{"done, and the clock set back", at(7, 0), tuesday, true, notYet},
		{"done long ago", at(23, 0), tuesday, true, already},
		{"another day", at(8, 30), wednesday, false, noDay},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := isDue(c.now, s, c.date, loc, c.have); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
