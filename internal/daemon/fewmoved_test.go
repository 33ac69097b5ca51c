package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// TestAFewRowsAreReadAgainWithinADay: where status says that the rows of an object are read
// again within a day, because the login sees a few more of them, they are, of each object.
func TestAFewRowsAreReadAgainWithinADay(t *testing.T) {
	t.Parallel()
	for object, stream := range map[string]crm.Stream{
		"Task": crm.Activities, "OpportunityContactRole": crm.Contacts, "OpportunityHistory": crm.History,
	} {
		t.Run(object, func(t *testing.T) {
			x, twin := newOrgBench(t, 60), newOrgBench(t, 60)
			twin.polled()
			whole := twin.streams()[stream].Records
			ids := x.company.IDs(object)
			if object == "Task" {
				ids = x.activityIDs()
			}
			var few []string
			for _, id := range ids {
				if len(few) < 4 && (object != "Task" || strings.HasPrefix(id, "00T")) {
					few = append(few, id)
				}
			}
			for _, id := range few {
				x.company.HideRecord(id)
			}
			x.polled()
			for _, id := range few {
				x.company.ShowRecord(id)
			}
			x.quarters(rotation)
			st, err := x.Status(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if said := strings.Join(st.Notices, "\n"); !strings.Contains(said, "rows of "+object+" where it saw") || !strings.Contains(said, "read again within a day") {
				t.Fatalf("status says %s", said)
			}
			if n := x.streams()[stream].Records; n >= whole {
				t.Fatalf("%d of %d records are cached before they are read again: the scenario does not hold", n, whole)
			}
			x.later(25 * time.Hour)
			x.polled()
			if n := x.streams()[stream].Records; n != whole {
				t.Errorf("a day later %d of %d records are cached", n, whole)
			}
		})
	}
}
