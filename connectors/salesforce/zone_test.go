package salesforce

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/connectors/salesforce/schema"
)

// TestACloseDateInADatetime: a field of a company's own that holds an instant is on one
// day of the org's calendar, and the instant is kept; a date is the same day everywhere.
func TestACloseDateInADatetime(t *testing.T) {
	m := &mapping{from: map[string]*schema.Field{"close_date": {Name: "Ends__c", Type: "datetime"}}}
	for _, c := range []struct{ value, zone, want string }{
		{"2026-12-01T02:00:00.000+0000", "America/Los_Angeles", "2026-11-30"},
		{"2026-11-30T20:00:00.000+0000", "Asia/Kolkata", "2026-12-01"},
		{"2026-11-30T20:00:00.000+0000", "UTC", "2026-11-30"},
		{"2026-11-30", "America/Los_Angeles", "2026-11-30"},
		{"2026-11-30", "Pacific/Kiritimati", "2026-11-30"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		_, err = row.Page([]byte(`{"totalSize":1,"done":true,"records":[{"Ends__c":"`+c.value+`"}]}`), nil, func(r *row.Row) error {
			if o := m.opportunity(r, zone); o.CloseDate.String() != c.want || len(o.Unclear) > 0 || o.ClosesAt.IsZero() != (len(c.value) == len(time.DateOnly)) {
				t.Errorf("%s in %s: got %s, %v (unclear %v), want %s", c.value, c.zone, o.CloseDate, o.ClosesAt, o.Unclear, c.want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
