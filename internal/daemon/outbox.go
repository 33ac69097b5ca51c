package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
)

// Delivery times. The deadline keeps a morning digest from arriving at night.
const (
	deadline    = 4 * time.Hour
	firstWait   = 30 * time.Second // before the second attempt
	longestWait = 15 * time.Minute
	askAgain    = time.Minute      // between questions whether a part arrived
	resendAfter = 10 * time.Minute // before identical bytes go out again under on_unknown: resend
	attemptTime = 6 * time.Minute  // one attempt, the five minutes that SMTP may take for its last reply included
)

// What status says of a delivery in doubt.
const (
	asking = "it may have arrived: being asked for"
	held   = "it may have arrived, and nobody can be asked: held (on_unknown: hold); look, then send again with --again if it did not"
)

// step is what an outbox does next with a delivery.
type step string

const (
	stepCompose   step = "compose"
	stepSend      step = "send"
	stepReconcile step = "reconcile"
	stepResend    step = "resend"
	stepExpire    step = "expire"
	stepFinish    step = "finish" // every part is settled
	stepHold      step = "hold"   // unknown, and nobody can say: an operator decides
	stepWait      step = "wait"
	stepNone      step = "none" // settled
)

// decide says what to do with a delivery now, and with which of its parts. It is
// the whole promise of the outbox in one place: a part in doubt is never sent
// again unless the channel says that it did not arrive, or the operator chose
// resend.
func decide(d *delivery.Delivery, now time.Time, resend, canAsk bool) (step, int) {
	if d.State.Settled() {
		return stepNone, 0
	}
	if d.State == delivery.Planned {
		switch {
		case now.After(d.Deadline):
			return stepExpire, 0
		case now.Before(d.NextAt):
			return stepWait, 0
		}
		return stepCompose, 0
	}
	for i := range d.Parts {
		p := &d.Parts[i]
		switch {
		case p.State.Settled():
			continue
		case p.State == delivery.Unknown || p.State == delivery.Sending:
			// In doubt whatever the time is: asking is harmless.
			switch {
			case canAsk && now.Before(d.NextAt):
				return stepWait, i
			case canAsk:
				return stepReconcile, i
			case resend && now.After(d.Deadline):
				return stepHold, i
			case resend && now.Before(p.Started.Add(resendAfter)):
				return stepWait, i
			case resend:
				return stepResend, i
			}
			return stepHold, i
		case now.After(d.Deadline):
			return stepExpire, i
		case now.Before(d.NextAt):
			return stepWait, i
		}
		return stepSend, i
	}
	return stepFinish, 0
}

