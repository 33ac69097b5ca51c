// Package row decodes the records of HubSpot and their values: ids that are text or
// numbers, properties that are text whatever they mean, times in several forms. The
// package makes no call and knows no stream; package portal says what the values of a
// record mean.
package row

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Record is a deal or an activity as every endpoint gives it.
type Record struct {
	ID         ID                  `json:"id"`
	Properties map[string]Value    `json:"properties"`
	History    map[string][]Moment `json:"propertiesWithHistory"`
	Archived   bool                `json:"archived"`
	ArchivedAt Text                `json:"archivedAt"`
}

// Modified is when the record was modified, in milliseconds since 1970; 0 is unknown.
func (r *Record) Modified() int64 {
	at, err := ParseTime(strings.TrimSpace(string(r.Properties["hs_lastmodifieddate"])))
	if err != nil || at.IsZero() {
		return 0
	}
	return at.UnixMilli()
}

// Counts reports whether the record says by a property of its own that it has some of what
// the property counts. A number that is empty, or none, says nothing.
func (r *Record) Counts(property string) bool {
	n, err := ParseNumber(strings.TrimSpace(string(r.Properties[property])))
	return err == nil && n > 0
}

// Moment is one entry of a property's history.
type Moment struct {
	Value     Value `json:"value"`
	Timestamp Value `json:"timestamp"`
	// Who wrote the value, and by what; each may be left out.
	SourceType  Value `json:"sourceType"`
	SourceID    Value `json:"sourceId"`
	SourceLabel Value `json:"sourceLabel"`
	UserID      Value `json:"updatedByUserId"`
}

// UnmarshalJSON reads an entry that lacks its value as one whose value is [Strange]: what was
// empty is told as empty.
func (m *Moment) UnmarshalJSON(b []byte) error {
	type plain Moment
	m.Value = Strange
	return json.Unmarshal(b, (*plain)(m))
}

// ID is a record's id: text in most places, a number in some.
type ID string

var idForm = regexp.MustCompile(`^[1-9][0-9]{0,19}$`)

// IsID reports whether text is the id of a record.
func IsID(text string) bool { return idForm.MatchString(text) }

// UnmarshalJSON reads "1" and 1. Null is no id: the answer goes on without it, and who
// asked decides what the record is worth.
func (i *ID) UnmarshalJSON(b []byte) error {
	id := strings.Trim(string(b), `"`)
	if id == "null" {
		*i = ""
		return nil
	}
	if !IsID(id) {
		return errors.New("an id that is not a number")
	}
	*i = ID(id)
	return nil
}

// After reports whether i is the greater number.
func (i ID) After(other string) bool {
	if len(i) != len(other) {
		return len(i) > len(other)
	}
	return string(i) > other
}

// ByNumber compares two ids as numbers, to sort them.
func ByNumber(a, b string) int {
	switch {
	case a == b:
		return 0
	case ID(a).After(b):
		return 1
	}
	return -1
}

// IDs lists the ids of records, in their order.
func IDs(list []Record) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = string(list[i].ID)
	}
	return out
}

// Text is text or null. Null and "" are both empty.
type Text string

// UnmarshalJSON takes numbers and flags too.
func (t *Text) UnmarshalJSON(b []byte) error {
	switch {
	case len(b) > 0 && b[0] == '"':
		var s string
		err := json.Unmarshal(b, &s)
		*t = Text(s)
		return err
	case string(b) == "null":
		*t = ""
	case len(b) > 0 && (b[0] == '{' || b[0] == '['):
		return errors.New("a value that is neither text nor null")
	default:
		*t = Text(b)
	}
	return nil
}

// Value is the value of a property: text or null, as HubSpot documents. One value of
// another form is [Strange], so that it does not cost the rest of the answer.
type Value Text

// Strange is a value that is neither text nor null. JSON that people write has no such
// text, and a person's own is not taken for it: the value would only be unknown.
const Strange Value = "\x00"

// UnmarshalJSON never refuses a value.
func (v *Value) UnmarshalJSON(b []byte) error {
	if (*Text)(v).UnmarshalJSON(b) != nil {
		*v = Strange
	}
	return nil
}

// Row reads the properties of a record. A value that does not have the form of its type
// reads as empty and is noted as odd: to take such a value for empty would make a fact
// out of a fault. Odd as well is a property that the record lacks: HubSpot answers for an
// empty property with null, and leaves out what it does not know or does not tell.
type Row struct {
	Record *Record
	Zone   *time.Location // in which a time is a date
	odd    []string
}

func (r *Row) wrong(name string) {
	if !r.IsOdd(name) {
		r.odd = append(r.odd, name)
	}
}

// Odd are the properties read so far whose values had another form than their types.
func (r *Row) Odd() []string { return r.odd }

// IsOdd reports whether a property is one of them.
func (r *Row) IsOdd(name string) bool { return slices.Contains(r.odd, name) }

// Lacks reports whether none of these properties has a value that a person could correct:
// each is left out, or is no text.
func (r *Row) Lacks() bool {
	return !slices.ContainsFunc(r.odd, func(name string) bool { v, told := r.Record.Properties[name]; return told && v != Strange })
}

// Faults says of these properties what they hold, for people: `amount is "12;34"`.
func (r *Row) Faults() string {
	var out []string
	for _, name := range r.odd {
		switch v, told := r.Record.Properties[name]; {
		case !told:
			out = append(out, name+" is left out")
		case v == Strange:
			out = append(out, name+" is no text")
		default:
			out = append(out, name+" is "+crm.Excerpt(string(v)))
		}
	}
	return strings.Join(out, ", ")
}

// Has reports whether the record holds the property, with a value or empty.
func (r *Row) Has(name string) bool {
	_, ok := r.Record.Properties[name]
	return ok
}

// Text is a property as text, "" where it is empty, or where name is "": no property
// answers for the field. Only properties that were asked for may be read.
func (r *Row) Text(name string) string {
	v, told := r.Record.Properties[name]
	if !told && name != "" || v == Strange {
		r.wrong(name)
		return ""
	}
	return strings.TrimSpace(string(v))
}

// Flag is a property as yes or no; an empty property is no.
func (r *Row) Flag(name string) bool {
	switch strings.ToLower(r.Text(name)) {
	case "true":
		return true
	case "", "false":
	default:
		r.wrong(name)
	}
	return false
}

// Number is a property as a number; an empty property is none.
func (r *Row) Number(name string) crm.Number {
	s := r.Text(name)
	if s == "" {
		return crm.Number{}
	}
	v, err := ParseNumber(s)
	if err != nil {
		r.wrong(name)
		return crm.Number{}
	}
	return crm.Num(v)
}

// Time is a property as a time; an empty property is zero.
func (r *Row) Time(name string) time.Time {
	t, err := ParseTime(r.Text(name))
	if err != nil {
		r.wrong(name)
	}
	return t
}

// Date is a property as a date of a clock in zone.
func (r *Row) Date(name string, zone *time.Location) crm.Date {
	d, err := ParseDate(r.Text(name), zone)
	if err != nil {
		r.wrong(name)
	}
	return d
}
