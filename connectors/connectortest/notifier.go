package connectortest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
)

// Receiving is how the other side of a channel behaves in a test.
type Receiving int

// The ways that every channel must be able to tell apart.
const (
	Works            Receiving = iota
	Unreachable                // nothing listens
	Busy                       // refuses for the moment
	UnknownRecipient           // does not know the person
	BadCredentials             // refuses our login
	LosesAnswer                // takes the message, and the answer never comes
)

// Receiver is the other side of one test.
type Receiver struct {
	Notifier digest.Notifier
	// Arrived returns how many messages with the part's key arrived.
	Arrived func(key string) int
	// Secrets must not be in any error.
	Secrets []string
	// Recover makes the other side work from now on; nil where it cannot.
	Recover func()
}

// TestNotifier holds a channel to the contract of digest.Notifier: a part that is
// sent arrives once, and an error says truly whether it arrived and what to do.
// open starts another side that behaves as r says, and a notifier towards that side.
func TestNotifier(t *testing.T, open func(t *testing.T, r Receiving) *Receiver) {
	t.Run("renders the same bytes", func(t *testing.T) { testRender(t, open(t, Works)) })
	t.Run("sends exactly one", func(t *testing.T) { testSends(t, open(t, Works)) })
	t.Run("interrupted before sending", func(t *testing.T) { testInterrupted(t, open(t, Works)) })
	for r, name := range map[Receiving]string{Unreachable: "unreachable", Busy: "busy"} {
		t.Run(name, func(t *testing.T) { testRetry(t, open(t, r)) })
	}
	t.Run("unknown recipient", func(t *testing.T) { testRejected(t, open(t, UnknownRecipient), delivery.BlameRecipient) })
	t.Run("bad credentials", func(t *testing.T) { testRejected(t, open(t, BadCredentials), delivery.BlameChannel) })
	t.Run("loses the answer", func(t *testing.T) { testLost(t, open(t, LosesAnswer)) })
}

// Hostile is a deal name that tries to be more than a name in every medium.
const Hostile = "\"\r\nBcc: x@y\" <b>& |> <!channel> =cmd() \U0001f600 \u202egnp.exe"

// Sample is a digest with a hostile name, links, a table and an overflow.
func Sample() (*digest.Digest, *delivery.Delivery) {
	item := func(i int) digest.Line {
		return digest.Line{{Text: fmt.Sprintf("%d ", i), Role: digest.Index}, {Text: Hostile, URL: "https://acme.my.salesforce.com/006?a=1&b=2", Bold: true},
			{Text: " $86k, Commit: "}, {Text: "no contact since 23 Oct *bold* _it_ :tada:.", Role: digest.Reason}, {Text: " Day 7.", Role: digest.Status},
			{Text: " → Book the decision meeting.", Role: digest.Advice}}
	}
	d := &digest.Digest{
		Name: "manager-daily", Recipient: "maria@acme.example", Team: "West", Subject: "Team West: 6 new, 9 fixed",
		Sections: []digest.Section{
			{Title: "Team West · Tue 24 Nov", Lines: []digest.Line{{{Text: "Salesforce 08:12, complete"}}}},
			{Title: "NEEDS YOU TODAY", Lines: []digest.Line{item(1), item(2), {{Text: "1 more is with the owner: "}, {Text: "listed below", Role: digest.Where}, {Text: "."}}}},
			{Title: "TEAM", Table: &digest.Table{Head: []string{"Rep", "needs update"}, Rows: [][]string{{"Ana", "2"}, {Hostile, "1"}}}},
			{Lines: []digest.Line{{{Text: "Wrong? Ask #crm-help.", Role: digest.Note}}}},
		},
		Overflow: []digest.Section{{Title: "Ana: 1 deal", Lines: []digest.Line{{{Text: "• ", Role: digest.Index}, {Text: "Wonka", URL: "https://acme.my.salesforce.com/007"}, {Text: ": no next step."}}}}},
	}
	to := &delivery.Delivery{
		Digest: d.Name, Period: "2026-11-24", Edition: 1, Team: "West", Recipient: "maria@acme.example",
		Created: time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC),
	}
	return d, to
}

// render makes the parts of the sample for the receiver's channel.
func render(t *testing.T, r *Receiver) (*delivery.Delivery, []delivery.Part) {
	t.Helper()
	d, to := Sample()
	to.Channel = r.Notifier.Channel()
	to.ID = delivery.Key(to.Digest, to.Period, to.Edition, to.Team, to.Recipient, to.Channel, "0a1b2c3d")
	d.ID = to.ID
	parts, err := r.Notifier.Render(t.Context(), d, to)
	if err != nil {
		t.Fatal("render:", err)
	}
	if len(parts) == 0 {
		t.Fatal("render: no parts")
	}
	to.Parts = parts
	return to, parts
}

