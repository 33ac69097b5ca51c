package daemon_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// What comes into the login's sight gets no stamp, and what changed while it was out of
// sight has an old one. In each case the cache ends up like the org, soon after the
// records are back in sight.

// acts returns the activities of open deals that the cache has, by id.
func (x *orgBench) acts() map[string]crm.Activity {
	x.t.Helper()
	out, open := map[string]crm.Activity{}, x.open()
	for after, more := "", true; more; more = after != "" {
		p, next, err := x.store.Export(x.t.Context(), "sales", crm.Activities, after, 500)
		if err != nil {
			x.t.Fatal(err)
		}
		keepOpen(out, p.Activities, open)
		after = next
	}
	return out
}

// truth returns the activities of open deals as a source without a past reads them.
func (x *orgBench) truth() map[string]crm.Activity {
	x.t.Helper()
	out, open, src := map[string]crm.Activity{}, x.open(), x.connect()
	if _, err := src.Describe(x.t.Context()); err != nil {
		x.t.Fatal(err)
	}
	for at, more := crm.Cursor(""), true; more; {
		p, err := src.Fetch(x.t.Context(), crm.Activities, at)
		if err != nil {
			x.t.Fatal(err)
		}
		keepOpen(out, p.Activities, open)
		at, more = p.Next, p.More
	}
	return out
}

func keepOpen(out map[string]crm.Activity, as []crm.Activity, open []string) {
	for _, a := range as {
		if slices.ContainsFunc(a.OpportunityIDs, func(id string) bool { return slices.Contains(open, id) }) {
			a.Subject = "" // is kept only where it asks for something
			out[a.ID] = a
		}
	}
}

// quarters polls every quarter of an hour.
func (x *orgBench) quarters(n int) {
	x.t.Helper()
	for range n {
		x.later(15 * time.Minute)
		x.polled()
	}
}

// rotation is after how many polls the rows of every object have been counted twice.
const rotation = 11

// sees fails where the activities of open deals differ from the org's.
func (x *orgBench) sees(when string) {
	x.t.Helper()
	if diff := cmp.Diff(x.truth(), x.acts()); diff != "" {
		x.t.Errorf("%s: -org +cache\n%s", when, diff)
	}
}

// activityIDs lists the ids of activities of open deals.
func (x *orgBench) activityIDs() (ids []string) {
	for id := range x.truth() {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// TestUsersComeIntoSight: the login may see all users only after the first sync. A
// few polls later, and without a single count within a day, their digests can go out.
func TestUsersComeIntoSight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		set   func(*sim.SalesforceOptions)
		polls int
		after time.Duration
	}{
		{"counted", func(*sim.SalesforceOptions) {}, rotation, 15 * time.Minute},
		{"no composites", func(o *sim.SalesforceOptions) { o.NoComposite = 404 }, 1, 25 * time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newOrgBench(t, 60)
			x.org.Set(c.set)
			users := x.company.IDs("User")
			for _, id := range users[1:] {
				x.company.HideRecord(id)
			}
			x.polled()
			x.quarters(rotation)
			if n := x.streams()[crm.Users].Records; n != 1 {
				t.Fatalf("the scenario does not hold: %d users", n)
			}
			if st, err := x.Status(t.Context()); err != nil || !strings.Contains(strings.Join(st.Notices, ""), "users that the login does not see") {
				t.Errorf("status says %v, %v", st.Notices, err)
			}
			for _, id := range users {
				x.company.ShowRecord(id)
			}
			for range c.polls {
				x.later(c.after)
				x.polled()
			}
			if n := x.streams()[crm.Users].Records; n != len(users) {
				t.Errorf("%d of %d users", n, len(users))
			}
			if st, err := x.Status(t.Context()); err != nil || strings.Contains(strings.Join(st.Notices, ""), "users that the login does not see") {
				t.Errorf("in sight: status says %v, %v", st.Notices, err)
			}
			for _, id := range users[len(users)-4:] { // a user that is out of sight is not gone
				x.company.HideRecord(id)
			}
			x.quarters(2 * rotation)
			x.later(25 * time.Hour)
			x.polled()
			if n := x.streams()[crm.Users].Records; n != len(users) {
				t.Errorf("out of sight: %d of %d users", n, len(users))
			}
		})
	}
}

// TestActivitiesComeIntoSight: the login sees one in five activities, and then all.
func TestActivitiesComeIntoSight(t *testing.T) {
	t.Parallel()
	x := newOrgBench(t, 100)
	ids := x.activityIDs()
	for i, id := range ids {
		if i%5 != 0 {
			x.company.HideRecord(id)
		}
	}
	x.polled()
	x.quarters(rotation)
	if n := len(x.acts()); n == 0 || n > len(ids)/4 {
		t.Fatalf("the scenario does not hold: %d of %d", n, len(ids))
	}
	for _, id := range ids {
		x.company.ShowRecord(id)
	}
	x.quarters(rotation)
	x.sees("visible again")
}

