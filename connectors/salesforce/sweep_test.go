package salesforce_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// pagesOf reads a run of stream s page by page, and calls between after each page.
func pagesOf(t *testing.T, src crm.Source, s crm.Stream, at crm.Cursor, between func(crm.Page)) (pages []crm.Page, next crm.Cursor) {
	t.Helper()
	for len(pages) < 500 {
		p, err := src.Fetch(t.Context(), s, at)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, p)
		if at = p.Next; !p.More {
			return pages, at
		}
		if between != nil {
			between(p)
		}
	}
	t.Fatal("no end")
	return nil, ""
}

// mentioned returns the ids that a run mentioned, and whether all pages said that the run
// sweeps.
func mentioned(pages []crm.Page) (ids map[string]bool, whole bool) {
	ids, whole = map[string]bool{}, true
	for _, p := range pages {
		whole = whole && p.Sweep
		for _, d := range p.Opportunities {
			ids[d.ID] = true
		}
		for _, a := range p.Activities {
			ids[a.ID] = true
		}
		for _, c := range p.Contacts {
			ids[c.ID] = true
		}
		for _, id := range append(slices.Clone(p.Deleted), p.Exist...) {
			ids[id] = true
		}
	}
	return ids, whole
}

func openDeals(a *account) (open []string) {
	for _, id := range a.company.IDs("Opportunity") {
		if a.company.Record(id)["IsClosed"] == false {
			open = append(open, id)
		}
	}
	return open
}

// TestSweep: a deal is purged, which leaves no trace. After a day an increment mentions
// all open deals but the purged one.
func TestSweep(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 300})
	src := a.Source(t)
	pages, at := pagesOf(t, src, crm.Opportunities, "", nil)
	if _, swept := mentioned(pages); swept {
		t.Error("a backfill is no sweep")
	}
	open := openDeals(a)
	purged, closing := open[7], open[len(open)-1]
	if err := a.company.Delete(purged); err != nil {
		t.Fatal(err)
	}
	if err := a.company.Purge(purged); err != nil {
		t.Fatal(err)
	}
	a.company.SetNow(a.company.Now().Add(23 * time.Hour))
	pages, at = pagesOf(t, src, crm.Opportunities, at, nil)
	if ids, swept := mentioned(pages); swept || len(ids) >= len(open) {
		t.Errorf("before a day has passed: swept is %v, %d mentioned", swept, len(ids))
	}
	a.company.SetNow(a.company.Now().Add(2 * time.Hour))
	closed := false
	pages, at = pagesOf(t, src, crm.Opportunities, at, func(crm.Page) {
		if !closed { // after the increment and before the sweep
			closed = true
			if err := a.company.CloseWon(closing); err != nil {
				t.Fatal(err)
			}
			// The sweep goes on; queries from now on see the change.
			a.org.Set(func(o *sim.SalesforceOptions) { o.ShortPages = true })
		}
	})
	ids, swept := mentioned(pages)
	if !swept {
		t.Error("not all pages said that the run was a sweep")
	}
	if len(pages) < 2 || !closed {
		t.Fatal("the scenario does not hold: too few pages")
	}
	for _, id := range open {
		if ids[id] != (id != purged) {
			t.Errorf("%s: mentioned is %v", id, ids[id])
		}
	}
	if pages, _ = pagesOf(t, src, crm.Opportunities, at, nil); len(pages) > 1 || pages[0].Sweep {
		t.Error("the next run sweeps again")
	}
}

// TestSweepOfActivities: once a week a sweep mentions all activities, archived ones
// included, and all contact roles.
func TestSweepOfActivities(t *testing.T) {
	for _, s := range []crm.Stream{crm.Activities, crm.Contacts} {
		t.Run(string(s), func(t *testing.T) {
			a := newAccount(t, sim.Options{Deals: 60})
			src := a.Source(t)
			_, at := pagesOf(t, src, s, "", nil)
			a.company.SetNow(a.company.Now().Add(6 * 24 * time.Hour))
			pages, at := pagesOf(t, src, s, at, nil)
			if _, swept := mentioned(pages); swept {
				t.Error("swept before a week has passed")
			}
			a.company.SetNow(a.company.Now().Add(400 * 24 * time.Hour)) // closed tasks are archived by then
			pages, _ = pagesOf(t, src, s, at, nil)
			ids, swept := mentioned(pages)
			if !swept {
				t.Error("it did not sweep")
			}
			for _, id := range a.IDs(s) {
				if !ids[id] {
					t.Fatalf("%s was not mentioned, of %d", id, len(ids))
				}
			}
		})
	}
}

