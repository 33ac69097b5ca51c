package hubspot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// listing is what lists, searches and batches answer with.
type listing struct {
	Results []row.Record `json:"results"`
	Total   int          `json:"total"`
	Paging  paging       `json:"paging"`
	Errors  []issue      `json:"errors"`
}

type paging struct {
	Next struct {
		After row.Text `json:"after"`
	} `json:"next"`
}

// issue is one part of a batch that did not go well, whatever the status of the
// whole.
type issue struct {
	Category    string `json:"category"`
	SubCategory string `json:"subCategory"`
}

// lost looks for issues other than that something is not there.
func (s *Source) lost(what string, issues []issue) error {
	for _, i := range issues {
		if i.Category != "OBJECT_NOT_FOUND" && !strings.HasSuffix(i.SubCategory, "NO_ASSOCIATIONS_FOUND") {
			return s.fail(crm.ErrBusy, fmt.Sprintf("%s came in part only (%s)", what, rest.Clean(i.Category, "")), "the next run tries again")
		}
	}
	return nil
}

// errLoop says that the server repeats itself.
var errLoop = errors.New("the server gives the same page again")

var errNoID = errors.New("a record has no id")

// maxQuery bounds the properties in an address. Edges answer longer ones with 414.
const maxQuery = 5000

// list reads the page of a list after r.After; next is "" after the last.
func (s *Source) list(ctx context.Context, object string, limit int, r *run, more url.Values) (got listing, a *reply, next string, err error) {
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	maps.Copy(q, more)
	if r.After != "" {
		q.Set("after", r.After)
	}
	a, err = s.get(ctx, request{pace: s.calls, path: objectPath(object, "") + "?" + q.Encode(), what: object, scope: scopes[object]}, &got)
	if err != nil {
		return got, nil, "", err
	}
	if next = string(got.Paging.Next.After); next != "" && next == r.After {
		return got, nil, "", s.unreadable(errLoop)
	}
	return got, a, next, s.lost(object, got.Errors)
}

// filter is one condition of a search.
type filter struct {
	Property string `json:"propertyName"`
	Operator string `json:"operator"`
	Value    string `json:"value"`
}

// search finds the ids of the records after lastID that fit, at most limit, in the
// order of their ids. done says that there are no more.
func (s *Source) search(ctx context.Context, object string, limit int, lastID string, filters ...filter) (ids []string, total int, done bool, a *reply, err error) {
	if lastID != "" {
		filters = append(filters, filter{"hs_object_id", "GT", lastID})
	}
	type group struct {
		Filters []filter `json:"filters"`
	}
	type sort struct {
		Property  string `json:"propertyName"`
		Direction string `json:"direction"`
	}
	body := map[string]any{
		"filterGroups": []group{{filters}}, "limit": limit,
		"sorts":      []sort{{"hs_object_id", "ASCENDING"}},
		"properties": []string{"hs_object_id"},
	}
	if len(filters) == 0 {
		body["filterGroups"] = []group{}
	}
	var got listing
	a, err = s.get(ctx, request{pace: s.searches, path: objectPath(object, "/search"), body: body, what: object, scope: scopes[object]}, &got)
	if err != nil {
		return nil, 0, false, nil, err
	}
	for i := range got.Results {
		id := got.Results[i].ID
		switch {
		case id == "":
			return nil, 0, false, nil, s.unreadable(errNoID)
		case id.After(lastID): // others were on the page before
			ids = append(ids, string(id))
		}
	}
	if len(ids) == 0 && len(got.Results) > 0 {
		return nil, 0, false, nil, s.unreadable(errLoop)
	}
	slices.SortFunc(ids, row.ByNumber)
	return slices.Compact(ids), got.Total, len(ids) == 0 || got.Paging.Next.After == "", a, s.lost(object, got.Errors)
}

// stamped is the condition of an increment.
func stamped(from time.Time) filter {
	return filter{"hs_lastmodifieddate", "GTE", strconv.FormatInt(from.UnixMilli(), 10)}
}

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

// searchLimit is how many ids one search may find: as many as two batches read.
func (s *Source) searchLimit() int { return 2 * s.cfg.PageLimit }

// historyLimit is the smaller page that HubSpot allows with histories.
func (s *Source) historyLimit() int { return min(s.cfg.PageLimit, maxHistoryPage) }

// batch reads records by their ids. Those that are not there any more were
// archived, or merged into another.
func (s *Source) batch(ctx context.Context, object string, ids, properties, history []string) (*hit, error) {
	limit := s.cfg.PageLimit
	if history != nil {
		limit = s.historyLimit()
	}
	h := &hit{ids: ids, done: true, read: true}
	there := make(map[string]bool, len(ids))
	for some := range slices.Chunk(ids, limit) {
		body := map[string]any{"inputs": inputs(some), "properties": properties}
		if history != nil {
			body["propertiesWithHistory"] = history
		}
		var got listing
		q := request{pace: s.calls, path: objectPath(object, "/batch/read"), body: body, what: object, scope: scopes[object]}
		a, err := s.get(ctx, q, &got)
		if err != nil {
			return nil, err
		}
		if err := s.lost(object, got.Errors); err != nil {
			return nil, err
		}
		if h.asked == nil {
			h.asked = a
		}
		for i := range got.Results {
			rec := &got.Results[i]
			if id := string(rec.ID); id != "" && !there[id] && !rec.Archived {
				there[id] = true
				h.found = append(h.found, *rec)
			}
		}
	}
	slices.SortFunc(h.found, func(a, b row.Record) int { return row.ByNumber(string(a.ID), string(b.ID)) })
	for _, id := range ids {
		if !there[id] {
			h.gone = append(h.gone, id)
		}
	}
	return h, nil
}
