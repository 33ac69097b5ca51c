// Package slack delivers digests as direct messages from a Slack app: the digest
// as one message of Block Kit blocks, and what did not fit as replies in its
// thread.
//
// Slack offers no way to make a post repeatable, so each post carries an opaque
// key in its metadata, and a post whose answer was lost is looked for by that key
// before the post is made again (see [Notifier.Reconcile]). The client is our own
// because a client that repeats a POST by itself, or that hides the class of an
// error, would post a message twice.
//
// Open send.go first: one Send is one attempt, and the outbox decides about the
// next. failure.go decides what an error means, after the tables of Slack's
// method reference; escape.go makes text harmless.
package slack

import (
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
	heard   time.Time            // when Slack last took or answered something for a room
}

var (
	_ digest.Notifier     = (*Notifier)(nil)
	_ delivery.Reconciler = (*Notifier)(nil)
)

// pace is the time between two messages. Slack takes one a second into a channel; posts
// that are exactly a second apart when they are made are less than a second apart for
// Slack now and then, and half of them were answered with 429.
const pace = 1100 * time.Millisecond

// New returns a Notifier. New makes no call and reads no secret.
func New(cfg Config) (*Notifier, error) {
	if cfg.Token.IsZero() {
		return nil, errors.New("slack: no token is configured; set notify.slack.token")
	}
	if cfg.URL == "" {
		cfg.URL = DefaultURL
	}
	cfg.URL = strings.TrimRight(cfg.URL, "/")
	var mistakes []error
	cfg.Validate(func(key, message string) {
		mistakes = append(mistakes, fmt.Errorf("slack: notify.slack.%s: %s", key, message))
	})
	if mistakes != nil {
		return nil, errors.Join(mistakes...)
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
		n.limit = rate.NewLimiter(rate.Every(pace), 1)
	default:
		n.limit = rate.NewLimiter(rate.Limit(cfg.PerSecond), 1)
	}
	return n, nil
}

// Channel is delivery.Slack.
func (n *Notifier) Channel() delivery.Channel { return delivery.Slack }
