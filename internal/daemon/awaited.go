package daemon

import (
	"slices"
	"sync"
	"time"
)

// How long a digest that is due waits for the sync that a start or a wake-up of the
// machine triggers, and how long between two looks at the wall clock the machine must
// have slept.
const (
	awaitFor = 15 * time.Minute
	asleep   = 3 * tick
)

// awaited are the sources whose cached data is of the time before a start or before the
// machine slept. While a source is awaited no digest is begun or composed: the readers
// would be told what held on Friday, or that the data is old, a minute before the sync
// that ends that.
type awaited struct {
	now func() time.Time

	looking sync.Mutex
	looked  time.Time // at the wall clock; zero is never

	mu    sync.Mutex
	since map[string]time.Time // by source: when it became awaited
}

func newAwaited(now func() time.Time) *awaited {
	return &awaited{now: now, since: map[string]time.Time{}}
}

// Look looks at the wall clock, and calls woken when the machine, or only this process,
// stood still since the last look. Timers cannot tell: they stand still as well. Of two
// loops that look at once, neither goes on before woken has returned.
func (a *awaited) Look(woken func()) {
	a.looking.Lock()
	defer a.looking.Unlock()
	last := a.looked
	a.looked = a.now().Round(0) // the wall clock alone: the monotonic clock does not count sleep
	if !last.IsZero() && a.looked.Sub(last) > asleep {
		woken()
	}
}

// Add awaits a sync of the source that begins now or later.
func (a *awaited) Add(source string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.since[source] = a.now().Round(0)
}

// Done hears of a poll that began at start and was evaluated, and whether it failed in a
// way that another attempt may mend. It reports whether the source is still awaited, so
// that it is polled again soon: a network comes up some seconds after the machine does.
func (a *awaited) Done(source string, start time.Time, failed bool) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	since, ok := a.since[source]
	if !ok || start.Round(0).Before(since) {
		return false // the next poll is waiting already
	}
	if !failed || a.overdue(since) {
		delete(a.since, source) // there is nothing to wait for any more
		return false
	}
	return true
}

// Any reports whether a digest waits for a source.
func (a *awaited) Any() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, since := range a.since {
		if !a.overdue(since) {
			return true
		}
	}
	return false
}

// Waits lists the sources that digests wait for, and for how long at most.
func (a *awaited) Waits() (sources []string, most time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for source, since := range a.since {
		if !a.overdue(since) {
			sources = append(sources, source)
			most = max(most, awaitFor-a.now().Round(0).Sub(since))
		}
	}
	slices.Sort(sources)
	return sources, most
}

// overdue reports whether the wait that began at since has been long enough. A clock that
// was set back does not lengthen it.
func (a *awaited) overdue(since time.Time) bool {
	d := a.now().Round(0).Sub(since)
	return d < 0 || d >= awaitFor
}
