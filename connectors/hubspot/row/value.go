package row

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// ParseNumber reads a number; infinity is none.
func ParseNumber(s string) (float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, errors.New("no number")
	}
	return v, nil
}

// The first and the last time that ParseTime returns, for all times before and after
// too. People mistype years, and HubSpot takes such years: 20250 for 2025 is far ahead,
// and no fault.
var (
	firstTime = time.Date(1, 1, 3, 0, 0, 0, 0, time.UTC)
	lastTime  = time.Date(9999, 12, 29, 0, 0, 0, 0, time.UTC)
)

// longYear matches the beginning of a time with a signed year, as HubSpot writes years
// that do not have four digits.
var longYear = regexp.MustCompile(`^([+-])[0-9]{4,9}-[0-9]{2}-[0-9]{2}`)

// ParseTime reads the forms in which HubSpot writes times: ISO 8601 with or
// without fraction, milliseconds since 1970 in some calculated properties, and a
// date alone. Empty and 0 are no time.
func ParseTime(s string) (time.Time, error) {
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

// IsDate reports whether s has the form of a date without a time.
func IsDate(s string) bool {
	return len(s) == len(time.DateOnly) && strings.Count(s, "-") == 2
}

// ParseDate reads a date, or the date of a time in zone. A date without a time is not
// moved by any zone.
func ParseDate(s string, zone *time.Location) (crm.Date, error) {
	if IsDate(s) {
		return crm.ParseDate(s)
	}
	t, err := ParseTime(s)
	if err != nil || t.IsZero() {
		return 0, err
	}
	return crm.DateOf(t, zone), nil
}