// Deliver works on every delivery that is due, one attempt each at the most
// parts that go through, and returns the time at which it should be called
// again; zero when nothing is waiting. only, when not nil, restricts it.
func (d *Daemon) Deliver(ctx context.Context, only map[string]bool) (time.Time, error) {
	d.delivering.Lock()
	defer d.delivering.Unlock()
	var next time.Time
	done := map[string]bool{}
	for again := true; again; {
		again = false
		ds, err := d.journal.Deliveries(ctx, delivery.Planned, delivery.Rendered, delivery.Sending, delivery.Retry, delivery.Unknown)
		if err != nil {
			return next, d.stored(err)
		}
		for i := range ds {
			if done[ds[i].ID] || only != nil && !only[ds[i].ID] {
				continue
			}
			done[ds[i].ID] = true
			follow, wake, err := d.deliver(ctx, &ds[i])
			if _, ok := errors.AsType[*StoreError](err); ok || ctx.Err() != nil {
				return next, err
			}
			if err != nil {
				// One delivery that cannot be made must not keep the others from being made,
				// and no other channel would make it.
				ds[i].Else = ""
				if err := d.fail(ctx, &ds[i], err.Error(), delivery.BlameContent, &follow); err != nil {
					return next, err
				}
			}
			if follow != "" {
				again = true // the else channel, planned just now
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

// deliver takes one delivery as far as it goes now. follow is the id of the
// delivery planned in its stead.
func (d *Daemon) deliver(ctx context.Context, del *delivery.Delivery) (follow string, wake time.Time, err error) {
	n := d.cfg.Notifiers[del.Channel]
	if n == nil {
		return "", wake, d.fail(ctx, del, fmt.Sprintf("channel %s is not configured any more", del.Channel), delivery.BlameChannel, &follow)
	}
	asker, canAsk := n.(delivery.Reconciler)
	for {
		if err := ctx.Err(); err != nil {
			return follow, wake, err
		}
		now := d.now()
		what, i := decide(del, now, d.cfg.Resend, canAsk && !d.mute[del.ID])
		switch what {
		case stepNone:
			return follow, wake, nil
		case stepWait:
			if del.NextAt.After(now) {
				return follow, del.NextAt, nil
			}
			return follow, now.Add(tick), nil
		case stepHold:
			if del.State != delivery.Unknown || del.Reason != held {
				del.State, del.Reason = delivery.Unknown, held
				return follow, wake, d.save(ctx, del, nil)
			}
			return follow, wake, nil
		case stepExpire:
			return follow, wake, d.expire(ctx, del)
		case stepFinish:
			return follow, wake, d.finish(ctx, del)
		case stepCompose:
			if err := d.compose(ctx, n, del, &follow); err != nil {
				return follow, wake, err
			}
		case stepReconcile:
			if err := d.reconcile(ctx, asker, del, i); err != nil {
				return follow, wake, err
			}
		case stepSend, stepResend:
			if err := d.attempt(ctx, n, del, i, &follow); err != nil {
				return follow, wake, err
			}
		}
	}
}

// attempt claims the part on disk, makes one attempt, and settles what came of it.
func (d *Daemon) attempt(ctx context.Context, n digest.Notifier, del *delivery.Delivery, i int, follow *string) error {
	p := &del.Parts[i]
	if reason := d.stopped[del.Channel]; reason != "" && d.now().Before(d.stoppedUntil[del.Channel]) {
		// One refusal of the whole channel is enough; the others do not knock too.
		return d.fail(ctx, del, reason, delivery.BlameChannel, follow)
	}
	p.State, p.Reason, p.Started = delivery.Sending, "", d.now()
	p.Attempts++
	del.State, del.Reason = delivery.Sending, ""
	del.Attempts++
	if err := d.save(ctx, del, nil); err != nil {
		return err
	}
	var earlier []delivery.Receipt
	for j := range i {
		earlier = append(earlier, del.Parts[j].Receipt)
	}
	// A stop of the process waits for the attempt in hand rather than leaving a
	// message in doubt.
	actx, cancel := context.WithTimeout(context.WithoutCancel(ctx), attemptTime)
	r, err := n.Send(actx, del, *p, earlier)
	cancel()
	log := d.log.With(zap.String("delivery", del.ID), zap.Int("part", i), zap.Int("attempt", p.Attempts))
	switch {
	case err == nil:
		p.State, p.Receipt = delivery.Sent, r
		if p.Receipt.At.IsZero() {
			p.Receipt.At = d.now()
		}
		del.State = delivery.Rendered
		delete(d.stopped, del.Channel)
		d.metrics.attempted(del.Channel, "sent")
		log.Info("part sent", zap.String("receipt", r.ID))
		return d.save(ctx, del, nil)
	case errors.Is(err, delivery.ErrRejected):
		d.metrics.attempted(del.Channel, "rejected")
		log.Error("part rejected", zap.Error(err))
		blame := delivery.BlameRecipient
		if re, ok := errors.AsType[*delivery.RejectedError](err); ok {
			blame = re.Blame
		}
		return d.fail(ctx, del, err.Error(), blame, follow)
	case errors.Is(err, delivery.ErrRetry):
		d.metrics.attempted(del.Channel, "retry")
		wait := backoff(p.Attempts)
		var re *delivery.RetryError
		if errors.As(err, &re) && re.After > wait {
			wait = re.After
		}
		p.State, p.Reason = delivery.Retry, err.Error()
		del.State, del.Reason, del.NextAt = delivery.Retry, err.Error(), d.now().Add(wait)
		log.Warn("part not sent, trying again", zap.Duration("wait", wait), zap.Error(err))
		return d.save(ctx, del, nil)
	}
	d.metrics.attempted(del.Channel, "unknown")
	p.State, p.Reason = delivery.Unknown, err.Error()
	del.State, del.Reason, del.NextAt = delivery.Unknown, asking, d.now()
	log.Warn("part may or may not have arrived", zap.Error(err))
	return d.save(ctx, del, nil)
}

// reconcile asks the channel whether the part in doubt arrived.
func (d *Daemon) reconcile(ctx context.Context, asker delivery.Reconciler, del *delivery.Delivery, i int) error {
	p := &del.Parts[i]
	var earlier []delivery.Receipt
	for j := range i {
		earlier = append(earlier, del.Parts[j].Receipt)
	}
	actx, cancel := context.WithTimeout(ctx, attemptTime)
	r, ok, err := asker.Reconcile(actx, del, *p, earlier)
	cancel()
	log := d.log.With(zap.String("delivery", del.ID), zap.Int("part", i))
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, delivery.ErrRetry):
		wait := askAgain
		var re *delivery.RetryError
		if errors.As(err, &re) && re.After > wait {
			wait = re.After
		}
		del.State, del.Reason, del.NextAt = delivery.Unknown, asking, d.now().Add(wait)
		log.Warn("cannot ask yet whether the part arrived", zap.Error(err))
		return d.save(ctx, del, nil)
	case err != nil:
		// The channel cannot be asked (no history scope): the operator's policy
		// decides from here on.
		d.mute[del.ID] = true
		log.Warn("cannot ask whether the part arrived", zap.Error(err))
		return nil
	case ok:
		p.State, p.Receipt, p.Reason = delivery.Sent, r, "found at the receiver"
		log.Info("part had arrived", zap.String("receipt", r.ID))
	case d.now().Before(p.Started.Add(d.cfg.Settle)):
		del.State, del.Reason, del.NextAt = delivery.Unknown, asking, p.Started.Add(d.cfg.Settle)
		log.Info("part has not arrived yet, asking once more")
		return d.save(ctx, del, nil)
	default:
		p.State, p.Reason = delivery.Rendered, ""
		log.Info("part had not arrived")
	}
	del.State, del.Reason, del.NextAt = delivery.Rendered, "", time.Time{}
	return d.save(ctx, del, nil)
}

// fail settles a delivery that will not arrive on its channel, and plans the
// else channel in the same step. Once the parent has been sent the reader has a
// copy, so a failing reply only ends the thread.
func (d *Daemon) fail(ctx context.Context, del *delivery.Delivery, reason string, blame delivery.Blame, follow *string) error {
	for i := range del.Parts {
		if p := &del.Parts[i]; !p.State.Settled() {
			p.State, p.Reason = delivery.Failed, reason
		}
	}
	if len(del.Parts) > 0 && del.Parts[0].State == delivery.Sent {
		return d.finish(ctx, del)
	}
	if blame == delivery.BlameChannel && (d.stopped[del.Channel] == "" || !d.now().Before(d.stoppedUntil[del.Channel])) {
		d.log.Error("channel stopped", zap.String("channel", string(del.Channel)), zap.String("reason", reason))
		d.stopped[del.Channel], d.stoppedUntil[del.Channel] = reason, d.now().Add(longestWait)
	}
	if blame == delivery.BlameChannel && del.Else == "" && d.now().Before(d.stoppedUntil[del.Channel]) && d.stoppedUntil[del.Channel].Before(del.Deadline) {
		// Nothing else to try: an operator may mend the channel before the deadline.
		for i := range del.Parts {
			if p := &del.Parts[i]; p.State == delivery.Failed {
				p.State = delivery.Retry
			}
		}
		del.State, del.Reason, del.NextAt = delivery.Retry, reason, d.stoppedUntil[del.Channel]
		return d.save(ctx, del, nil)
	}
	del.State, del.Reason = delivery.Failed, reason
	var next *delivery.Delivery
	if del.Else != "" && d.cfg.Notifiers[del.Else] != nil {
		next = planned(del.Digest, del.Period, del.Edition, del.Team, del.Recipient, del.To, del.Else, "", d.now(), del.Deadline)
		next.Test = del.Test
		*follow = next.ID
		del.Reason += fmt.Sprintf("; %s is tried instead", del.Else)
	}
	d.log.Error("delivery failed", zap.String("delivery", del.ID), zap.String("reason", reason))
	return d.save(ctx, del, next)
}

func (d *Daemon) expire(ctx context.Context, del *delivery.Delivery) error {
	last := del.Reason
	for i := range del.Parts {
		if p := &del.Parts[i]; !p.State.Settled() {
			p.State = delivery.Expired
		}
	}
	if len(del.Parts) > 0 && del.Parts[0].State == delivery.Sent {
		return d.finish(ctx, del)
	}
	del.State = delivery.Expired
	del.Reason = fmt.Sprintf("not delivered by %s", del.Deadline.UTC().Format(time.RFC3339))
	if last != "" {
		del.Reason += ": " + last
	}
	d.log.Error("delivery expired", zap.String("delivery", del.ID), zap.String("reason", del.Reason))
	return d.save(ctx, del, nil)
}

// finish settles a delivery all of whose parts are settled and whose parent
// arrived.
func (d *Daemon) finish(ctx context.Context, del *delivery.Delivery) error {
	missing, why := 0, ""
	for i := range del.Parts {
		if p := &del.Parts[i]; p.State != delivery.Sent {
			missing++
			why = p.Reason
		}
	}
	del.State, del.Reason = delivery.Sent, ""
	if missing > 0 {
		del.Reason = fmt.Sprintf("%d of %d thread messages not sent: %s", missing, len(del.Parts)-1, why)
	}
	delete(d.mute, del.ID)
	d.metrics.settled(del.Channel, "sent")
	d.log.Info("digest delivered", zap.String("delivery", del.ID), zap.Int("parts", len(del.Parts)), zap.String("reason", del.Reason))
	return d.save(ctx, del, nil)
}

func (d *Daemon) save(ctx context.Context, del *delivery.Delivery, follow *delivery.Delivery) error {
	del.Changed = d.now()
	// What was done must be written down even while the process stops.
	return d.stored(d.journal.SaveDelivery(context.WithoutCancel(ctx), d.fence, *del, follow))
}

// planned is a delivery that has not been composed yet.
func planned(name, period string, edition int, team, recipient, to string, via, other delivery.Channel, now, until time.Time) *delivery.Delivery {
	who := recipient
	if to != "" {
		who += " to " + to // several of ops may get what one reader would have got
	}
	return &delivery.Delivery{
		ID:     delivery.Key(name, period, edition, team, who, via),
		Digest: name, Period: period, Edition: edition, Team: team, Recipient: recipient, To: to,
		Channel: via, Else: other, State: delivery.Planned, Created: now, Changed: now, Deadline: until,
	}
}

func backoff(attempts int) time.Duration {
	w := firstWait
	for range attempts - 1 {
		if w *= 2; w >= longestWait {
			return longestWait
		}
	}
	return w
}
