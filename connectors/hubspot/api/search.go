package api

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
)

// Filter is one condition of a search.
type Filter struct {
	Property string `json:"propertyName"`
	Operator string `json:"operator"`
	Value    string `json:"value,omitempty"`

	// OrEmpty finds records without a value too. HubSpot calculates some properties late,
	// and no comparison finds a record whose property is still empty.
	OrEmpty bool `json:"-"`
}

// Stamped is the condition that a record was modified at from or later.
func Stamped(from time.Time) Filter {
	return Filter{Property: "hs_lastmodifieddate", Operator: "GTE", Value: strconv.FormatInt(from.UnixMilli(), 10)}
}

// HubSpot calculates on each deal how many contacts and activities it is associated with.
const (
	People  = "num_associated_contacts"
	Touches = "num_notes"
)

// Found are ids that a search has found.
type Found struct {
	IDs    []string         // in the order of their numbers
	Stamps map[string]int64 // when each was modified, as far as the index knows; see [row.Record.Modified]
	People map[string]bool  // deals that count contacts, as far as the index knows
	Total  int              // with those of the pages that follow
	// Nameless is how many rows have no id, and so are not among the ids.
	Nameless int
	Done     bool // there are no more
	Asked    time.Time
}

// Search finds the ids of the records after lastID that fit the filters, at most as many
// as two batches read. Paging by an offset ends at 10,000 rows; paging by the id of the
// last row does not end.
func (c *Client) Search(ctx context.Context, object, lastID string, filters ...Filter) (*Found, error) {
	return c.search(ctx, object, 2*c.cfg.PageLimit, lastID, filters)
}

// Count searches for the number of records that fit the filters. The index lags, so the
// number may be old.
func (c *Client) Count(ctx context.Context, object string, filters ...Filter) (*Found, error) {
	return c.search(ctx, object, 1, "", filters)
}

func (c *Client) search(ctx context.Context, object string, limit int, lastID string, filters []Filter) (*Found, error) {
	var got listing
	q := Request{Path: objectPath(object, "/search"), What: object, Object: object, Scope: Scopes[object], pace: c.searches, body: question(object, limit, lastID, filters)}
	asked, err := c.Get(ctx, q, &got)
	if err != nil {
		return nil, err
	}
	var ids []string
	nameless, stamps, people := 0, make(map[string]int64, len(got.Results)), map[string]bool{}
	for i := range got.Results {
		id := got.Results[i].ID
		switch {
		case id == "":
			nameless++
		case id.After(lastID): // others were on the page before
			ids = append(ids, string(id))
			stamps[string(id)] = got.Results[i].Modified()
			if got.Results[i].Counts(People) {
				people[string(id)] = true
			}
		}
	}
	if len(got.Results) == 0 && got.Total > 0 {
		return nil, c.Unreadable(fmt.Errorf("%s: a search finds %d and gives none", object, got.Total))
	}
	if TooMany(nameless, len(got.Results)) {
		return nil, c.Unreadable(ErrNoID)
	}
	if len(ids) == 0 && len(got.Results) > nameless {
		return nil, c.Unreadable(errLoop)
	}
	if err := c.lost(object, got.Errors); err != nil {
		return nil, err
	}
	slices.SortFunc(ids, row.ByNumber)
	return &Found{
		IDs: slices.Compact(ids), Stamps: stamps, People: people, Total: max(got.Total, 0), Nameless: nameless, Asked: asked,
		Done: len(ids) == 0 || got.Paging.Next.After == "" && got.Total <= len(got.Results),
	}, nil
}

// question is the body of a search.
func question(object string, limit int, lastID string, filters []Filter) map[string]any {
	if lastID != "" {
		filters = append(slices.Clone(filters), Filter{Property: "hs_object_id", Operator: "GT", Value: lastID})
	}
	groups := []map[string][]Filter{}
	if len(filters) > 0 {
		groups = append(groups, map[string][]Filter{"filters": filters})
	}
	for i, f := range filters {
		if f.OrEmpty {
			or := slices.Clone(filters)
			or[i] = Filter{Property: f.Property, Operator: "NOT_HAS_PROPERTY"}
			groups = append(groups, map[string][]Filter{"filters": or})
		}
	}
	properties := []string{"hs_lastmodifieddate"}
	if object == "deals" {
		properties = append(properties, People)
	}
	return map[string]any{
		"filterGroups": groups, "limit": limit,
		"sorts":      []map[string]string{{"propertyName": "hs_object_id", "direction": "ASCENDING"}},
		"properties": properties,
	}
}
