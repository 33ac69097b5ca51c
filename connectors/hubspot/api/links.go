package api

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
)

// associations are what a batch of associations answers with.
type associations = List[ends]

// ends are the far ends of one record's associations.
type ends struct {
	From struct {
		ID row.ID `json:"id"`
	} `json:"from"`
	To     []row.Link `json:"to"`
	Paging Paging     `json:"paging"`
}

// Links reads all associations of records of one kind with records of another. A
// record without associations has no entry. HubSpot says of each record that the record
// has none; a record of which nothing is said may have some.
func (c *Client) Links(ctx context.Context, from, to string, ids []string) (map[string][]row.Link, error) {
	out := make(map[string][]row.Link, len(ids))
	for some := range slices.Chunk(ids, MaxLinks) {
		if err := c.linksOf(ctx, from, to, some, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// other is the end of an association that is no deal: a refusal of the association
// concerns what is linked with deals, never deals themselves.
func other(from, to string) string {
	if from == "deals" {
		return to
	}
	return from
}

func (c *Client) linksOf(ctx context.Context, from, to string, ids []string, out map[string][]row.Link) error {
	what := "the " + to + " of " + from
	for pending := inputs(ids); len(pending) > 0; {
		var got associations
		path := "/crm/associations/" + Version + "/" + from + "/" + to + "/batch/read"
		q := Request{Path: path, What: what, Object: other(from, to), Scope: Scopes[other(from, to)], pace: c.links, body: map[string]any{"inputs": pending}}
		if _, err := c.Get(ctx, q, &got); err != nil {
			return err
		}
		if err := c.lost(what, got.Errors); err != nil {
			return err
		}
		asked := make(map[string]string, len(pending))
		for _, in := range pending {
			asked[in.ID] = in.After
		}
		pending = nil
		silent := maps.Clone(asked)
		for _, i := range got.Errors {
			for _, id := range i.ids() {
				delete(silent, id)
			}
		}
		others := 0
		for _, res := range got.Results {
			id := string(res.From.ID)
			before, ok := asked[id]
			switch {
			case !ok && id != "":
				others++ // another record: one of ours was merged into it
				continue
			case res.To == nil:
				continue
			}
			delete(silent, id)
			next, err := res.Paging.After(before)
			if err != nil {
				return c.Unreadable(fmt.Errorf("%s: %w", what, err))
			}
			out[id] = append(out[id], res.To...)
			if next != "" {
				pending = append(pending, input{id, next})
			}
		}
		if len(silent) > others {
			return c.silent(what, len(silent), len(asked))
		}
	}
	return nil
}
