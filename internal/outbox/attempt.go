package outbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
)

// attempt claims the part on disk, makes one attempt, and settles what came of it.
func (o *Outbox) attempt(ctx context.Context, s delivery.Sender, l *lane, d *delivery.Delivery, i int) (follow string, err error) {
	p := &d.Parts[i]
	if st := l.stopped; o.rest(st) > 0 {
		// One refusal of the whole channel is enough: no other delivery tries it.
		return o.fail(ctx, d, st.reason, delivery.BlameChannel)
	}
	if i == 0 {
		if reason, err := o.givenUp(ctx, d); err != nil || reason != "" {
			if err != nil {
				return "", err
			}
			return o.fail(ctx, d, reason, delivery.BlameRecipient)
		}
	}
	p.State, p.Reason, p.Started, p.Ended = delivery.Sending, "", o.cfg.Now(), time.Time{}
	p.Attempts++
	d.State, d.Reason = delivery.Sending, ""
	d.Attempts++
	if err := o.save(ctx, d, nil); err != nil {
		return "", err
	}
	// A stop of the process gives the attempt in hand some time, so that it leaves no
	// message in doubt that a moment would have settled.
	actx, cancel := context.WithTimeout(context.WithoutCancel(ctx), AttemptTime)
	unhook := context.AfterFunc(ctx, func() {
		t := time.AfterFunc(stopTime, cancel)
		context.AfterFunc(actx, func() { t.Stop() })
	})
	r, err := s.Send(actx, d, *p, receipts(d, i))
	unhook()
	cancel()
	o.answered(l, err)
	p.Ended = o.cfg.Now()
	switch {
	case err == nil:
		p.State, p.Receipt = delivery.Sent, r
		if p.Receipt.At.IsZero() {
			p.Receipt.At = o.cfg.Now()
		}
		d.State = delivery.Rendered
		l.stopped = stop{}
		o.tellPart(d, i, Event{Kind: PartSent, Receipt: r.ID})
		return "", errors.Join(o.save(ctx, d, nil), o.somebodyThere(ctx, d))
	case errors.Is(err, delivery.ErrRejected):
		o.tellPart(d, i, Event{Kind: PartRejected, Err: err})
		blame := delivery.BlameRecipient
		if re, ok := errors.AsType[*delivery.RejectedError](err); ok {
			blame = re.Blame
			if re.NoAddress && i == 0 {
				if err := o.nobodyThere(ctx, d); err != nil {
					return "", err
				}
			}
			if re.TooLarge && !d.Small && len(d.Parts) == 1 && p.Doubts == 0 {
				// Nothing has arrived, so other bytes are no second copy.
				d.Small, d.Parts, d.State, d.Reason = true, nil, delivery.Planned, err.Error()
				return "", o.save(ctx, d, nil)
			}
		}
		return o.fail(ctx, d, err.Error(), blame)
	case errors.Is(err, delivery.ErrRetry):
		wait := atLeast(backoff(p.Attempts), err)
		p.State, p.Reason = delivery.Retry, err.Error()
		d.State, d.Reason, d.NextAt = delivery.Retry, err.Error(), o.cfg.Now().Add(wait)
		o.tellPart(d, i, Event{Kind: PartRetry, Wait: wait, Err: err})
		return "", o.save(ctx, d, nil)
	}
	p.State, p.Reason = delivery.Unknown, err.Error()
	p.Doubts++
	d.State, d.Reason, d.NextAt = delivery.Unknown, inDoubt, o.cfg.Now()
	o.tellPart(d, i, Event{Kind: PartUnknown, Err: err})
	return "", o.save(ctx, d, nil)
}

// disbelief is how long after the end of an attempt the absence of its part is not
// believed: Settle, and after each further attempt twice as long, so that an outage of an
// hour costs nobody the digest. Where that would pass the time of the else channel or the
// deadline, Settle has to do.
func (o *Outbox) disbelief(d *delivery.Delivery, p *delivery.Part, ended time.Time) time.Duration {
	wait := o.cfg.Settle << max(min(p.Doubts, maxDoubts)-1, 0)
	if d.Else != "" && !d.ElseAt.IsZero() {
		wait = min(wait, max(d.ElseAt.Sub(ended), o.cfg.Settle))
	}
	return min(wait, max(d.Deadline.Sub(ended), o.cfg.Settle))
}

