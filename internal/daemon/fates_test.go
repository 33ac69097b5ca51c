package daemon_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipetidy/pipetidy/connectors/email"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/slack"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/outbox"
	"github.com/pipetidy/pipetidy/internal/secret"
	"github.com/pipetidy/pipetidy/store"
)

// fates is one morning: three readers, of whom two read Slack and one reads mail.
type fates struct {
	t      *testing.T
	offset atomic.Int64 // of the clock on the wall
	start  time.Time
	slack  *workspace
	mail   *mailbox
	store  *drawer
	box    *outbox.Outbox
	by     map[delivery.Channel]digest.Notifier
	ctx    context.Context
	cancel context.CancelFunc
	mu     sync.Mutex
	events []outbox.Event
	began  time.Time
	down   time.Duration // after a kill
	kills  int
	ofMail bool // what goes wrong is in the mail, not in Slack
	token  secret.Secret
	pass   secret.Secret
}

const fatesToken, fatesPassword = "xoxb-machine-0123456789", "machine horse 42"

func newFates(t *testing.T, token, pass secret.Secret) *fates {
	x := &fates{t: t, store: &drawer{kept: map[string]delivery.Delivery{}, notes: map[string]string{}}, token: token, pass: pass}
	x.start, x.began = x.now(), time.Now()
	x.slack = &workspace{now: x.now, token: fatesToken, calls: map[string]int{}, gone: x.kill}
	x.mail = &mailbox{now: x.now, password: fatesPassword, steps: map[string]int{}, got: map[string]int{}, at: map[string]time.Time{}, gone: x.kill}
	x.process()
	for _, to := range []outbox.Plan{
		{Recipient: "ann@acme.example", Via: delivery.Slack, Else: delivery.Email},
		{Recipient: "bob@acme.example", Via: delivery.Slack},
		{Recipient: "cy@acme.example", Via: delivery.Email},
	} {
		to.Digest, to.Period, to.Edition, to.Team, to.Now, to.Deadline = "daily", "2026-11-24", 1, "West", x.start, x.start.Add(4*time.Hour)
		to.ElseAt = x.start.Add(90 * time.Minute)
		d := x.box.Planned(to)
		x.store.kept[d.ID] = *d
	}
	return x
}

func (x *fates) now() time.Time { return time.Now().Add(time.Duration(x.offset.Load())) }

// elapsed is the time by a clock that nobody sets.
func (x *fates) elapsed() time.Duration { return time.Since(x.began) }

func (x *fates) observe(e outbox.Event) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.events = append(x.events, e)
}

// Rank is the order of the readers.
func (x *fates) Rank(d *delivery.Delivery) int { return strings.Index("ann bob cy", d.Recipient[:2]) }

// process starts the process.
func (x *fates) process() {
	s, err := slack.New(slack.Config{Token: x.token, Now: x.now, HTTP: rest.New(rest.Config{Transport: x.slack, MaxBody: 8 << 20, Timeout: 30 * time.Second, Now: x.now})})
	if err != nil {
		x.t.Fatal(err)
	}
	m, err := email.New(email.Config{Host: "127.0.0.1", Port: 25, TLS: email.None, Username: "pipetidy", Password: &x.pass, From: "pipetidy@acme.example", Now: x.now, Dial: x.mail.dial})
	if err != nil {
		x.t.Fatal(err)
	}
	x.by = map[delivery.Channel]digest.Notifier{delivery.Slack: s, delivery.Email: m}
	senders := map[delivery.Channel]delivery.Sender{delivery.Slack: s, delivery.Email: m}
	x.store.dead = false
	x.ctx, x.cancel = context.WithCancel(x.t.Context())
	x.box = outbox.New(outbox.Config{Senders: senders, Settle: 11 * time.Minute, Now: x.now, Elapsed: x.elapsed, Observe: x.observe}, x.store, store.Fence(1))
	if _, err := x.box.Recover(x.ctx); err != nil {
		x.t.Fatal(err)
	}
}

// kill ends the process: nothing more is saved.
func (x *fates) kill() {
	x.kills++
	x.store.mu.Lock()
	x.store.dead = true
	x.store.mu.Unlock()
	x.cancel()
}

// Compose renders a message with two replies.
func (x *fates) Compose(ctx context.Context, d *delivery.Delivery) (outbox.Content, error) {
	msg := digest.Digest{ID: d.ID, Name: d.Digest, Team: d.Team, Recipient: d.Recipient, Subject: "Team West, Tue 24 Nov: 6 new", Sections: []digest.Section{{Title: "Team West"}}}
	for _, who := range []string{"Ana", "Ben"} {
		msg.Overflow = append(msg.Overflow, digest.Section{Title: who, Lines: []digest.Line{{{Text: "Globex renewal"}}}})
	}
	parts, err := x.by[d.Channel].Render(ctx, &msg, d)
	return outbox.Content{Parts: parts, AsOf: x.start}, err
}

// morning lets the morning pass.
func (x *fates) morning() {
	for range 2000 {
		next, err := x.box.Deliver(x.ctx, x, nil)
		if x.store.Dead() {
			time.Sleep(x.down)
			x.process()
			continue
		}
		if err != nil {
			x.t.Fatal(err)
		}
		if next.IsZero() {
			time.Sleep(25 * time.Minute) // for what is carried out late
			x.cancel()
			return
		}
		time.Sleep(min(max(next.Sub(x.now()), time.Second), 15*time.Minute))
	}
	x.t.Fatal("the morning does not end")
}

