package connectors_test

import (
	"testing"

	"github.com/pipetidy/pipetidy/connectors"
)

func TestMonths(t *testing.T) {
	for text, want := range map[string]connectors.Months{
		"24mo": 24, "1mo": 1, "2y": 24, "50y": 600, "600mo": 600,
		"": 0, "24": 0, "mo": 0, "0mo": 0, "-1mo": 0, "1.5y": 0, "601mo": 0, "51y": 0, "24 mo": 0, "24m": 0, "99999999y": 0,
	} {
		var m connectors.Months
		if err := m.UnmarshalText([]byte(text)); m != want || (err == nil) != (want != 0) {
			t.Errorf("%q: got %d, %v, want %d", text, m, err, want)
		}
	}
}