// reconcile lets the channel look whether the part in doubt arrived. The channel is asked
// each minute until Settle is over, then less often, and only then is an absence believed. follow is
// the id of the delivery that is planned where the part was posted often enough.
func (o *Outbox) reconcile(ctx context.Context, s delivery.Reconciler, l *lane, d *delivery.Delivery, i int) (follow string, err error) {
	p := &d.Parts[i]
	now := o.cfg.Now()
	ended, look := latest(p.Started, p.Ended), lookWait
	rest := o.left(l, d.ID+" settle", ended, o.disbelief(d, p, ended)) // before an absence is believed
	if o.left(l, d.ID+" look", ended, o.cfg.Settle) == 0 {
		look = laterLook
	}
	actx, cancel := context.WithTimeout(ctx, AttemptTime)
	r, ok, err := s.Reconcile(actx, d, *p, receipts(d, i))
	cancel()
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.Is(err, delivery.ErrRetry) && !now.After(patience(d)):
		d.State, d.Reason, d.NextAt = delivery.Unknown, inDoubt, now.Add(atLeast(lookWait, err))
		o.tellPart(d, i, Event{Kind: ReconcileLater, Err: err})
		return "", o.save(ctx, d, nil)
	case err != nil:
		// The channel cannot look (Slack without im:history), or could not for as long as
		// the message was due: from here on the operator's on_unknown decides. That may
		// pass, so the channel is asked again after a while.
		l.mute[d.ID] = o.cfg.Elapsed() + muteTime
		o.tellPart(d, i, Event{Kind: CannotReconcile, Err: err})
		return "", nil //nolint:nilerr // decide goes on without the channel
	case ok:
		p.State, p.Receipt, p.Reason = delivery.Sent, r, "found at the receiver"
		o.tellPart(d, i, Event{Kind: PartFound, Receipt: r.ID})
	case rest > 0:
		d.State, d.Reason, d.NextAt = delivery.Unknown, inDoubt, now.Add(min(look, rest))
		o.tellPart(d, i, Event{Kind: PartNotYet})
		return "", o.save(ctx, d, nil)
	case p.Doubts >= maxDoubts && d.Else != "" && now.Before(d.ElseAt):
		// No more posts, but time is left to find one of those that were made.
		d.State, d.Reason, d.NextAt = delivery.Unknown, inDoubt, earliest(now.Add(lookWait), d.ElseAt)
		o.tellPart(d, i, Event{Kind: PartNotYet})
		return "", o.save(ctx, d, nil)
	case p.Doubts >= maxDoubts:
		o.tellPart(d, i, Event{Kind: PartMissing})
		return o.fail(ctx, d, fmt.Sprintf("posted %d times without an answer that says so, and never found: %s", p.Doubts, p.Reason), delivery.BlameRecipient)
	case p.Body == nil:
		// It was salvaged from a damaged journal, without its bytes.
		o.tellPart(d, i, Event{Kind: PartMissing})
		return o.fail(ctx, d, "what it said was lost with the journal, and it is not at the receiver", delivery.BlameRecipient)
	default:
		p.State = delivery.Rendered // with the reason of the last attempt
		o.tellPart(d, i, Event{Kind: PartMissing})
	}
	d.State, d.Reason, d.NextAt = delivery.Rendered, "", time.Time{}
	return "", o.save(ctx, d, nil)
}

// patience is until when a channel that cannot look at the moment is asked again and again
// before a person hears of it: until the else channel could have taken over, else until
// the deadline.
func patience(d *delivery.Delivery) time.Time {
	if d.Else != "" && !d.ElseAt.IsZero() {
		return earliest(d.ElseAt, d.Deadline)
	}
	return d.Deadline
}

// answered takes note of whether the channel answered an attempt. One that did not is
// paused: every other message would wait as long, and one whose bytes were handed over
// would be in doubt as well.
func (o *Outbox) answered(l *lane, err error) {
	if !silent(err) {
		l.paused, l.silent = stop{}, 0
		return
	}
	l.silent++
	l.paused = stop{err.Error(), o.cfg.Elapsed() + backoff(l.silent)}
}

// silent reports whether an attempt ended because no answer came.
func silent(err error) bool {
	if re, ok := errors.AsType[*delivery.RetryError](err); ok {
		return re.Silent
	}
	if errors.Is(err, delivery.ErrRejected) {
		return false
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	late, ok := errors.AsType[net.Error](err)
	return ok && late.Timeout()
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// receipts are those of the parts before part i.
func receipts(d *delivery.Delivery, i int) []delivery.Receipt {
	var earlier []delivery.Receipt
	for j := range i {
		earlier = append(earlier, d.Parts[j].Receipt)
	}
	return earlier
}

// backoff is the wait after that many attempts.
func backoff(attempts int) time.Duration {
	w := firstWait
	for range attempts - 1 {
		if w *= 2; w >= longestWait {
			return longestWait
		}
	}
	return w
}

// atLeast is the wait, or the longer wait that the channel requires.
func atLeast(wait time.Duration, err error) time.Duration {
	if re, ok := errors.AsType[*delivery.RetryError](err); ok {
		return max(wait, re.After)
	}
	return wait
}
