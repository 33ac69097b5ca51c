package api

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// listing is what lists, searches and batches answer with.
type listing struct {
	Results []row.Record `json:"results"`
	Total   int          `json:"total"`
	Paging  Paging       `json:"paging"`
	Errors  []issue      `json:"errors"`
}

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

var errLoop = errors.New("the server gives the same page again")

// issue is one failed part of an answer, which may have the status of a success.
type issue struct {
	Category    string `json:"category"`
	SubCategory string `json:"subCategory"`
}

// lost returns an error for an issue other than a record that is not there.
func (c *Client) lost(what string, issues []issue) error {
	for _, i := range issues {
		if i.Category != "OBJECT_NOT_FOUND" && !strings.HasSuffix(i.SubCategory, "NO_ASSOCIATIONS_FOUND") {
			return c.Fail(crm.ErrBusy, fmt.Sprintf("%s came in part only (%s)", what, rest.Clean(i.Category, "")), "the next run tries again")
		}
	}
	return nil
}
