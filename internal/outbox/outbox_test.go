package outbox

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/store"
)

// journal keeps deliveries and notes in memory.
type journal struct {
	ds    []delivery.Delivery
	notes map[string]string
	saves int
}

func (j *journal) Deliveries(_ context.Context, states ...delivery.State) (out []delivery.Delivery, err error) {
	for _, d := range j.ds {
		for _, s := range states {
			if d.State == s {
				d.Parts = append([]delivery.Part(nil), d.Parts...)
				out = append(out, d)
			}
		}
	}
	return out, nil
}

func (j *journal) Delivery(_ context.Context, id string) (delivery.Delivery, bool, error) {
	for _, d := range j.ds {
		if d.ID == id {
			return d, true, nil
		}
	}
	return delivery.Delivery{}, false, nil
}

func (j *journal) SaveDelivery(_ context.Context, _ store.Fence, d delivery.Delivery, follow *delivery.Delivery) error {
	j.saves++
	d.Parts = append([]delivery.Part(nil), d.Parts...)
	for i := range j.ds {
		if j.ds[i].ID == d.ID {
			j.ds[i] = d
		}
	}
	if follow != nil {
		j.ds = append(j.ds, *follow)
	}
	return nil
}

func (j *journal) Recover(context.Context, store.Fence, time.Time) (int, error) { return 0, nil }

func (j *journal) Note(_ context.Context, _ store.Fence, name, value string) error {
	j.notes[name] = value
	return nil
}

func (j *journal) Noted(_ context.Context, name string) (string, error) { return j.notes[name], nil }
func (j *journal) Installation() string                                 { return "i" }

// sender makes attempts as told.
type sender struct {
	ch    delivery.Channel
	err   error
	tries int
}

func (s *sender) Channel() delivery.Channel { return s.ch }

func (s *sender) Send(context.Context, *delivery.Delivery, delivery.Part, []delivery.Receipt) (delivery.Receipt, error) {
	s.tries++
	return delivery.Receipt{Channel: "C", ID: "1"}, s.err
}

// words composes one part for whoever asks.
type words struct{}

func (words) Compose(context.Context, *delivery.Delivery) (Content, error) {
	return Content{Parts: []delivery.Part{{Key: "k", Body: []byte("b")}}}, nil
}
func (words) Rank(*delivery.Delivery) int { return 0 }

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// boxed is an outbox with one delivery by Slack, two channels and a clock.
func boxed(change func(*delivery.Delivery)) (*Outbox, *journal, *sender, *sender, *time.Time) {
	now := noon
	d := delivery.Delivery{
		ID: "d", Digest: "daily", Recipient: "ana@acme.example", Channel: delivery.Slack, State: delivery.Planned, Created: noon, Changed: noon, Deadline: noon.Add(4 * time.Hour),
	}
	change(&d)
	j := &journal{ds: []delivery.Delivery{d}, notes: map[string]string{}}
	slack, email := &sender{ch: delivery.Slack}, &sender{ch: delivery.Email}
	o := New(Config{Senders: map[delivery.Channel]delivery.Sender{delivery.Slack: slack, delivery.Email: email}, Settle: 11 * time.Minute, Now: func() time.Time { return now }}, j, 1)
	return o, j, slack, email, &now
}

// TestWorkSaysWhatFollows: the workers are woken for what was planned through another
// channel, and for nothing else: a worker that is woken each time would never rest.
func TestWorkSaysWhatFollows(t *testing.T) {
	for _, c := range []struct {
		other delivery.Channel
		err   error
		want  bool
	}{{delivery.Email, nil, false}, {delivery.Email, delivery.ErrRejected, true}, {"", delivery.ErrRejected, false}} {
		o, j, slack, _, _ := boxed(func(d *delivery.Delivery) { d.Else = c.other })
		slack.err = c.err
		planned, err := o.Work(t.Context(), words{}, delivery.Slack)
		if err != nil || planned != c.want || (len(j.ds) == 2) != c.want {
			t.Errorf("%v, else %q: got %v, %d deliveries, %v", c.err, c.other, planned, len(j.ds), err)
		}
	}
}

