package salesforce_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestFailure13TooLarge: a login without View All Data may not query activities of more
// than so many records, and slow orgs end long queries (tap-salesforce issue 98; airbyte
// issue 17503). Here the part is read in windows of time: after a window that was too
// much, the next is half as long. If no window is short enough, the stream has an error
// (airbyte issue 19947 reported an empty success), and the other streams are read.
func TestFailure13TooLarge(t *testing.T) {
	for name, limits := range map[string]sim.SizeLimits{
		"OPERATION_TOO_LARGE": {MostWhoWhats: 110},
		"QUERY_TIMEOUT":       {SlowOver: map[string]int{"Task": 60, "Event": 60}},
	} {
		for _, poll := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " poll ", poll), func(t *testing.T) {
				t.Parallel()
				a := newAccount(t, sim.Options{Deals: 90})
				a.org.Set(func(o *sim.SalesforceOptions) { o.SizeLimits = limits })
				src := a.Source(t)
				whole := func(run map[crm.Stream]*record, want []string) {
					t.Helper()
					got := all([]crm.Page{run[crm.Activities].Page})
					for _, id := range want {
						if got[id] == "" {
							t.Fatalf("%s is lost, of %d", id, len(want))
						}
					}
				}
				runs := runAll(t, src, map[crm.Stream]crm.Cursor{}, false)
				whole(runs, a.IDs(crm.Activities))
				if n := a.asked("/queryAll"); a.refused() < 2 || n > 150 {
					t.Errorf("%d queries, %d of them refused", n, a.refused())
				}
				deals := a.company.IDs("Opportunity")[:130]
				a.later(time.Hour)
				var made []string
				for _, id := range deals {
					made = append(made, a.company.AddTask(sim.Task{WhatID: id}))
					a.later(time.Minute)
				}
				a.org.ResetCalls()
				runs = runAll(t, src, advance(runs), poll)
				whole(runs, made)
				if a.refused() == 0 && !poll {
					t.Error("the scenario does not hold: nothing was too large")
				}
				for _, id := range deals { // all within one second
					a.company.AddTask(sim.Task{WhatID: id})
				}
				a.tick()
				at := advance(runs)
				p, err := crm.Page{Next: at[crm.Activities], More: true}, error(nil)
				for n := 0; err == nil && p.More && n < 100; n++ {
					p, err = src.Fetch(t.Context(), crm.Activities, p.Next)
				}
				if !errors.Is(err, crm.ErrRefused) || errors.Is(err, crm.ErrBusy) || !strings.Contains(err.Error(), "a minute of Task ("+name+")") || !strings.Contains(err.Error(), "View All Data") {
					t.Errorf("got more %v, %v", p.More, err)
				}
				if _, err := src.Fetch(t.Context(), crm.Opportunities, at[crm.Opportunities]); err != nil {
					t.Errorf("the deals: %v", err)
				}
			})
		}
	}
}

// TestFailure14BulkTraps: the end of results is the word null, later pages may begin
// with the names of the columns or not, texts hold NUL bytes, line ends and quotes
// (airbyte issue 8300), proxies remove headers (duckle c6b9a2f lost rows), jobs fail
// without a message and are deleted after seven days (simple-salesforce issues 280 and
// 502), and a path with a double slash is not found (Salesforce CLI issue 2968). Here
// jobs give the same records as REST.
func TestFailure14BulkTraps(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*sim.BulkOptions)
		header string        // a header that a proxy removes
		after  time.Duration // passes after the first page of results
		lost   int           // jobs that are not deleted
		byJobs bool
	}{
		"as it comes":               {change: func(*sim.BulkOptions) {}, byJobs: true},
		"pages with headers":        {change: func(o *sim.BulkOptions) { o.MaxRecords = 70 }, byJobs: true},
		"pages without headers":     {change: func(o *sim.BulkOptions) { o.MaxRecords, o.HeaderOnce = 70, true }, byJobs: true},
		"NUL bytes and fractions":   {change: func(o *sim.BulkOptions) { o.NUL, o.FloatInts = true, true }, byJobs: true},
		"no Sforce-NumberOfRecords": {change: func(o *sim.BulkOptions) { o.MaxRecords = 70 }, header: "Sforce-NumberOfRecords", byJobs: true},
		"no Sforce-Locator":         {change: func(o *sim.BulkOptions) { o.MaxRecords = 70 }, header: "Sforce-Locator"},
		"fails without a message":   {change: func(o *sim.BulkOptions) { o.Failing = -1 }},
		"is gone after seven days":  {change: func(o *sim.BulkOptions) { o.MaxRecords = 70 }, after: 8 * 24 * time.Hour, lost: 1, byJobs: true},
	} {
		for _, s := range []crm.Stream{crm.Opportunities, crm.History, crm.Activities} {
			t.Run(name+"/"+string(s), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := newBulkOrg(t, 150)
					ids := b.company.IDs("Opportunity")
					for i, text := range []string{"two\nlines", "two\r\nlines", `a "quoted", word`, "tab\tand ünïcode ✓", " blank ends ", "a\rlone return", "=cmd()", "\r\n"} {
						if err := b.company.SetField(ids[i], "NextStep", text); err != nil {
							t.Fatal(err)
						}
					}
					if err := b.company.Delete(ids[20]); err != nil {
						t.Fatal(err)
					}
					b.company.AddTask(sim.Task{WhatID: ids[3], Subject: "x", Subtype: "Call", CallType: "Inbound", Disposition: "left \"word\"", Closed: true, Minutes: 3})
					b.org.Set(func(o *sim.SalesforceOptions) { c.change(&o.Bulk) })
					b.web.change = func(_ *http.Request, resp *http.Response) { resp.Header.Del(c.header) }
					viaREST := *b
					viaREST.above = 1_000_000
					want, _ := pagesOf(t, viaREST.source(t), s, "", nil)
					b.web.urls = nil
					after := c.after
					got, _ := pagesOf(t, b.source(t), s, "", func(p crm.Page) {
						if p.Len() > 0 {
							b.company.SetNow(b.company.Now().Add(after))
							after = 0
						}
					})
					if diff := cmp.Diff(all(want), all(got)); diff != "" {
						t.Errorf("(-REST +Bulk):\n%s", diff)
					}
					jobs, deleted := b.org.Jobs(), 0
					for _, j := range jobs {
						if j.Deleted {
							deleted++
						}
						if strings.Contains(j.Query, "ORDER BY") {
							t.Errorf("an order keeps the org from sharing the work: %s", j.Query)
						}
					}
					if len(jobs) == 0 || c.lost > 0 && len(jobs) == 1 || deleted != len(jobs)-c.lost {
						t.Errorf("%d jobs, %d of them deleted", len(jobs), deleted)
					}
					for _, p := range got {
						if p.Ascending && p.Len() > 0 && c.byJobs {
							t.Error("rows of a job come in no order")
						}
					}
					for _, u := range b.web.urls {
						if path, _, _ := strings.Cut(u, "?"); strings.Contains(path, "//") || c.byJobs && strings.Contains(path, "/query/01g") {
							t.Errorf("asked %s", u)
						}
					}
				})
			})
		}
	}
}
