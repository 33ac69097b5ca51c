package row

import (
	"testing"
	"time"
)

// TestMistypedYears reads years that nobody meant, as HubSpot writes them. Such a year
// in a deal or its history must not keep the deal from being read.
func TestMistypedYears(t *testing.T) {
	for text, want := range map[string]string{
		"+20250-01-31T00:00:00Z":     "9999-12-29T00:00:00Z",
		"+020250-01-31T00:00:00.00Z": "9999-12-29T00:00:00Z",
		"253402300800000":            "9999-12-29T00:00:00Z",
		"9999-12-31T23:59:59Z":       "9999-12-29T00:00:00Z",
		"+20250-01-31":               "9999-12-29T00:00:00Z",
		"0202-11-30T00:00:00Z":       "0202-11-30T00:00:00Z",
		"-0044-03-15T00:00:00Z":      "0001-01-03T00:00:00Z",
		"-99999999999999":            "0001-01-03T00:00:00Z",
	} {
		at, err := ParseTime(text)
		if got := at.Format(time.RFC3339); err != nil || got != want {
			t.Errorf("%s is read as %s, %v; want %s", text, got, err, want)
		}
		for _, zone := range []*time.Location{time.UTC, time.FixedZone("", 14*3600), time.FixedZone("", -12*3600)} {
			if d, err := ParseDate(text, zone); err != nil || d.IsZero() || len(d.String()) != len(time.DateOnly) {
				t.Errorf("%s is the date %v, %v", text, d, err)
			}
		}
	}
}
