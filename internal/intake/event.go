package intake

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// Page says what the cache did with one page, and how far its stream is.
type Page struct {
	Source                  string
	Stream                  crm.Stream
	Done, Total             int // Total 0 is unknown
	Added, Changed, Deleted int
	Calls                   int64  // made to the source so far
	Waits                   string // what the stream waits for at the CRM; "" is nothing
	Ended                   bool   // the stream is at its end; others may still be read
}

// Kind says what happened. It is also the message in the log.
type Kind string

// The kinds of events.
const (
	Committed  Kind = "page committed"
	Notice     Kind = "notice" // the source has something to say of how it read the stream
	PollFailed Kind = "poll failed, reading stream by stream"
	CursorGone Kind = "cursor no longer valid, reading the stream again"
	Regained   Kind = "what was out of sight is back, reading everything again"
	Recalling  Kind = "deals have become visible, reading them"
	Synced     Kind = "sync done"
	Stopped    Kind = "sync stopped" // by its context
	Failed     Kind = "sync failed"
)

// Event is one step of a sync.
type Event struct {
	Kind   Kind
	Source string
	Stream crm.Stream   // of a page, a notice, a cursor
	Commit store.Commit // of a page
	Text   string       // of a notice
	Deals  int          // of a recall
	Err    error

	Report Report    // of a sync that ended
	At     time.Time // when that sync ended
}
