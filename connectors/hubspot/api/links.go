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

// Far are the far ends of the associations of records.
type Far struct {
	Of map[string][]row.Link // by record; a record without associations has no entry
	// Silent are the records of which HubSpot did not say whether they have associations:
	// what is known of these stays as it is.
	Silent []string
}

// Links reads all associations of records of one kind with records of another. A record
// has none because HubSpot says so, never because an answer leaves the record out: what
// was left out is asked for once more without the others, and then is Silent. An answer
// that leaves out many is no answer.
func (c *Client) Links(ctx context.Context, from, to string, ids []string) (*Far, error) {
	f := &Far{Of: make(map[string][]row.Link, len(ids))}
	for some := range slices.Chunk(ids, MaxLinks) {
		before := len(f.Silent)
		if err := c.linksOf(ctx, from, to, some, f); err != nil {
			return nil, err
		}
		if n := len(f.Silent) - before; n > max(few, len(some)/10) || n > 1 && n == len(some) {
			return nil, c.silent("the "+to+" of "+from, n, len(some))
		}
	}
	slices.SortFunc(f.Silent, row.ByNumber)
	return f, nil
}

// other is the end of an association that is no deal: a refusal of the association
// concerns what is linked with deals, never deals themselves.
func other(from, to string) string {
	if from == "deals" {
		return to
	}
	return from
}

func (c *Client) linksOf(ctx context.Context, from, to string, ids []string, f *Far) error {
	what := "the " + to + " of " + from
	again := map[string]bool{} // records that an answer has left out
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
		rest, silent, err := f.take(&got, asked)
		if err != nil {
			return c.Unreadable(fmt.Errorf("%s: %w", what, err))
		}
		pending = rest
		for _, id := range silent {
			if !again[id] {
				again[id] = true
				pending = append(pending, input{id, asked[id]})
				continue
			}
			delete(f.Of, id) // a part of the associations is not all
			f.Silent = append(f.Silent, id)
		}
	}
	return nil
}

// take takes what an answer says of the records asked for. rest is what has further
// pages; of silent the answer says nothing.
func (f *Far) take(got *associations, asked map[string]string) (rest []input, silent []string, err error) {
	left, others := maps.Clone(asked), 0
	for _, res := range got.Results {
		id := string(res.From.ID)
		if before, ok := left[id]; ok && res.To != nil {
			delete(left, id)
			next, err := res.Paging.After(before)
			if err != nil {
				return nil, nil, err
			}
			f.Of[id] = append(f.Of[id], res.To...)
			if next != "" {
				rest = append(rest, input{id, next})
			}
		} else if _, ok := asked[id]; !ok && id != "" {
			others++ // another record: one of ours was merged into it
		}
	}
	for _, i := range got.Errors {
		for _, id := range i.ids() {
			delete(left, id)
		}
	}
	if len(left) <= others {
		return rest, nil, nil
	}
	return rest, slices.SortedFunc(maps.Keys(left), row.ByNumber), nil
}
