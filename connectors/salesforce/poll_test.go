package salesforce_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// record is what one run gave of a stream, all pages joined.
type record struct {
	Page crm.Page // all pages together
	rows int
}

func (r *record) add(p crm.Page) {
	g := &r.Page
	g.Stream, g.AsOf, g.Sweep, g.Replace, g.Next, g.More = p.Stream, p.AsOf, p.Sweep, p.Replace, p.Next, p.More
	g.Users, g.Stages = append(g.Users, p.Users...), append(g.Stages, p.Stages...)
	g.Opportunities, g.Activities = append(g.Opportunities, p.Opportunities...), append(g.Activities, p.Activities...)
	g.Changes, g.Contacts = append(g.Changes, p.Changes...), append(g.Contacts, p.Contacts...)
	g.Note += p.Note
	g.Deleted, g.Exist = append(g.Deleted, p.Deleted...), append(g.Exist, p.Exist...)
	g.Done, g.Total = p.Done, p.Total
	r.rows = p.Done
}

// runAll reads one run of every stream from its cursor, as the daemon does: the first
// pages by Poll, if poll is set, and the rest by Fetch.
func runAll(t *testing.T, src crm.Source, at map[crm.Stream]crm.Cursor, poll bool) map[crm.Stream]*record {
	t.Helper()
	out := map[crm.Stream]*record{}
	var first map[crm.Stream]crm.Page
	if poll {
		var err error
		if first, err = src.(crm.Poller).Poll(t.Context(), maps.Clone(at)); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range src.Streams() {
		r := &record{}
		out[s] = r
		p, polled := first[s]
		for more, cur := true, at[s]; more; {
			if !polled {
				var err error
				if p, err = src.Fetch(t.Context(), s, cur); err != nil {
					t.Fatal(err)
				}
			}
			polled = false
			r.add(p)
			more, cur = p.More, p.Next
		}
	}
	return out
}

// advance returns the cursors after a run.
func advance(runs map[crm.Stream]*record) map[crm.Stream]crm.Cursor {
	at := map[crm.Stream]crm.Cursor{}
	for s, r := range runs {
		at[s] = r.Page.Next
	}
	return at
}

// synced returns an org that has been read, an hour later, by pages of 2000 rows.
func synced(t *testing.T, opt sim.Options) (*account, crm.Source, map[crm.Stream]crm.Cursor) {
	t.Helper()
	return syncedBy(t, opt, 2000)
}

// syncedBy is synced with pages of so many rows.
func syncedBy(t *testing.T, opt sim.Options, page int) (*account, crm.Source, map[crm.Stream]crm.Cursor) {
	t.Helper()
	a := newAccount(t, opt)
	a.cfg.PageHint = page
	a.cfg.Budget = 1
	a.cfg.DescribeEvery = 1000 * time.Hour
	a.org.Set(func(o *sim.SalesforceOptions) { o.SessionIdle = 1000 * time.Hour })
	src := a.Source(t)
	if _, err := src.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	at := advance(runAll(t, src, map[crm.Stream]crm.Cursor{}, false))
	a.company.SetNow(a.company.Now().Add(time.Hour))
	return a, src, at
}

// disturb changes something in every stream.
func disturb(t *testing.T, a *account) {
	t.Helper()
	a.renamed++
	ids := a.company.IDs("Opportunity")
	a.company.SetNow(a.company.Now().Add(time.Minute))
	for i, id := range ids[:12] {
		set(t, a, id, "Amount", float64(1000*a.renamed+i))
		a.company.AddTask(sim.Task{WhatID: id, Subtype: "Call", Closed: true})
		a.company.AddEvent(sim.Event{WhatID: id, Begin: a.company.Now().Add(time.Duration(i-6) * 20 * time.Minute), Minutes: 30})
	}
	if err := a.company.Delete(ids[12+a.renamed]); err != nil {
		t.Fatal(err)
	}
	if _, err := a.company.AddContactRole(ids[24], "Decision Maker"); err != nil {
		t.Fatal(err)
	}
	set(t, a, a.company.User("pipetidy@acme.example"), "Title", "Robot")
	a.tick()
}

var counted = regexp.MustCompile(`,"counts":\{("[\w ]+":\{[^}]*\},?)+\}`)

// uncounted removes the numbers of rows, which only a poll reads, from the cursor.
func uncounted(p crm.Page) crm.Page {
	p.Next = crm.Cursor(counted.ReplaceAllString(string(p.Next), ""))
	return p
}

// TestPollIsFetch: after the same cursors, Poll and Fetch give the same records and the
// same next cursors.
func TestPollIsFetch(t *testing.T) {
	a, src, at := synced(t, sim.Options{Deals: 60})
	for range 4 {
		disturb(t, a)
		want := runAll(t, src, at, false)
		a.org.ResetCalls()
		got := runAll(t, src, at, true)
		if n := len(calls(a)); n != 2 {
			t.Errorf("the poll cost %d calls", n)
		}
		for s, w := range want {
			if diff := cmp.Diff(uncounted(w.Page), uncounted(got[s].Page)); diff != "" {
				t.Errorf("%s: -fetch +poll\n%s", s, diff)
			}
			if s != crm.Users && s != crm.Stages && w.rows == 0 {
				t.Errorf("the scenario does not hold: nothing happened to the %s", s)
			}
		}
		at = advance(got)
		a.company.SetNow(a.company.Now().Add(45 * time.Minute))
	}
}

// TestPollBeginsWithItsFirstCall: time passes between the two calls of a poll. The
// watermark is the time of the first call, so the next run reads all changes in between.
func TestPollBeginsWithItsFirstCall(t *testing.T) {
	a, src, at := synced(t, sim.Options{Deals: 60})
	deal := a.company.IDs("Opportunity")[0]
	meeting := a.company.AddEvent(sim.Event{WhatID: deal, Begin: a.company.Now().Add(61 * time.Minute), Minutes: 1})
	at = advance(runAll(t, src, at, true))
	for range 2 { // so that the row is older than the overlap
		a.company.SetNow(a.company.Now().Add(30 * time.Minute))
		at = advance(runAll(t, src, at, true))
	}
	began, moved := a.company.Now(), false
	a.org.Fault(sim.Fault{Path: "/composite", Times: -1, Match: func(*http.Request) bool {
		if !moved {
			moved = true
			a.company.SetNow(began.Add(5 * time.Minute)) // the meeting ends
		}
		return false
	}})
	a.org.ResetCalls()
	got := runAll(t, src, at, true)
	if n := len(calls(a)); n != 2 || !moved {
		t.Fatalf("the scenario does not hold: %d calls", n)
	}
	for _, s := range []crm.Stream{crm.Users, crm.Opportunities, crm.History, crm.Activities} {
		if asOf := got[s].Page.AsOf; !asOf.Equal(began) {
			t.Errorf("%s are as of %v, want %v", s, asOf, began)
		}
	}
	done := func(r *record) (times int, held bool) {
		for _, x := range r.Page.Activities {
			if x.ID == meeting {
				times, held = times+1, x.Done
			}
		}
		return times, held
	}
	if n, _ := done(got[crm.Activities]); n != 0 {
		t.Errorf("the meeting came %d times before it had ended", n)
	}
	if n, held := done(runAll(t, src, advance(got), true)[crm.Activities]); n != 1 || !held {
		t.Errorf("with the next poll the meeting came %d times, held: %v", n, held)
	}
}

// TestCallsOfAPoll compares the calls that the org counts with the pages that the rows
// fill. The pages have the least size, because a larger org makes the test slow.
func TestCallsOfAPoll(t *testing.T) {
	const page = 200
	for _, c := range []struct {
		name                 string
		deals, tasks, events int // deals changed, tasks and events made
	}{
		{"nothing", 0, 0, 0},
		{"one", 0, 1, 0},
		{"a page of one stream", 0, page - 1, 0},
		{"a page", 0, page, 0},
		{"a page and one", 0, page + 1, 0},
		{"two parts of a stream with more than a page", 0, page, page + 1},
		{"everything with more than a page", page + 10, page, page + 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			deals := 60
			if c.deals > 0 {
				deals = 150
			}
			a, src, at := syncedBy(t, sim.Options{Deals: deals}, page)
			ids := a.company.IDs("Opportunity")
			for i := range c.deals {
				set(t, a, ids[i], "Amount", float64(1000+i))
			}
			for range c.tasks {
				a.company.AddTask(sim.Task{WhatID: ids[0]})
			}
			for range c.events {
				a.company.AddEvent(sim.Event{WhatID: ids[0], Begin: a.company.Now().AddDate(0, 1, 0)})
			}
			a.tick()
			a.org.ResetCalls()
			rows := 0
			for s, r := range runAll(t, src, at, true) {
				if s != crm.Stages { // each run reads all stages
					rows += r.rows
				}
			}
			got := calls(a)
			most := (rows+page-1)/page + 2
			t.Logf("%d rows: %d calls, at most %d", rows, len(got), most)
			if rows < c.tasks+c.events+2*c.deals || len(got) > most {
				t.Errorf("%d rows cost %d calls, want at most %d: %v", rows, len(got), most, got)
			}
		})
	}
}

