package sim

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

type hubFilter struct {
	Property  string `json:"propertyName"`
	Operator  string `json:"operator"`
	Value     any    `json:"value"`
	HighValue any    `json:"highValue"`
	Values    []any  `json:"values"`

	prop      *hubProp
	low, high hubKey
	list      []hubKey
}

type hubGroup struct {
	Filters []*hubFilter `json:"filters"`
}

type hubQuery struct {
	Groups     []hubGroup        `json:"filterGroups"`
	Filters    []*hubFilter      `json:"filters"` // one group, the short way
	Sorts      []json.RawMessage `json:"sorts"`
	Query      string            `json:"query"`
	Properties []string          `json:"properties"`
	Limit      json.Number       `json:"limit"`
	After      json.Number       `json:"after"`
}

// hubKey is a property's value as it is compared.
type hubKey struct {
	n   float64
	s   string
	num bool
}

func (k hubKey) compare(x hubKey) int {
	if k.num && x.num {
		return cmp.Compare(k.n, x.n)
	}
	return cmp.Compare(k.s, x.s)
}

// key reads a value for comparing: times by the millisecond, numbers as such,
// everything but enumerations without case.
func (p *hubProp) key(v string) (hubKey, bool) {
	switch p.typ {
	case "number":
		n, err := strconv.ParseFloat(v, 64)
		return hubKey{n: n, num: true}, err == nil
	case "datetime", "date":
		if ms, err := strconv.ParseInt(v, 10, 64); err == nil {
			return hubKey{n: float64(ms), num: true}, true
		}
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return hubKey{n: float64(t.UnixMilli()), num: true}, true
		}
		t, err := time.Parse(time.DateOnly, v)
		return hubKey{n: float64(t.UnixMilli()), num: true}, err == nil
	case "enumeration":
		return hubKey{s: v}, true
	}
	return hubKey{s: strings.ToLower(v)}, true
}

func hubText(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case json.Number:
		return x.String()
	case bool:
		return strconv.FormatBool(x)
	}
	return ""
}

// prepare checks a search.
func (h *HubSpot) prepare(t *hubType, q *hubQuery) error {
	if len(q.Filters) > 0 {
		q.Groups = append(q.Groups, hubGroup{q.Filters})
	}
	total := 0
	for _, g := range q.Groups {
		total += len(g.Filters)
		if len(g.Filters) > 6 {
			return hubInvalid("Invalid input: a filterGroup may have at most 6 filters")
		}
	}
	if len(q.Groups) > 5 || total > 18 || len(q.Sorts) > 1 || len(q.Query) > 3000 {
		return hubInvalid("Invalid input: at most 5 filterGroups, 18 filters, 1 sort and 3000 characters of query")
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

func (h *HubSpot) prepareFilter(t *hubType, f *hubFilter) error {
	if !slices.Contains([]string{"EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"}, f.Operator) {
		return hubInvalid("Invalid input: unknown operator %q", f.Operator)
	}
	if to, ok := strings.CutPrefix(f.Property, "associations."); ok && hubTypeNamed(to) != nil {
		f.prop = &hubProp{name: f.Property, typ: "number"}
	} else if f.prop = h.property(t, f.Property); f.prop == nil || f.prop.noFilter {
		return hubInvalid("Property '%s' does not exist or cannot be filtered", f.Property)
	}
	if strings.Contains(f.Operator, "HAS_") {
		return nil
	}
	bad := func(v any) error {
		return hubInvalid("Invalid input: %v is no %s, as %s needs it", v, f.prop.typ, f.Property)
	}
	if f.Operator == "IN" || f.Operator == "NOT_IN" {
		if len(f.Values) == 0 {
			return hubInvalid("Invalid input: operator %s requires values", f.Operator)
		}
		for _, v := range f.Values {
			k, ok := f.prop.key(hubText(v))
			if !ok {
				return bad(v)
			}
			f.list = append(f.list, k)
		}
		return nil
	}
	var ok bool
	if f.low, ok = f.prop.key(hubText(f.Value)); !ok {
		return bad(f.Value)
	}
	if f.Operator == "BETWEEN" {
		if f.high, ok = f.prop.key(hubText(f.HighValue)); !ok {
			return bad(f.HighValue)
		}
	}
	return nil
}

// matches holds a filter against what the index knows of a record.
func (h *HubSpot) matches(f *hubFilter, o *hubObject, get func(string) (string, bool)) bool {
	if to, ok := strings.CutPrefix(f.Property, "associations."); ok {
		return slices.ContainsFunc(h.targets(o, hubTypeNamed(to).name), func(l hubLink) bool {
			id := hubKey{n: float64(l.to), num: true}
			return f.Operator == "EQ" && id == f.low || f.Operator == "IN" && slices.Contains(f.list, id)
		})
	}
	if o.t.name == "contacts" && f.Property == "hs_lastmodifieddate" {
		return false // contacts have another property; nobody says so
	}
	v, ok := get(f.Property)
	ok = ok && v != ""
	switch f.Operator {
	case "HAS_PROPERTY":
		return ok
	case "NOT_HAS_PROPERTY":
		return !ok
	}
	k, valid := f.prop.key(v)
	ok = ok && valid
	word := strings.Contains(strings.ToLower(v), strings.Trim(strings.ToLower(hubText(f.Value)), "*"))
	switch f.Operator {
	case "EQ":
		return ok && k == f.low
	case "NEQ":
		return ok && k != f.low
	case "LT":
		return ok && k.compare(f.low) < 0
	case "LTE":
		return ok && k.compare(f.low) <= 0
	case "GT":
		return ok && k.compare(f.low) > 0
	case "GTE":
		return ok && k.compare(f.low) >= 0
	case "BETWEEN":
		return ok && k.compare(f.low) >= 0 && k.compare(f.high) <= 0
	case "IN":
		return ok && slices.Contains(f.list, k)
	case "NOT_IN":
		return ok && !slices.Contains(f.list, k)
	case "CONTAINS_TOKEN":
		return ok && word
	}
	return !ok || !word
}

// indexed is how search knows a record; ok is false where it does not.
func (h *HubSpot) indexedAs(o *hubObject) (get func(string) (string, bool), ok bool) {
	if !h.c.now().Before(o.indexed) {
		return func(name string) (string, bool) { return h.value(o, name) }, !o.archived && !o.gone
	}
	if o.before == nil || o.before.archived {
		return nil, false
	}
	return func(name string) (string, bool) {
		if v, ok := o.before.p[name]; ok {
			return v, true
		}
		if name == o.t.created() {
			return hubTime(o.created), true
		}
		return "", false
	}, true
}

// search answers from the index; what it tells of a record is current.
func (h *HubSpot) search(r *http.Request, t *hubType) (int, any, error) {
	var q hubQuery
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
		o   *hubObject
		key hubKey
	}
	var hits []hit
	for _, o := range h.tables[t.name].rows {
		get, ok := h.indexedAs(o)
		if !ok || !h.found(q, o, get) {
			continue
		}
		x := hit{o: o}
		if by != nil {
			v, _ := get(by.name)
			x.key, _ = by.key(v)
		}
		hits = append(hits, x)
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		if descending {
			a, b = b, a
		}
		return a.key.compare(b.key)
	})
	results := []hubOutput{}
	for _, x := range hits[min(after, len(hits)):min(after+limit, len(hits))] {
		results = append(results, h.render(x.o, hubAsk{properties: q.Properties}))
	}
	answer := map[string]any{"total": len(hits), "results": results}
	if after+limit < len(hits) {
		answer["paging"] = map[string]any{"next": map[string]string{"after": strconv.Itoa(after + limit)}}
	}
	return http.StatusOK, answer, nil
}

