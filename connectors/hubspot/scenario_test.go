package hubspot_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// cache is what a store would hold of the deals and activities of a portal.
type cache struct {
	t          *testing.T
	at         map[crm.Stream]crm.Cursor
	deals      map[string]crm.Opportunity
	activities map[string]crm.Activity
}

func newCache(t *testing.T) *cache {
	return &cache{t: t, at: map[crm.Stream]crm.Cursor{}, deals: map[string]crm.Opportunity{}, activities: map[string]crm.Activity{}}
}

// run reads a stream to its end.
func (c *cache) run(src crm.Source, s crm.Stream) {
	c.t.Helper()
	for more := true; more; {
		p, err := src.Fetch(c.t.Context(), s, c.at[s])
		if err != nil {
			c.t.Fatal(err)
		}
		for _, o := range p.Opportunities {
			c.deals[o.ID] = o
		}
		for _, a := range p.Activities {
			c.activities[a.ID] = a
		}
		for _, id := range p.Deleted {
			delete(c.deals, id)
			delete(c.activities, id)
		}
		c.at[s], more = p.Next, p.More
	}
}

func (a *account) later(d time.Duration) { a.company.SetNow(a.company.Now().Add(d)) }

// TestFailure03IndexLag changes a deal that the search does not find before the next
// run is over: the overlap of a later run finds the deal, or the long overlap of the
// hour's run (supaglue issue 665; estuary issue 1861; airbyte PR 69203).
func TestFailure03IndexLag(t *testing.T) {
	for _, lag := range []time.Duration{90 * time.Second, 10 * time.Minute, 45 * time.Minute} {
		t.Run(lag.String(), func(t *testing.T) {
			a := newAccount(t, sim.Options{Deals: 60})
			a.portal.Set(func(o *sim.HubSpotOptions) { o.IndexLag = lag })
			deals := newCache(t)
			deals.run(a.Source(t), crm.Opportunities)
			a.later(3 * time.Hour)
			deals.run(a.Source(t), crm.Opportunities)
			id, name := a.Rename(t)
			deals.run(a.Source(t), crm.Opportunities)
			if deals.deals[id].Name == name {
				t.Fatal("the index does not lag")
			}
			for range 10 {
				a.later(12 * time.Minute)
				deals.run(a.Source(t), crm.Opportunities)
			}
			if got := deals.deals[id].Name; got != name {
				t.Errorf("the deal is %q, want %q", got, name)
			}
		})
	}
}

// TestFailure09Merged merges deals: the loser must be gone, whatever the loser's id
// leads to, and the survivor may have a new id (dbt_hubspot issue 134).
func TestFailure09Merged(t *testing.T) {
	for _, mint := range []bool{false, true} {
		for _, leads := range []bool{false, true} {
			t.Run(strconv.FormatBool(mint)+strconv.FormatBool(leads), func(t *testing.T) {
				a := newAccount(t, sim.Options{Deals: 60})
				a.portal.Set(func(o *sim.HubSpotOptions) { o.MergedResolve = leads })
				deals := newCache(t)
				deals.run(a.Source(t), crm.Opportunities)
				a.later(time.Minute)
				ids := a.portal.IDs("deals")
				if _, err := a.portal.Merge("deals", ids[2], ids[3], mint); err != nil {
					t.Fatal(err)
				}
				a.later(time.Minute)
				deals.run(a.Source(t), crm.Opportunities)
				a.same(deals)
			})
		}
	}
}

// same compares the cached deals with the deals in the portal.
func (a *account) same(c *cache) {
	a.t.Helper()
	var got []string
	for id := range c.deals {
		got = append(got, id)
	}
	want := a.portal.IDs("deals")
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		a.t.Errorf("cached are\n%q\nthere are\n%q", got, want)
	}
}

// TestFailure08Archived archives a deal and restores the deal, which leaves no stamp
// (airbyte issues 19838 and 35017; tap-hubspot 106).
func TestFailure08Archived(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	deals := newCache(t)
	deals.run(a.Source(t), crm.Opportunities)
	id := a.Delete(t)
	deals.run(a.Source(t), crm.Opportunities)
	a.same(deals)
	if err := a.portal.Restore("deals", id); err != nil {
		t.Fatal(err)
	}
	a.later(25 * time.Hour)
	deals.run(a.Source(t), crm.Opportunities)
	a.later(time.Minute)
	deals.run(a.Source(t), crm.Opportunities)
	a.same(deals)
}

