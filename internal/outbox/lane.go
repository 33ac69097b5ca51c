package outbox

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
)

// lane is what the outbox knows about one channel. One goroutine at a time works on the
// deliveries of a channel, and no channel waits for another: a mail server that never
// answers must not keep back what goes through Slack.
type lane struct {
	working sync.Mutex // guards what follows, and the deliveries of the channel

	stopped stop                     // the channel refuses us as a whole
	paused  stop                     // the channel does not answer
	silent  int                      // attempts in a row that the channel did not answer
	mute    map[string]time.Duration // by delivery: when the channel is asked again whether it can look
	waits   map[string]wait          // by delivery and what is waited for
}

// stop is why no attempt is made on a channel, and until when in elapsed time.
type stop struct {
	reason string
	until  time.Duration
}

// rest is for how long a stop still holds.
func (o *Outbox) rest(s stop) time.Duration {
	if s.reason == "" {
		return 0
	}
	return s.until - o.cfg.Elapsed()
}

// wait is a wait that began at an instant of the wall clock, and ends in elapsed time.
type wait struct {
	since  time.Time
	length time.Duration
	ends   time.Duration
}

func newLane() *lane {
	return &lane{mute: map[string]time.Duration{}, waits: map[string]wait{}}
}

// orphans is the lane of the deliveries whose channel is not configured any more.
const orphans delivery.Channel = ""

// Channels lists the channels that can be worked on side by side.
func (o *Outbox) Channels() []delivery.Channel { return slices.Sorted(maps.Keys(o.lanes)) }

// laneOf is the lane of a channel.
func (o *Outbox) laneOf(ch delivery.Channel) (delivery.Channel, *lane) {
	if l := o.lanes[ch]; l != nil {
		return ch, l
	}
	return orphans, o.lanes[orphans]
}

// left is what is left of a wait that began at since by the wall clock. It counts elapsed
// time from the first question on, so that a clock that is set back or forward neither
// draws a wait out nor cuts it short; and after a restart no wait is longer than its
// length.
func (o *Outbox) left(l *lane, key string, since time.Time, length time.Duration) time.Duration {
	w, ok := l.waits[key]
	if !ok || !w.since.Equal(since) || w.length != length {
		rest := min(max(since.Add(length).Sub(o.cfg.Now()), 0), length)
		w = wait{since, length, o.cfg.Elapsed() + rest}
		l.waits[key] = w
	}
	return max(w.ends-o.cfg.Elapsed(), 0)
}

// forget drops what is remembered of a settled delivery.
func (l *lane) forget(id string) {
	delete(l.mute, id)
	maps.DeleteFunc(l.waits, func(key string, _ wait) bool { return strings.HasPrefix(key, id+" ") })
}

// moment is what decide knows of the time.
type moment struct {
	now     time.Time
	waiting bool // the wait of the delivery is not over
	recent  bool // the attempt in doubt is too recent for another one
}

// momentOf says what time it is for a delivery.
func (o *Outbox) momentOf(l *lane, d *delivery.Delivery) moment {
	m := moment{now: o.cfg.Now()}
	// A machine that slept counts as well: the wall clock passed, elapsed time did not.
	m.waiting = m.now.Before(d.NextAt) && o.left(l, d.ID+" next", d.Changed, d.NextAt.Sub(d.Changed)) > 0
	if i := firstInDoubt(d); i >= 0 {
		p := &d.Parts[i]
		m.recent = o.left(l, d.ID+" resend", latest(p.Started, p.Ended), resendAfter) > 0
	}
	return m
}
