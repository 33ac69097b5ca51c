package digest

import (
	"slices"
	"testing"
)

func TestTold(t *testing.T) {
	var days []int
	for d := 1; d <= 45; d++ {
		if told(d-1, d) {
			days = append(days, d)
		}
	}
	if want := []int{1, 3, 7, 14, 28, 42}; !slices.Equal(days, want) {
		t.Errorf("told on days %v, want %v", days, want)
	}
	if !told(1, 6) {
		t.Error("day 3 passed without a digest, and is not told on day 6")
	}
	if told(8, 13) {
		t.Error("told between the days 8 and 13")
	}
}
