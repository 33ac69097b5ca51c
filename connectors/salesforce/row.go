package salesforce

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// envelope is what a page says besides its records.
type envelope struct {
	total int
	done  bool
	next  string
	rows  int
}

// row is one record of a page. Its readers note the first value that is not of
// the form asked for in err and return zero from then on, so that a page is
// taken whole or not at all.
type row struct {
	values map[string]json.RawMessage
	err    error
}

// decodePage reads one page of a query and calls each for every record. The row
// is lent: it is used again for the next record.
func decodePage(body []byte, each func(*row) error) (envelope, error) {
	var e envelope
	var done *bool
	d := json.NewDecoder(bytes.NewReader(body))
	if err := delim(d, '{'); err != nil {
		return e, err
	}
	r := &row{values: map[string]json.RawMessage{}}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return e, err
		}
		switch key {
		case "totalSize":
			err = d.Decode(&e.total)
		case "done":
			err = d.Decode(&done)
		case "nextRecordsUrl":
			err = d.Decode(&e.next)
		case "records":
			e.rows, err = decodeRecords(d, r, each)
		default:
			var skip json.RawMessage
			err = d.Decode(&skip)
		}
		if err != nil {
			return e, err
		}
	}
	if err := delim(d, '}'); err != nil {
		return e, err
	}
	// An empty result may come without done.
	e.done = done != nil && *done || done == nil && e.rows == 0
	if !e.done && e.next == "" {
		return e, errors.New("the page is not the last one and names no next one")
	}
	return e, nil
}

func decodeRecords(d *json.Decoder, r *row, each func(*row) error) (n int, err error) {
	if err := delim(d, '['); err != nil {
		return 0, err
	}
	for ; d.More(); n++ {
		clear(r.values)
		if err := d.Decode(&r.values); err != nil {
			return n, err
		}
		if r.err = nil; r.values == nil {
			return n, errors.New("a record is null")
		}
		if err := each(r); err != nil {
			return n, err
		}
	}
	return n, delim(d, ']')
}

func delim(d *json.Decoder, want json.Delim) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	if t != want {
		return fmt.Errorf("something else stands where %s should", want)
	}
	return nil
}

// raw returns the value of field name, nil for null and for what is not there.
// A dot leads through a parent record.
func (r *row) raw(name string) json.RawMessage {
	parent, rest, dotted := strings.Cut(name, ".")
	v := r.values[parent]
	if len(v) == 0 || v[0] == 'n' {
		return nil
	}
	if !dotted {
		return v
	}
	var in map[string]json.RawMessage
	if err := json.Unmarshal(v, &in); err != nil {
		r.fail(name, v)
		return nil
	}
	return (&row{values: in}).raw(rest)
}

func (r *row) fail(name string, v json.RawMessage) {
	if r.err == nil {
		r.err = fmt.Errorf("field %s has an unexpected value of %d bytes", name, len(v))
	}
}

// text returns a string; numbers and booleans are written as they are.
func (r *row) text(name string) string {
	v := r.raw(name)
	if v == nil {
		return ""
	}
	if v[0] != '"' {
		if v[0] == '{' || v[0] == '[' {
			r.fail(name, v)
			return ""
		}
		return string(v)
	}
	var s string
	if json.Unmarshal(v, &s) != nil {
		r.fail(name, v)
	}
	return s
}

// flag returns a boolean; null is false.
func (r *row) flag(name string) bool {
	switch v := r.raw(name); string(v) {
	case "true":
		return true
	case "false", "":
	default:
		r.fail(name, v)
	}
	return false
}

// number returns a number; null is unknown.
func (r *row) number(name string) crm.Number {
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

// date returns a date; of a datetime its day in UTC.
func (r *row) date(name string) crm.Date {
	v := r.raw(name)
	s := r.text(name)
	if len(s) > len(time.DateOnly) {
		return crm.DateOf(r.time(name), time.UTC)
	}
	d, err := crm.ParseDate(s)
	if err != nil {
		r.fail(name, v)
	}
	return d
}

// time returns a datetime in UTC; of a date its first instant in UTC.
func (r *row) time(name string) time.Time {
	v := r.raw(name)
	s := r.text(name)
	if s == "" {
		return time.Time{}
	}
	if len(s) == len(time.DateOnly) {
		return r.date(name).In(time.UTC)
	}
	// REST writes +0000, which is not RFC 3339; Bulk writes Z.
	for _, layout := range []string{"2006-01-02T15:04:05.999-0700", time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	r.fail(name, v)
	return time.Time{}
}
