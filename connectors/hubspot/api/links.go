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

// May reports whether a record is associated with the other, or HubSpot did not say.
func (f *Far) May(from, to string) bool {
	return slices.Contains(f.Silent, from) || slices.ContainsFunc(f.Of[from], func(l row.Link) bool { return string(l.ID) == to })
}

// Links reads all associations of records of one kind with records of another. A record
// has none because HubSpot says so, never because an answer leaves the record out: what
// was left out is asked for once more without the others, and then is Silent. What
// HubSpot names with an error, or links with an id that is none, is Silent at once. An
// answer that leaves out many is no answer, and neither is one that tells nothing of many.
func (c *Client) Links(ctx context.Context, from, to string, ids []string) (*Far, error) {
	f := &Far{Of: make(map[string][]row.Link, len(ids))}
	for some := range slices.Chunk(ids, MaxLinks) {
		if err := c.linksOf(ctx, from, to, some, f); err != nil {
			return nil, err
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
	silent, refused := 0, 0
	for pending := inputs(ids); len(pending) > 0; {
		var got associations
		path := "/crm/associations/" + Version + "/" + from + "/" + to + "/batch/read"
		q := Request{Path: path, What: what, Object: other(from, to), Scope: Scopes[other(from, to)], pace: c.links, body: map[string]any{"inputs": pending}}
		if _, err := c.Get(ctx, q, &got); err != nil {
			return err
		}
		asked := make(map[string]string, len(pending))
		for _, in := range pending {
			asked[in.ID] = in.After
		}
		asks := func(id string) bool { _, ok := asked[id]; return ok }
		if err := c.lostBut(what, got.Errors, asks); err != nil {
			return err
		}
		said, err := f.take(&got, asked)
		if err != nil {
			return c.Unreadable(fmt.Errorf("%s: %w", what, err))
		}
		refused += len(said.refused)
		for _, id := range said.refused {
			f.unknown(id)
		}
		pending = said.rest
		for _, id := range said.silent {
			if again[id] {
				f.unknown(id)
				silent++
				continue
			}
			again[id] = true
			pending = append(pending, input{id, asked[id]})
		}
	}
	if n := silent; n > max(few, len(ids)/10) || n > 1 && n == len(ids) {
		return c.silent(what, n, len(ids))
	}
	if n := silent + refused; n > many && n == len(ids) {
		return c.silent(what, n, len(ids))
	}
	return nil
}

// unknown notes that HubSpot does not tell all associations of a record: a part of the
// associations is not all.
func (f *Far) unknown(id string) {
	delete(f.Of, id)
	f.Silent = append(f.Silent, id)
}

// sayings are what an answer says of the records asked for, but of those whose
// associations it tells.
type sayings struct {
	rest    []input  // there are further pages
	refused []string // HubSpot names the record with an error, or a far end without an id
	silent  []string // nothing
}

// take takes what an answer says of the records asked for.
func (f *Far) take(got *associations, asked map[string]string) (*sayings, error) {
	out, left, others := &sayings{}, maps.Clone(asked), 0
	for _, id := range unread(got.Errors, func(id string) bool { _, ok := left[id]; return ok }) {
		if _, ok := left[id]; ok {
			delete(left, id)
			out.refused = append(out.refused, id)
		}
	}
	for _, res := range got.Results {
		id := string(res.From.ID)
		if before, ok := left[id]; ok && res.To != nil {
			delete(left, id)
			if slices.ContainsFunc(res.To, func(l row.Link) bool { return l.ID == "" }) {
				out.refused = append(out.refused, id)
				continue
			}
			next, err := res.Paging.After(before)
			if err != nil {
				return nil, err
			}
			f.Of[id] = append(f.Of[id], res.To...)
			if next != "" {
				out.rest = append(out.rest, input{id, next})
			}
		} else if _, ok := asked[id]; !ok && id != "" {
			others++ // another record: one of ours was merged into it
		}
	}
	for _, i := range got.Errors {
		if i.none() {
			for _, id := range i.ids() {
				delete(left, id)
			}
		}
	}
	if len(left) > others {
		out.silent = slices.SortedFunc(maps.Keys(left), row.ByNumber)
	}
	return out, nil
}
