package sim

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// hubView is a record as the search index has it.
type hubView struct {
	p        map[string]string
	updated  float64 // epoch milliseconds
	archived bool
}

// hubIndexed is a record as search knows it at present.
type hubIndexed struct {
	h      *portalRecords
	o      *hubObject
	before *hubView // nil where the index has caught up
}

// indexedAs is how search knows a record; ok is false where it does not.
func (h *portalRecords) indexedAs(o *hubObject) (x hubIndexed, ok bool) {
	if !h.Present().Before(o.indexed) {
		return hubIndexed{h: h, o: o}, !o.archived && !o.gone
	}
	return hubIndexed{h, o, o.before}, o.before != nil && !o.before.archived
}

// value is a property as the index has it; ok is false where it is null.
func (x hubIndexed) value(name string) (string, bool) {
	if x.before == nil {
		return x.h.value(x.o, name)
	}
	if v, ok := x.before.p[name]; ok {
		return v, true
	}
	if name == x.o.t.created() {
		return hubTime(x.o.created), true
	}
	return "", false
}

// key is a property as it is compared; ok is false where it is empty. What
// connectors filter tens of thousands of records by is not spelt out for it.
func (x hubIndexed) key(p *hubProp) (hubKey, bool) {
	switch p.name {
	case "hs_object_id":
		return hubKey{n: float64(x.o.id), num: true}, true
	case x.o.t.modified:
		if x.before != nil {
			return hubKey{n: x.before.updated, num: true}, true
		}
		return hubKey{n: float64(x.o.updated.UnixMilli()), num: true}, true
	case x.o.t.created():
		return hubKey{n: float64(x.o.created.UnixMilli()), num: true}, true
	}
	v, ok := x.value(p.name)
	if !ok || v == "" {
		return hubKey{}, false
	}
	return p.key(v)
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
