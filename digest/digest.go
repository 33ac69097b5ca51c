// Package digest turns findings into short messages for people, and says who reads
// each kind of digest ([Kinds]) and when a digest is due ([Schedule]). [Compose] is
// pure: from findings, totals and calendars to a [Digest], a message without a channel.
// Rendering and sending a digest is the business of the notifiers in connectors; where
// the facts come from is the business of package internal/edition.
//
// A newcomer opens kind.go, and then reps.go: a kind is one file. The sections of a
// digest are written from a brief (brief.go).
package digest

import (
	"context"

	"github.com/pipetidy/pipetidy/delivery"
)

// Digest is a message before any channel has rendered it. Every text in it is raw:
// each renderer escapes for its own medium.
type Digest struct {
	ID        string // of the delivery, "" in a preview
	Name      string // name of the digest in the configuration: manager-daily
	Recipient string // email
	Team      string
	Subject   string // one line with the day and the news: "Team West, Tue 24 Nov: 6 new, 9 fixed"
	Sections  []Section
	Overflow  []Section // what did not fit: thread in Slack, below the fold in mail
	Told      *Told     // what it tells of each deal, which the reader's next digest counts from; no channel shows it
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

// Role says what the words of a span are for. A channel that makes no difference
// between roles writes the spans one after the other.
type Role byte

// The roles of words.
const (
	Words  Role = iota
	Index       // the number or mark at the beginning of a listed deal
	Reason      // why a deal is listed
	Status      // "New.", "Day 7."
	Advice      // what to do about the deal
	Note        // small print: what was not checked, where to ask
	Where       // the place of Overflow: a channel may put its own words ("list in thread")
)

// Table is a small aligned table: at most one row per rep.
type Table struct {
	Head []string
	Rows [][]string
	// Remarks are words after a row, by row; "" is none. There may be fewer than rows.
	Remarks []string
}

// Remark is what stands after the row i.
func (t *Table) Remark(i int) string {
	if i >= 0 && i < len(t.Remarks) {
		return t.Remarks[i]
	}
	return ""
}

// Notifier is one channel that digests go through.
//
// Render writes a digest once, as ordered parts: everything that can fail because of
// the content fails here. The channel, as a [delivery.Sender], sends the bytes of
// these parts and nothing else. No error holds a secret.
type Notifier interface {
	delivery.Sender
	Render(ctx context.Context, d *Digest, to *delivery.Delivery) ([]delivery.Part, error)
}
