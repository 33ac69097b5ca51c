package soql

import (
	"cmp"
	"hash/fnv"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Statement is a query with everything resolved.
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

// condition holds a record against a WHERE.
type condition func(Records, Values) bool

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

// compile makes a condition of a WHERE expression.
func compile(known Schema, soql string, o *Object, e expr) (condition, error) {
	switch e := e.(type) {
	case *logic:
		var parts []condition
		for _, a := range e.args {
			m, err := compile(known, soql, o, a)
			if err != nil {
				return nil, err
			}
			parts = append(parts, m)
		}
		return func(r Records, v Values) bool {
			for _, m := range parts {
				if m(r, v) != e.and {
					return !e.and
				}
			}
			return e.and
		}, nil
	case *negation:
		m, err := compile(known, soql, o, e.arg)
		return func(r Records, v Values) bool { return !m(r, v) }, err
	case *comparison:
		return e.compile(known, soql, o)
	}
	panic("sim: unknown expression")
}

func (e *comparison) compile(known Schema, soql string, o *Object) (condition, error) {
	col, err := resolve(known, soql, o, e.name)
	if err != nil {
		return nil, err
	}
	if col.Field != nil && col.Field.NoFilter {
		return nil, refuse("INVALID_FIELD", "%s", caret(soql, e.name.pos, "field '"+col.Field.Name+"' can not be filtered in a query call"))
	}
	var want []any
	for _, t := range e.args {
		v, err := literalValue(soql, col.Field, t)
		if err != nil {
			return nil, err
		}
		want = append(want, v)
	}
	exact := col.Field != nil && (col.Field.Type == ID || col.Field.Type == Reference)
	equal := func(a, b any) bool {
		if s, ok := a.(string); ok && !exact {
			t, ok := b.(string)
			return ok && strings.EqualFold(s, t)
		}
		return compare(a, b) == 0 && (a == nil) == (b == nil)
	}
	in := func(v any) bool { return slices.ContainsFunc(want, func(w any) bool { return equal(v, w) }) }
	return func(r Records, v Values) bool {
		got := col.Read(r, o, v)
		switch e.op {
		case "=":
			return equal(got, want[0])
		case "!=":
			return !equal(got, want[0])
		case "in":
			return in(got)
		case "not in":
			return !in(got)
		case "like":
			s, _ := got.(string)
			p, _ := want[0].(string)
			return like(strings.ToLower(s), strings.ToLower(p))
		}
		if got == nil || want[0] == nil {
			return false
		}
		switch n := compare(got, want[0]); e.op {
		case "<":
			return n < 0
		case "<=":
			return n <= 0
		case ">":
			return n > 0
		default:
			return n >= 0
		}
	}, nil
}

// compare orders two values of one field; null comes first.
func compare(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	switch x := a.(type) {
	case string:
		y, _ := b.(string)
		return cmp.Compare(x, y)
	case time.Time:
		y, _ := b.(time.Time)
		return x.Compare(y)
	case crm.Date:
		y, _ := b.(crm.Date)
		return cmp.Compare(x, y)
	case bool:
		y, _ := b.(bool)
		if x == y {
			return 0
		}
		if !x {
			return -1
		}
		return 1
	}
	return cmp.Compare(number(a), number(b))
}

func number(v any) float64 {
	switch x := v.(type) {
	case int:
		return float64(x)
	case float64:
		return x
	}
	return 0
}

// like matches % and _ as SQL does.
func like(s, pattern string) bool {
	if pattern == "" {
		return s == ""
	}
	switch pattern[0] {
	case '%':
		for i := 0; i <= len(s); i++ {
			if like(s[i:], pattern[1:]) {
				return true
			}
		}
		return false
	case '_':
		return s != "" && like(s[1:], pattern[1:])
	}
	return s != "" && s[0] == pattern[0] && like(s[1:], pattern[1:])
}

// Run gives the ids of all rows that match, in order. Without ORDER BY there is
// no order, so none is given: seed and the statement decide.
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
