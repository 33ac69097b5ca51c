package storetest

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// model is the cache of one source in maps. The engine is compared with the model.
type model struct {
	e          store.Engine
	source     string
	deals      map[string]crm.Opportunity
	activities map[string]crm.Activity
	contacts   map[string]crm.Contact
	seen       map[string][]crm.Change // observed, by opportunity
	runs       map[crm.Stream]*run
	untold     map[string]bool // deals whose contacts a page kept, and no page has told since
	gone       map[string]bool // deals that were dropped and not recalled
	whole      bool            // a run of opportunities has ended
	complete   bool            // a run of contacts has ended
	pages      int
}

// run is the run of a stream that is under way.
type run struct {
	noted, sweep bool // the ids that the run mentions are noted; its pages say Sweep
	under        bool // the last page was not the end of the run
	mentioned    map[string]bool
}

// begin is called before each page. again is true for the last page of a sweep that is
// committed once more.
func (r *run) begin(p *crm.Page, repeated bool) (again bool) {
	if r.sweep && !p.Sweep {
		r.noted, r.sweep = false, false
	}
	if p.Sweep {
		if again = repeated && !p.More && !r.under; again {
			return true
		}
		if !r.under && !r.sweep { // a sweep that a run before began goes on
			r.noted, r.mentioned = true, map[string]bool{}
		}
		r.sweep = r.noted
	}
	r.under = p.More
	return false
}

// lost returns the expected ids that the run did not mention, at its last page p; nil when
// p is not the last page, when the run is not noted, or when too many ids are missing. Of
// the ids that belong to closed opportunities too many may be missing without any other.
func (r *run) lost(p *crm.Page, again bool, expected, closed []string) []string {
	if again || p.More || !r.noted || r.sweep && p.SweepGoesOn {
		return nil
	}
	out, many := r.missed(expected)
	shut, some := r.missed(closed)
	r.noted, r.sweep = false, false
	if many {
		return nil
	}
	if some {
		return out
	}
	return append(out, shut...)
}

// missed returns those of ids that the run did not mention, and whether these are too many.
func (r *run) missed(ids []string) (out []string, many bool) {
	total := len(ids)
	out = slices.DeleteFunc(ids, func(id string) bool { return r.mentioned[id] })
	return out, len(out) > total/2 || len(out) > 5 // a tenth of so few ids is less than 5
}

func (r *run) mention(ids ...string) {
	for _, id := range ids {
		if r.noted {
			r.mentioned[id] = true
		}
	}
}

// TestModel commits random pages to the engine and to a [model] of the cache, and
// compares the two after each page.
func TestModel(t *testing.T, empty Empty) {
	e := open(t, empty(t))
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		if n++; n%200 == 0 { // an engine does not have to hold more than 255 sources
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			e = open(t, empty(t))
		}
		m := &model{e: e, source: fmt.Sprint("s", n), deals: map[string]crm.Opportunity{}, activities: map[string]crm.Activity{}, contacts: map[string]crm.Contact{}, seen: map[string][]crm.Change{}, gone: map[string]bool{}, untold: map[string]bool{}}
		m.runs = map[crm.Stream]*run{crm.Opportunities: {}, crm.Activities: {}, crm.Contacts: {}}
		if err := e.Register(t.Context(), e.Fence(), m.source, crm.Info{Fields: crm.Fields{"contacts": crm.Readable}}); err != nil {
			t.Fatal(err)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"":              m.check,
			"opportunities": m.commitOpportunities,
			"activities":    m.commitActivities,
			"restart":       m.restart,
			"contacts":      m.commitContacts,
		})
	})
	if err := e.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// ids are few, so that pages are about the same records. Some ids are decimal, some the
// beginning of others.
var ids = rapid.SampledFrom([]string{"1", "2", "10", "11", "a", "ab", "b", "006A"})

func (m *model) commit(t *rapid.T, p *crm.Page) store.Commit {
	got, err := m.e.CommitPage(t.Context(), m.e.Fence(), m.source, p, Noon)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got.Unknown)
	return got
}

// page draws a page without records; the page may be of a sweep.
func (m *model) page(t *rapid.T, s crm.Stream) *crm.Page {
	m.pages++
	p := &crm.Page{
		Stream: s, More: rapid.Bool().Draw(t, "more"), Ascending: rapid.Bool().Draw(t, "ascending"),
		Sweep: rapid.Bool().Draw(t, "sweep"), AsOf: Noon.Add(time.Duration(m.pages) * time.Second),
		Deleted: rapid.SliceOfNDistinct(ids, 0, 2, rapid.ID).Draw(t, "deleted"),
	}
	if p.Sweep {
		p.SweepGoesOn = !p.More && rapid.Bool().Draw(t, "goes on")
		p.Exist = rapid.SliceOfNDistinct(ids, 0, 8, rapid.ID).Draw(t, "exist")
	}
	return p
}

// twice commits the page to both, and sometimes once more, as after a crash.
func (m *model) twice(t *rapid.T, p *crm.Page, apply func(p *crm.Page, again bool) store.Commit) {
	for i := range rapid.IntRange(1, 2).Draw(t, "times") {
		r := m.runs[p.Stream]
		want := apply(p, r.begin(p, i > 0))
		if d := gocmp.Diff(want, m.commit(t, p)); d != "" {
			t.Fatalf("commit of %s (-want +got):\n%s", p.Stream, d)
		}
	}
}

// forget drops a deal with all that belongs to it but its observed changes, and returns how many deals that were.
func (m *model) forget(id string) (n int) {
	if _, ok := m.deals[id]; ok {
		n, m.gone[id] = 1, true
	}
	delete(m.deals, id)
	delete(m.untold, id)
	maps.DeleteFunc(m.contacts, func(_ string, p crm.Contact) bool { return p.OpportunityID == id })
	for k, a := range m.activities {
		a.OpportunityIDs = slices.DeleteFunc(slices.Clone(a.OpportunityIDs), func(o string) bool { return o == id })
		m.activities[k] = a
		if len(a.OpportunityIDs) == 0 {
			delete(m.activities, k)
		}
	}
	return n
}

func (m *model) restart(t *rapid.T) {
	s := rapid.SampledFrom([]crm.Stream{crm.Opportunities, crm.Activities, crm.Contacts}).Draw(t, "stream")
	if err := m.e.Restart(t.Context(), m.e.Fence(), m.source, s); err != nil {
		t.Fatal(err)
	}
	m.runs[s] = &run{noted: true, mentioned: map[string]bool{}}
}
