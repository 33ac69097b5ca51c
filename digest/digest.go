// Package digest turns findings into short messages for people, and says when
// and to whom they are due. Compose is pure: from findings, totals and calendars
// to a [Digest], a message without a channel. How a channel writes it down, and
// sends it, is the business of the notifiers in connectors.
package digest

import (
	"context"

	"github.com/pipetidy/pipetidy/delivery"
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

// Notifier is one channel that digests go through.
//
// Render writes a digest down once, as ordered parts: everything that can fail
// because of the content fails here. What is sent afterwards, by the channel as a
// [delivery.Sender], is these bytes and nothing else. No error holds a secret.
type Notifier interface {
	delivery.Sender
	Render(ctx context.Context, d *Digest, to *delivery.Delivery) ([]delivery.Part, error)
}