// TestWhatBelongsToDealsComesIntoSight: so do links to contacts and history.
func TestWhatBelongsToDealsComesIntoSight(t *testing.T) {
	for s, object := range map[crm.Stream]string{crm.Contacts: "OpportunityContactRole", crm.History: "OpportunityHistory"} {
		t.Run(string(s), func(t *testing.T) {
			x := newOrgBench(t, 60)
			x.polled()
			whole := x.streams()[s].Records
			x = newOrgBench(t, 60)
			for i, id := range x.company.IDs(object) {
				if i%5 != 0 {
					x.company.HideRecord(id)
				}
			}
			x.polled()
			x.quarters(rotation)
			if n := x.streams()[s].Records; n == 0 || n > whole/4 {
				t.Fatalf("the scenario does not hold: %d of %d", n, whole)
			}
			for _, id := range x.company.IDs(object) {
				x.company.ShowRecord(id)
			}
			x.quarters(rotation)
			if n := x.streams()[s].Records; n != whole {
				t.Errorf("%d of %d records", n, whole)
			}
		})
	}
}

// TestActivitiesChangeWhileHidden: activities are out of sight for 30 hours, and are
// meanwhile edited, moved to another deal, deleted and purged. One case hides more than a
// sweep drops, one less.
func TestActivitiesChangeWhileHidden(t *testing.T) {
	t.Parallel()
	for _, part := range []int{1, 2, 20} {
		t.Run(fmt.Sprintf("one in %d", part), func(t *testing.T) {
			x := newOrgBench(t, 100)
			x.polled()
			x.quarters(rotation)
			var hidden []string
			for i, id := range x.activityIDs() {
				if i%part == 0 {
					hidden = append(hidden, id)
					x.company.HideRecord(id)
				}
			}
			x.quarters(rotation)
			x.later(2 * time.Hour)
			open := x.open()
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			for i, id := range hidden[:len(hidden)/2] {
				switch i % 16 {
				case 0:
					must(x.company.SetField(id, "OwnerId", x.company.IDs("User")[i%3]))
				case 1:
					must(x.company.MoveActivity(id, open[i%len(open)]))
				case 2:
					must(x.company.Delete(id))
				case 3:
					must(x.company.Delete(id))
					must(x.company.Purge(id))
				}
			}
			for range 30 {
				x.later(time.Hour)
				x.polled()
			}
			for _, id := range hidden {
				x.company.ShowRecord(id)
			}
			x.quarters(rotation)
			if part == 20 { // a few rows are read again within a day
				x.later(25 * time.Hour)
				x.quarters(rotation)
			}
			x.sees("visible again")
			if held := x.streams()[crm.Activities].Held; held != "" {
				t.Errorf("held: %s", held)
			}
		})
	}
}

// TestActivitiesAreReadAnewWithoutACount: where nothing can be counted, or as many rows
// go out of sight as come into it, the weekly sweep finds what changed.
func TestActivitiesAreReadAnewWithoutACount(t *testing.T) {
	x := newOrgBench(t, 60)
	ids := x.activityIDs()
	x.polled()
	hidden := ids[:4]
	for _, id := range hidden {
		x.company.HideRecord(id)
	}
	x.org.Fault(sim.Fault{Sub: "/query", Times: -1, Match: func(r *http.Request) bool { return strings.Contains(r.URL.Query().Get("q"), "COUNT()") }, Status: 400, Body: `[{"errorCode":"QUERY_TIMEOUT","message":"too long"}]`})
	x.later(2 * time.Hour)
	x.polled()
	if err := x.company.MoveActivity(hidden[0], x.open()[7]); err != nil {
		t.Fatal(err)
	}
	x.later(30 * time.Hour)
	x.polled()
	for _, id := range hidden {
		x.company.ShowRecord(id)
	}
	x.later(8 * 24 * time.Hour)
	x.polled()
	x.sees("after a week")
}

// TestADealThatReturnsClosedAndReopens comes with its tasks.
func TestADealThatReturnsClosedAndReopens(t *testing.T) {
	x := newOrgBench(t, 60)
	x.polled()
	x.quarters(2)
	lost, whole := "", 0
	for _, id := range x.open() {
		if n := len(x.company.Activities(id)); n > whole {
			lost, whole = id, n
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	x.company.HideRecord(lost)
	x.later(25 * time.Hour)
	x.polled()
	if x.has(crm.Opportunities, lost) {
		t.Fatal("the scenario does not hold: the deal is in sight")
	}
	must(x.company.CloseLost(lost, "no budget"))
	x.later(25 * time.Hour)
	x.polled()
	x.company.ShowRecord(lost)
	must(x.company.SetField(lost, "NextStep", "ask again in spring"))
	x.later(time.Hour)
	x.polled()
	x.later(time.Hour)
	must(x.company.SetField(lost, "StageName", sim.Negotiation))
	x.polled()
	x.sees("reopened")
}
