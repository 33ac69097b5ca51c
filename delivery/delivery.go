// Package delivery is the vocabulary of the outbox: a [Delivery] with its parts and
// states, and [Sender], the contract of a channel. A delivery may hold a digest or
// something else that has to arrive once; this package does not know what the bytes
// say. How a digest becomes parts is in package digest.
package delivery

import (
	"crypto/sha256"
	"encoding/hex"
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

// State is where a delivery, or one of its parts, stands: planned, rendered, sending,
// and at last settled.
type State string

// The states.
const (
	Planned  State = "planned"
	Rendered State = "rendered"
	Sending  State = "sending"
	Sent     State = "sent"
	Retry    State = "retry"
	Unknown  State = "unknown" // in doubt: an attempt was made, and the message may have arrived
	Failed   State = "failed"
	Skipped  State = "skipped"
	Expired  State = "expired"
)

// Settled reports whether the outbox is done with the delivery or part.
func (s State) Settled() bool {
	return s == Sent || s == Failed || s == Skipped || s == Expired
}

// Delivery is one message to one person through one channel for one period. The outbox
// sends one message for each ID.
type Delivery struct {
	ID        string // Key of the fields below
	Digest    string // name in the configuration
	Period    string // local date, or date and zone: see the period ledger
	Edition   int    // 1; --again makes the next
	Team      string
	Recipient string // email
	// To is the address that gets the delivery instead of the recipient (mode: redirect,
	// the first days, --to); "" is the recipient. A delivery to another address does not
	// count as the reader's last digest.
	To      string
	Channel Channel
	Else    Channel // tried when Channel fails for good; "" is none

	State    State
	Reason   string // of the state, in words for status
	Parts    []Part
	Attempts int
	NextAt   time.Time // not before
	Deadline time.Time // after this time the delivery expires
	// ElseAt is when Else is tried although Channel may still recover: what has certainly
	// not arrived by then goes through Else. Zero waits for the deadline.
	ElseAt  time.Time
	Created time.Time
	Changed time.Time
	// AsOf is the time of the facts that the parts were composed from. Once the delivery
	// was sent, the reader's next digest tells what is new since AsOf.
	AsOf time.Time
	// Told is what the parts tell, for the one who composes the reader's next message;
	// the outbox does not know what it says. It goes to the reader with the baseline, and
	// a settled delivery has none.
	Told []byte
	// Small is set once the channel has refused the message for its size: it is composed
	// again without what can be left out.
	Small bool
	// Test marks a delivery of `digest send --to`.
	Test bool
}

// Address is where the delivery goes.
func (d *Delivery) Address() string {
	if d.To != "" {
		return d.To
	}
	return d.Recipient
}

// Key builds a delivery's ID: digest | period | edition | team | recipient | channel |
// installation. Two installations may send the same digest through one Slack app or mail
// server: without the last word one would take the other's message for its own.
func Key(digest, period string, edition int, team, recipient string, ch Channel, installation string) string {
	return fmt.Sprintf("%s|%s|%s|%s|%s|%s|%s", digest, period, strconv.Itoa(edition), team, recipient, ch, installation)
}

// Code is a short name of the delivery for people to type: eight hexadecimal digits of a
// hash of the ID. An ID holds names of teams and readers, with whatever a shell or a
// terminal makes of their characters.
func (d *Delivery) Code() string {
	sum := sha256.Sum256([]byte(d.ID))
	return hex.EncodeToString(sum[:4])
}
