package outbox

import (
	"time"

	"github.com/pipetidy/pipetidy/delivery"
)

// step is what an outbox does next with a delivery.
type step string

const (
	stepCompose   step = "compose"
	stepSend      step = "send"
	stepReconcile step = "reconcile"
	stepResend    step = "resend"
	stepElse      step = "else" // the else channel is tried
	stepExpire    step = "expire"
	stepFinish    step = "finish" // every part is settled
	stepHold      step = "hold"   // unknown, and nobody can say: an operator decides
	stepWait      step = "wait"
	stepNone      step = "none" // settled
)

// maxResends is how often a part in doubt goes out again under on_unknown: resend. A
// receiver that takes each message and loses each answer would otherwise give its reader
// another copy every ten minutes.
const maxResends = 1

// doubts counts the attempts at a part that ended in doubt, with the one that a kill
// interrupted and that nobody has counted yet.
func doubts(p *delivery.Part) int {
	if p.State == delivery.Sending {
		return p.Doubts + 1
	}
	return p.Doubts
}

// elsewhere reports whether the channel has had its time to recover.
func elsewhere(d *delivery.Delivery, now time.Time) bool {
	return d.Else != "" && !d.ElseAt.IsZero() && !now.Before(d.ElseAt)
}

// decide says what to do with a delivery now, and with which of its parts. It is
// the whole promise of the outbox in one place: a part in doubt is never sent
// again unless the channel says that it did not arrive, or the operator chose
// resend, and then once.
func decide(d *delivery.Delivery, at moment, resend, canAsk bool) (step, int) {
	now := at.now
	if d.State.Settled() {
		return stepNone, 0
	}
	if d.State == delivery.Planned {
		switch {
		case now.After(d.Deadline):
			return stepExpire, 0
		case at.waiting:
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
			case canAsk && at.waiting:
				return stepWait, i
			case canAsk:
				return stepReconcile, i
			case resend && p.Body == nil: // nobody knows what it said
				return stepHold, i
			case resend && (now.After(d.Deadline) || doubts(p) > maxResends):
				return stepHold, i
			case resend && at.recent:
				return stepWait, i
			case resend:
				return stepResend, i
			}
			return stepHold, i
		case now.After(d.Deadline):
			return stepExpire, i
		case i == 0 && p.Attempts > 0 && elsewhere(d, now):
			// The attempts so far have certainly not arrived, or the channel says so.
			return stepElse, i
		case at.waiting:
			return stepWait, i
		}
		return stepSend, i
	}
	return stepFinish, 0
}
