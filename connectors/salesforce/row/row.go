// Package row decodes Salesforce's answers to queries: pages of JSON and sheets of
// CSV, row by row. The values of a row come out as types of package crm.
//
// A row is read by the names of its columns. What a column means is not known here:
// package salesforce normalises rows. A newcomer opens [Page] and [Row] first.
package row

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
)

// Row is one record of a page. A method such as [Row.Number] returns zero for a value
// of another form, and [Row.Err] then returns the first such mistake. So the caller
// takes a page whole or not at all.
type Row struct {
	values []member
	before []member // of the record before, which mostly has the same columns
	plain  bool     // values are texts of CSV instead of JSON, and columns of a parent have dotted names
	err    error
}

// Has reports whether the record has a column called name, null or not.
func (r *Row) Has(name string) bool {
	for i := range r.values {
		if r.values[i].key == name {
			return true
		}
	}
	return false
}

// Err names the first value that had another form than its reader expects; nil is
// none.
func (r *Row) Err() error { return r.err }

// Filled reports whether the record has a value for name that is not null.
func (r *Row) Filled(name string) bool { return r.raw(name) != nil }

// raw returns the value of a column, nil for null and for a column that is not there.
// A dot in name leads through a parent record. If a column comes twice, the last
// value counts, as in encoding/json.
func (r *Row) raw(name string) []byte {
	if r.plain {
		for _, m := range r.values {
			if m.key == name && len(m.value) > 0 {
				return m.value
			}
		}
		return nil // in CSV an empty cell is null
	}
	parent, rest, dotted := strings.Cut(name, ".")
	for _, m := range slices.Backward(r.values) {
		if m.key != parent {
			continue
		}
		v := m.value
		if v[0] == 'n' {
			return nil
		}
		if !dotted {
			return v
		}
		in, err := members(v, nil, nil)
		if err != nil {
			r.fail(name, v)
			return nil
		}
		return (&Row{values: in}).raw(rest)
	}
	return nil
}

func (r *Row) fail(name string, v []byte) {
	if r.err == nil {
		r.err = fmt.Errorf("field %s has an unexpected value of %d bytes", name, len(v))
	}
}

// Text returns a string; numbers and booleans come as they are written.
func (r *Row) Text(name string) string {
	v := r.raw(name)
	switch {
	case v == nil:
		return ""
	case r.plain:
		return string(v)
	}
	if v[0] != '"' {
		if v[0] == '{' || v[0] == '[' {
			r.fail(name, v)
			return ""
		}
		return string(v)
	}
	return strings.ReplaceAll(unquote(v), "\r\n", "\n") // as encoding/csv does
}

// Flag returns a boolean; null is false.
func (r *Row) Flag(name string) bool {
	switch v := r.raw(name); string(v) {
	case "true":
		return true
	case "false", "":
	default:
		r.fail(name, v)
	}
	return false
}

// Number returns a number; null is unknown.
func (r *Row) Number(name string) crm.Number {
	v := r.raw(name)
	if v == nil {
		return crm.Number{}
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil {
		r.fail(name, v)
		return crm.Number{}
	}
	return crm.Num(f)
}