// TestPollLeavesTheRestToFetch: a poll leaves out backfills, runs that have begun, and
// streams without an answer to one of their parts. Fetch reads all of them.
func TestPollLeavesTheRestToFetch(t *testing.T) {
	a, src, at := synced(t, sim.Options{Deals: 300})
	disturb(t, a)
	poll := func(src crm.Source, at map[crm.Stream]crm.Cursor) (names []crm.Stream) {
		t.Helper()
		pages, err := src.(crm.Poller).Poll(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		return slices.Sorted(maps.Keys(pages))
	}
	all := slices.Sorted(maps.Keys(at))
	without := func(out ...crm.Stream) []crm.Stream {
		return slices.DeleteFunc(slices.Clone(all), func(s crm.Stream) bool { return slices.Contains(out, s) })
	}
	if got := poll(src, at); !slices.Equal(got, all) {
		t.Errorf("polled %v, want %v", got, all)
	}
	begun := maps.Clone(at)
	begun[crm.History] = ""
	begun[crm.Contacts] = "of another version"
	delete(begun, crm.Users)
	a.cfg.PageHint = 200
	small := a.Source(t)
	a.company.Restamp("Opportunity")
	p, err := small.Fetch(t.Context(), crm.Opportunities, at[crm.Opportunities])
	if err != nil || !p.More {
		t.Fatalf("the scenario does not hold: more is %v, %v", p.More, err)
	}
	begun[crm.Opportunities] = p.Next
	if got, want := poll(small, begun), without(crm.History, crm.Contacts, crm.Users, crm.Opportunities); !slices.Equal(got, want) {
		t.Errorf("polled %v, want %v", got, want)
	}

	// One of three answers about activities is missing.
	fault := func(object string, code string) {
		a.org.Fault(sim.Fault{Sub: "/queryAll", Match: matches(object), Status: 400, Body: `[{"errorCode":"` + code + `","message":"no"}]`})
	}
	fault("FROM Event", "QUERY_TIMEOUT")
	if got, want := poll(src, at), without(crm.Activities); !slices.Equal(got, want) {
		t.Errorf("polled %v, want %v", got, want)
	}
	a.company.HideField("Opportunity", "NextStep")
	if got, want := poll(src, at), without(crm.Opportunities); !slices.Equal(got, want) {
		t.Errorf("polled %v, want %v", got, want)
	}
	a.company.ShowField("Opportunity", "NextStep")
	want := runAll(t, src, at, false)
	fault("FROM Task", "UNKNOWN_EXCEPTION")
	got := runAll(t, src, at, true)
	for s := range want {
		if diff := cmp.Diff(uncounted(want[s].Page), uncounted(got[s].Page)); diff != "" {
			t.Errorf("%s: -fetch +poll and fetch\n%s", s, diff)
		}
	}
}

// TestPollGoesOnWithFetch: parts that a poll has read are not read again, and Fetch goes
// on with the other parts without losing or doubling a row.
func TestPollGoesOnWithFetch(t *testing.T) {
	for name, grow := range map[string]func(a *account, deal string){
		"tasks": func(a *account, deal string) {
			for range 450 {
				a.company.AddTask(sim.Task{WhatID: deal})
			}
		},
		"both": func(a *account, deal string) {
			for range 450 {
				a.company.AddTask(sim.Task{WhatID: deal})
				a.company.AddEvent(sim.Event{WhatID: deal, Begin: a.company.Now().Add(-40 * time.Minute), Minutes: 5})
			}
		},
		"events": func(a *account, deal string) {
			for range 450 {
				a.company.AddEvent(sim.Event{WhatID: deal, Begin: a.company.Now().Add(-40 * time.Minute), Minutes: 5})
			}
		},
	} {
		for _, lost := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " session lost ", lost), func(t *testing.T) {
				a, _, at := synced(t, sim.Options{Deals: 60})
				a.cfg.PageHint = 200
				src := a.Source(t)
				if _, err := src.Describe(t.Context()); err != nil {
					t.Fatal(err)
				}
				disturb(t, a)
				grow(a, a.company.IDs("Opportunity")[0])
				a.tick()
				want := runAll(t, src, at, false)[crm.Activities].Page
				pages, err := src.(crm.Poller).Poll(t.Context(), at)
				if err != nil || !pages[crm.Activities].More {
					t.Fatalf("the scenario does not hold: more is %v, %v", pages[crm.Activities].More, err)
				}
				if lost {
					a.org.ExpireSessions()
				}
				a.org.ResetCalls()
				var got record
				for p := pages[crm.Activities]; ; {
					got.add(p)
					if !p.More {
						break
					}
					if p, err = src.Fetch(t.Context(), crm.Activities, p.Next); err != nil {
						t.Fatal(err)
					}
				}
				asked := map[string]int{}
				for _, c := range a.org.Calls() {
					for _, object := range []string{"Task", "Event"} {
						if strings.Contains(c.Query, "FROM "+object) {
							asked[object]++
						}
					}
				}
				if name == "tasks" && !lost && len(asked) != 0 {
					t.Errorf("asked anew: %v", asked)
				}
				for _, p := range []*crm.Page{&want, &got.Page} {
					slices.SortFunc(p.Activities, func(a, b crm.Activity) int { return strings.Compare(a.ID, b.ID) })
					if lost { // rows that are read twice do no harm
						p.Activities = slices.CompactFunc(p.Activities, func(a, b crm.Activity) bool { return cmp.Equal(a, b) })
					}
					p.Done, p.Total = 0, 0
					slices.Sort(p.Deleted)
				}
				if diff := cmp.Diff(want, got.Page); diff != "" {
					t.Errorf("-fetch +poll\n%s", diff)
				}
			})
		}
	}
}

