// Package outbox takes deliveries from planned to settled: it claims a part on disk,
// lets the channel make one attempt, and settles the part by the result, so that nobody
// gets a message twice and no message is lost, whatever is killed and whenever. decide.go
// is the whole promise in one function. What a delivery carries is for a [Composer];
// when a delivery is due, and to whom, is for package edition.
package outbox

import (
	"context"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/store"
)

// AttemptTime is how long one attempt at a part may take, the five minutes that
// SMTP may take for its last reply included.
const AttemptTime = 6 * time.Minute

// Times between attempts.
const (
	firstWait   = 30 * time.Second // before the second attempt
	longestWait = 15 * time.Minute
	lookWait    = time.Minute      // before a channel looks again for a part in doubt
	laterLook   = 5 * time.Minute  // the same, once Settle is over
	muteTime    = time.Hour        // before a channel that cannot look is asked again whether it can
	resendAfter = 10 * time.Minute // before identical bytes go out again under on_unknown: resend
	lookAgain   = 30 * time.Second // where the clock alone decides
	stopTime    = 8 * time.Second  // for the attempt in hand when the process stops
)

// maxDoubts is how often a part is posted whose posts end in doubt and are not found: a
// channel that answers so each time may carry all of them out some day.
const maxDoubts = 5

// What status says of a delivery in doubt.
const (
	inDoubt = "the message may have arrived: pipetidy looks for it at the receiver"
	held    = "the message may have arrived, and pipetidy cannot look for it: held until somebody asks the reader and settles it by hand"
)

// Store is what the outbox uses of the journal.
type Store interface {
	Deliveries(ctx context.Context, states ...delivery.State) ([]delivery.Delivery, error)
	Delivery(ctx context.Context, id string) (d delivery.Delivery, ok bool, err error)
	SaveDelivery(ctx context.Context, f store.Fence, d delivery.Delivery, follow *delivery.Delivery) error
	Recover(ctx context.Context, f store.Fence, now time.Time) (int, error)
	Note(ctx context.Context, f store.Fence, name, value string) error
	Noted(ctx context.Context, name string) (string, error)
	Installation() string
}

// Composer says what deliveries carry.
type Composer interface {
	// Compose is called once for each delivery. The outbox stores the parts, so every
	// attempt sends the same bytes. An error is a [store.FileError], or says that no
	// channel can carry the delivery.
	Compose(ctx context.Context, d *delivery.Delivery) (Content, error)
	// Rank orders the deliveries of a channel: what matters to more people has a lower
	// rank, and goes first.
	Rank(d *delivery.Delivery) int
}

// Content is what a delivery carries. One of Parts, Quiet, Wrong and Later is set.
type Content struct {
	Parts []delivery.Part
	AsOf  time.Time // the time of the facts in the parts: the reader's next digest tells what is new since
	Told  []byte    // what the parts tell, see [delivery.Delivery]
	Quiet string    // why nothing is sent
	Wrong string    // why the channel cannot carry it; the else channel may
	Later bool      // the facts are not there yet: the delivery stays planned
}

// Config is what an Outbox is made from.
type Config struct {
	Senders map[delivery.Channel]delivery.Sender
	// Resend sends the same bytes again when nobody can say whether a part arrived
	// (on_unknown: resend); false holds the delivery.
	Resend bool
	// Settle is how long after the end of an attempt a part in doubt may still arrive,
	// because a request can outlive the process that sent it. Only after Settle does the
	// outbox believe a channel that does not find the part.
	Settle time.Duration
	Now    func() time.Time
	// Elapsed is the time since some start, by a clock that nobody sets; nil goes by Now.
	Elapsed func() time.Duration
	// Observe hears of each step, from several goroutines; nil is nobody.
	Observe func(Event)
}

// Outbox sends all that Pipetidy sends. Its methods may be called from several
// goroutines; one of them at a time works on the deliveries of a channel.
type Outbox struct {
	cfg   Config
	store Store
	fence store.Fence

	lanes map[delivery.Channel]*lane
}

// New makes an outbox on opened files.
func New(cfg Config, s Store, f store.Fence) *Outbox {
	if cfg.Observe == nil {
		cfg.Observe = func(Event) {}
	}
	if cfg.Elapsed == nil {
		start := cfg.Now() // with the reading of the clock that nobody sets, where Now is time.Now
		cfg.Elapsed = func() time.Duration { return cfg.Now().Sub(start) }
	}
	o := &Outbox{cfg: cfg, store: s, fence: f, lanes: map[delivery.Channel]*lane{orphans: newLane()}}
	for ch := range cfg.Senders {
		o.lanes[ch] = newLane()
	}
	return o
}

// Recover puts in doubt the deliveries that the last process was sending when it ended,
// and returns how many they are. It is called once after the files were opened.
func (o *Outbox) Recover(ctx context.Context) (int, error) {
	n, err := o.store.Recover(ctx, o.fence, o.cfg.Now())
	return n, store.AsFileError(err)
}

// Add stores a delivery that was planned outside the ledger of periods.
func (o *Outbox) Add(ctx context.Context, d *delivery.Delivery) error {
	return o.save(ctx, d, nil)
}

// Supersede skips the deliveries that match and whose first part has not been sent,
// because another delivery takes their place. A delivery in doubt ends here too, unless its
// channel can look whether it arrived.
func (o *Outbox) Supersede(ctx context.Context, match func(*delivery.Delivery) bool, reason string) error {
	for _, ch := range o.Channels() {
		if err := o.supersede(ctx, ch, match, reason); err != nil {
			return err
		}
	}
	return nil
}

func (o *Outbox) supersede(ctx context.Context, ch delivery.Channel, match func(*delivery.Delivery) bool, reason string) error {
	l := o.lanes[ch]
	l.working.Lock()
	defer l.working.Unlock()
	ds, err := o.store.Deliveries(ctx, delivery.Planned, delivery.Rendered, delivery.Retry, delivery.Sending, delivery.Unknown)
	if err != nil {
		return store.AsFileError(err)
	}
	for i := range ds {
		e := &ds[i]
		sent := len(e.Parts) > 0 && e.Parts[0].State == delivery.Sent
		doubt := e.State == delivery.Unknown || e.State == delivery.Sending
		if own, _ := o.laneOf(e.Channel); own != ch || !match(e) || sent && !doubt {
			continue
		}
		if _, canAsk := o.cfg.Senders[e.Channel].(delivery.Reconciler); doubt && canAsk && e.Reason != held {
			continue
		}
		settleParts(e, delivery.Skipped, reason)
		if sent {
			err = o.finish(ctx, e)
		} else {
			e.State, e.Reason = delivery.Skipped, reason
			if doubt {
				e.Reason += "; whether this one arrived is not known"
			}
			err = o.save(ctx, e, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
