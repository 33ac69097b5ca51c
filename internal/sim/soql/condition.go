package soql

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// condition reports whether a record meets a WHERE.
type condition func(Records, Values) bool

// compile turns a WHERE expression into a condition.
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
