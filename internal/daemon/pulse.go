package daemon

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// How long a loop may be without a step before the process counts as hanging: much longer
// than the timeouts of all that a step does. The call of a CRM ends after eleven minutes
// with its repetitions, and a page takes a few calls; the attempt of a channel ends after
// six.
const (
	syncHangs    = time.Hour
	deliverHangs = 30 * time.Minute
)

// pulse knows when each loop made its last step, so that a process that hangs does not
// look healthy because its HTTP server answers. Its clock does not count the time in which
// the machine sleeps.
type pulse struct {
	mu   sync.Mutex
	busy map[string]beat // by loop; a loop that rests is not in it
}

type beat struct {
	at    time.Time
	hangs time.Duration // after which the loop hangs
}

func newPulse() *pulse { return &pulse{busy: map[string]beat{}} }

// Begin hears that a loop has something to do, and requires a step within hangs.
func (p *pulse) Begin(loop string, hangs time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy[loop] = beat{time.Now(), hangs}
}

// Step hears that a loop came forward. Steps of a loop that rests are those of a command.
func (p *pulse) Step(loop string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if b, ok := p.busy[loop]; ok {
		b.at = time.Now()
		p.busy[loop] = b
	}
}

// Rest hears that a loop waits for its next turn.
func (p *pulse) Rest(loop string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.busy, loop)
}

// Hangs says which loops hang, "" is none.
func (p *pulse) Hangs() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []string
	for _, loop := range slices.Sorted(maps.Keys(p.busy)) {
		b := p.busy[loop]
		if d := time.Since(b.at); d > b.hangs {
			all = append(all, fmt.Sprintf("%s: nothing has come forward for %s; look at the log, then restart the daemon", loop, strings.TrimSuffix(d.Truncate(time.Minute).String(), "0s")))
		}
	}
	return strings.Join(all, "; ")
}
