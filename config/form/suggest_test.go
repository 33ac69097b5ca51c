package form

import "testing"

func TestNearest(t *testing.T) {
	zones := []string{"America/New_York", "America/Los_Angeles", "Europe/Berlin", "UTC"}
	for word, want := range map[string]string{
		"America/NewYork": "America/New_York", "america/new_york": "America/New_York", "Europe/Belrin": "Europe/Berlin",
		"utc": "UTC", "Mars/Olympus": "", "": "", "x": "",
	} {
		if got := nearest(word, zones); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
