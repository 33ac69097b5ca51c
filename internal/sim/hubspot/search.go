package hubspot

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

type group struct {
	Filters []*filter `json:"filters"`
}

type query struct {
	Groups     []group           `json:"filterGroups"`
	Filters    []*filter         `json:"filters"` // one group, written without filterGroups
	Sorts      []json.RawMessage `json:"sorts"`
	Query      string            `json:"query"`
	Properties []string          `json:"properties"`
	Limit      json.Number       `json:"limit"`
	After      json.Number       `json:"after"`
}

// prepare checks a search.
func (h *Server) prepare(t *portal.Type, q *query) error {
	if len(q.Filters) > 0 {
		q.Groups = append(q.Groups, group{q.Filters})
	}
	total := 0
	for _, g := range q.Groups {
		total += len(g.Filters)
		if len(g.Filters) > 6 {
			return invalid("Invalid input: a filterGroup may have at most 6 filters")
		}
	}
	if len(q.Groups) > 5 || total > 18 || len(q.Sorts) > 1 || len(q.Query) > 3000 {
		return invalid("Invalid input: at most 5 filterGroups, 18 filters, 1 sort and 3000 characters of query")
	}
	for _, g := range q.Groups {
		for _, f := range g.Filters {
			if err := h.prepareFilter(t, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// search finds records by the values in the index, and tells their present values.
func (h *Server) search(r *http.Request, t *portal.Type) (int, any, error) {
	var q query
	if err := decode(r, &q); err != nil {
		return 0, nil, err
	}
	limit, after, err := searchPage(q)
	if err != nil {
		return 0, nil, err
	}
	if err := h.prepare(t, &q); err != nil {
		return 0, nil, err
	}
	by, descending, err := h.order(t, q.Sorts)
	if err != nil {
		return 0, nil, err
	}
	type hit struct {
		o   *portal.Object
		key portal.Key
	}
	var hits []hit
	for _, o := range h.Records.Tables[t.Name].Rows {
		x, ok := h.Records.IndexedAs(o)
		if !ok || !h.found(q, x) {
			continue
		}
		found := hit{o: o}
		if by != nil {
			found.key, _ = x.Key(by)
		}
		hits = append(hits, found)
	}
	if by != nil && by.Name != "hs_object_id" { // rows are in order of id already
		slices.SortStableFunc(hits, func(a, b hit) int {
			if descending {
				a, b = b, a
			}
			return a.key.Compare(b.key)
		})
	} else if descending {
		slices.Reverse(hits)
	}
	results := []output{}
	last := q.keyset()
	repeat, skip := h.stumble(after > 0 || last > 0)
	total := len(hits)
	if skip {
		after++
	}
	if repeat && limit > 1 {
		if after > 0 {
			after--
		} else if o := h.upTo(t, last); o != nil {
			hits = slices.Insert(hits, 0, hit{o: o})
		}
	}
	for _, x := range hits[min(after, len(hits)):min(after+limit, len(hits))] {
		results = append(results, h.render(x.o, selection{properties: q.Properties}))
	}
	answer := map[string]any{"total": total, "results": results}
	if after+limit < len(hits) {
		answer["paging"] = map[string]any{"next": map[string]string{"after": strconv.Itoa(after + limit)}}
	}
	return http.StatusOK, answer, nil
}

// keyset is the id in the search's filter on hs_object_id greater than an id; 0 is no
// such filter.
func (q query) keyset() int64 {
	for _, g := range q.Groups {
		for _, f := range g.Filters {
			if f.Property == "hs_object_id" && f.Operator == "GT" {
				return int64(f.low.Number)
			}
		}
	}
	return 0
}

// upTo is the last record with an id up to id that is not archived.
func (h *Server) upTo(t *portal.Type, id int64) *portal.Object {
	rows := h.Records.Tables[t.Name].Rows
	for _, o := range slices.Backward(rows[:len(rows)-len(h.Records.Tables[t.Name].After(id))]) {
		if !o.Archived && !h.Records.Lost(o) {
			return o
		}
	}
	return nil
}

// searchPage reads limit and offset.
func searchPage(q query) (limit, after int, err error) {
	limit = 10
	if q.Limit != "" {
		if limit, err = strconv.Atoi(q.Limit.String()); err != nil || limit < 1 || limit > 200 {
			return 0, 0, invalid("Invalid input: limit must be between 1 and 200")
		}
	}
	if q.After != "" {
		if after, err = strconv.Atoi(q.After.String()); err != nil || after < 0 {
			return 0, 0, invalid("Invalid input: after is no offset")
		}
	}
	if after+limit > 10_000 && after > 0 {
		return 0, 0, invalid("Invalid input: paging ends at 10,000 results")
	}
	return limit, after, nil
}

func (h *Server) found(q query, x portal.Indexed) bool {
	if q.Query != "" {
		name, _ := x.Value(x.Object.Type.Defaults[0])
		if !strings.Contains(strings.ToLower(name), strings.ToLower(q.Query)) {
			return false
		}
	}
	if len(q.Groups) == 0 {
		return true
	}
	return slices.ContainsFunc(q.Groups, func(g group) bool {
		return !slices.ContainsFunc(g.Filters, func(f *filter) bool { return !f.matches(x) })
	})
}

// order reads the sort: "-createdate" or an object; the default is by creation.
func (h *Server) order(t *portal.Type, sorts []json.RawMessage) (*portal.Property, bool, error) {
	if len(sorts) == 0 {
		return nil, false, nil
	}
	var object struct{ PropertyName, Direction string }
	if json.Unmarshal(sorts[0], &object) != nil {
		if json.Unmarshal(sorts[0], &object.PropertyName) != nil {
			return nil, false, invalid("Invalid input: a sort is a property's name or an object")
		}
		if name, ok := strings.CutPrefix(object.PropertyName, "-"); ok {
			object.PropertyName, object.Direction = name, "DESCENDING"
		}
	}
	p := h.Records.Property(t, object.PropertyName)
	if p == nil {
		return nil, false, invalid("Property '%s' does not exist", object.PropertyName)
	}
	return p, object.Direction == "DESCENDING", nil
}
