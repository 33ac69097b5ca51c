package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/store"
)

// Deliver takes every delivery that is due as far as it goes now, all channels side by
// side, and waits for all of them. It returns the time at which it should be called
// again; zero when no delivery waits. only, when not nil, restricts Deliver to these ids;
// Deliver adds the ids of deliveries that it plans in their stead.
func (o *Outbox) Deliver(ctx context.Context, c Composer, only map[string]bool) (time.Time, error) {
	var mu sync.Mutex
	var next time.Time
	var faults []error
	c = &oneByOne{Composer: c}
	done := map[delivery.Channel]map[string]bool{}
	for _, ch := range o.Channels() {
		done[ch] = map[string]bool{}
	}
	for again := true; again; {
		again = false
		var wg sync.WaitGroup
		for _, ch := range o.Channels() {
			wg.Go(func() {
				planned, wake, err := o.work(ctx, c, ch, maps.Clone(only), done[ch])
				mu.Lock()
				defer mu.Unlock()
				next = sooner(next, wake)
				if err != nil {
					faults = append(faults, err)
				}
				for _, id := range planned {
					again = true
					if only != nil {
						only[id] = true
					}
				}
			})
		}
		wg.Wait()
		if len(faults) > 0 {
			return next, errors.Join(faults...)
		}
	}
	return next, nil
}

// Work is Deliver for one channel. planned reports that deliveries were planned through
// other channels.
func (o *Outbox) Work(ctx context.Context, c Composer, ch delivery.Channel) (planned bool, err error) {
	follows, _, err := o.work(ctx, c, ch, nil, map[string]bool{})
	return len(follows) > 0, err
}

// work takes the deliveries of one channel, in the order of their importance, part after
// part until an attempt fails. done has the ids that were looked at already.
func (o *Outbox) work(ctx context.Context, c Composer, ch delivery.Channel, only, done map[string]bool) (planned []string, next time.Time, err error) {
	l := o.lanes[ch]
	l.working.Lock()
	defer l.working.Unlock()
	ds, err := o.store.Deliveries(ctx, delivery.Planned, delivery.Rendered, delivery.Sending, delivery.Retry, delivery.Unknown)
	if err != nil {
		return nil, next, store.AsFileError(err)
	}
	ds = slices.DeleteFunc(ds, func(d delivery.Delivery) bool {
		own, _ := o.laneOf(d.Channel)
		return own != ch || done[d.ID] || only != nil && !only[d.ID]
	})
	slices.SortStableFunc(ds, func(a, b delivery.Delivery) int { return cmp.Compare(c.Rank(&a), c.Rank(&b)) })
	for i := range ds {
		done[ds[i].ID] = true
		follow, wake, err := o.deliver(ctx, c, l, &ds[i])
		if _, ok := errors.AsType[*store.FileError](err); ok || ctx.Err() != nil {
			return planned, next, err
		}
		if err != nil {
			// A delivery that cannot be composed must not stop the other deliveries,
			// and its else channel would fail as well.
			ds[i].Else = ""
			if _, err := o.fail(ctx, &ds[i], err.Error(), delivery.BlameContent); err != nil {
				return planned, next, err
			}
		}
		if follow != "" {
			planned = append(planned, follow)
		}
		next = sooner(next, wake)
	}
	return planned, next, nil
}

// sooner is the earlier of two times; zero is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// oneByOne is a composer for several goroutines.
type oneByOne struct {
	Composer
	mu sync.Mutex
}

func (c *oneByOne) Compose(ctx context.Context, d *delivery.Delivery) (Content, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Composer.Compose(ctx, d)
}

// deliver takes one delivery as far as it goes now. follow is the id of the delivery
// planned in its stead; wake is when the delivery should be looked at again.
func (o *Outbox) deliver(ctx context.Context, c Composer, l *lane, d *delivery.Delivery) (follow string, wake time.Time, err error) {
	s := o.cfg.Senders[d.Channel]
	if i := firstInDoubt(d); s == nil && i >= 0 {
		return "", wake, o.hold(ctx, d, i) // nobody is left to look, and it may have arrived
	}
	if s == nil {
		follow, err = o.fail(ctx, d, fmt.Sprintf("channel %s is not configured any more", d.Channel), delivery.BlameChannel)
		return follow, wake, err
	}
	if o.cfg.Senders[d.Else] == nil {
		d.Else = "" // taken out of the configuration since
	}
	reconciler, canAsk := s.(delivery.Reconciler)
	// A delivery in whose stead another one was planned is settled.
	for follow == "" {
		if err := ctx.Err(); err != nil {
			return "", wake, err
		}
		at := o.momentOf(l, d)
		now, mute := at.now, time.Duration(0)
		if until, ok := l.mute[d.ID]; ok {
			mute = until - o.cfg.Elapsed()
		}
		what, i := decide(d, at, o.cfg.Resend, canAsk && mute <= 0)
		if rest := o.rest(l.paused); rest > 0 && (what == stepSend || what == stepResend || what == stepCompose) {
			if i > 0 || what == stepResend || !elsewhere(d, now) {
				return "", now.Add(rest), o.pause(ctx, d, l.paused.reason)
			}
			what = stepElse
		}
		switch what {
		case stepNone:
			return "", wake, nil
		case stepWait:
			if d.NextAt.After(now) {
				return "", d.NextAt, nil
			}
			return "", now.Add(lookAgain), nil
		case stepHold:
			if mute > 0 {
				wake = now.Add(mute)
			}
			return "", wake, o.hold(ctx, d, i)
		case stepElse:
			follow, err = o.fail(ctx, d, fmt.Sprintf("%s did not take it in %d attempts: %s", d.Channel, d.Attempts, lastReason(d)), delivery.BlameRecipient)
		case stepExpire:
			return "", wake, o.expire(ctx, d)
		case stepFinish:
			return "", wake, o.finish(ctx, d)
		case stepCompose:
			if follow, err = o.compose(ctx, c, d); errors.Is(err, errLater) {
				return "", now.Add(lookAgain), nil
			}
		case stepReconcile:
			follow, err = o.reconcile(ctx, reconciler, l, d, i)
		case stepSend, stepResend:
			follow, err = o.attempt(ctx, s, l, d, i)
		}
		if err != nil {
			return follow, wake, err
		}
	}
	return follow, wake, nil
}

// errLater says that a delivery stays planned.
var errLater = errors.New("not yet")

// pause leaves a delivery for later because its channel does not answer, and says so in
// the delivery once. It is no attempt at the delivery.
func (o *Outbox) pause(ctx context.Context, d *delivery.Delivery, reason string) error {
	if d.Reason == reason {
		return nil
	}
	d.Reason = reason
	return o.save(ctx, d, nil)
}

// compose stores the parts that the delivery carries, or settles a delivery that
// carries none.
func (o *Outbox) compose(ctx context.Context, c Composer, d *delivery.Delivery) (follow string, err error) {
	content, err := c.Compose(ctx, d)
	switch {
	case err != nil:
		return "", err
	case content.Later:
		return "", errLater
	case content.Quiet != "":
		d.State, d.Reason = delivery.Skipped, content.Quiet
		o.tell(d, Event{Kind: Skipped, Reason: d.Reason})
		return "", o.save(ctx, d, nil)
	case content.Wrong != "":
		return o.fail(ctx, d, content.Wrong, delivery.BlameContent)
	}
	d.Parts, d.State, d.AsOf, d.Told = content.Parts, delivery.Rendered, content.AsOf, content.Told
	for i := range d.Parts {
		d.Parts[i].State = delivery.Rendered
	}
	return "", o.save(ctx, d, nil)
}