// TestSweepThatComesApart: a sweep whose query is interrupted lets no deal look gone.
func TestSweepThatComesApart(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 700})
	a.cfg.SweepEvery = time.Hour
	src := a.Source(t)
	_, at := pagesOf(t, src, crm.Opportunities, "", nil)
	a.company.SetNow(a.company.Now().Add(2 * time.Hour))
	pages, at := pagesOf(t, src, crm.Opportunities, at, func(crm.Page) { a.org.ExpireSessions() })
	if first, last := pages[0], pages[len(pages)-1]; !first.Sweep || last.Sweep || len(pages) < 2 {
		t.Errorf("%d pages; the first says sweep %v, the last %v", len(pages), first.Sweep, last.Sweep)
	}
	for _, p := range pages {
		if !p.Sweep && len(p.Exist) > 0 {
			t.Error("it reads on for nothing")
		}
	}
	a.tick()
	if pages, _ = pagesOf(t, src, crm.Opportunities, at, nil); !pages[len(pages)-1].Sweep {
		t.Error("the next run does not make up for it")
	}
}

// TestSweepOfHalfAStream: the rows of an object that is hidden today do not look gone.
func TestSweepOfHalfAStream(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	a.cfg.SweepEvery = time.Hour
	_, at := pagesOf(t, a.Source(t), crm.Activities, "", nil)
	a.company.SetNow(a.company.Now().Add(24 * time.Hour))
	a.company.HideObject("Event")
	pages, at := pagesOf(t, a.Source(t), crm.Activities, at, nil)
	if _, swept := mentioned(pages); swept {
		t.Error("events were not looked at, but would be gone")
	}
	a.company.ShowObject("Event")
	// The fields of Event are visible again, so events are read again and then swept.
	_, at = pagesOf(t, a.Source(t), crm.Activities, at, nil)
	a.tick()
	pages, _ = pagesOf(t, a.Source(t), crm.Activities, at, nil)
	if _, swept := mentioned(pages); !swept {
		t.Error("it is not made up for")
	}
}

// TestSweepThatIsRefused: a refused sweep does not stop the increments.
func TestSweepThatIsRefused(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	a.cfg.SweepEvery = time.Hour
	src := a.Source(t)
	_, at := pagesOf(t, src, crm.Opportunities, "", nil)
	a.company.SetNow(a.company.Now().Add(2 * time.Hour))
	a.org.Fault(sim.Fault{Path: "queryAll", Skip: 1, Times: -1, Status: 400, Body: `[{"errorCode":"OPERATION_TOO_LARGE","message":"too many"}]`})
	pages, next := pagesOf(t, src, crm.Opportunities, at, nil)
	if last := pages[len(pages)-1]; last.Sweep || last.More || next == at {
		t.Errorf("sweep %v, more %v", last.Sweep, last.More)
	} else if !strings.Contains(last.Note, "a sweep of Opportunity for records that are gone was not possible") || !strings.Contains(last.Note, "OPERATION_TOO_LARGE") {
		t.Errorf("it says %q", last.Note)
	}
}

// TestDayBehind: once a day, an increment looks back for a day.
func TestDayBehind(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	src := a.Source(t)
	_, at := pagesOf(t, src, crm.Opportunities, "", nil)
	asked := func() string {
		a.org.ResetCalls()
		a.renamed++
		set(t, a, a.company.IDs("Opportunity")[0], "Name", strconv.Itoa(a.renamed)) // an answer without rows would be asked again
		_, at = pagesOf(t, src, crm.Opportunities, at, nil)
		for _, c := range a.org.Calls() {
			if strings.Contains(c.Path, "queryAll") {
				return c.Query
			}
		}
		return ""
	}
	begin := a.company.Now().UTC()
	stamp := func(at time.Time) string { return "SystemModstamp >= " + at.Format("2006-01-02T15:04:05Z") }
	a.company.SetNow(begin.Add(5 * time.Minute))
	if q := asked(); !strings.Contains(q, stamp(begin.Add(-15*time.Minute))) {
		t.Errorf("minutes later it asks %s", q)
	}
	a.company.SetNow(begin.Add(25 * time.Hour))
	asked() // the first answer tells that a day has passed
	a.company.SetNow(begin.Add(25*time.Hour + 5*time.Minute))
	if q := asked(); !strings.Contains(q, stamp(begin.Add(time.Hour))) {
		t.Errorf("a day later it asks %s", q)
	}
	a.company.SetNow(begin.Add(25*time.Hour + 10*time.Minute))
	if q := asked(); !strings.Contains(q, stamp(begin.Add(24*time.Hour+50*time.Minute))) {
		t.Errorf("after that it asks %s", q)
	}
}
