package hubspot_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// joined makes one page of the pages of a run.
func joined(pages []crm.Page) (all crm.Page) {
	for _, p := range pages {
		all.Opportunities = append(all.Opportunities, p.Opportunities...)
		all.Activities = append(all.Activities, p.Activities...)
		all.Changes = append(all.Changes, p.Changes...)
		all.Contacts = append(all.Contacts, p.Contacts...)
		all.ContactsOf = append(all.ContactsOf, p.ContactsOf...)
		all.Deleted = append(all.Deleted, p.Deleted...)
		all.Stream, all.Next, all.AsOf, all.Done, all.Total = p.Stream, p.Next, p.AsOf, p.Done, p.Total
	}
	return all
}

// toEnd reads a stream from at to its end.
func toEnd(t *testing.T, src crm.Source, s crm.Stream, at crm.Cursor) (pages []crm.Page) {
	t.Helper()
	for range 1000 {
		p, err := src.Fetch(t.Context(), s, at)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, p)
		if at = p.Next; !p.More {
			return pages
		}
	}
	t.Fatal("no end")
	return nil
}

// poll reads all streams as the daemon does, first by Poll and then by Fetch, and moves
// the cursors on.
func poll(t *testing.T, src crm.Source, at map[crm.Stream]crm.Cursor) map[crm.Stream]crm.Page {
	t.Helper()
	first, err := src.(crm.Poller).Poll(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	out := map[crm.Stream]crm.Page{}
	for _, s := range src.Streams() {
		var pages []crm.Page
		c, more := at[s], true
		if p, ok := first[s]; ok {
			pages, c, more = []crm.Page{p}, p.Next, p.More
		}
		if more {
			pages = append(pages, toEnd(t, src, s, c)...)
		}
		out[s] = joined(pages)
		at[s] = out[s].Next
	}
	return out
}

// TestPollIsFetch compares what Poll and then Fetch give with what Fetch alone
// gives, record by record, through changes of every kind and more of them than
// Poll reads at once.
func TestPollIsFetch(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 320})
	src := a.Source(t)
	at := map[crm.Stream]crm.Cursor{}
	poll(t, src, at)
	for name, change := range map[string]func(ids []string) error{
		"nothing":    func([]string) error { return nil },
		"some":       func(ids []string) error { return a.portal.SetProperty("deals", ids[3], "amount", "77") },
		"a deletion": func(ids []string) error { return a.portal.Archive("deals", ids[5]) },
		"a merge": func(ids []string) error {
			_, err := a.portal.Merge("deals", ids[7], ids[8], false)
			return err
		},
		"many": func(ids []string) error {
			for i, id := range ids {
				if err := a.portal.SetProperty("deals", id, "dealname", fmt.Sprint("n", i)); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			a.later(20 * time.Minute)
			poll(t, src, at)
			a.later(20 * time.Minute)
			if err := change(a.portal.IDs("deals")); err != nil {
				t.Fatal(err)
			}
			a.later(time.Minute)
			want := map[crm.Stream]crm.Page{}
			for _, s := range src.Streams() {
				want[s] = joined(toEnd(t, src, s, at[s]))
			}
			got := poll(t, src, at)
			if name == "many" && len(got[crm.Opportunities].Opportunities) <= 200 { // five searches of 40
				t.Fatalf("%d deals changed", len(got[crm.Opportunities].Opportunities))
			}
			for s := range want {
				if diff := cmp.Diff(timeless(t, want[s]), timeless(t, got[s])); diff != "" {
					t.Errorf("%s (-Fetch +Poll):\n%s", s, diff)
				}
			}
		})
	}
}

// timeless leaves out when the page was read, which differs on a slow machine.
func timeless(t *testing.T, p crm.Page) crm.Page {
	t.Helper()
	c := map[string]any{}
	if err := json.Unmarshal([]byte(p.Next), &c); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"since", "reread", "deep", "binned"} {
		delete(c, at)
	}
	p.Next, p.AsOf = crm.Cursor(fmt.Sprint(c)), time.Time{}
	return p
}

