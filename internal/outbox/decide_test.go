package outbox

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
)

// The promise of the outbox is this table: a part in doubt goes out again only
// when the channel denied it or the operator asked for resend.
func TestDecide(t *testing.T) {
	now := time.Date(2026, 11, 24, 13, 30, 0, 0, time.UTC)
	late, early := now.Add(-time.Minute), now.Add(time.Hour)
	parts := func(states ...delivery.State) []delivery.Part {
		var out []delivery.Part
		for _, s := range states {
			out = append(out, delivery.Part{State: s, Body: []byte("hello"), Started: now.Add(-time.Minute)})
		}
		return out
	}
	old := func(ps []delivery.Part) []delivery.Part {
		for i := range ps {
			ps[i].Started = now.Add(-resendAfter)
		}
		return ps
	}
	empty := func(ps []delivery.Part) []delivery.Part {
		for i := range ps {
			ps[i].Body = nil
		}
		return ps
	}
	doubtful := func(n int, ps []delivery.Part) []delivery.Part {
		for i := range ps {
			if ps[i].State != delivery.Sent {
				ps[i].Doubts = n
			}
		}
		return ps
	}
	for _, c := range []struct {
		name           string
		d              delivery.Delivery
		resend, canAsk bool
		want           step
		part           int
	}{
		{"planned", delivery.Delivery{State: delivery.Planned, Deadline: early}, false, true, stepCompose, 0},
		{"planned too late", delivery.Delivery{State: delivery.Planned, Deadline: late}, false, true, stepExpire, 0},
		{"rendered", delivery.Delivery{State: delivery.Rendered, Deadline: early, Parts: parts(delivery.Rendered, delivery.Rendered)}, false, true, stepSend, 0},
		{"parent sent", delivery.Delivery{State: delivery.Rendered, Deadline: early, Parts: parts(delivery.Sent, delivery.Rendered)}, false, true, stepSend, 1},
		{"all sent", delivery.Delivery{State: delivery.Rendered, Deadline: early, Parts: parts(delivery.Sent, delivery.Sent)}, false, true, stepFinish, 0},
		{"retry not yet", delivery.Delivery{State: delivery.Retry, Deadline: early, NextAt: early, Parts: parts(delivery.Retry)}, false, true, stepWait, 0},
		{"retry now", delivery.Delivery{State: delivery.Retry, Deadline: early, NextAt: late, Parts: parts(delivery.Retry)}, false, true, stepSend, 0},
		{"retry past the deadline", delivery.Delivery{State: delivery.Retry, Deadline: late, Parts: parts(delivery.Retry)}, false, true, stepExpire, 0},
		{"sending after a crash, can ask", delivery.Delivery{State: delivery.Sending, Deadline: early, Parts: parts(delivery.Sending)}, false, true, stepReconcile, 0},
		{"unknown, can ask", delivery.Delivery{State: delivery.Unknown, Deadline: early, Parts: parts(delivery.Unknown)}, false, true, stepReconcile, 0},
		{"unknown, can ask, deadline passed", delivery.Delivery{State: delivery.Unknown, Deadline: late, Parts: parts(delivery.Unknown)}, false, true, stepReconcile, 0},
		{"unknown, can ask, resend configured", delivery.Delivery{State: delivery.Unknown, Deadline: early, Parts: parts(delivery.Unknown)}, true, true, stepReconcile, 0},
		{"unknown, hold", delivery.Delivery{State: delivery.Unknown, Deadline: early, Parts: parts(delivery.Unknown)}, false, false, stepHold, 0},
		{"unknown, hold, reply", delivery.Delivery{State: delivery.Unknown, Deadline: early, Parts: parts(delivery.Sent, delivery.Unknown)}, false, false, stepHold, 1},
		{"unknown, resend, too soon", delivery.Delivery{State: delivery.Unknown, Deadline: early, Parts: parts(delivery.Unknown)}, true, false, stepWait, 0},
		{"unknown, resend", delivery.Delivery{State: delivery.Unknown, Deadline: early, Parts: old(parts(delivery.Unknown))}, true, false, stepResend, 0},
		{"unknown, resend, too late", delivery.Delivery{State: delivery.Unknown, Deadline: late, Parts: old(parts(delivery.Unknown))}, true, false, stepHold, 0},
		{"unknown, resend, its bytes are lost", delivery.Delivery{State: delivery.Unknown, Deadline: early, Parts: empty(old(parts(delivery.Unknown)))}, true, false, stepHold, 0},
		{"unknown, resent before", delivery.Delivery{State: delivery.Unknown, Deadline: early, Parts: doubtful(2, old(parts(delivery.Unknown)))}, true, false, stepHold, 0},
		{"unknown, resent before, can ask", delivery.Delivery{State: delivery.Unknown, Deadline: early, Parts: doubtful(2, old(parts(delivery.Unknown)))}, true, true, stepReconcile, 0},
		{"resending when the process was killed", delivery.Delivery{State: delivery.Sending, Deadline: early, Parts: doubtful(1, old(parts(delivery.Sending)))}, true, false, stepHold, 0},
		{"a reply resent before", delivery.Delivery{State: delivery.Unknown, Deadline: early, Parts: doubtful(2, old(parts(delivery.Sent, delivery.Unknown)))}, true, false, stepHold, 1},
		{"sent", delivery.Delivery{State: delivery.Sent, Parts: parts(delivery.Sent)}, true, true, stepNone, 0},
		{"failed", delivery.Delivery{State: delivery.Failed, Parts: parts(delivery.Failed)}, true, true, stepNone, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := moment{now: now, waiting: now.Before(c.d.NextAt)}
			for _, p := range c.d.Parts {
				at.recent = at.recent || now.Before(p.Started.Add(resendAfter))
			}
			got, part := decide(&c.d, at, c.resend, c.canAsk)
			if got != c.want || part != c.part {
				t.Errorf("got %s of part %d, want %s of part %d", got, part, c.want, c.part)
			}
		})
	}
}
