package daemon_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
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
	x.later(25 * time.Hour)
	x.polled()
	for _, id := range ends {
		if x.has(crm.Opportunities, id) {
			t.Errorf("deal %s is still there", id)
		}
	}
}

// beforeDigest is a bench some minutes before the digest. Each poll but the hour's leaves
// out the recycle bin, which has more pages than a poll reads.
func beforeDigest(t *testing.T) *portalBench {
	x := newPortalBench(t, 200, func(c *hubspot.Config) { c.PageLimit = 10 })
	x.cfg.Teams.List[0].Members = []string{"cleo@acme.example", "dai@acme.example", "finn@acme.example", "gus@acme.example", "hana@acme.example", "max@acme.example", "nia@acme.example", "oli@acme.example"}
	x.restart()
	binned := 0
	for _, id := range x.portal.IDs("deals") {
		if x.portal.Properties("deals", id)["hs_is_closed"] == "true" && binned < 40 {
			binned++
			if err := x.portal.Archive("deals", id); err != nil {
				t.Fatal(err)
			}
		}
	}
	x.polled()
	x.later(8 * time.Minute)
	x.polled()
	return x
}

// digest is what the readers get at half past eight.
func (x *portalBench) digest() string {
	x.t.Helper()
	x.later(10 * time.Minute)
	for range 2 { // the second look begins no digest, and asks nothing
		if err := x.Round(x.t.Context()); err != nil {
			x.t.Fatal(err)
		}
	}
	if len(x.slack.sent) == 0 {
		x.t.Fatalf("no digest was sent: %v", x.states())
	}
	return string(x.slack.sent[0].Body)
}

// TestDealsThatEndBeforeTheDigest has deals with findings that end between the last poll
// and the digest, in a portal whose recycle bin is too full to be seen by each poll. The
// digest does not name them, and one call reads ten deals with findings.
func TestDealsThatEndBeforeTheDigest(t *testing.T) {
	t.Parallel()
	fresh := beforeDigest(t)
	deals, name := fresh.inOrder(fresh.findings()), map[string]string{}
	for _, id := range deals {
		name[id] = fresh.portal.Properties("deals", id)["dealname"]
	}
	fresh.later(5 * time.Minute)
	body := fresh.digest()
	listed := slices.DeleteFunc(slices.Clone(deals), func(id string) bool { return !strings.Contains(body, name[id]) })
	if len(deals) < 11 || len(listed) < 3 {
		t.Fatalf("the scenario does not hold: %d deals have findings, and the digest names %d: %s", len(deals), len(listed), body)
	}
	archive := func(x *portalBench, id string) error { return x.portal.Archive("deals", id) }
	purge := func(x *portalBench, id string) error { return x.portal.Purge("deals", id) }
	for what, c := range map[string]struct {
		end   func(x *portalBench, id string) error
		ends  []string
		asks  int  // for what a batch calls not there: once more, the recycle bin, and what is not in it
		dumb  bool // the CRM does not answer
		lies  bool // the CRM calls deals not there that are
		named bool // by the digest
	}{
		"archived": {end: archive, ends: listed[:2], asks: 1 + 1},
		"purged":   {end: purge, ends: listed[:2], asks: 1 + 1 + 2},
		"all end, which a lost permission looks like": {end: purge, ends: deals, asks: 2*((len(deals)+9)/10) + 5, named: true},
		"a batch calls them not there":                {end: func(*portalBench, string) error { return nil }, ends: listed[:2], asks: 1 + 1 + 2, lies: true, named: true},
		"the CRM does not answer":                     {end: archive, ends: listed[:2], dumb: true, named: true},
	} {
		t.Run(what, func(t *testing.T) {
			x := beforeDigest(t)
			for _, id := range c.ends {
				if err := c.end(x, id); err != nil {
					t.Fatal(err)
				}
			}
			x.later(5 * time.Minute)
			x.polled()
			if !x.has(crm.Opportunities, c.ends[0]) {
				t.Fatal("the scenario does not hold: the poll noticed the deletion")
			}
			if c.dumb {
				x.portal.Fault(sim.Fault{Path: "/deals/batch/read", Status: 500, Times: -1})
			}
			if c.lies {
				x.portal.Fault(sim.Fault{Match: asksByID("deals"), Kind: sim.Edit, Change: notThere(c.ends...), Times: -1})
			}
			calls := x.calls()
			body, found := x.digest(), x.findings()
			if n := x.calls() - calls; !c.dumb && n != int64((len(deals)+9)/10+c.asks) {
				t.Errorf("%d calls for %d deals", n, len(deals))
			}
			for _, id := range listed {
				want := c.named || !slices.Contains(c.ends, id)
				if got := strings.Contains(body, name[id]); got != want || (found[id] != nil) != want {
					t.Errorf("%s (%s): named %v, found %v", id, name[id], got, found[id])
				}
			}
		})
	}
}

