package soql

import (
	"hash/fnv"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
)

// Statement is a query whose names and literals are resolved.
type Statement struct {
	Object  *Object
	Columns []Column
	Count   bool
	match   condition
	order   []orderColumn
	limit   int
	offset  int
	Long    int // long text columns, which make pages small
	soql    string
}

type orderColumn struct {
	Column
	desc, nullsLast bool
}

// Prepare resolves q against what the login may see.
func (q *Query) Prepare(known Schema) (*Statement, error) {
	o := known.Object(q.from.Text)
	if o == nil {
		return nil, noObject(q.soql, q.from.pos, q.from.Text)
	}
	s := &Statement{Object: o, Count: q.count, limit: q.limit, offset: q.offset, soql: q.soql, match: func(Records, Values) bool { return true }}
	seen := map[string]bool{}
	for _, name := range q.fields {
		col, err := resolve(known, q.soql, o, name)
		if err != nil {
			return nil, err
		}
		key := strings.ToLower(name.Text)
		if seen[key] {
			return nil, refuse("INVALID_FIELD", "%s", caret(q.soql, name.pos, "duplicate field selected: "+name.Text))
		}
		seen[key] = true
		if col.Field != nil && col.Field.Type == Textarea && col.Field.Length > 255 {
			s.Long++
		}
		s.Columns = append(s.Columns, col)
	}
	for _, t := range q.order {
		col, err := resolve(known, q.soql, o, t.name)
		if err != nil {
			return nil, err
		}
		if col.Field != nil && col.Field.NoFilter {
			return nil, refuse("INVALID_FIELD", "%s", caret(q.soql, t.name.pos, "field '"+col.Field.Name+"' can not be sorted in a query call"))
		}
		s.order = append(s.order, orderColumn{col, t.desc, t.nullsLast})
	}
	if q.where != nil {
		match, err := compile(known, q.soql, o, q.where)
		if err != nil {
			return nil, err
		}
		s.match = match
	}
	return s, nil
}

// Run returns the ids of all rows that match, in the order of ORDER BY. Without
// ORDER BY the ids come in an arbitrary order, which seed and the statement decide.
func (s *Statement) Run(r Records, rows iter.Seq[Values], seed uint64) []string {
	type hit struct {
		id   string
		keys []any
	}
	var hits []hit
	for v := range rows {
		if !s.match(r, v) {
			continue
		}
		id, _ := v["Id"].(string)
		h := hit{id: id}
		for i := range s.order {
			h.keys = append(h.keys, s.order[i].Read(r, s.Object, v))
		}
		hits = append(hits, h)
	}
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(s.soql))
	rand.New(rand.NewPCG(seed, hash.Sum64())).Shuffle(len(hits), func(i, j int) { hits[i], hits[j] = hits[j], hits[i] })
	slices.SortStableFunc(hits, func(a, b hit) int {
		for i, o := range s.order {
			x, y := a.keys[i], b.keys[i]
			if (x == nil) != (y == nil) {
				if (x == nil) != o.nullsLast {
					return -1
				}
				return 1
			}
			if n := compare(x, y); n != 0 {
				if o.desc {
					return -n
				}
				return n
			}
		}
		return 0
	})
	ids := make([]string, 0, len(hits))
	for _, h := range hits {
		ids = append(ids, h.id)
	}
	return ids
}

// Cut applies OFFSET and LIMIT.
func (s *Statement) Cut(ids []string) []string {
	ids = ids[min(s.offset, len(ids)):]
	if s.limit >= 0 {
		ids = ids[:min(s.limit, len(ids))]
	}
	return ids
}
