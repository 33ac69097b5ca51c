// Package slack delivers digests as direct messages from a Slack app: the digest
// as one message of Block Kit blocks, and what did not fit as replies in its
// thread.
//
// Slack offers no way to make a post repeatable, so each one carries an opaque
// key in its metadata, and a post whose answer was lost is looked for by that key
// before it is made again (see [Notifier.Reconcile]). The client is our own
// because a client that repeats a POST by itself, or that hides the class of an
// error, would break that.
//
// What an error means is decided in failure.go, after the tables of Slack's
// method reference; how text is made harmless, in escape.go.
package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
)

// Notifier posts to one workspace. It may be used by many goroutines at once.
type Notifier struct {
	cfg   Config
	http  *rest.Client
	limit *rate.Limiter

	mu      sync.Mutex
	token   string               // in use, "" before the first call
	rooms   map[string]string    // email → channel of the direct messages
	blocked map[string]time.Time // method → not before, after a 429
}

var (
	_ digest.Notifier     = (*Notifier)(nil)
	_ delivery.Reconciler = (*Notifier)(nil)
)

// New returns a Notifier. It makes no call and reads no secret yet.
func New(cfg Config) (*Notifier, error) {
	if cfg.Token.IsZero() {
		return nil, errors.New("slack: no token is configured; set notify.slack.token")
	}
	if cfg.URL == "" {
		cfg.URL = DefaultURL
	}
	cfg.URL = strings.TrimRight(cfg.URL, "/")
	if _, err := rest.CheckURL(cfg.URL); err != nil {
		return nil, fmt.Errorf("slack: url: %w", err)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	n := &Notifier{cfg: cfg, http: cfg.HTTP, rooms: map[string]string{}, blocked: map[string]time.Time{}}
	if n.http == nil {
		n.http = client("", cfg.Now)
	}
	switch {
	case cfg.PerSecond < 0:
		n.limit = rate.NewLimiter(rate.Inf, 1)
	case cfg.PerSecond == 0:
		n.limit = rate.NewLimiter(1, 1)
	default:
		n.limit = rate.NewLimiter(rate.Limit(cfg.PerSecond), 1)
	}
	return n, nil
}

// Channel is delivery.Slack.
func (n *Notifier) Channel() delivery.Channel { return delivery.Slack }

// Send posts one part: the parent to the recipient's direct messages, a reply
// under the parent's receipt. A message that Slack refuses for its blocks is
// posted once more as text only.
func (n *Notifier) Send(ctx context.Context, to *delivery.Delivery, p delivery.Part, earlier []delivery.Receipt) (delivery.Receipt, error) {
	var m map[string]any
	if err := json.Unmarshal(p.Body, &m); err != nil || m["text"] == nil {
		return delivery.Receipt{}, rejected(delivery.BlameContent, errors.New("slack: the stored message cannot be read; send the digest again with --again"))
	}
	if len(earlier) > 0 {
		if earlier[0].ID == "" || earlier[0].Channel == "" {
			return delivery.Receipt{}, rejected(delivery.BlameContent, errors.New("slack: the message that this is a reply to has no id"))
		}
		m["channel"], m["thread_ts"] = earlier[0].Channel, earlier[0].ID
	} else {
		room, err := n.room(ctx, to.Address())
		if err != nil {
			return delivery.Receipt{}, err
		}
		m["channel"] = room
	}
	// Waiting for one's turn sends nothing, so being interrupted here is harmless.
	if err := n.limit.Wait(ctx); err != nil {
		return delivery.Receipt{}, &delivery.RetryError{Err: fmt.Errorf("slack: interrupted before posting: %w", err)}
	}
	r, err := n.post(ctx, m)
	var f *failure
	if errors.As(err, &f) && f.content() {
		delete(m, "blocks")
		if strings.HasPrefix(f.Code, "metadata_") || strings.HasPrefix(f.Code, "invalid_metadata") {
			delete(m, "metadata")
		}
		if again, err2 := n.post(ctx, m); err2 == nil || !errors.Is(err2, delivery.ErrRejected) {
			r, err = again, err2
		}
	}
	if errors.Is(err, delivery.ErrRejected) && len(earlier) == 0 {
		n.forget(to.Address())
	}
	return r, err
}

// post makes one message. Its errors are classified.
func (n *Notifier) post(ctx context.Context, m map[string]any) (delivery.Receipt, error) {
	var out struct {
		Channel string `json:"channel"`
		TS      string `json:"ts"`
	}
	if err := n.call(ctx, "chat.postMessage", m, &out); err != nil {
		return delivery.Receipt{}, classify(err, true)
	}
	if out.Channel == "" {
		out.Channel, _ = m["channel"].(string)
	}
	return delivery.Receipt{Channel: out.Channel, ID: out.TS, At: n.cfg.Now()}, nil
}

// room finds the channel of the direct messages with the person at that
// address. Nothing is posted, so whatever goes wrong can be tried again unless
// Slack says no.
func (n *Notifier) room(ctx context.Context, email string) (string, error) {
	n.mu.Lock()
	room, ok := n.rooms[email]
	n.mu.Unlock()
	if ok {
		return room, nil
	}
	user, err := n.user(ctx, email)
	if err != nil {
		return "", err
	}
	var opened struct {
		Channel struct {
			ID string `json:"id"`
		} `json:"channel"`
	}
	if err := n.call(ctx, "conversations.open", map[string]any{"users": user}, &opened); err != nil {
		return "", classify(err, false)
	}
	if opened.Channel.ID == "" {
		return "", &delivery.RetryError{Err: errors.New("slack conversations.open: the answer has no channel")}
	}
	n.mu.Lock()
	n.rooms[email] = opened.Channel.ID
	n.mu.Unlock()
	return opened.Channel.ID, nil
}

// user finds the member id of the person who has that email.
func (n *Notifier) user(ctx context.Context, email string) (string, error) {
	if id := n.cfg.Users[strings.ToLower(email)]; id != "" {
		return id, nil
	}
	var found struct {
		User struct {
			ID      string `json:"id"`
			Deleted bool   `json:"deleted"`
		} `json:"user"`
	}
	if err := n.call(ctx, "users.lookupByEmail", form{"email": email}, &found); err != nil {
		return "", classify(err, false)
	}
	if found.User.Deleted {
		return "", rejected(delivery.BlameRecipient, errors.New("slack: the account with this email is deactivated; take the person out of the configuration"))
	}
	return found.User.ID, nil
}

func (n *Notifier) forget(email string) {
	n.mu.Lock()
	delete(n.rooms, email)
	n.mu.Unlock()
}

func rejected(b delivery.Blame, err error) error { return &delivery.RejectedError{Blame: b, Err: err} }
