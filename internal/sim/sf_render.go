package sim

import (
	"bytes"
)

// tree is the shape of a query's records: columns in the order of the SELECT
// list, those of a parent together.
type tree struct {
	name  string
	col   *column
	ref   *column // for a parent: the path to it
	kids  []*tree
	depth int
}

// shape arranges the columns of a statement.
func shape(s *statement) *tree {
	root := &tree{}
	for i := range s.columns {
		col := &s.columns[i]
		t := root
		for d, name := range col.path {
			last := d == len(col.path)-1
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
func render(b *bytes.Buffer, m moment, o *object, v values, root *tree, version string) {
	b.WriteString(`{"attributes":`)
	attributes(b, o, v, version)
	renderKids(b, m, o, v, root, version)
	b.WriteByte('}')
}

func attributes(b *bytes.Buffer, o *object, v values, version string) {
	id, _ := v["Id"].(string)
	b.WriteString(`{"type":"` + o.name + `","url":"/services/data/v` + version + `/sobjects/` + o.name + `/` + id + `"}`)
}

func renderKids(b *bytes.Buffer, m moment, o *object, v values, t *tree, version string) {
	for _, k := range t.kids {
		b.WriteString(`,"` + k.name + `":`)
		if k.col != nil {
			if k.col.any == "Type" || k.col.field == nil {
				b.Write(jsonValue(nil, parentValue(m, o, v, k.col.any)))
			} else {
				b.Write(jsonValue(k.col.field, m.value(o, v, k.col.field.name)))
			}
			continue
		}
		po, pv := m.parent(v, k.ref.hops[k.depth-1])
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
// parent already.
func parentValue(m moment, o *object, v values, name string) any {
	if name == "Type" {
		return o.name
	}
	return m.value(o, v, name)
}
