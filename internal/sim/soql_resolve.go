package sim

import (
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// schema is what the login may name in a query.
type schema interface {
	// object finds an object without regard to case; nil is none, or a hidden one.
	object(name string) *object
	readable(o *object, f *field) bool
}

// records are what the values of a query's columns are read from.
type records interface {
	// value reads a field: stored, or derived at reading time.
	value(o *object, v values, name string) any
	// parent follows one reference; nil is none.
	parent(v values, f *field) (*object, values)
}

// column is a resolved field path: the references to follow, then the field.
type column struct {
	hops  []*field
	field *field // nil for the Type of a polymorphic parent
	any   string // field of a polymorphic parent: Type, Id or Name
	path  []string
}

// resolve turns a name into the column it means, seen from object o.
func resolve(s schema, soql string, o *object, name token) (column, error) {
	col := column{}
	parts := strings.Split(name.text, ".")
	for i, part := range parts {
		if i == len(parts)-1 {
			f := o.field(part)
			if f == nil || !s.readable(o, f) {
				return col, noColumn(soql, name.pos, part, o.name)
			}
			col.field = f
			col.path = append(col.path, f.name)
			return col, nil
		}
		f := o.related(part)
		if f == nil || !s.readable(o, f) {
			return col, noRelation(soql, name.pos, part)
		}
		col.hops = append(col.hops, f)
		col.path = append(col.path, f.relation())
		if len(f.to) > 1 || f.name == "OwnerId" && o.name != "Opportunity" && o.name != "Account" && o.name != "Contact" {
			return polymorphic(soql, name, col, parts[i+1:])
		}
		if o = s.object(f.to[0]); o == nil {
			return col, noRelation(soql, name.pos, part)
		}
	}
	return col, noColumn(soql, name.pos, name.text, o.name)
}

// polymorphic columns know the three fields that every parent has.
func polymorphic(soql string, name token, col column, rest []string) (column, error) {
	if len(rest) == 1 {
		for _, known := range []string{"Type", "Id", "Name", "Email"} {
			if strings.EqualFold(rest[0], known) {
				col.any = known
				col.path = append(col.path, known)
				return col, nil
			}
		}
	}
	return col, noColumn(soql, name.pos, rest[0], "Name")
}

// read is the column's value of a record.
func (col *column) read(r records, o *object, v values) any {
	for _, f := range col.hops {
		if o, v = r.parent(v, f); v == nil {
			return nil
		}
	}
	switch {
	case col.field != nil:
		return r.value(o, v, col.field.name)
	case col.any == "Type":
		return o.name
	}
	return r.value(o, v, col.any)
}

// literalValue reads a literal as the value of a field, refusing what the
// service refuses.
func literalValue(soql string, f *field, t token) (any, error) {
	typ := tString
	name := "Type"
	if f != nil {
		typ, name = f.typ, f.name
	}
	switch {
	case t.is("null"):
		return nil, nil
	case t.kind == tokText:
		switch typ {
		case tID, tReference:
			if t.text == "" {
				return nil, nil
			}
			id, err := LongID(t.text)
			if err != nil {
				return nil, refuse("MALFORMED_ID", "%s", caret(soql, t.pos, "invalid ID field: "+t.text))
			}
			return id, nil
		case tDate, tDateTime, tBool, tInt, tDouble, tCurrency, tPercent:
			return nil, refuse("INVALID_FIELD", "%s", caret(soql, t.pos, "value of filter criterion for field '"+name+"' must be of type "+string(typ)+" and should not be enclosed in quotes"))
		}
		if len(t.text) > 4000 {
			return nil, malformed(soql, t.pos, "filter value is longer than 4000 characters")
		}
		if t.text == "" {
			return nil, nil
		}
		return t.text, nil
	case typ == tBool && (t.is("true") || t.is("false")):
		return t.is("true"), nil
	case typ == tDate && t.kind == tokDate:
		return crm.ParseDate(t.text)
	case typ == tDateTime && t.kind == tokDateTime:
		at, err := parseDateTime(t.text)
		if err != nil {
			return nil, malformed(soql, t.pos, "invalid dateTime: "+t.text)
		}
		return at.UTC().Truncate(time.Second), nil
	case t.kind == tokNumber && (typ == tInt || typ == tDouble || typ == tCurrency || typ == tPercent):
		n, err := strconv.ParseFloat(t.text, 64)
		return n, err
	case typ == tDate || typ == tDateTime:
		return nil, malformed(soql, t.pos, "value of filter criterion for field '"+name+"' must be of type "+string(typ))
	}
	return nil, malformed(soql, t.pos, "unexpected token: '"+t.text+"'")
}

func parseDateTime(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, strconv.ErrSyntax
}