func testRender(t *testing.T, r *Receiver) {
	to, parts := render(t, r)
	_, again := render(t, r)
	keys := map[string]bool{}
	for i, p := range parts {
		sum := sha256.Sum256(p.Body)
		if p.Key == "" || keys[p.Key] || strings.Contains(p.Key, "West") {
			t.Errorf("part %d: key %q is empty, used twice or tells something", i, p.Key)
		}
		keys[p.Key] = true
		if p.Hash != hex.EncodeToString(sum[:]) {
			t.Errorf("part %d: the hash is not that of the body", i)
		}
		if p.State != delivery.Rendered {
			t.Errorf("part %d: state %q", i, p.State)
		}
		if strings.ContainsRune(string(p.Body), '\u202e') || strings.Contains(string(p.Body), `\u202e`) {
			t.Errorf("part %d holds a bidi control", i)
		}
	}
	for i := range parts {
		if i >= len(again) || again[i].Key != parts[i].Key {
			t.Fatalf("the keys of %s change from one rendering to the next", to.ID)
		}
	}
}

func testSends(t *testing.T, r *Receiver) {
	to, parts := render(t, r)
	before := append([]delivery.Part(nil), parts...)
	var earlier []delivery.Receipt
	for i, p := range parts {
		p.Started = time.Now()
		got, err := r.Notifier.Send(t.Context(), to, p, earlier)
		if err != nil {
			t.Fatalf("part %d: %v", i, err)
		}
		if got.ID == "" || got.At.IsZero() {
			t.Errorf("part %d: receipt %+v", i, got)
		}
		earlier = append(earlier, got)
	}
	for i, p := range parts {
		if n := r.Arrived(p.Key); n != 1 {
			t.Errorf("part %d arrived %d times", i, n)
		}
	}
	if diff := cmp.Diff(before, parts); diff != "" {
		t.Errorf("sending changes the stored parts:\n%s", diff)
	}
	if q, ok := r.Notifier.(delivery.Reconciler); ok {
		for i, p := range parts {
			p.Started = time.Now()
			got, found, err := q.Reconcile(t.Context(), to, p, earlier[:i])
			if err != nil || !found || got.ID != earlier[i].ID {
				t.Errorf("part %d: reconcile gives %+v, %v, %v", i, got, found, err)
			}
		}
		p := parts[0]
		p.Key, p.Started = strings.Repeat("0", len(p.Key)), time.Now()
		if _, found, err := q.Reconcile(t.Context(), to, p, nil); err != nil || found {
			t.Errorf("reconcile finds what was never sent: %v, %v", found, err)
		}
	}
}

func testInterrupted(t *testing.T, r *Receiver) {
	to, parts := render(t, r)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := r.Notifier.Send(ctx, to, parts[0], nil)
	if !errors.Is(err, delivery.ErrRetry) {
		t.Errorf("got %v, want to try again", err)
	}
	if n := r.Arrived(parts[0].Key); n != 0 {
		t.Errorf("arrived %d times", n)
	}
}

func testRetry(t *testing.T, r *Receiver) {
	to, parts := render(t, r)
	_, err := r.Notifier.Send(t.Context(), to, parts[0], nil)
	if !errors.Is(err, delivery.ErrRetry) || errors.Is(err, delivery.ErrRejected) {
		t.Fatalf("got %v, want to try again", err)
	}
	silent(t, r, err)
	if n := r.Arrived(parts[0].Key); n != 0 {
		t.Errorf("arrived %d times, although it is to be tried again", n)
	}
	if r.Recover == nil {
		return
	}
	r.Recover()
	if _, err := r.Notifier.Send(t.Context(), to, parts[0], nil); err != nil {
		t.Fatal("after it recovered:", err)
	}
	if n := r.Arrived(parts[0].Key); n != 1 {
		t.Errorf("arrived %d times in the end", n)
	}
}

func testRejected(t *testing.T, r *Receiver, want delivery.Blame) {
	to, parts := render(t, r)
	_, err := r.Notifier.Send(t.Context(), to, parts[0], nil)
	var re *delivery.RejectedError
	if !errors.As(err, &re) || errors.Is(err, delivery.ErrRetry) {
		t.Fatalf("got %v, want a rejection", err)
	}
	if re.Blame != want {
		t.Errorf("blame %d, want %d: %v", re.Blame, want, err)
	}
	silent(t, r, err)
	if n := r.Arrived(parts[0].Key); n != 0 {
		t.Errorf("arrived %d times, although it was rejected", n)
	}
}

func testLost(t *testing.T, r *Receiver) {
	to, parts := render(t, r)
	p := parts[0]
	p.Started = time.Now()
	_, err := r.Notifier.Send(t.Context(), to, p, nil)
	if err == nil || errors.Is(err, delivery.ErrRetry) || errors.Is(err, delivery.ErrRejected) {
		t.Fatalf("got %v, want an error that leaves it open", err)
	}
	silent(t, r, err)
	if n := r.Arrived(p.Key); n != 1 {
		t.Errorf("arrived %d times", n)
	}
	if q, ok := r.Notifier.(delivery.Reconciler); ok {
		if r.Recover != nil {
			r.Recover()
		}
		if _, found, err := q.Reconcile(t.Context(), to, p, nil); err != nil || !found {
			t.Errorf("reconcile gives %v, %v", found, err)
		}
	}
}

// silent checks that an error holds none of the receiver's secrets.
func silent(t *testing.T, r *Receiver, err error) {
	t.Helper()
	for _, s := range r.Secrets {
		if s != "" && strings.Contains(err.Error(), s) {
			t.Errorf("the error holds a secret: %s", strings.ReplaceAll(err.Error(), s, "***"))
		}
	}
}
