// Package row decodes Salesforce's answers to queries: pages of JSON and sheets of
// CSV, row by row. The values of a row come out as types of package crm.
//
// A row is read by the names of its columns. What a column means is not known here:
// package salesforce normalises rows. A newcomer opens [Page] and [Row] first.
package row

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pipetidy/pipetidy/crm"
)

// Row is one record of a page. A method such as [Row.Number] returns zero for a value
// of another form, and [Row.Odd] then names the column. So one odd value costs neither
// the other values nor the other rows.
type Row struct {
	values []member
	before []member // of the record before, which mostly has the same columns
	plain  bool     // values are texts of CSV instead of JSON, and columns of a parent have dotted names
	odd    []string // the columns that had a value of another form than its reader expects
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

// Odd are the columns that had a value of another form than its reader expects. They are
// lent like the row.
func (r *Row) Odd() []string { return r.odd }

// IsOdd reports whether a column had such a value.
func (r *Row) IsOdd(name string) bool { return slices.Contains(r.odd, name) }

// Faults says of these columns what they hold, for people: `CloseDate is "someday"`.
func (r *Row) Faults() string {
	var out []string
	for _, name := range r.odd {
		out = append(out, r.FaultOf(name))
	}
	return strings.Join(out, ", ")
}

// Lacks reports whether none of these columns has a value that a person could correct.
func (r *Row) Lacks() bool {
	return !slices.ContainsFunc(r.odd, func(name string) bool { return r.raw(name) != nil })
}

// FaultOf says of one column what it holds, for people.
func (r *Row) FaultOf(name string) string {
	switch v := r.raw(name); {
	case v == nil && !r.Has(name):
		return name + " is left out"
	case v == nil:
		return name + " is empty"
	default:
		return name + " is " + crm.Excerpt(strings.Trim(string(v), `"`))
	}
}

// Err names the first such column; nil is none.
func (r *Row) Err() error {
	if len(r.odd) == 0 {
		return nil
	}
	return fmt.Errorf("field %s has an unexpected value", r.odd[0])
}

// Filled reports whether the record has a value for name that is not null.
func (r *Row) Filled(name string) bool { return r.raw(name) != nil }

// Empty reports whether the record has a column called name, and no value for it.
func (r *Row) Empty(name string) bool {
	switch v := r.raw(name); {
	case v == nil:
		return r.Has(name)
	case r.plain || !bytes.HasPrefix(v, []byte(`"\u0000`)):
		return false
	}
	return r.Text(name) == "" // nothing but NUL, which Bulk leaves out
}

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
		if v[0] == 'n' || string(v) == `""` {
			return nil // Salesforce keeps no empty strings: Bulk writes null like one
		}
		if !dotted {
			return v
		}
		in, err := members(v, nil, nil)
		if err != nil {
			r.fail(name)
			return nil
		}
		return (&Row{values: in}).raw(rest)
	}
	return nil
}

// Fail notes that the value of a column cannot be used, which only its reader knows.
func (r *Row) Fail(name string) { r.fail(name) }

func (r *Row) fail(name string) {
	if !slices.Contains(r.odd, name) {
		r.odd = append(r.odd, name)
	}
}

// Text returns a string; numbers and booleans come as they are written. A string is the
// same from both APIs: without NUL, which Bulk leaves out, and with line ends of one byte.
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
			r.fail(name)
			return ""
		}
		return string(v)
	}
	return strings.ReplaceAll(strings.ReplaceAll(unquote(v), "\x00", ""), "\r\n", "\n") // as encoding/csv does
}

// Flag returns a boolean; null is false.
func (r *Row) Flag(name string) bool {
	switch v := r.raw(name); string(v) {
	case "true":
		return true
	case "false", "":
	default:
		r.fail(name)
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
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		r.fail(name)
		return crm.Number{}
	}
	return crm.Num(f)
}
