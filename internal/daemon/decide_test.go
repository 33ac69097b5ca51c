package daemon

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
)

// The promise of the outbox is this table: a part in doubt goes out again only
// when the channel denied it or the operator asked for resend.
func TestDecide(t *testing.T) {
	now := time.Date(2026, 11, 24, 13, 30, 0, 0, time.UTC)
	late, early := now.Add(-time.Minute), now.Add(time.Hour)
	parts := func(states ...delivery.State) []delivery.Part {
		var out []delivery.Part
		for _, s := range states {
			out = append(out, delivery.Part{State: s, Started: now.Add(-time.Minute)})
		}
		return out
	}
	old := func(ps []delivery.Part) []delivery.Part {
		for i := range ps {
			ps[i].Started = now.Add(-resendAfter)
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
		{"sent", delivery.Delivery{State: delivery.Sent, Parts: parts(delivery.Sent)}, true, true, stepNone, 0},
		{"failed", delivery.Delivery{State: delivery.Failed, Parts: parts(delivery.Failed)}, true, true, stepNone, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, part := decide(&c.d, now, c.resend, c.canAsk)
			if got != c.want || part != c.part {
				t.Errorf("got %s of part %d, want %s of part %d", got, part, c.want, c.part)
			}
		})
	}
}

func TestGate(t *testing.T) {
	now := time.Date(2026, 11, 24, 13, 30, 0, 0, time.UTC)
	streams := []crm.Stream{crm.Opportunities, crm.Activities}
	at := func(h int) time.Time { return now.Add(-time.Duration(h) * time.Hour) }
	for _, c := range []struct {
		name     string
		states   []StreamState
		withheld string
		complete bool
		asOf     time.Time
	}{
		{"nothing read", nil, "warming up: opportunities not read yet", false, time.Time{}},
		{"half read", []StreamState{{Stream: crm.Opportunities, Done: 10, Total: 50, Records: 10}}, "warming up: opportunities 10 of 50 read", false, time.Time{}},
		{"one stream missing", []StreamState{{Stream: crm.Opportunities, Complete: true, AsOf: at(1)}}, "warming up: activities not read yet", false, time.Time{}},
		{"complete", []StreamState{{Stream: crm.Opportunities, Complete: true, AsOf: at(1)}, {Stream: crm.Activities, Complete: true, AsOf: at(2)}}, "", true, at(2)},
		{"a day old", []StreamState{{Stream: crm.Opportunities, Complete: true, AsOf: at(26)}, {Stream: crm.Activities, Complete: true, AsOf: at(1)}}, "data is 26 hours old", true, at(26)},
		{
			"most deals hidden", []StreamState{{Stream: crm.Opportunities, Complete: true, AsOf: at(26), Held: "7 of 8 open deals are no longer visible to the login. Correct it."}, {Stream: crm.Activities, Complete: true, AsOf: at(1)}},
			"7 of 8 open deals are no longer visible to the login", true, at(26),
		},
		{"many users hidden", []StreamState{{Stream: crm.Users, Complete: true, AsOf: at(1), Held: "7 of 8 users."}, {Stream: crm.Opportunities, Complete: true, AsOf: at(1)}, {Stream: crm.Activities, Complete: true, AsOf: at(1)}}, "", true, at(1)},
		{"the CRM's clock is fast", []StreamState{{Stream: crm.Opportunities, Complete: true, AsOf: at(-1)}, {Stream: crm.Activities, Complete: true, AsOf: at(-1)}}, "", true, at(-1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			read := streams
			if find(c.states, crm.Users) != nil {
				read = append([]crm.Stream{crm.Users}, streams...)
			}
			v := gate(now, read, c.states)
			if v.Withheld != c.withheld || v.Complete != c.complete || !v.AsOf.Equal(c.asOf) {
				t.Errorf("got %+v, want withheld %q, complete %v, as of %v", v, c.withheld, c.complete, c.asOf)
			}
		})
	}
}

func TestIsDue(t *testing.T) {
	loc, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	s := digest.Schedule{At: digest.At{Hour: 8, Minute: 30}, Days: []time.Weekday{time.Tuesday}}
	tuesday, wednesday := crm.NewDate(2026, 11, 24), crm.NewDate(2026, 11, 25)
	at := func(h, m int) time.Time { return time.Date(2026, 11, 24, h, m, 0, 0, loc) }
	for _, c := range []struct {
		name string
		now  time.Time
		date crm.Date
		have bool
		want dueness
	}{
		{"before its time", at(8, 29), tuesday, false, notYet},
		{"at its time", at(8, 30), tuesday, false, due},
		{"at its deadline", at(12, 30), tuesday, false, due},
		{"after its deadline", at(12, 31), tuesday, false, tooLate},
		{"done", at(8, 30), tuesday, true, already},
		{"done, and the clock set back", at(7, 0), tuesday, true, notYet},
		{"done long ago", at(23, 0), tuesday, true, already},
		{"another day", at(8, 30), wednesday, false, noDay},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := isDue(c.now, s, c.date, loc, c.have); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