// TestPollRefused: after an org has refused composites or queries in them, no further
// poll makes a call within the hour. After an hour a poll tries again, and after a
// refusal of its moment all is as cheap as before.
func TestPollRefused(t *testing.T) {
	for name, refuse := range map[string]func(a *account){
		"composites": func(a *account) { a.org.Set(func(o *sim.SalesforceOptions) { o.NoComposite = 404 }) },
		"queries in composites": func(a *account) {
			a.org.Fault(sim.Fault{Sub: "/queryAll", Times: -1, Status: 400, Body: `[{"errorCode":"INVALID_BATCH","message":"not supported"}]`})
			a.org.Fault(sim.Fault{Sub: "/query", Times: -1, Status: 400, Body: `[{"errorCode":"INVALID_BATCH","message":"not supported"}]`})
		},
	} {
		t.Run(name, func(t *testing.T) {
			var now atomic.Int64
			a := newAccount(t, sim.Options{Deals: 60})
			now.Store(a.company.Now().Unix())
			a.cfg.Now = func() time.Time { return time.Unix(now.Load(), 0) }
			a.cfg.PageHint, a.cfg.Budget = 2000, 1
			src := a.Source(t)
			at := advance(runAll(t, src, map[crm.Stream]crm.Cursor{}, false))
			a.later(time.Hour)
			refuse(a)
			disturb(t, a)
			want := runAll(t, src, at, false)
			for i, most := range []int{1, 0} {
				a.org.ResetCalls()
				got := runAll(t, src, at, true)
				if n := strings.Count(fmt.Sprint(calls(a)), "composite"); n != most {
					t.Errorf("poll %d: %d composites, want %d", i, n, most)
				}
				for s := range want {
					if diff := cmp.Diff(want[s].Page, got[s].Page); diff != "" {
						t.Errorf("%s: -fetch +poll\n%s", s, diff)
					}
				}
			}
			a.org.ClearFaults()
			a.org.Set(func(o *sim.SalesforceOptions) { o.NoComposite = 0 })
			now.Add(3601)
			a.org.ResetCalls()
			runAll(t, src, at, true)
			if got := fmt.Sprint(calls(a)); !strings.HasPrefix(got, "[composite composite") {
				t.Errorf("an hour later it asked for %s", got)
			}
		})
	}
}