// arrived is when the first part of a delivery did.
func (x *fates) arrived(d *delivery.Delivery) time.Time {
	key := d.Parts[0].Key
	for _, p := range x.slack.posts {
		if p.key == key {
			return p.at
		}
	}
	return x.mail.at[email.MessageID(key, "acme.example")]
}

// expected is what a case may do to the promise.
type expected struct {
	refused bool // somebody said no for good, so a message may be missing
	late    bool // a post was carried out more than ten minutes after its request
	blind   bool // the app may not look
}

// wrong lists what does not hold at the end of the morning.
func (x *fates) wrong(want expected) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	copies := map[string]int{} // of the first part, by reader
	outcomes := map[string]int{}
	for _, e := range x.events {
		if e.Kind == outbox.Delivered || e.Kind == outbox.Failed || e.Kind == outbox.Expired {
			outcomes[e.Delivery]++
		}
		if e.Kind == outbox.PartRejected {
			if re, ok := errors.AsType[*delivery.RejectedError](e.Err); ok && re.Blame != delivery.BlameChannel {
				want.refused = true
			}
		}
		if s := fmt.Sprintf("%+v %v", e, e.Err); strings.Contains(s, fatesToken) || strings.Contains(s, fatesPassword) {
			say("an event repeats a secret: %s", s)
		}
	}
	for id, d := range x.store.kept {
		who, _, _ := strings.Cut(d.Recipient, "@")
		if s := fmt.Sprintf("%+v", d); strings.Contains(s, fatesToken) || strings.Contains(s, fatesPassword) {
			say("the journal repeats a secret: %s", s)
		}
		n := 0
		for i := range d.Parts {
			p := &d.Parts[i]
			made := x.slack.copies(p.Key)
			if d.Channel == delivery.Email {
				made = x.mail.copies(email.MessageID(p.Key, "acme.example"))
			}
			if i == 0 {
				n = made
			}
			if made > 1 && !want.late {
				say("%s has part %d of %s %d times", who, i, d.Channel, made)
			}
			if p.State == delivery.Sent && made == 0 {
				say("part %d of %s's is sent by %s, and is not there", i, who, d.Channel)
			}
			if (p.State == delivery.Failed || p.State == delivery.Expired) && made > 0 && !want.late {
				say("part %d of %s's is %s by %s, and is there (%s)", i, who, p.State, d.Channel, p.Reason)
			}
			if d.State == delivery.Sent && p.State != delivery.Sent && !want.refused {
				say("reply %d of %s's is %s: %s", i, who, p.State, p.Reason)
			}
		}
		copies[who] += n
		if n > 0 && x.kills == 0 && x.offset.Load() == 0 && (d.Channel == delivery.Email) != x.ofMail && who != "ann" {
			if at := x.arrived(&d); at.Sub(x.start) > time.Minute {
				say("%s's message came by %s after %s, although the other channel was at fault", who, d.Channel, at.Sub(x.start))
			}
		}
		switch {
		case !d.State.Settled() && (d.State != delivery.Unknown || d.Channel != delivery.Email && !want.blind):
			say("%s's delivery by %s is still %s: %s", who, d.Channel, d.State, d.Reason)
		case d.State == delivery.Expired, d.State == delivery.Failed && !want.refused && d.Else == "":
			say("%s's delivery by %s is %s: %s", who, d.Channel, d.State, d.Reason)
		}
		if d.State.Settled() && outcomes[id] != 1 && x.kills == 0 {
			say("the outcome of %s's delivery by %s was told %d times", who, d.Channel, outcomes[id])
		}
	}
	for _, who := range []string{"ann", "bob", "cy"} {
		if copies[who] > 1 && !want.late {
			say("%s has %d messages", who, copies[who])
		}
		if copies[who] == 0 && !want.refused && !want.blind && who != "cy" {
			say("%s has no message", who)
		}
	}
	if x.slack.made > 400+2*x.kills || x.mail.dials > 60+x.kills {
		say("%d calls of Slack, %d conversations of mail", x.slack.made, x.mail.dials)
	}
	return out
}

// TestFates lets one thing go wrong with each step of a morning's deliveries, and holds
// the promise to what the readers have at the end. A part of the cases runs always;
// PIPETIDY_FATES=all runs all of them, a number that case, and a text those whose names
// hold it.
func TestFates(t *testing.T) {
	which := os.Getenv("PIPETIDY_FATES")
	token, pass := machineSecret(t, "SLACK", fatesToken), machineSecret(t, "MAIL", fatesPassword)
	all := fatesOf(slackCodes)
	const every = 12
	ran := 0
	for i, f := range all {
		n, err := strconv.Atoi(which)
		if which == "" && i%every != 0 || err == nil && n != i || which != "" && which != "all" && err != nil && !strings.Contains(f.name, which) {
			continue
		}
		ran++
		var wrong []string
		synctest.Test(t, func(t *testing.T) {
			x := newFates(t, token, pass)
			f.set(x)
			x.morning()
			wrong = x.wrong(f.want)
		})
		for _, w := range wrong {
			t.Errorf("case %d, %s: %s", i, f.name, w)
		}
	}
	t.Logf("%d of %d cases", ran, len(all))
	if ran == 0 {
		t.Error("no case ran")
	}
}

func machineSecret(t *testing.T, name, value string) secret.Secret {
	t.Helper()
	t.Setenv("PIPETIDY_TEST_"+name, value)
	return secret.Secret{Env: "PIPETIDY_TEST_" + name}
}
