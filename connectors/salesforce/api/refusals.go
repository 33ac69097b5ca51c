package api

import (
	"sync"
	"time"
)

// The time for which a refusal of an ability holds: at first, and at most.
const (
	firstPause   = time.Hour
	longestPause = 24 * time.Hour
)

// Refusals remembers which abilities the org has refused. A refusal is of its moment: a
// page of a proxy or a permission that is granted an hour later looks the same. So a
// refusal holds for an hour, and for twice as long each time the ability is refused
// again, up to a day. Many goroutines may use Refusals at once.
type Refusals struct {
	now func() time.Time

	mu sync.Mutex
	of map[string]pause
}

type pause struct {
	until time.Time
	long  time.Duration
}

// NewRefusals returns an empty memory on the clock now.
func NewRefusals(now func() time.Time) *Refusals {
	return &Refusals{now: now, of: map[string]pause{}}
}

// Note remembers that the org has refused an ability. Refusals that come while one holds
// are the same refusal.
func (r *Refusals) Note(ability string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.of[ability]
	if r.now().Before(before.until) {
		return
	}
	long := min(max(2*before.long, firstPause), longestPause)
	r.of[ability] = pause{until: r.now().Add(long), long: long}
}

// Holds reports whether an ability is not to be tried now.
func (r *Refusals) Holds(ability string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now().Before(r.of[ability].until)
}

// Over forgets the refusals of an ability that worked.
func (r *Refusals) Over(ability string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.of, ability)
}

// Forget lets all abilities be tried again at once. How long the next refusal holds
// still grows.
func (r *Refusals) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for ability, p := range r.of {
		p.until = time.Time{}
		r.of[ability] = p
	}
}
