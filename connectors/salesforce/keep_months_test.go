package salesforce

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// TestMonthsBefore: a later time never gives an earlier day, which would start a
// backfill.
func TestMonthsBefore(t *testing.T) {
	before := crm.Date(0)
	for at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2030; at = at.AddDate(0, 0, 1) {
		d := monthsBefore(at, 13)
		if d < before {
			t.Fatalf("on %s it is %s, the day before it was %s", at.Format(time.DateOnly), d, before)
		}
		before = d
	}
	if got := monthsBefore(time.Date(2026, 3, 31, 23, 0, 0, 0, time.UTC), 1); got != crm.NewDate(2026, 2, 28) {
		t.Errorf("got %s", got)
	}
}
