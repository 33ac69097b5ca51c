package salesforce_test

import (
	"slices"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestTheFirstCountIsCompared: what is granted to the login, or withdrawn, after the first
// reading and before the first count shows in that count, of each object that is counted,
// and whichever way the rows were read. While nothing changes no count sweeps, and each poll
// takes two calls.
func TestTheFirstCountIsCompared(t *testing.T) {
	objects := []string{"Opportunity", "User", "Task", "Event", "OpportunityContactRole", "OpportunityHistory"}
	for how, limits := range map[string]sim.SizeLimits{"by pages": {}, "in windows": {SlowOver: map[string]int{"Task": 60}}} {
		for _, object := range objects {
			if limits.SlowOver != nil && object != "Task" {
				continue
			}
			for _, granted := range []bool{true, false} {
				t.Run(object+" "+how+map[bool]string{true: ", granted", false: ", withdrawn"}[granted], func(t *testing.T) {
					t.Parallel()
					a := newAccount(t, sim.Options{Deals: 40})
					a.cfg.Budget, a.cfg.DescribeEvery = 1, 1000*time.Hour
					a.org.Set(func(o *sim.SalesforceOptions) { o.SessionIdle = 1000 * time.Hour })
					rows := a.rowsOf(object)
					rows = rows[:max(6, len(rows)/4)]
					change := func(show bool) {
						for _, id := range rows {
							if show {
								a.company.ShowRecord(id)
							} else {
								a.company.HideRecord(id)
							}
						}
					}
					change(!granted)
					a.org.Set(func(o *sim.SalesforceOptions) { o.SizeLimits = limits })
					src := a.Source(t)
					at := advance(runAll(t, src, map[crm.Stream]crm.Cursor{}, false))
					a.org.Set(func(o *sim.SalesforceOptions) { o.SizeLimits = sim.SizeLimits{} })
					a.tick()
					change(granted)
					swept := false
					for range len(objects) {
						a.company.SetNow(a.company.Now().Add(15 * time.Minute))
						runs := runAll(t, src, at, true)
						page := runs[streamOf[object]].Page
						swept = swept || page.Sweep || page.Reread || page.Note != ""
						at = advance(runs)
					}
					if !swept {
						t.Error("no sweep came")
					}
				})
			}
		}
	}
}

// rowsOf are the rows of an object that a count counts, all of open deals.
func (a *account) rowsOf(object string) []string {
	if streamOf[object] == crm.Activities {
		return slices.DeleteFunc(a.IDs(crm.Activities), func(id string) bool { return a.company.IDs(object)[0][:3] != id[:3] })
	}
	return slices.DeleteFunc(a.company.IDs(object), func(id string) bool { return object == "Opportunity" && a.company.Record(id)["IsClosed"] == true })
}

// TestAQuietOrgIsNotSwept: the first counts of an org in which nothing changes are those of
// the first reading, and so they are where changes are read.
func TestAQuietOrgIsNotSwept(t *testing.T) {
	for _, limits := range []sim.SizeLimits{{}, {SlowOver: map[string]int{"Task": 100, "Event": 100, "Opportunity": 60}}} {
		a := newAccount(t, sim.Options{Deals: 80})
		a.cfg.Budget, a.cfg.DescribeEvery, a.cfg.PageHint, a.cfg.Keep.Closed, a.cfg.Keep.Activities = 1, 1000*time.Hour, 2000, 12, 6
		a.org.Set(func(o *sim.SalesforceOptions) { o.SessionIdle, o.SizeLimits = 1000*time.Hour, limits })
		src := a.Source(t)
		at := advance(runAll(t, src, map[crm.Stream]crm.Cursor{}, false))
		a.org.Set(func(o *sim.SalesforceOptions) { o.SizeLimits = sim.SizeLimits{} })
		for i := range 8 {
			a.company.SetNow(a.company.Now().Add(15 * time.Minute))
			before := src.(crm.Meter).Usage().Calls
			runs := runAll(t, src, at, true)
			for name, r := range runs {
				if r.Page.Sweep || r.Page.Note != "" {
					t.Errorf("poll %d: %s is swept: %s", i, name, r.Page.Note)
				}
			}
			if n := src.(crm.Meter).Usage().Calls - before; n != 2 {
				t.Errorf("poll %d: %d calls", i, n)
			}
			at = advance(runs)
		}
	}
}
