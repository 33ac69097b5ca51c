package api

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
)

// maxQuery bounds the properties in an address. Edges answer longer addresses with 414.
const maxQuery = 5000

// Listing says which page of which list is read.
type Listing struct {
	Object     string
	Properties []string
	History    []string // properties whose histories come along; nil is none
	Archived   bool     // the records in the recycle bin, instead of all others
	After      string   // "" is the beginning
}

// Fits reports whether an address has room for the properties. Where there is no room,
// the ids come from the list and the records from a batch.
func Fits(properties []string) bool { return len(strings.Join(properties, ",")) <= maxQuery }

// Listed is one page of a list.
type Listed struct {
	Records []row.Record
	Next    string // "" after the last page
	Asked   time.Time
}

// List reads one page of a list.
func (c *Client) List(ctx context.Context, l Listing) (*Listed, error) {
	q := url.Values{
		"limit": {strconv.Itoa(c.cfg.PageLimit)}, "archived": {strconv.FormatBool(l.Archived)},
		"properties": {strings.Join(l.Properties, ",")},
	}
	if l.History != nil {
		q.Set("limit", strconv.Itoa(min(c.cfg.PageLimit, MaxHistoryPage)))
		q.Set("propertiesWithHistory", strings.Join(l.History, ","))
	}
	if l.After != "" {
		q.Set("after", l.After)
	}
	var got listing
	asked, err := c.Get(ctx, Request{Path: objectPath(l.Object, "") + "?" + q.Encode(), What: l.Object, Object: l.Object, Scope: Scopes[l.Object], rows: true}, &got)
	if err != nil {
		return nil, err
	}
	next, err := got.Paging.After(l.After)
	if err != nil {
		return nil, c.Unreadable(err)
	}
	if err := c.lost(l.Object, got.Errors); err != nil {
		return nil, err
	}
	return &Listed{Records: got.Results, Next: next, Asked: asked}, nil
}

// TryAgain makes the call that was refused once more: that the list of a kind may be read
// does not say that its batches, or the associations in one direction, may.
func (c *Client) TryAgain(ctx context.Context, e *ScopeError) error {
	if e.asked.body == nil {
		return nil // a list or a record, as Try asks for
	}
	_, err := c.Get(ctx, e.asked, &List[struct{}]{})
	return err
}

// Try reads one record of a kind, to learn whether the token may read that kind.
func (c *Client) Try(ctx context.Context, object string) error {
	path := objectPath(object, "")
	if object == "owners" {
		path = "/crm/owners/" + Version
	}
	_, err := c.Get(ctx, Request{Path: path + "?limit=1", What: object, Object: object, Scope: Scopes[object]}, &List[struct{}]{})
	return err
}