// TestContactsOfChangedDeals links contacts with two deals: the next poll finds the link
// of the deal that changed, and the hour's poll the link of the other deal.
func TestContactsOfChangedDeals(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	src := a.Source(t)
	at := map[crm.Stream]crm.Cursor{}
	first := poll(t, src, at)
	of := func(p crm.Page, deal string) (out []string) {
		for _, c := range p.Contacts {
			if c.OpportunityID == deal {
				out = append(out, c.ContactID)
			}
		}
		return out
	}
	open := first[crm.Contacts].ContactsOf
	quiet, busy := open[0], open[1]
	all := a.portal.IDs("contacts")
	other := func(deal string) string {
		return all[slices.IndexFunc(all, func(id string) bool { return !slices.Contains(of(first[crm.Contacts], deal), id) })]
	}
	a.later(30 * time.Minute)
	for _, deal := range []string{quiet, busy} {
		if err := a.portal.Associate("deals", deal, "contacts", other(deal)); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.portal.SetProperty("deals", busy, "amount", "5"); err != nil {
		t.Fatal(err)
	}
	a.later(time.Minute)
	p := poll(t, src, at)[crm.Contacts]
	if !slices.Contains(of(p, busy), other(busy)) || slices.Contains(p.ContactsOf, quiet) {
		t.Errorf("read the contacts of %q", p.ContactsOf)
	}
	a.later(45 * time.Minute)
	poll(t, src, at)
	a.later(20 * time.Minute)
	p = poll(t, src, at)[crm.Contacts]
	if !slices.Contains(of(p, quiet), other(quiet)) || len(p.ContactsOf) != len(open) {
		t.Errorf("an hour later read the contacts of %d deals, want %d", len(p.ContactsOf), len(open))
	}
}

// TestLargeBin walks a large recycle bin hourly only, and misses nothing of it.
func TestLargeBin(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 200})
	src := a.Source(t)
	deals := newCache(t)
	for _, id := range a.portal.IDs("deals")[:90] { // five pages of 20
		if err := a.portal.Archive("deals", id); err != nil {
			t.Fatal(err)
		}
	}
	deals.run(src, crm.Opportunities)
	walks := func() (n int) {
		for _, c := range a.portal.Calls() {
			if strings.Contains(c.Query, "archived=true") && strings.HasSuffix(c.Path, "/deals") {
				n++
			}
		}
		a.portal.ResetCalls()
		return n
	}
	walks()
	a.later(20 * time.Minute)
	if err := a.portal.Archive("deals", a.portal.IDs("deals")[3]); err != nil {
		t.Fatal(err)
	}
	a.later(20 * time.Minute)
	deals.run(src, crm.Opportunities)
	if n := walks(); n != 0 {
		t.Errorf("walked %d pages of a large bin in a usual run", n)
	}
	// A long silence: a deal that was archived before must still be in the window.
	a.later(10 * time.Hour)
	deals.run(src, crm.Opportunities)
	a.later(20 * time.Minute)
	deals.run(src, crm.Opportunities)
	if n := walks(); n != 5 {
		t.Errorf("walked %d pages in the hour's run, want 5", n)
	}
	a.same(deals)
}

// TestCallsAreDocumented looks for each call that is made in the reference.
func TestCallsAreDocumented(t *testing.T) {
	a, _ := installed(t, func(*sim.HubSpotOAuth) {})
	a.cfg.PageLimit = 0
	src, at := a.Source(t), map[crm.Stream]crm.Cursor{}
	poll(t, src, at)
	for range 3 {
		a.later(13 * time.Hour)
		for typ, property := range map[string]string{"deals": "dealname", "notes": "hs_note_body"} {
			if err := a.portal.SetProperty(typ, a.portal.IDs(typ)[0], property, "x"); err != nil {
				t.Fatal(err)
			}
		}
		poll(t, src, at)
	}
	if _, err := src.(crm.Recaller).Recall(t.Context(), a.portal.IDs("deals")[:9]); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range a.portal.Calls() {
		call := c.Method + " " + c.Path
		if !seen[call] && !hubspot.Documented(c.Method, c.Path) {
			t.Errorf("docs/hubspot.md does not tell of %s", call)
		}
		seen[call] = true
	}
	if len(seen) < 20 {
		t.Errorf("only %d kinds of call were made", len(seen))
	}
}

// TestPollLeavesToFetch lists the streams and runs that Poll leaves to Fetch.
func TestPollLeavesToFetch(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	src := a.Source(t)
	at := map[crm.Stream]crm.Cursor{}
	check := func(what string, at map[crm.Stream]crm.Cursor, want ...crm.Stream) {
		t.Helper()
		pages, err := src.(crm.Poller).Poll(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		var got []crm.Stream
		for _, s := range src.Streams() {
			if _, ok := pages[s]; ok {
				got = append(got, s)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: polled %q, want %q", what, got, want)
		}
	}
	check("a backfill", map[crm.Stream]crm.Cursor{crm.Opportunities: "", crm.History: "", crm.Contacts: ""})
	poll(t, src, at)
	a.later(5 * time.Minute)
	check("increments", at, crm.Opportunities, crm.History, crm.Contacts)
	check("one alone", map[crm.Stream]crm.Cursor{crm.Opportunities: at[crm.Opportunities]})
	foreign := map[crm.Stream]crm.Cursor{crm.Opportunities: "x", crm.History: at[crm.History], crm.Contacts: at[crm.Contacts]}
	check("a foreign cursor", foreign, crm.History, crm.Contacts)
	var old map[string]any
	if err := json.Unmarshal([]byte(at[crm.History]), &old); err != nil {
		t.Fatal(err)
	}
	old["since"] = old["since"].(float64) - 3*86400
	old["reread"], old["deep"] = old["since"], old["since"]
	b, err := json.Marshal(old)
	if err != nil {
		t.Fatal(err)
	}
	check("one far behind", map[crm.Stream]crm.Cursor{crm.Opportunities: at[crm.Opportunities], crm.History: crm.Cursor(b), crm.Contacts: at[crm.Contacts]},
		crm.Opportunities, crm.Contacts)
	a.later(time.Hour)
	poll(t, src, at)
	a.later(20 * time.Minute)
	check("the hour's run", at, crm.Opportunities, crm.History, crm.Contacts)
	a.portal.Fault(sim.Fault{Path: "/deals/search", Status: 500, Times: -1})
	check("a search that fails", at)
	a.portal.ClearFaults()
	a.later(25 * time.Hour)
	src = a.Source(t) // another process, which reads the time first
	check("the day's run", at, crm.Opportunities, crm.History, crm.Contacts)
	poll(t, src, at)
	a.later(5 * time.Minute)
	check("after the day's run", at, crm.Opportunities, crm.History, crm.Contacts)
}
