package salesforce

import (
	"bytes"

	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// tree is the shape of a query's records: columns in the order of the SELECT list,
// with the columns of a parent together.
type tree struct {
	name  string
	col   *soql.Column
	ref   *soql.Column // for a parent: the path to it
	kids  []*tree
	depth int
}

// shape arranges the columns of a statement.
func shape(s *soql.Statement) *tree {
	root := &tree{}
	for i := range s.Columns {
		col := &s.Columns[i]
		t := root
		for d, name := range col.Path {
			last := d == len(col.Path)-1
			k := t.kid(name, last)
			if last {
				k.col = col
			} else if k.ref == nil {
				k.ref, k.depth = col, d+1
			}
			t = k
		}
	}
	return root
}

func (t *tree) kid(name string, leaf bool) *tree {
	for _, k := range t.kids {
		if k.name == name && (k.col != nil) == leaf {
			return k
		}
	}
	k := &tree{name: name}
	t.kids = append(t.kids, k)
	return k
}

// render writes one record as JSON.
func render(b *bytes.Buffer, m org.Moment, o *soql.Object, v soql.Values, root *tree, version string) {
	b.WriteString(`{"attributes":`)
	attributes(b, o, v, version)
	renderKids(b, m, o, v, root, version)
	b.WriteByte('}')
}

func attributes(b *bytes.Buffer, o *soql.Object, v soql.Values, version string) {
	id, _ := v["Id"].(string)
	b.WriteString(`{"type":"` + o.Name + `","url":"/services/data/v` + version + `/sobjects/` + o.Name + `/` + id + `"}`)
}

func renderKids(b *bytes.Buffer, m org.Moment, o *soql.Object, v soql.Values, t *tree, version string) {
	for _, k := range t.kids {
		b.WriteString(`,"` + k.name + `":`)
		if k.col != nil {
			if k.col.Any == "Type" || k.col.Field == nil {
				b.Write(soql.JSON(nil, parentValue(m, o, v, k.col.Any)))
			} else {
				b.Write(soql.JSON(k.col.Field, m.Value(o, v, k.col.Field.Name)))
			}
			continue
		}
		po, pv := m.Parent(v, k.ref.Hops[k.depth-1])
		if pv == nil {
			b.WriteString("null")
			continue
		}
		b.WriteString(`{"attributes":`)
		attributes(b, po, pv, version)
		renderKids(b, m, po, pv, k, version)
		b.WriteByte('}')
	}
}

// parentValue reads a field that every polymorphic parent has; o and v are the
// parent.
func parentValue(m org.Moment, o *soql.Object, v soql.Values, name string) any {
	if name == "Type" {
		return o.Name
	}
	return m.Value(o, v, name)
}
