package api

import (
	"context"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
)

type input struct {
	ID    string `json:"id"`
	After string `json:"after,omitempty"`
}

func inputs(ids []string) []input {
	out := make([]input, len(ids))
	for i, id := range ids {
		out[i].ID = id
	}
	return out
}

// Batch are records that were read by their ids.
type Batch struct {
	Found []row.Record // records that are there, in the order of ids
	Gone  []string     // ids that are not there: archived, or merged into another record
	Asked time.Time
}

// Read reads records by their ids, with the histories of the properties in history; nil
// is without histories.
func (c *Client) Read(ctx context.Context, object string, ids, properties, history []string) (*Batch, error) {
	limit := c.cfg.PageLimit
	if history != nil {
		limit = min(limit, maxHistoryPage)
	}
	b := &Batch{}
	there := make(map[string]bool, len(ids))
	for some := range slices.Chunk(ids, limit) {
		body := map[string]any{"inputs": inputs(some), "properties": properties}
		if history != nil {
			body["propertiesWithHistory"] = history
		}
		var got listing
		asked, err := c.Get(ctx, Request{Path: objectPath(object, "/batch/read"), What: object, Scope: Scopes[object], body: body}, &got)
		if err != nil {
			return nil, err
		}
		if err := c.lost(object, got.Errors); err != nil {
			return nil, err
		}
		if b.Asked.IsZero() {
			b.Asked = asked
		}
		for i := range got.Results {
			rec := &got.Results[i]
			if id := string(rec.ID); id != "" && !there[id] && !rec.Archived {
				there[id] = true
				b.Found = append(b.Found, *rec)
			}
		}
	}
	slices.SortFunc(b.Found, func(a, b row.Record) int { return row.ByNumber(string(a.ID), string(b.ID)) })
	for _, id := range ids {
		if !there[id] {
			b.Gone = append(b.Gone, id)
		}
	}
	return b, nil
}