// TestFailure07LateLink links an activity with a deal long after the activity was made:
// no record is stamped. A process that goes on finds the link within the hour, and a new
// process by the daily reading (airbyte issues 27199 and 44554).
func TestFailure07LateLink(t *testing.T) {
	t.Run("within the hour", func(t *testing.T) {
		a := newAccount(t, sim.Options{Deals: 60})
		src := a.Source(t)
		lateLink(t, a, func() crm.Source { return src }, 70*time.Minute)
	})
	t.Run("after a restart", func(t *testing.T) {
		a := newAccount(t, sim.Options{Deals: 60})
		lateLink(t, a, func() crm.Source { return a.Source(t) }, 25*time.Hour)
	})
}

func lateLink(t *testing.T, a *account, source func() crm.Source, between time.Duration) {
	cache := newCache(t)
	cache.run(source(), crm.Activities)
	for range 2 { // the first look only remembers
		a.later(70 * time.Minute)
		cache.run(source(), crm.Activities)
	}
	var call string
	for id, act := range cache.activities {
		if act.Kind == crm.Call && len(act.OpportunityIDs) == 1 && (call == "" || id < call) {
			call = id
		}
	}
	old := cache.activities[call].OpportunityIDs[0]
	ids := a.portal.IDs("deals")
	deal := ids[slices.IndexFunc(ids, func(id string) bool { return id != old && a.portal.Properties("deals", id)["hs_is_closed"] == "false" })]
	a.later(time.Minute)
	if err := a.portal.Associate("calls", call[len("calls:"):], "deals", deal); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		a.later(between)
		cache.run(source(), crm.Activities)
	}
	if got := cache.activities[call].OpportunityIDs; !slices.Contains(got, deal) || !slices.Contains(got, old) {
		t.Errorf("the call belongs to %q, want %s and %s", got, old, deal)
	}
}

// TestScopes takes the scope of emails away.
func TestScopes(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	a.portal.Set(func(o *sim.HubSpotOptions) {
		o.Scopes = []string{"crm.objects.deals.read", "crm.objects.contacts.read", "crm.objects.owners.read"}
	})
	src := a.Source(t)
	info, err := src.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.Fields["emails"] != crm.Hidden || info.Fields["activities"] != crm.Readable || info.Fields["contacts"] != crm.Readable {
		t.Errorf("the fields are %v", info.Fields)
	}
	if why := info.Why["emails"]; !strings.Contains(why, "sales-email-read; add what is missing to the service key") || len(info.Why) != 1 {
		t.Errorf("said why: %q", info.Why)
	}
	cache := newCache(t)
	cache.run(src, crm.Activities)
	if len(cache.activities) == 0 {
		t.Error("the other activities can still be read")
	}
}

// TestRowsTwiceAndNever has a page that begins with the last row of the page before, and
// a page that lacks its first row: the overlap of the next run finds the missing row.
func TestRowsTwiceAndNever(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 160})
	a.portal.Set(func(o *sim.HubSpotOptions) { o.RepeatRows = 3 })
	deals := newCache(t)
	deals.run(a.Source(t), crm.Opportunities)
	a.same(deals)
	a.later(3 * time.Hour)
	for _, id := range a.portal.IDs("deals") {
		if err := a.portal.SetProperty("deals", id, "dealname", "again"); err != nil {
			t.Fatal(err)
		}
	}
	a.later(time.Minute)
	a.portal.Set(func(o *sim.HubSpotOptions) { o.RepeatRows, o.SkipRows = 1, 1 })
	deals.run(a.Source(t), crm.Opportunities)
	if o := a.portal.Options(); o.RepeatRows != 0 || o.SkipRows != 0 {
		t.Fatal("no row came twice, or none was left out")
	}
	a.later(5 * time.Minute)
	deals.run(a.Source(t), crm.Opportunities)
	for id, o := range deals.deals {
		if o.Name != "again" {
			t.Errorf("the change of deal %s was not read", id)
		}
	}
}
