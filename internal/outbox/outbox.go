// Package outbox takes deliveries from planned to settled: it claims each on disk,
// makes one attempt, and writes down what came of it, so that nobody gets anything
// twice and nothing is lost, whatever is killed and whenever. What a delivery
// carries is the composer's business; when one is due, and to whom, is package
// edition's.
package outbox

import (
	"context"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/store"
)

// AttemptTime is how long one attempt at a part may take, the five minutes that
// SMTP may take for its last reply included.
const AttemptTime = 6 * time.Minute

// Times between attempts and questions.
const (
	firstWait   = 30 * time.Second // before the second attempt
	longestWait = 15 * time.Minute
	askAgain    = time.Minute      // between questions whether a part arrived
	resendAfter = 10 * time.Minute // before identical bytes go out again under on_unknown: resend
	lookAgain   = 30 * time.Second // where the clock alone decides
)

// What status says of a delivery in doubt.
const (
	asking = "it may have arrived: being asked for"
	held   = "it may have arrived, and nobody can be asked: held (on_unknown: hold); look, then send again with --again if it did not"
)

// Store is what the outbox uses of the journal.
type Store interface {
	Deliveries(ctx context.Context, states ...delivery.State) ([]delivery.Delivery, error)
	SaveDelivery(ctx context.Context, f store.Fence, d delivery.Delivery, follow *delivery.Delivery) error
	Recover(ctx context.Context, f store.Fence, now time.Time) (int, error)
}

// Composer says what deliveries carry.
type Composer interface {
	// Compose is called once for each delivery, and its parts are kept: every attempt
	// sends the same bytes. An error is one of the files (store.FileError), or it
	// means that this delivery cannot be made, on no channel.
	Compose(ctx context.Context, d *delivery.Delivery) (Content, error)
}

// Content is what a delivery carries. One of Parts, Quiet and Wrong is set.
type Content struct {
	Parts []delivery.Part
	AsOf  time.Time // what the parts were composed from; once sent, the next one counts from it
	Quiet string    // why nothing is sent
	Wrong string    // why the channel cannot carry it; the else channel may
}

// Config is what an Outbox is made from.
type Config struct {
	Senders map[delivery.Channel]delivery.Sender
	// Resend sends the same bytes again when nobody can say whether a part arrived
	// (on_unknown: resend); false holds it.
	Resend bool
	// Settle is how long after an attempt a part in doubt may still arrive: a request
	// can outlive the process that sent it, so a "not there" is believed only later
	// than that.
	Settle time.Duration
	Now    func() time.Time
	// Observe hears of each step; nil is nobody.
	Observe func(Event)
}

// Outbox is the one sender of everything. Its methods may be called from several
// goroutines; deliveries are worked on by one of them at a time.
type Outbox struct {
	cfg   Config
	store Store
	fence store.Fence

	working sync.Mutex
	// Guarded by working: channels that refused us as a whole, and deliveries whose
	// channel cannot be asked.
	stopped map[delivery.Channel]stop
	mute    map[string]bool
}

// stop is why a channel is left alone, and until when.
type stop struct {
	reason string
	until  time.Time
}

// New makes an outbox on opened files.
func New(cfg Config, s Store, f store.Fence) *Outbox {
	if cfg.Observe == nil {
		cfg.Observe = func(Event) {}
	}
	return &Outbox{cfg: cfg, store: s, fence: f, stopped: map[delivery.Channel]stop{}, mute: map[string]bool{}}
}

// Recover puts in doubt what the last process left in the air. It is called once
// after opening the files, and returns how many deliveries those are.
func (o *Outbox) Recover(ctx context.Context) (int, error) {
	n, err := o.store.Recover(ctx, o.fence, o.cfg.Now())
	return n, store.AsFileError(err)
}

// Add writes down a delivery that is planned outside the ledger of periods.
func (o *Outbox) Add(ctx context.Context, d *delivery.Delivery) error {
	return o.save(ctx, d, nil)
}

// Supersede skips the deliveries that match and whose first part has not been sent:
// something else takes their place.
func (o *Outbox) Supersede(ctx context.Context, match func(*delivery.Delivery) bool, reason string) error {
	o.working.Lock()
	defer o.working.Unlock()
	ds, err := o.store.Deliveries(ctx, delivery.Planned, delivery.Rendered, delivery.Retry)
	if err != nil {
		return store.AsFileError(err)
	}
	for i := range ds {
		e := &ds[i]
		if !match(e) || len(e.Parts) > 0 && e.Parts[0].State == delivery.Sent {
			continue
		}
		for j := range e.Parts {
			e.Parts[j].State = delivery.Skipped
		}
		e.State, e.Reason = delivery.Skipped, reason
		if err := o.save(ctx, e, nil); err != nil {
			return err
		}
	}
	return nil
}
