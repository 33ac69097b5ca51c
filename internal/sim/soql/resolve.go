package soql

import (
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Schema is what the login may name in a query.
type Schema interface {
	// Object finds an object without regard to case; nil is none, or an object that
	// is hidden from the login.
	Object(name string) *Object
	Readable(o *Object, f *Field) bool
}

// Records reads the values of a query's columns.
type Records interface {
	// Value reads a field: stored, or derived at reading time.
	Value(o *Object, v Values, name string) any
	// Parent follows one reference; nil is none.
	Parent(v Values, f *Field) (*Object, Values)
}

// Column is a resolved field path: the references to follow, then the field.
type Column struct {
	Hops  []*Field
	Field *Field // nil for the Type of a polymorphic parent
	Any   string // field of a polymorphic parent: Type, Id or Name
	Path  []string
}

// resolve finds the column that a name means in a query of object o.
func resolve(s Schema, soql string, o *Object, name Token) (Column, error) {
	col := Column{}
	parts := strings.Split(name.Text, ".")
	for i, part := range parts {
		if i == len(parts)-1 {
			f := o.Field(part)
			if f == nil || !s.Readable(o, f) {
				return col, noColumn(soql, name.pos, part, o.Name)
			}
			col.Field = f
			col.Path = append(col.Path, f.Name)
			return col, nil
		}
		f := o.related(part)
		if f == nil || !s.Readable(o, f) {
			return col, noRelation(soql, name.pos, part)
		}
		col.Hops = append(col.Hops, f)
		col.Path = append(col.Path, f.Relation())
		if len(f.To) > 1 || f.Name == "OwnerId" && o.Name != "Opportunity" && o.Name != "Account" && o.Name != "Contact" {
			return polymorphic(soql, name, col, parts[i+1:])
		}
		if o = s.Object(f.To[0]); o == nil {
			return col, noRelation(soql, name.pos, part)
		}
	}
	return col, noColumn(soql, name.pos, name.Text, o.Name)
}

// polymorphic resolves one of the three fields that every parent has.
func polymorphic(soql string, name Token, col Column, rest []string) (Column, error) {
	if len(rest) == 1 {
		for _, known := range []string{"Type", "Id", "Name", "Email"} {
			if strings.EqualFold(rest[0], known) {
				col.Any = known
				col.Path = append(col.Path, known)
				return col, nil
			}
		}
	}
	return col, noColumn(soql, name.pos, rest[0], "Name")
}

// Read returns the column's value in a record.
func (col *Column) Read(r Records, o *Object, v Values) any {
	for _, f := range col.Hops {
		if o, v = r.Parent(v, f); v == nil {
			return nil
		}
	}
	switch {
	case col.Field != nil:
		return r.Value(o, v, col.Field.Name)
	case col.Any == "Type":
		return o.Name
	}
	return r.Value(o, v, col.Any)
}

// literalValue reads a literal as the value of a field, and refuses the literals
// that the service refuses.
func literalValue(soql string, f *Field, t Token) (any, error) {
	typ := String
	name := "Type"
	if f != nil {
		typ, name = f.Type, f.Name
	}
	switch {
	case t.Is("null"):
		return nil, nil
	case t.kind == tokText:
		switch typ {
		case ID, Reference:
			if t.Text == "" {
				return nil, nil
			}
			id, err := LongID(t.Text)
			if err != nil {
				return nil, refuse("MALFORMED_ID", "%s", caret(soql, t.pos, "invalid ID field: "+t.Text))
			}
			return id, nil
		case Date, DateTime, Bool, Int, Double, Currency, Percent:
			return nil, refuse("INVALID_FIELD", "%s", caret(soql, t.pos, "value of filter criterion for field '"+name+"' must be of type "+string(typ)+" and should not be enclosed in quotes"))
		}
		if len(t.Text) > 4000 {
			return nil, malformed(soql, t.pos, "filter value is longer than 4000 characters")
		}
		if t.Text == "" {
			return nil, nil
		}
		return t.Text, nil
	case typ == Bool && (t.Is("true") || t.Is("false")):
		return t.Is("true"), nil
	case typ == Date && t.kind == tokDate:
		return crm.ParseDate(t.Text)
	case typ == DateTime && t.kind == tokDateTime:
		at, err := ParseDateTime(t.Text)
		if err != nil {
			return nil, malformed(soql, t.pos, "invalid dateTime: "+t.Text)
		}
		return at.UTC().Truncate(time.Second), nil
	case t.kind == tokNumber && (typ == Int || typ == Double || typ == Currency || typ == Percent):
		n, err := strconv.ParseFloat(t.Text, 64)
		return n, err
	case typ == Date || typ == DateTime:
		return nil, malformed(soql, t.pos, "value of filter criterion for field '"+name+"' must be of type "+string(typ))
	}
	return nil, malformed(soql, t.pos, "unexpected token: '"+t.Text+"'")
}

// ParseDateTime reads a time as the service does: with Z, or with an offset that may
// have a colon.
func ParseDateTime(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, strconv.ErrSyntax
}
