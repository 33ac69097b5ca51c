package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/store"
)

// Deliver takes every delivery that is due as far as it goes now: part after part until
// an attempt fails. It returns the time at which it should be called again; zero when
// no delivery waits. only, when not nil, restricts Deliver to these ids; Deliver adds
// the ids of deliveries that it plans in their stead.
func (o *Outbox) Deliver(ctx context.Context, c Composer, only map[string]bool) (time.Time, error) {
	o.working.Lock()
	defer o.working.Unlock()
	var next time.Time
	done := map[string]bool{}
	for again := true; again; {
		again = false
		ds, err := o.store.Deliveries(ctx, delivery.Planned, delivery.Rendered, delivery.Sending, delivery.Retry, delivery.Unknown)
		if err != nil {
			return next, store.AsFileError(err)
		}
		for i := range ds {
			if done[ds[i].ID] || only != nil && !only[ds[i].ID] {
				continue
			}
			done[ds[i].ID] = true
			follow, wake, err := o.deliver(ctx, c, &ds[i])
			if _, ok := errors.AsType[*store.FileError](err); ok || ctx.Err() != nil {
				return next, err
			}
			if err != nil {
				// A delivery that cannot be composed must not stop the other deliveries,
				// and its else channel would fail as well.
				ds[i].Else = ""
				if _, err := o.fail(ctx, &ds[i], err.Error(), delivery.BlameContent); err != nil {
					return next, err
				}
			}
			if follow != "" {
				again = true // for the delivery that was planned just now
				if only != nil {
					only[follow] = true
				}
			}
			if !wake.IsZero() && (next.IsZero() || wake.Before(next)) {
				next = wake
			}
		}
	}
	return next, nil
}

// deliver takes one delivery as far as it goes now. follow is the id of the delivery
// planned in its stead; wake is when the delivery should be looked at again.
func (o *Outbox) deliver(ctx context.Context, c Composer, d *delivery.Delivery) (follow string, wake time.Time, err error) {
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
		now := o.cfg.Now()
		what, i := decide(d, now, o.cfg.Resend, canAsk && !now.Before(o.mute[d.ID]))
		switch what {
		case stepNone:
			return "", wake, nil
		case stepWait:
			if d.NextAt.After(now) {
				return "", d.NextAt, nil
			}
			return "", now.Add(lookAgain), nil
		case stepHold:
			return "", o.mute[d.ID], o.hold(ctx, d, i)
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
			follow, err = o.reconcile(ctx, reconciler, d, i)
		case stepSend, stepResend:
			follow, err = o.attempt(ctx, s, d, i)
		}
		if err != nil {
			return follow, wake, err
		}
	}
	return follow, wake, nil
}

// errLater says that a delivery stays planned.
var errLater = errors.New("not yet")

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
	d.Parts, d.State, d.AsOf = content.Parts, delivery.Rendered, content.AsOf
	for i := range d.Parts {
		d.Parts[i].State = delivery.Rendered
	}
	return "", o.save(ctx, d, nil)
}
