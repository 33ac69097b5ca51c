package hubspot

import (
	"context"
	"fmt"
	"slices"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
)

// links are what a batch of associations answers with.
type links struct {
	Results []struct {
		From struct {
			ID row.ID `json:"id"`
		} `json:"from"`
		To     []row.Link `json:"to"`
		Paging paging     `json:"paging"`
	} `json:"results"`
	Errors []issue `json:"errors"`
}

// linked reads what the records of one kind are associated with, completely. A
// record without associations has no entry.
func (s *Source) linked(ctx context.Context, from, to string, ids []string) (map[string][]row.Link, error) {
	out := make(map[string][]row.Link, len(ids))
	for some := range slices.Chunk(ids, maxLinks) {
		if err := s.linksOf(ctx, from, to, some, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// maxLinks is how many records one call may ask the links of.
const maxLinks = 1000

func (s *Source) linksOf(ctx context.Context, from, to string, ids []string, out map[string][]row.Link) error {
	what := "the " + to + " of " + from
	for pending := inputs(ids); len(pending) > 0; {
		var got links
		path := "/crm/associations/" + version + "/" + from + "/" + to + "/batch/read"
		q := request{pace: s.links, path: path, body: map[string]any{"inputs": pending}, what: what, scope: scopes[to]}
		if _, err := s.get(ctx, q, &got); err != nil {
			return err
		}
		if err := s.lost(what, got.Errors); err != nil {
			return err
		}
		asked := make(map[string]string, len(pending))
		for _, in := range pending {
			asked[in.ID] = in.After
		}
		pending = nil
		for _, res := range got.Results {
			id, next := string(res.From.ID), string(res.Paging.Next.After)
			before, ok := asked[id]
			if !ok {
				continue // not asked for: a record that ours was merged into
			}
			if next != "" && next == before {
				return s.unreadable(fmt.Errorf("%s: %w", what, errLoop))
			}
			out[id] = append(out[id], res.To...)
			if next != "" {
				pending = append(pending, input{id, next})
			}
		}
	}
	return nil
}