// TestASilentChannelIsPaused: nothing more is tried, which is written down once; a message
// goes elsewhere where its time has come, but not the reply to one that was sent.
func TestASilentChannelIsPaused(t *testing.T) {
	second := func(d *delivery.Delivery) { d.ElseAt, d.Else = noon.Add(-time.Minute), delivery.Email }
	for what, c := range map[string]struct {
		change func(*delivery.Delivery)
		want   delivery.State // of the delivery
		tries  int            // by mail
	}{
		"a message":                    {func(*delivery.Delivery) {}, delivery.Planned, 0},
		"whose time for mail has come": {second, delivery.Failed, 1},
		"a reply, and the time has come": {func(d *delivery.Delivery) {
			second(d)
			d.State, d.Parts = delivery.Rendered, []delivery.Part{{State: delivery.Sent}, {State: delivery.Rendered, Attempts: 1}}
		}, delivery.Rendered, 0},
	} {
		o, j, slack, email, _ := boxed(c.change)
		o.lanes[delivery.Slack].paused = stop{"no answer", time.Hour}
		for range 3 {
			if _, err := o.Deliver(t.Context(), words{}, nil); err != nil {
				t.Fatal(err)
			}
		}
		if d := j.ds[0]; d.State != c.want || !strings.Contains(d.Reason, "no answer") && c.want != delivery.Failed || slack.tries != 0 || email.tries != c.tries {
			t.Errorf("%s: got %s (%s), %d and %d tries", what, d.State, d.Reason, slack.tries, email.tries)
		}
		if c.want != delivery.Failed && j.saves != 1 {
			t.Errorf("%s: written %d times", what, j.saves)
		}
	}
}

// TestWhatPassesItsDeadline: with its reason, with none, and without parts; a message whose
// reply is late has arrived.
func TestWhatPassesItsDeadline(t *testing.T) {
	for what, c := range map[string]struct {
		d    delivery.Delivery
		want delivery.State
		says string
	}{
		"planned":       {delivery.Delivery{State: delivery.Planned}, delivery.Expired, "not delivered by 2026-11-24T16:00:00Z"},
		"tried":         {delivery.Delivery{State: delivery.Retry, Reason: "busy", Parts: []delivery.Part{{State: delivery.Retry, Reason: "full"}}}, delivery.Expired, ": busy"},
		"tried, silent": {delivery.Delivery{State: delivery.Rendered, Parts: []delivery.Part{{State: delivery.Retry, Reason: "full"}}}, delivery.Expired, ": full"},
		"a reply": {delivery.Delivery{State: delivery.Rendered, Parts: []delivery.Part{{State: delivery.Sent}, {State: delivery.Retry, Reason: "full"}}},
			delivery.Sent, "1 of 1 thread messages not sent: full"},
	} {
		o, j, slack, _, now := boxed(func(d *delivery.Delivery) { d.State, d.Reason, d.Parts = c.d.State, c.d.Reason, c.d.Parts })
		*now = noon.Add(4*time.Hour + time.Second)
		if _, err := o.Deliver(t.Context(), words{}, nil); err != nil {
			t.Fatal(err)
		}
		if d := j.ds[0]; d.State != c.want || !strings.HasSuffix(d.Reason, c.says) || slack.tries != 0 {
			t.Errorf("%s: got %s (%s)", what, d.State, d.Reason)
		}
	}
}

// TestOnlyAWholeMessageIsMadeSmaller: one of several parts is refused for good, and so is
// what may have arrived.
func TestOnlyAWholeMessageIsMadeSmaller(t *testing.T) {
	for what, c := range map[string]struct {
		parts []delivery.Part
		small bool
		tries int
	}{
		"whole":               {[]delivery.Part{{State: delivery.Rendered}}, true, 2},
		"one of two":          {[]delivery.Part{{State: delivery.Rendered}, {State: delivery.Rendered}}, false, 1},
		"it may have arrived": {[]delivery.Part{{State: delivery.Rendered, Doubts: 1}}, false, 1},
	} {
		o, j, slack, _, _ := boxed(func(d *delivery.Delivery) { d.State, d.Parts = delivery.Rendered, c.parts })
		slack.err = &delivery.RejectedError{TooLarge: true, Blame: delivery.BlameContent, Err: errors.New("552 too large")}
		if _, err := o.Deliver(t.Context(), words{}, nil); err != nil {
			t.Fatal(err)
		}
		if d := j.ds[0]; d.Small != c.small || slack.tries != c.tries || d.State != delivery.Failed {
			t.Errorf("%s: small %v, %s after %d tries", what, d.Small, d.State, slack.tries)
		}
	}
}

// TestHeldForAPerson: a delivery in doubt that nobody can look for wakes nobody.
func TestHeldForAPerson(t *testing.T) {
	o, j, slack, _, _ := boxed(func(d *delivery.Delivery) {
		d.State, d.Parts = delivery.Unknown, []delivery.Part{{State: delivery.Unknown}}
	})
	if next, err := o.Deliver(t.Context(), words{}, nil); err != nil || !next.IsZero() || slack.tries != 0 || !IsHeld(&j.ds[0]) {
		t.Errorf("got %v, %v, %+v", next, err, j.ds[0])
	}
	for id, says := range map[string]string{"x": `no delivery has the id "x"`, "d": ""} {
		_, err := o.Settle(t.Context(), id, true)
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", id, err)
		}
	}
	if _, err := o.Settle(t.Context(), "d", false); err == nil || !strings.Contains(err.Error(), "delivery d is sent; only a delivery in doubt") {
		t.Errorf("got %v", err)
	}
}
