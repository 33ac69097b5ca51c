package hygiene

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// The CRM's own last-activity field holds a date alone, and nobody knows in which zone the
// CRM ends the day: the owner's, the org's or UTC. A call late in the day explains the field
// in each of the three, and no date further on.
func TestADateOfTheCRMIsExplainedInAnyOfItsZones(t *testing.T) {
	for name, c := range map[string]struct {
		owner, org string
		at         string // of the call
		field      crm.Date
		hidden     bool
	}{
		"the owner's day":           {"America/Los_Angeles", "America/Los_Angeles", "2026-11-20T17:00:00-08:00", crm.NewDate(2026, 11, 20), false},
		"the day of UTC":            {"America/Los_Angeles", "America/Los_Angeles", "2026-11-20T17:00:00-08:00", crm.NewDate(2026, 11, 21), false},
		"the day of the org":        {"America/Los_Angeles", "Asia/Tokyo", "2026-11-20T14:00:00-08:00", crm.NewDate(2026, 11, 21), false},
		"no zone of the org, UTC":   {"America/Los_Angeles", "", "2026-11-20T17:00:00-08:00", crm.NewDate(2026, 11, 21), false},
		"the owner is ahead of UTC": {"Asia/Tokyo", "UTC", "2026-11-21T05:00:00+09:00", crm.NewDate(2026, 11, 21), false},
		"the day after":             {"America/Los_Angeles", "America/Los_Angeles", "2026-11-20T17:00:00-08:00", crm.NewDate(2026, 11, 22), true},
		"the next day everywhere":   {"America/Los_Angeles", "America/Los_Angeles", "2026-11-20T12:00:00-08:00", crm.NewDate(2026, 11, 21), true},
	} {
		loc, err := time.LoadLocation(c.owner)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		p := testPass(t, always("a", failing))
		p.Now = time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)
		p.Teams.List[0].Calendar = &Calendar{Location: loc}
		p.Source.Info.TimeZone, p.Source.Info.Dates = c.org, []string{"last_activity_at"}
		if err := p.Prepare(); err != nil {
			t.Fatal(err)
		}
		d := testDeal()
		d.Activities = []crm.Activity{{ID: "c1", Kind: crm.Call, Done: true, At: at.UTC(), CreatedAt: at.UTC(), OpportunityIDs: []string{d.Opportunity.ID}}}
		d.Opportunity.LastActivityAt = c.field.In(time.UTC)
		if on, hidden := p.HiddenActivity(d); hidden != c.hidden || on != c.field {
			t.Errorf("%s: %s, hidden %v, want %s, %v", name, on, hidden, c.field, c.hidden)
		}
	}
}
