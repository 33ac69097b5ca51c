package daemon_test

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
)

// What our own setting no longer keeps is nobody's lost permission: after keep has been set,
// a full read drops what is older, and findings are shown.
func TestKeepAccusesNoLogin(t *testing.T) {
	var closed, activities connectors.Months
	for name, open := range map[string]func() *orgBench{
		"salesforce": func() *orgBench {
			return newOrgBench(t, 60, func(c *salesforce.Config) { c.Keep.Closed, c.Keep.Activities = closed, activities })
		},
		"hubspot": func() *orgBench {
			return newPortalBench(t, 60, func(c *hubspot.Config) { c.Keep.Closed, c.Keep.Activities = closed, activities }).orgBench
		},
	} {
		for stream, months := range map[crm.Stream]*connectors.Months{crm.Activities: &activities, crm.Opportunities: &closed} {
			t.Run(name+" "+string(stream), func(t *testing.T) {
				closed, activities = 0, 0
				x := open()
				x.polled()
				before := x.streams()[stream].Records
				*months = 3
				x.later(170 * 24 * time.Hour)
				x.reborn()
				if err := x.Sync(t.Context(), x.src, true, nil); err != nil {
					t.Fatal(err)
				}
				if err := x.Evaluate(t.Context(), x.src); err != nil {
					t.Fatal(err)
				}
				st := x.streams()[stream]
				if c := x.check(); st.Held != "" || c.Sources[0].Withheld != "" || len(c.Findings) == 0 {
					t.Errorf("held %q, withheld %q, %d findings", st.Held, c.Sources[0].Withheld, len(c.Findings))
				}
				if before-st.Records < 10 {
					t.Errorf("the scenario does not hold: %d records of %d are left", st.Records, before)
				}
			})
		}
	}
}
