package sim

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// restTime is how REST tells a time: with an offset that has no colon.
const restTime = "2006-01-02T15:04:05.000-0700"

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
func (s *statement) shape() *tree {
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

// record writes one record as JSON.
func (c *Company) renderRecord(b *bytes.Buffer, o *object, v values, root *tree, version string, now time.Time) {
	b.WriteString(`{"attributes":`)
	c.attributes(b, o, v, version)
	c.renderKids(b, o, v, root, version, now)
	b.WriteByte('}')
}

func (c *Company) attributes(b *bytes.Buffer, o *object, v values, version string) {
	id, _ := v["Id"].(string)
	b.WriteString(`{"type":"` + o.name + `","url":"/services/data/v` + version + `/sobjects/` + o.name + `/` + id + `"}`)
}

func (c *Company) renderKids(b *bytes.Buffer, o *object, v values, t *tree, version string, now time.Time) {
	for _, k := range t.kids {
		b.WriteString(`,"` + k.name + `":`)
		if k.col != nil {
			if k.col.any == "Type" || k.col.field == nil {
				b.Write(jsonValue(nil, c.parentValue(o, v, k.col.any)))
			} else {
				b.Write(jsonValue(k.col.field, c.value(o, v, k.col.field.name)))
			}
			continue
		}
		po, pv := c.parent(v, k.ref.hops[k.depth-1], now)
		if pv == nil {
			b.WriteString("null")
			continue
		}
		b.WriteString(`{"attributes":`)
		c.attributes(b, po, pv, version)
		c.renderKids(b, po, pv, k, version, now)
		b.WriteByte('}')
	}
}

// parentValue reads a field that every polymorphic parent has; o and v are the
// parent already.
func (c *Company) parentValue(o *object, v values, name string) any {
	if name == "Type" {
		return o.name
	}
	return c.value(o, v, name)
}

// jsonValue writes a value as the service does: numbers of double types always
// with a fraction, datetimes with +0000.
func jsonValue(f *field, v any) []byte {
	switch x := v.(type) {
	case nil:
		return []byte("null")
	case bool:
		return strconv.AppendBool(nil, x)
	case int:
		return strconv.AppendInt(nil, int64(x), 10)
	case float64:
		s := strconv.FormatFloat(x, 'f', -1, 64)
		if !strings.ContainsRune(s, '.') {
			s += ".0"
		}
		return []byte(s)
	case crm.Date:
		return []byte(`"` + x.String() + `"`)
	case time.Time:
		return []byte(`"` + x.UTC().Format(restTime) + `"`)
	case string:
		return jsonString(x)
	}
	panic("sim: value of an unknown type in " + f.name)
}

func jsonString(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return bytes.TrimRight(b.Bytes(), "\n")
}
