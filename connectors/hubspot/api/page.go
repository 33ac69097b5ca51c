package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// Answer is what an answer is decoded into. HubSpot writes some errors with the status
// of a success; such an error must not be taken for an answer with nothing in it, so
// every answer can tell.
type Answer interface {
	// whole returns an error for an answer that is none.
	whole() error
}

// Envelope is the part of an answer that tells an error. Each Answer embeds Envelope.
type Envelope struct {
	Status row.Text `json:"status"`
}

func (e *Envelope) whole() error {
	switch status := strings.ToUpper(string(e.Status)); status {
	case "ERROR", "PENDING", "PROCESSING", "CANCELED":
		return fmt.Errorf("the status of a success with a body that says %s", status)
	}
	return nil
}

// List is what lists, searches, batches and associations answer with.
type List[T any] struct {
	Envelope
	Results []T     `json:"results"` // nil where the answer has none, which is no empty list
	Total   int     `json:"total"`   // of a search
	Paging  Paging  `json:"paging"`
	Errors  []issue `json:"errors"`
}

func (l *List[T]) whole() error {
	if err := l.Envelope.whole(); err != nil {
		return err
	}
	if l.Results == nil {
		return errNoResults
	}
	return nil
}

// listing is a list of records.
type listing = List[row.Record]

// Paging says where a list goes on.
type Paging struct {
	Next struct {
		After row.Text `json:"after"`
	} `json:"next"`
}

// After returns where the list goes on after the page at after, "" at the end of the
// list. The error says that the server repeats itself.
func (p Paging) After(after string) (next string, err error) {
	if next = string(p.Next.After); next != "" && next == after {
		return "", errLoop
	}
	return next, nil
}

// ErrNoID says that a record cannot be told from others.
var ErrNoID = errors.New("a record has no id")

// TooMany reports whether so many rows have no id that these are no odd rows but no answer.
func TooMany(nameless, rows int) bool { return nameless > many || nameless > 1 && 2*nameless > rows }

// ErrSilent says that an answer left out too many of the records asked for.
var ErrSilent = errors.New("no answer")

var (
	errLoop      = errors.New("the server gives the same page again")
	errNoResults = errors.New("an answer without results")
)

// issue is one failed part of an answer, which may have the status of a success.
type issue struct {
	Category    string `json:"category"`
	SubCategory string `json:"subCategory"`

	Context json.RawMessage `json:"context"`
}

// none reports whether the issue says that something is not there, which is an answer.
func (i issue) none() bool {
	return i.Category == "OBJECT_NOT_FOUND" || strings.HasSuffix(i.SubCategory, "NO_ASSOCIATIONS_FOUND")
}

// ids lists the records that the issue names.
func (i issue) ids() []string {
	var context map[string]json.RawMessage
	if json.Unmarshal(i.Context, &context) != nil {
		return nil
	}
	var out []string
	for _, key := range []string{"ids", "id", "fromObjectId"} {
		var list []row.Text
		if json.Unmarshal(context[key], &list) != nil {
			continue
		}
		for _, id := range list {
			out = append(out, string(id))
		}
	}
	return out
}

// silent is the error of an answer that does not say of each record asked for whether
// the record is there.
func (c *Client) silent(what string, silent, asked int) error {
	return c.Unreadable(fmt.Errorf("%s: %w for %d of %s asked for", what, ErrSilent, silent, crm.Counted(asked, "record")))
}

// passing reports whether the issue says that the server could not answer just now, as
// opposed to something about a record.
func (i issue) passing() bool {
	return i.Category == "INTERNAL_ERROR" || strings.HasPrefix(i.Category, "RATE_LIMIT") || strings.Contains(i.Category, "TIMEOUT")
}

// unread lists the records asked for that an issue names without saying that they are not
// there: their values, or their ids, cannot be answered for, and the other rows are good.
func unread(issues []issue, asked func(id string) bool) (out []string) {
	for _, i := range issues {
		if i.none() || i.passing() {
			continue
		}
		for _, id := range i.ids() {
			if asked(id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// lostBut returns an error as lost does, except for issues about records asked for.
func (c *Client) lostBut(what string, issues []issue, asked func(id string) bool) error {
	var rest []issue
	for _, i := range issues {
		if len(unread([]issue{i}, asked)) == 0 {
			rest = append(rest, i)
		}
	}
	return c.lost(what, rest)
}

// lost returns an error for an issue other than a record that is not there.
func (c *Client) lost(what string, issues []issue) error {
	for _, i := range issues {
		if !i.none() {
			return c.Fail(crm.ErrBusy, fmt.Sprintf("%s came in part only (%s)", what, rest.Clean(i.Category, "")), "the next run tries again")
		}
	}
	return nil
}