// searchPage reads limit and offset.
func searchPage(q hubQuery) (limit, after int, err error) {
	limit = 10
	if q.Limit != "" {
		if limit, err = strconv.Atoi(q.Limit.String()); err != nil || limit < 1 || limit > 200 {
			return 0, 0, hubInvalid("Invalid input: limit must be between 1 and 200")
		}
	}
	if q.After != "" {
		if after, err = strconv.Atoi(q.After.String()); err != nil || after < 0 {
			return 0, 0, hubInvalid("Invalid input: after is no offset")
		}
	}
	if after+limit > 10_000 && after > 0 {
		return 0, 0, hubInvalid("Invalid input: paging ends at 10,000 results")
	}
	return limit, after, nil
}

func (h *HubSpot) found(q hubQuery, o *hubObject, get func(string) (string, bool)) bool {
	if q.Query != "" {
		name, _ := get(o.t.defaults[0])
		if !strings.Contains(strings.ToLower(name), strings.ToLower(q.Query)) {
			return false
		}
	}
	if len(q.Groups) == 0 {
		return true
	}
	return slices.ContainsFunc(q.Groups, func(g hubGroup) bool {
		return !slices.ContainsFunc(g.Filters, func(f *hubFilter) bool { return !h.matches(f, o, get) })
	})
}

// order reads the sort: "-createdate" or an object; none is by creation.
func (h *HubSpot) order(t *hubType, sorts []json.RawMessage) (*hubProp, bool, error) {
	if len(sorts) == 0 {
		return nil, false, nil
	}
	var object struct{ PropertyName, Direction string }
	if json.Unmarshal(sorts[0], &object) != nil {
		if json.Unmarshal(sorts[0], &object.PropertyName) != nil {
			return nil, false, hubInvalid("Invalid input: a sort is a property's name or an object")
		}
		if name, ok := strings.CutPrefix(object.PropertyName, "-"); ok {
			object.PropertyName, object.Direction = name, "DESCENDING"
		}
	}
	p := h.property(t, object.PropertyName)
	if p == nil {
		return nil, false, hubInvalid("Property '%s' does not exist", object.PropertyName)
	}
	return p, object.Direction == "DESCENDING", nil
}
