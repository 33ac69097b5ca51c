// Package digest turns findings into short messages for people, and says when
// and to whom they are due. Compose is pure: from findings, totals and calendars
// to a [Digest], a message without a channel. How a channel writes it down, and
// sends it, is the business of the notifiers in connectors.
package digest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Digest is a message before any channel has written it down. Every text in it
// is raw: each renderer escapes for its own medium.
type Digest struct {
	ID        string // delivery id of the parent, "" in a preview
	Name      string // name of the digest in the configuration: manager-daily
	Recipient string // email
	Team      string
	Subject   string // one line with the news: "Team West: 6 new, 9 fixed"
	Sections  []Section
	Overflow  []Section // what did not fit: thread in Slack, below the fold in mail
}

// Section is a part of a digest under an optional title.
type Section struct {
	Title string // "NEEDS YOU TODAY", "" for none
	Lines []Line
	Table *Table // after Lines
}

// Line is one paragraph: spans of text.
type Line []Span

// Span is a run of text in one style.
type Span struct {
	Text string
	URL  string // link target, "" is none
	Bold bool
	Role Role // what the words are, for channels that can lay them out
}

// Role says what a span's words are. A channel that knows no difference writes
// them one after the other.
type Role byte

// The roles of words.
const (
	Words  Role = iota
	Index       // the number or mark at the beginning of a listed deal
	Reason      // why a deal is listed
	Status      // "New.", "Day 7."
	Advice      // what to do about it
	Note        // small print: what was not checked, where to ask
	Where       // the place of Overflow: a channel may put its own words ("list in thread")
)

// Table is a small aligned table: at most one row per rep.
type Table struct {
	Head []string
	Rows [][]string
}

// Channel names a way of delivery as the configuration does.
type Channel string

// The channels.
const (
	Slack Channel = "slack"
	Email Channel = "email"
)

// State is where a delivery, or one of its parts, stands.
type State string

// The states of a delivery (design: planned → rendered → sending → settled).
const (
	Planned  State = "planned"
	Rendered State = "rendered"
	Sending  State = "sending"
	Sent     State = "sent"
	Retry    State = "retry"
	Unknown  State = "unknown" // it may have arrived; nobody could be asked yet
	Failed   State = "failed"
	Skipped  State = "skipped"
	Expired  State = "expired"
)

// Settled reports whether nothing more will be tried by itself.
func (s State) Settled() bool {
	return s == Sent || s == Failed || s == Skipped || s == Expired
}

// Delivery is one message to one person through one channel for one period. Its
// ID is the promise that it is sent once.
type Delivery struct {
	ID        string // Key of the fields below
	Digest    string // name in the configuration
	Period    string // local date, or date and zone: see the period ledger
	Edition   int    // 1; --again makes the next
	Team      string
	Recipient string // email
	// To is where it goes instead (mode: redirect, and the first days); "" is to
	// the recipient. What went elsewhere does not count as the reader's last digest.
	To      string
	Channel Channel
	Else    Channel // what follows when Channel fails for good, "" is nothing

	State    State
	Reason   string // of the state, in words for status
	Parts    []Part
	Attempts int
	NextAt   time.Time // not before
	Deadline time.Time // after it the delivery expires
	Created  time.Time
	Changed  time.Time
	// AsOf is the evaluation that the content was composed from; once sent it is
	// what "since your last digest" counts from.
	AsOf time.Time
	// Test marks a send to somebody else's address (--to): it does not count as
	// the reader's last digest.
	Test bool
}

// Address is where the delivery goes.
func (d *Delivery) Address() string {
	if d.To != "" {
		return d.To
	}
	return d.Recipient
}

// Key builds a delivery's ID: digest | period | edition | team | recipient | channel.
func Key(digest, period string, edition int, team, recipient string, ch Channel) string {
	return fmt.Sprintf("%s|%s|%s|%s|%s|%s", digest, period, strconv.Itoa(edition), team, recipient, ch)
}

// Part is one message of a delivery: the parent, or a reply in its thread. Parts
// are sent in order, each on its own, each with its own state.
type Part struct {
	Key      string // idempotency key: a hash of delivery id and position, hex
	Body     []byte // rendered once, the same bytes on every attempt; nil after purging
	Hash     string // SHA-256 of Body, hex; stays after purging
	State    State
	Reason   string
	Attempts int
	Started  time.Time // of the last attempt
	Receipt  Receipt
}

// Receipt is what the channel gave back for a part that arrived.
type Receipt struct {
	Channel string // Slack channel id that the API answered with
	ID      string // Slack ts, Message-ID
	At      time.Time
}

// Notifier is one channel.
//
// Render writes a digest down once, as ordered parts: everything that can fail
// because of the content fails here. Send makes one attempt at one part; earlier
// holds the receipts of the parts before it. Its errors wrap ErrRetry or
// ErrRejected; an error that wraps neither leaves open whether the part arrived.
// No error holds a secret.
type Notifier interface {
	Channel() Channel
	Render(ctx context.Context, d *Digest, to *Delivery) ([]Part, error)
	Send(ctx context.Context, to *Delivery, p Part, earlier []Receipt) (Receipt, error)
}

// Reconciler is the ability to ask whether a part arrived. ok is false when it
// certainly did not; an error that wraps ErrRetry says ask again later, any other
// error that the channel cannot be asked.
type Reconciler interface {
	Reconcile(ctx context.Context, to *Delivery, p Part, earlier []Receipt) (r Receipt, ok bool, err error)
}

// Sentinels that a Notifier's errors wrap.
var (
	// ErrRetry: it certainly did not arrive, and trying again makes sense; see [RetryError].
	ErrRetry = errors.New("try again")
	// ErrRejected: it certainly did not arrive, and will not; see [RejectedError].
	ErrRejected = errors.New("rejected")
)

// RetryError is an ErrRetry that says when.
type RetryError struct {
	After time.Duration // at least this long; zero leaves it to the caller
	Err   error
}

// Error is the cause.
func (e *RetryError) Error() string { return e.Err.Error() }

// Unwrap makes it both an ErrRetry and its cause.
func (e *RetryError) Unwrap() []error { return []error{ErrRetry, e.Err} }

// Blame says whose fault a rejection is, and so what else to stop.
type Blame byte

// Whose fault a rejection is.
const (
	BlameRecipient Blame = iota // this person or place cannot be reached: take the else channel
	BlameChannel                // the whole channel refuses (token revoked, password wrong): stop it, tell ops
	BlameContent                // our message is wrong
)

// RejectedError is an ErrRejected that says whose fault it is.
type RejectedError struct {
	Blame Blame
	Err   error
}

// Error is the cause.
func (e *RejectedError) Error() string { return e.Err.Error() }

// Unwrap makes it both an ErrRejected and its cause.
func (e *RejectedError) Unwrap() []error { return []error{ErrRejected, e.Err} }
