package daemon

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
)

// The promise of the outbox is this table: a part in doubt goes out again only
// when the channel denied it or the operator asked for resend.
func TestDecide(t *testing.T) {
	now := time.Date(2026, 11, 24, 13, 30, 0, 0, time.UTC)
	late, early := now.Add(-time.Minute), now.Add(time.Hour)
	parts := func(states ...digest.State) []digest.Part {
		var out []digest.Part
		for _, s := range states {
			out = append(out, digest.Part{State: s, Started: now.Add(-time.Minute)})
		}
		return out
	}
	old := func(ps []digest.Part) []digest.Part {
		for i := range ps {
			ps[i].Started = now.Add(-resendAfter)
		}
		return ps
	}
	for _, c := range []struct {
		name           string
		d              digest.Delivery
		resend, canAsk bool
		want           step
		part           int
	}{
		{"planned", digest.Delivery{State: digest.Planned, Deadline: early}, false, true, stepCompose, 0},
		{"planned too late", digest.Delivery{State: digest.Planned, Deadline: late}, false, true, stepExpire, 0},
		{"rendered", digest.Delivery{State: digest.Rendered, Deadline: early, Parts: parts(digest.Rendered, digest.Rendered)}, false, true, stepSend, 0},
		{"parent sent", digest.Delivery{State: digest.Rendered, Deadline: early, Parts: parts(digest.Sent, digest.Rendered)}, false, true, stepSend, 1},
		{"all sent", digest.Delivery{State: digest.Rendered, Deadline: early, Parts: parts(digest.Sent, digest.Sent)}, false, true, stepFinish, 0},
		{"retry not yet", digest.Delivery{State: digest.Retry, Deadline: early, NextAt: early, Parts: parts(digest.Retry)}, false, true, stepWait, 0},
		{"retry now", digest.Delivery{State: digest.Retry, Deadline: early, NextAt: late, Parts: parts(digest.Retry)}, false, true, stepSend, 0},
		{"retry past the deadline", digest.Delivery{State: digest.Retry, Deadline: late, Parts: parts(digest.Retry)}, false, true, stepExpire, 0},
		{"sending after a crash, can ask", digest.Delivery{State: digest.Sending, Deadline: early, Parts: parts(digest.Sending)}, false, true, stepReconcile, 0},
		{"unknown, can ask", digest.Delivery{State: digest.Unknown, Deadline: early, Parts: parts(digest.Unknown)}, false, true, stepReconcile, 0},
		{"unknown, can ask, deadline passed", digest.Delivery{State: digest.Unknown, Deadline: late, Parts: parts(digest.Unknown)}, false, true, stepReconcile, 0},
		{"unknown, can ask, resend configured", digest.Delivery{State: digest.Unknown, Deadline: early, Parts: parts(digest.Unknown)}, true, true, stepReconcile, 0},
		{"unknown, hold", digest.Delivery{State: digest.Unknown, Deadline: early, Parts: parts(digest.Unknown)}, false, false, stepHold, 0},
		{"unknown, hold, reply", digest.Delivery{State: digest.Unknown, Deadline: early, Parts: parts(digest.Sent, digest.Unknown)}, false, false, stepHold, 1},
		{"unknown, resend, too soon", digest.Delivery{State: digest.Unknown, Deadline: early, Parts: parts(digest.Unknown)}, true, false, stepWait, 0},
		{"unknown, resend", digest.Delivery{State: digest.Unknown, Deadline: early, Parts: old(parts(digest.Unknown))}, true, false, stepResend, 0},
		{"unknown, resend, too late", digest.Delivery{State: digest.Unknown, Deadline: late, Parts: old(parts(digest.Unknown))}, true, false, stepHold, 0},
		{"sent", digest.Delivery{State: digest.Sent, Parts: parts(digest.Sent)}, true, true, stepNone, 0},
		{"failed", digest.Delivery{State: digest.Failed, Parts: parts(digest.Failed)}, true, true, stepNone, 0},
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
