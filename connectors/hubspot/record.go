package hubspot

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// record is a deal or an activity as every endpoint gives it.
type record struct {
	ID         ident               `json:"id"`
	Properties map[string]text     `json:"properties"`
	History    map[string][]moment `json:"propertiesWithHistory"`
	Archived   bool                `json:"archived"`
	ArchivedAt text                `json:"archivedAt"`
}

// moment is one entry of a property's history.
type moment struct {
	Value     text `json:"value"`
	Timestamp text `json:"timestamp"`
}

// ident is a record's id: text in most places, a number in some.
type ident string

// UnmarshalJSON reads "1" and 1.
func (i *ident) UnmarshalJSON(b []byte) error {
	id := strings.Trim(string(b), `"`)
	if !idForm.MatchString(id) {
		return errors.New("an id that is none")
	}
	*i = ident(id)
	return nil
}

// after reports whether i is the greater number.
func (i ident) after(other string) bool {
	if len(i) != len(other) {
		return len(i) > len(other)
	}
	return string(i) > other
}

// text is a property's value: text or null by the description. Null and "" are
// alike empty.
type text string

// UnmarshalJSON takes numbers and flags too.
func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case len(b) > 0 && b[0] == '"':
		var s string
		err := json.Unmarshal(b, &s)
		*t = text(s)
		return err
	case string(b) == "null":
		*t = ""
	case len(b) > 0 && (b[0] == '{' || b[0] == '['):
		return errors.New("a property that is neither text nor null")
	default:
		*t = text(b)
	}
	return nil
}

// row reads the properties of a record. The first value that cannot be what it
// should be is kept as err: reading it as empty would make a fact out of a fault.
type row struct {
	rec  *record
	zone *time.Location
	err  error
}

func (r *row) wrong(name, kind string) {
	if r.err == nil {
		r.err = fmt.Errorf("record %s: property %s is no %s", r.rec.ID, name, kind)
	}
}

func (r *row) text(name string) string {
	return strings.TrimSpace(string(r.rec.Properties[name]))
}

func (r *row) flag(name string) bool { return strings.EqualFold(r.text(name), "true") }

func (r *row) number(name string) crm.Number {
	s := r.text(name)
	if s == "" {
		return crm.Number{}
	}
	v, err := parseNumber(s)
	if err != nil {
		r.wrong(name, "number")
		return crm.Number{}
	}
	return crm.Num(v)
}

func (r *row) time(name string) time.Time {
	t, err := parseTime(r.text(name))
	if err != nil {
		r.wrong(name, "time")
	}
	return t
}

func parseNumber(s string) (float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, errors.New("no number")
	}
	return v, nil
}

// The first and the last time that are told apart. People mistype years, and HubSpot
// takes what they typed: 20250 for 2025 is far ahead, and as such no fault.
var (
	firstTime = time.Date(1, 1, 3, 0, 0, 0, 0, time.UTC)
	lastTime  = time.Date(9999, 12, 29, 0, 0, 0, 0, time.UTC)
)

// longYear begins a time of a year that has not four digits.
var longYear = regexp.MustCompile(`^([+-])[0-9]{4,9}-[0-9]{2}-[0-9]{2}`)

// parseTime reads the forms in which HubSpot writes times: ISO 8601 with or
// without fraction, milliseconds since 1970 in some calculated properties, and a
// date alone. Empty and 0 are no time.
func parseTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil {
		if ms == 0 {
			return time.Time{}, nil
		}
		return bounded(time.UnixMilli(ms).UTC()), nil
	}
	if m := longYear.FindStringSubmatch(s); m != nil {
		if m[1] == "-" {
			return firstTime, nil
		}
		return lastTime, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999Z0700", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return bounded(t.UTC()), nil
		}
	}
	return time.Time{}, errors.New("no time")
}

func bounded(t time.Time) time.Time {
	switch {
	case t.Before(firstTime):
		return firstTime
	case t.After(lastTime):
		return lastTime
	}
	return t
}

// parseDate reads a date, or the date of a time in zone. One that is written as a
// date is not moved by any zone.
func parseDate(s string, zone *time.Location) (crm.Date, error) {
	if len(s) == len(time.DateOnly) && strings.Count(s, "-") == 2 {
		return crm.ParseDate(s)
	}
	t, err := parseTime(s)
	if err != nil || t.IsZero() {
		return 0, err
	}
	return crm.DateOf(t, zone), nil
}