// TestPollMeetsTrouble: a failure that concerns the whole account is an error of Poll. A
// stream that meets a busy org is left to Fetch.
func TestPollMeetsTrouble(t *testing.T) {
	a, src, at := synced(t, sim.Options{Deals: 60})
	a.org.Fault(sim.Fault{Path: "/composite", Kind: sim.HTML503, Times: -1})
	if pages, err := src.(crm.Poller).Poll(t.Context(), at); err != nil || len(pages) != 0 {
		t.Errorf("busy: %d pages, %v", len(pages), err)
	}
	a.org.ClearFaults()
	if pages, err := src.(crm.Poller).Poll(t.Context(), at); err != nil || len(pages) != len(at) {
		t.Errorf("a moment later: %d pages, %v", len(pages), err)
	}
	a.org.Set(func(o *sim.SalesforceOptions) { o.LimitUsed = o.LimitMax })
	if _, err := src.(crm.Poller).Poll(t.Context(), at); !errors.Is(err, crm.ErrQuota) {
		t.Errorf("without allowance: %v", err)
	}
	a.org.Set(func(o *sim.SalesforceOptions) { o.LimitUsed = 0 })
	a.Refuse(t)
	if _, err := src.(crm.Poller).Poll(t.Context(), at); !errors.Is(err, crm.ErrAuth) {
		t.Errorf("without credentials: %v", err)
	}
}

var _ crm.Poller = (*salesforce.Source)(nil)

// matches reports whether the query of a request contains the words.
func matches(words string) func(*http.Request) bool {
	return func(r *http.Request) bool { return strings.Contains(r.URL.Query().Get("q"), words) }
}
