package hubspot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
)

// link is one end of an association.
type link struct {
	ID    ident `json:"toObjectId"`
	Types []struct {
		Label text `json:"label"`
	} `json:"associationTypes"`
}

// links are what a batch of associations answers with.
type links struct {
	Results []struct {
		From struct {
			ID ident `json:"id"`
		} `json:"from"`
		To     []link `json:"to"`
		Paging paging `json:"paging"`
	} `json:"results"`
	Errors []issue `json:"errors"`
}

// linked reads what the records of one kind are associated with, completely. A
// record without associations has no entry.
func (s *Source) linked(ctx context.Context, from, to string, ids []string) (map[string][]link, error) {
	out := make(map[string][]link, len(ids))
	for some := range slices.Chunk(ids, maxLinks) {
		if err := s.linksOf(ctx, from, to, some, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// maxLinks is how many records one call may ask the links of.
const maxLinks = 1000

func (s *Source) linksOf(ctx context.Context, from, to string, ids []string, out map[string][]link) error {
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

// ids of the far ends, sorted, each once.
func linkIDs(list []link) []string {
	var out []string
	for _, l := range list {
		if l.ID != "" {
			out = append(out, string(l.ID))
		}
	}
	slices.SortFunc(out, byNumber)
	return slices.Compact(out)
}

// contacts normalises what a deal is linked with. A contact may be linked in
// several ways at once: its labels are its roles.
func contacts(deal string, list []link) []crm.Contact {
	by := map[string]*crm.Contact{}
	for _, l := range list {
		c := by[string(l.ID)]
		if c == nil {
			c = &crm.Contact{ID: deal + ":" + string(l.ID), OpportunityID: deal, ContactID: string(l.ID)}
			by[c.ContactID] = c
		}
		var roles []string
		if c.Role != "" {
			roles = strings.Split(c.Role, ", ")
		}
		for _, t := range l.Types {
			switch label := strings.TrimSpace(string(t.Label)); {
			case label == "Primary":
				c.Primary = true
			case label != "" && !slices.Contains(roles, label):
				roles = append(roles, label)
			}
		}
		slices.Sort(roles)
		c.Role = strings.Join(roles, ", ")
	}
	var out []crm.Contact
	for _, id := range linkIDs(list) {
		out = append(out, *by[id])
	}
	return out
}
