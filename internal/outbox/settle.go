package outbox

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/store"
)

// fail settles a delivery that will not arrive on its channel, and plans a delivery
// through the else channel in the same transaction; follow is the id of that delivery.
// Once the parent has been sent the reader has a copy, so a failing reply only ends the
// thread. A refusal of the whole channel is of its moment: where no else channel can
// take the rest, the delivery waits for the channel.
func (o *Outbox) fail(ctx context.Context, d *delivery.Delivery, reason string, blame delivery.Blame) (follow string, err error) {
	now := o.cfg.Now()
	_, l := o.laneOf(d.Channel)
	if blame == delivery.BlameChannel && o.rest(l.stopped) <= 0 {
		o.cfg.Observe(Event{Kind: ChannelStopped, Channel: d.Channel, Reason: reason})
		l.stopped = stop{reason, o.cfg.Elapsed() + longestWait}
	}
	mended := now.Add(o.rest(l.stopped)) // at the earliest
	parent := len(d.Parts) > 0 && d.Parts[0].State == delivery.Sent
	if blame == delivery.BlameChannel && (d.Else == "" || parent) && mended.Before(d.Deadline) {
		for i := range d.Parts {
			if p := &d.Parts[i]; !p.State.Settled() {
				p.State, p.Reason = delivery.Retry, reason
			}
		}
		d.State, d.Reason, d.NextAt = delivery.Retry, reason, mended
		return "", o.save(ctx, d, nil)
	}
	settleParts(d, delivery.Failed, reason)
	if parent {
		return "", o.finish(ctx, d)
	}
	d.State, d.Reason = delivery.Failed, reason
	var next *delivery.Delivery
	if d.Else != "" && o.cfg.Senders[d.Else] != nil {
		next = o.instead(d, now)
		follow = next.ID
		d.Reason += fmt.Sprintf("; %s is tried instead", d.Else)
	}
	o.tell(d, Event{Kind: Failed, Reason: reason})
	return follow, o.save(ctx, d, next)
}

// lastReason is why the last attempt at the first part did not arrive.
func lastReason(d *delivery.Delivery) string {
	if len(d.Parts) > 0 && d.Parts[0].Reason != "" {
		return d.Parts[0].Reason
	}
	return cmp.Or(d.Reason, "no answer")
}

// settleParts settles the parts that are not settled yet.
func settleParts(d *delivery.Delivery, s delivery.State, reason string) {
	for i := range d.Parts {
		if p := &d.Parts[i]; !p.State.Settled() {
			p.State, p.Reason = s, reason
		}
	}
}

// expire settles a delivery whose time has passed.
func (o *Outbox) expire(ctx context.Context, d *delivery.Delivery) error {
	last := d.Reason
	if last == "" && len(d.Parts) > 0 {
		last = d.Parts[0].Reason
	}
	for i := range d.Parts {
		if p := &d.Parts[i]; !p.State.Settled() {
			p.State = delivery.Expired
		}
	}
	if len(d.Parts) > 0 && d.Parts[0].State == delivery.Sent {
		return o.finish(ctx, d)
	}
	d.State = delivery.Expired
	d.Reason = fmt.Sprintf("not delivered by %s", d.Deadline.UTC().Format(time.RFC3339))
	if last != "" {
		d.Reason += ": " + last
	}
	o.tell(d, Event{Kind: Expired, Reason: d.Reason})
	return o.save(ctx, d, nil)
}

// finish settles a delivery all of whose parts are settled and whose parent
// arrived.
func (o *Outbox) finish(ctx context.Context, d *delivery.Delivery) error {
	missing, why := 0, ""
	for i := range d.Parts {
		if p := &d.Parts[i]; p.State != delivery.Sent {
			missing++
			why = p.Reason
		}
	}
	d.State, d.Reason = delivery.Sent, ""
	if missing > 0 {
		d.Reason = fmt.Sprintf("%d of %d thread messages not sent: %s", missing, len(d.Parts)-1, why)
	}
	o.tell(d, Event{Kind: Delivered, Parts: len(d.Parts), Reason: d.Reason})
	return o.save(ctx, d, nil)
}

// save stores the delivery and the one that follows it, even while the process stops,
// because what was done must be on disk.
func (o *Outbox) save(ctx context.Context, d, follow *delivery.Delivery) error {
	d.Changed = o.cfg.Now()
	if d.State.Settled() {
		_, l := o.laneOf(d.Channel)
		l.forget(d.ID)
	}
	return store.AsFileError(o.store.SaveDelivery(context.WithoutCancel(ctx), o.fence, *d, follow))
}