// TestWhateverComposesAsksFirst: whoever composes a digest, and whenever, the CRM has been
// asked for the deals with findings after the digest was planned, and not twice.
func TestWhateverComposesAsksFirst(t *testing.T) {
	deliver := func(x *portalBench, only map[string]bool) {
		if _, err := x.Deliver(x.t.Context(), only); err != nil {
			x.t.Error(err)
		}
	}
	send := func(x *portalBench, to string, again bool) {
		if _, err := x.SendNow(x.t.Context(), &x.cfg.Digests[0], to, again); err != nil {
			x.t.Error(err)
		}
	}
	begin := func(x *portalBench) {
		if err := x.Begin(x.t.Context()); err != nil {
			x.t.Error(err)
		}
	}
	for what, c := range map[string]struct {
		before  func(x *portalBench) // the deals end
		compose func(x *portalBench, end func())
		asks    int // how often
	}{
		"a worker that wakes as the digest is planned": {
			compose: func(x *portalBench, _ func()) { begin(x); deliver(x, nil) }, asks: 1,
		},
		"the workers of two channels": {compose: func(x *portalBench, _ func()) {
			begin(x)
			ds, err := x.store.Deliveries(x.t.Context(), delivery.Planned)
			if err != nil || len(ds) != 2 {
				x.t.Fatalf("the scenario does not hold: %d deliveries, %v", len(ds), err)
			}
			var wg sync.WaitGroup
			for _, d := range ds {
				wg.Go(func() { deliver(x, map[string]bool{d.ID: true}) })
			}
			wg.Wait()
		}, asks: 1},
		"an else channel": {compose: func(x *portalBench, end func()) {
			x.slack.script = func(int, delivery.Part) error { x.later(time.Second); end(); return delivery.ErrRejected }
			begin(x)
			deliver(x, nil)
			deliver(x, nil)
		}, asks: 2},
		"the command":         {compose: func(x *portalBench, _ func()) { send(x, "", false) }, asks: 1},
		"the command, a test": {compose: func(x *portalBench, _ func()) { send(x, "me@acme.example", false) }, asks: 1},
		"the command, another edition after a clock was set back": {
			before:  func(x *portalBench) { send(x, "", false); x.later(-time.Minute) },
			compose: func(x *portalBench, _ func()) { send(x, "", true) }, asks: 1,
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			x := beforeDigest(t)
			reps := x.cfg.Digests[0]
			reps.Name, reps.Via, reps.Else = "by-mail", delivery.Email, ""
			x.cfg.Digests = append(x.cfg.Digests, reps)
			if what != "the workers of two channels" {
				x.cfg.Digests = x.cfg.Digests[:1]
			}
			x.restart()
			deals := x.inOrder(x.findings())
			send(x, "me@acme.example", false) // to see which deals are named
			gone := slices.DeleteFunc(slices.Clone(deals), func(id string) bool {
				return !strings.Contains(string(x.slack.sent[0].Body), x.portal.Properties("deals", id)["dealname"])
			})[:2]
			name := map[string]string{}
			for _, id := range gone {
				name[id] = x.portal.Properties("deals", id)["dealname"]
			}
			end := sync.OnceFunc(func() {
				for _, id := range gone {
					if err := x.portal.Purge("deals", id); err != nil {
						t.Error(err)
					}
				}
			})
			x.later(10 * time.Minute)
			if c.before != nil {
				c.before(x)
			}
			if what != "an else channel" {
				end()
			}
			x.slack.sent, x.email.sent = nil, nil
			calls := x.calls()
			c.compose(x, end)
			if len(x.slack.sent)+len(x.email.sent) == 0 {
				t.Fatalf("no digest was sent: %v", x.states())
			}
			for _, p := range slices.Concat(x.slack.sent, x.email.sent) {
				for _, id := range gone {
					if strings.Contains(string(p.Body), name[id]) {
						t.Errorf("%s is gone and named: %s", name[id], p.Body)
					}
				}
			}
			// As often for ten deals, and four times for what is not there.
			if n, want := x.calls()-calls, int64(c.asks*((len(deals)+9)/10)+4); n != want {
				t.Errorf("%d calls for %d deals, want %d", n, len(deals), want)
			}
		})
	}
}

// TestWhoAsksBeforeADigestHeedsTheCRM: where the CRM asks for an hour as it is asked for the
// deals of a digest, the digest goes out at once, polls and later digests leave the CRM
// alone for that hour, and then it is asked again.
func TestWhoAsksBeforeADigestHeedsTheCRM(t *testing.T) {
	t.Parallel()
	x := beforeDigest(t)
	x.later(10 * time.Minute)
	x.portal.Fault(sim.Fault{
		Match: asksByID("deals"), Status: 429, Times: -1, Header: map[string]string{"Retry-After": "3600"},
		Body: `{"status":"error","message":"slow down","category":"RATE_LIMITS","policyName":"TEN_SECONDLY_ROLLING"}`,
	})
	send := func(calls int64) {
		t.Helper()
		sent, before := len(x.slack.sent), x.calls()
		if _, err := x.SendNow(t.Context(), &x.cfg.Digests[0], "", true); err != nil || len(x.slack.sent) == sent {
			t.Fatalf("no digest was sent: %v", err)
		}
		if n := x.calls() - before; n != calls {
			t.Errorf("%d calls, want %d", n, calls)
		}
	}
	until := x.company.Now().Add(time.Hour)
	send(1)
	if st, err := x.Status(t.Context()); err != nil || st.Sources[0].Next == nil || !st.Sources[0].Next.Equal(until) {
		t.Errorf("status: %+v, %v", st.Sources, err)
	}
	x.later(20 * time.Minute)
	send(0)
	before := x.calls()
	if !x.Turn(t.Context(), &x.cfg.Sources[0]) || x.calls() != before {
		t.Errorf("a poll within the hour made %d calls", x.calls()-before)
	}
	x.portal.ClearFaults()
	x.later(41 * time.Minute)
	send(int64(len(x.findings())+9) / 10)
}

// inOrder are the deals with findings.
func (x *portalBench) inOrder(named map[string][]string) (ids []string) {
	for id := range named {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// calls is how many calls the source has made.
func (x *orgBench) calls() int64 {
	m, ok := x.src.Source.Source.(crm.Meter)
	if !ok {
		x.t.Fatal("the source does not count its calls")
	}
	return m.Usage().Calls
}
