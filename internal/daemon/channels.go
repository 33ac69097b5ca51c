package daemon

import (
	"fmt"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
)

// channels are how the channels answered since the start, as their workers met them.
type channels struct {
	mu   sync.Mutex
	used map[delivery.Channel]*answered
}

// answered is how one channel answered.
type answered struct {
	refused string          // why it refused us when it was last used; "" when it did not
	took    bool            // it took a message since the start
	since   time.Time       // of the first attempt since it last took a message that has to be repeated; zero is none
	why     string          // the last of these attempts did not arrive
	waits   map[string]bool // the deliveries that were attempted so
}

// of returns how the channel answered. The caller holds the lock.
func (c *channels) of(ch delivery.Channel) *answered {
	if c.used == nil {
		c.used = map[delivery.Channel]*answered{}
	}
	if c.used[ch] == nil {
		c.used[ch] = &answered{}
	}
	return c.used[ch]
}

// Took hears that the channel took a message.
func (c *channels) Took(ch delivery.Channel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*c.of(ch) = answered{took: true}
}

// Refused hears that the channel refused us, and why.
func (c *channels) Refused(ch delivery.Channel, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of(ch).refused = why
}

// PutOff hears that an attempt at a delivery has to be repeated, and why.
func (c *channels) PutOff(ch delivery.Channel, delivery string, at time.Time, why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.of(ch)
	if a.since.IsZero() {
		a.since, a.waits = at, map[string]bool{}
	}
	if a.waits[delivery] = true; why != nil {
		a.why = why.Error()
	}
}

// refuses reports whether the channel refused us when it was last used.
func (c *channels) refuses(ch delivery.Channel) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of(ch).refused != ""
}

// works reports whether nothing is known against the channel.
func (c *channels) works(ch delivery.Channel) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of(ch).refused == "" && c.of(ch).since.IsZero()
}

// What begins the causes of matters about channels: that one refuses us, and that nothing
// gets through it.
const (
	channelCause = "channel "
	stalledCause = "stalled "
)

// ofChannels adds the channels by which no digest goes out.
func (d *Daemon) ofChannels(ms *matters) {
	c := &d.channels
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ch := range d.outbox.Channels() {
		a := c.of(ch)
		if a.refused != "" {
			ms.add(channelCause+string(ch), "%s refuses us, so no digest goes out by it: %s", ch, a.refused)
		} else if !a.since.IsZero() && d.cfg.Now().Sub(a.since) >= failingFor {
			ms.add(stalledCause+string(ch), "nothing gets through %s since %s, and %s: %s", ch, a.since.In(d.cfg.Location).Format("15:04"), waiting(len(a.waits)), a.why)
		}
	}
}

// waiting says how many messages wait for a channel.
func waiting(n int) string {
	if n == 1 {
		return "1 message waits for it"
	}
	return fmt.Sprintf("%s wait for it", crm.Counted(n, "message"))
}

// unsureOf reports whether nobody can say yet that the matter of a channel is over: it was
// not used since the start, or what it does now says nothing about that.
func (c *channels) unsureOf(ch delivery.Channel, stalled bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.of(ch)
	if stalled {
		return !a.took
	}
	return !a.took && a.refused == ""
}
