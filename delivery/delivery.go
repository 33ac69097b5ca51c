// Package delivery is the vocabulary of the outbox: what it carries, how far that
// has come, and the contract of whatever sends it. A delivery may hold a digest or
// something else that has to arrive once; nothing here knows what its bytes say.
package delivery

import (
	"fmt"
	"strconv"
	"time"
)

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
