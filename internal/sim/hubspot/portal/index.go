package portal

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// view is an older state of a record, which the search index still has.
type view struct {
	p        map[string]string
	updated  float64 // epoch milliseconds
	archived bool
}

// Indexed is a record as the search index has the record at present.
type Indexed struct {
	Records *Records
	Object  *Object
	before  *view // nil if the index has caught up
}

// IndexedAs is a record as the search index has it; ok is false if no search finds the
// record.
func (h *Records) IndexedAs(o *Object) (x Indexed, ok bool) {
	if !h.Present().Before(o.indexed) {
		return Indexed{Records: h, Object: o}, !o.Archived && !o.Gone
	}
	return Indexed{h, o, o.before}, o.before != nil && !o.before.archived
}

// Value is a property as the index has it; ok is false if the property is null.
func (x Indexed) Value(name string) (string, bool) {
	if x.before == nil {
		return x.Records.Value(x.Object, name)
	}
	if v, ok := x.before.p[name]; ok {
		return v, true
	}
	if name == x.Object.Type.Created() {
		return Stamp(x.Object.Created), true
	}
	return "", false
}

// Key is the property's value for comparing; ok is false if the property is empty. The
// three properties by which connectors filter tens of thousands of records are
// compared without writing their values as text, which is faster.
func (x Indexed) Key(p *Property) (Key, bool) {
	switch p.Name {
	case "hs_object_id":
		return Key{Number: float64(x.Object.ID), Numeric: true}, true
	case x.Object.Type.Modified:
		if x.before != nil {
			return Key{Number: x.before.updated, Numeric: true}, true
		}
		return Key{Number: float64(x.Object.Updated.UnixMilli()), Numeric: true}, true
	case x.Object.Type.Created():
		return Key{Number: float64(x.Object.Created.UnixMilli()), Numeric: true}, true
	}
	v, ok := x.Value(p.Name)
	if !ok || v == "" {
		return Key{}, false
	}
	return p.Key(v)
}

// Key is a property's value for comparing.
type Key struct {
	Number  float64
	Text    string
	Numeric bool
}

// Compare orders two values of one property.
func (k Key) Compare(x Key) int {
	if k.Numeric && x.Numeric {
		return cmp.Compare(k.Number, x.Number)
	}
	return cmp.Compare(k.Text, x.Text)
}

// Key reads a value for comparing: times in milliseconds, numbers as numbers, and texts
// other than enumerations without case.
func (p *Property) Key(v string) (Key, bool) {
	switch p.Type {
	case "number":
		n, err := strconv.ParseFloat(v, 64)
		return Key{Number: n, Numeric: true}, err == nil
	case "datetime", "date":
		if ms, err := strconv.ParseInt(v, 10, 64); err == nil {
			return Key{Number: float64(ms), Numeric: true}, true
		}
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return Key{Number: float64(t.UnixMilli()), Numeric: true}, true
		}
		t, err := time.Parse(time.DateOnly, v)
		return Key{Number: float64(t.UnixMilli()), Numeric: true}, err == nil
	case "enumeration":
		return Key{Text: v}, true
	}
	return Key{Text: strings.ToLower(v)}, true
}

// Text is a value of a request as the portal keeps it.
func Text(v any) string {
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
