// Package row decodes what Salesforce answers to queries: pages of JSON and sheets
// of CSV, row by row, and the values of a row as the vocabulary of package crm
// has them. A row is read by the names of its columns; what the columns mean is
// for package salesforce to say.
package row

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
)

// Row is one record of a page. Its readers note the first value that is not of
// the form asked for, which [Row.Err] tells, and return zero from then on, so that
// a page is taken whole or not at all.
type Row struct {
	values []member
	before []member // of the record before, which mostly has the same columns
	plain  bool     // values are texts instead of JSON, and parents' columns have dotted names
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

// Err is the first value that was not of the form asked for; nil is none.
func (r *Row) Err() error { return r.err }

// Filled reports whether the record has a value for name that is not null.
func (r *Row) Filled(name string) bool { return r.raw(name) != nil }

// raw returns the value of field name, nil for null and for what is not there.
// A dot leads through a parent record. Of a column that comes twice the last
// counts, as in encoding/json.
func (r *Row) raw(name string) []byte {
	if r.plain {
		for _, m := range r.values {
			if m.key == name && len(m.value) > 0 {
				return m.value
			}
		}
		return nil // CSV has one way to write nothing
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

// Text returns a string; numbers and booleans are written as they are.
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
