package daemon_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// activityObjects are the kinds of activity in a portal.
var activityObjects = []string{"calls", "emails", "meetings", "tasks", "notes"}

// belongs lists the activities that belong to an open deal in the cache, and how many
// contacts.
func (x *portalBench) belongs(deal string) (ids []string, contacts int) {
	x.t.Helper()
	_, _, err := x.store.Scan(x.t.Context(), "sales", "", 0, func(d *hygiene.Deal) error {
		if d.Opportunity.ID == deal {
			for i := range d.Activities {
				ids = append(ids, d.Activities[i].ID)
			}
			contacts = int(d.Opportunity.Contacts.Value)
		}
		return nil
	})
	if err != nil {
		x.t.Fatal(err)
	}
	slices.Sort(ids)
	return slices.Compact(ids), contacts
}

// belongsThere lists what belongs to a deal in the portal.
func (x *portalBench) belongsThere(deal string) (ids []string, contacts int) {
	for _, object := range activityObjects {
		for _, id := range x.portal.Links("deals", deal, object) {
			ids = append(ids, object+":"+id)
		}
	}
	slices.Sort(ids)
	return ids, len(x.portal.Links("deals", deal, "contacts"))
}

// openDeals lists open deals of the portal that have activities.
func (x *portalBench) openDeals() (ids []string) {
	for _, id := range x.portal.IDs("deals") {
		if have, _ := x.belongsThere(id); len(have) > 1 && x.portal.Properties("deals", id)["hs_is_closed"] == "false" {
			ids = append(ids, id)
		}
	}
	return ids
}

// TestMergedDealsKeepTheirActivities merges deals. The survivor has the activities and
// contacts of both with the next sync, also where each sync is a process of its own, and
// whether the survivor keeps its id or gets another.
func TestMergedDealsKeepTheirActivities(t *testing.T) {
	for what, change := range map[string]func(*portalBench, []string) string{
		"into one of the two": func(x *portalBench, ids []string) string { return x.merge(ids[0], ids[1], false) },
		"into a third":        func(x *portalBench, ids []string) string { return x.merge(ids[0], ids[1], true) },
		"two into one": func(x *portalBench, ids []string) string {
			return x.merge(x.merge(ids[0], ids[1], false), ids[2], false)
		},
	} {
		for _, resolves := range []bool{false, true} {
			t.Run(what, func(t *testing.T) {
				x := newPortalBench(t, 100)
				x.portal.Set(func(o *sim.HubSpotOptions) { o.MergedResolve = resolves })
				x.polled()
				x.later(10 * time.Minute)
				survivor := change(x, x.openDeals())
				x.later(10 * time.Minute)
				x.reborn()
				x.polled()
				ids, contacts := x.belongs(survivor)
				want, people := x.belongsThere(survivor)
				if diff := cmp.Diff(want, ids); diff != "" || contacts != people {
					t.Errorf("%d contacts of %d, activities (-want +got):\n%s", contacts, people, diff)
				}
			})
		}
	}
}

func (x *portalBench) merge(winner, loser string, mint bool) string {
	x.t.Helper()
	id, err := x.portal.Merge("deals", winner, loser, mint)
	if err != nil {
		x.t.Fatal(err)
	}
	return id
}

// TestPurgedDealsLeave has deals, open and closed ones, that end without a trace: not
// even the recycle bin has them. They leave the cache with the daily reading.
func TestPurgedDealsLeave(t *testing.T) {
	x := newPortalBench(t, 100)
	x.polled()
	var ends []string
	for _, closed := range []string{"false", "true"} {
		i := slices.IndexFunc(x.portal.IDs("deals"), func(id string) bool { return x.portal.Properties("deals", id)["hs_is_closed"] == closed })
		id := x.portal.IDs("deals")[i]
		if !x.has(crm.Opportunities, id) {
			t.Fatalf("the scenario does not hold: the cache does not have %s", id)
		}
		ends = append(ends, id)
		if err := x.portal.Purge("deals", id); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // how long ago the last reading of all was, the poll before tells
		x.later(25 * time.Hour)
		x.polled()
	}
	for _, id := range ends {
		if x.has(crm.Opportunities, id) {
			t.Errorf("deal %s is still there", id)
		}
	}
}
