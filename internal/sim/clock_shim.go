package sim

import (
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/clock"
)

type Clock = clock.Clock

func newClock(start time.Time, zone *time.Location, live bool) *Clock {
	return clock.New(start, zone, live)
}
func location(name string) *time.Location { return clock.Location(name) }
