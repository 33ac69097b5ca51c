package delivery

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

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
	Ended    time.Time // of the last attempt; zero while it runs. Of one that a kill interrupted: the next start
	Doubts   int       // attempts that ended in doubt
	Receipt  Receipt
}

// Receipt is what the channel gave back for a part that arrived.
type Receipt struct {
	Channel string // Slack channel id that the API answered with
	ID      string // Slack ts, Message-ID
	At      time.Time
}

// NewPart makes the part of a delivery at a position (0 is the parent) from its
// rendered bytes. The key is the same whenever the delivery is rendered again. It tells
// nothing of the delivery, because Slack shows it to every member of the workspace.
func NewPart(delivery string, position int, body []byte) Part {
	key := sha256.Sum256([]byte(delivery + "\x00" + strconv.Itoa(position)))
	hash := sha256.Sum256(body)
	return Part{
		Key:   hex.EncodeToString(key[:16]),
		Body:  body,
		Hash:  hex.EncodeToString(hash[:]),
		State: Rendered,
	}
}
