package storetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// model is the cache of one source as simply as it can be said.
type model struct {
	e          store.Engine
	source     string
	deals      map[string]crm.Opportunity
	activities map[string]crm.Activity
	contacts   map[string]crm.Contact
	seen       map[string][]crm.Change // observed, by opportunity
	runs       map[crm.Stream]*run
	gone       map[string]bool // what was forgotten and not recalled
	whole      bool            // a run of opportunities has ended
	complete   bool            // a run of contacts has ended
	pages      int
}

// run is what is noted of the run of a stream.
type run struct {
	noted, sweep bool // its ids are noted; because its pages say Sweep
	under        bool // its last page was not its end
	mentioned    map[string]bool
}

// begin is asked before a page. Again says that it is the end of a sweep once more.
func (r *run) begin(p *crm.Page, repeated bool) (again bool) {
	if r.sweep && !p.Sweep {
		r.noted, r.sweep = false, false
	}
	if p.Sweep {
		if again = repeated && !p.More && !r.under; again {
			return true
		}
		if !r.under {
			r.noted, r.mentioned = true, map[string]bool{}
		}
		r.sweep = r.noted
	}
	r.under = p.More
	return false
}

// lost lists what of expected the run that p ends did not mention, nil when it is
// too much or there is no such run.
func (r *run) lost(p *crm.Page, again bool, expected []string) []string {
	if again || p.More || !r.noted {
		return nil
	}
	out := slices.DeleteFunc(expected, func(id string) bool { return r.mentioned[id] })
	total := len(expected)
	r.noted, r.sweep = false, false
	if len(out) > total/2 || len(out) > 5 { // there are too few ids for a tenth to count
		return nil
	}
	return out
}

func (r *run) mention(ids ...string) {
	for _, id := range ids {
		if r.noted {
			r.mentioned[id] = true
		}
	}
}

// TestModel plays random pages against the engine and a [model] of the cache, and
// compares them after each.
func TestModel(t *testing.T, empty Empty) {
	e := open(t, empty(t))
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		if n++; n%200 == 0 { // an engine need not have room for more sources than 255
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			e = open(t, empty(t))
		}
		m := &model{e: e, source: fmt.Sprint("s", n), deals: map[string]crm.Opportunity{}, activities: map[string]crm.Activity{}, contacts: map[string]crm.Contact{}, seen: map[string][]crm.Change{}, gone: map[string]bool{}}
		m.runs = map[crm.Stream]*run{crm.Opportunities: {}, crm.Activities: {}, crm.Contacts: {}}
		if err := e.Register(t.Context(), e.Fence(), m.source, crm.Info{Fields: crm.Fields{"contacts": crm.Readable}}); err != nil {
			t.Fatal(err)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"":              m.check,
			"opportunities": m.opportunities,
			"activities":    m.commitActivities,
			"restart":       m.restart,
			"contacts":      m.commitContacts,
		})
	})
	if err := e.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// ids are few, so that actions meet; some are decimal, and some the beginning of others.
var ids = rapid.SampledFrom([]string{"1", "2", "10", "11", "a", "ab", "b", "006A"})

func (m *model) commit(t *rapid.T, p *crm.Page) store.Commit {
	got, err := m.e.CommitPage(t.Context(), m.e.Fence(), m.source, p, Noon)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got.Unknown)
	return got
}

// page begins a page that may be of a sweep.
func (m *model) page(t *rapid.T, s crm.Stream) *crm.Page {
	m.pages++
	p := &crm.Page{
		Stream: s, More: rapid.Bool().Draw(t, "more"), Ascending: rapid.Bool().Draw(t, "ascending"),
		Sweep: rapid.Bool().Draw(t, "sweep"), AsOf: Noon.Add(time.Duration(m.pages) * time.Second),
		Deleted: rapid.SliceOfNDistinct(ids, 0, 2, rapid.ID).Draw(t, "deleted"),
	}
	if p.Sweep {
		p.Exist = rapid.SliceOfNDistinct(ids, 0, 8, rapid.ID).Draw(t, "exist")
	}
	return p
}

// twice commits the page, and sometimes once more, as after a crash.
func (m *model) twice(t *rapid.T, p *crm.Page, apply func(p *crm.Page, again bool) store.Commit) {
	for i := range rapid.IntRange(1, 2).Draw(t, "times") {
		r := m.runs[p.Stream]
		want := apply(p, r.begin(p, i > 0))
		if d := gocmp.Diff(want, m.commit(t, p)); d != "" {
			t.Fatalf("commit of %s (-want +got):\n%s", p.Stream, d)
		}
	}
}

func (m *model) opportunities(t *rapid.T) {
	p := m.page(t, crm.Opportunities)
	for _, id := range rapid.SliceOfNDistinct(ids, 0, 5, rapid.ID).Draw(t, "ids") {
		p.Opportunities = append(p.Opportunities, crm.Opportunity{
			ID: id, Stage: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "stage"), Closed: rapid.Bool().Draw(t, "closed"),
			Name: rapid.SampledFrom([]string{"n", "m"}).Draw(t, "name"), ModifiedAt: Noon.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "at")) * time.Hour),
		})
	}
	m.twice(t, p, m.applyOpportunities)
}

func (m *model) applyOpportunities(p *crm.Page, again bool) (want store.Commit) {
	r := m.runs[crm.Opportunities]
	for _, o := range p.Opportunities {
		r.mention(o.ID)
		was, had := m.deals[o.ID]
		switch {
		case !had:
			want.Added++
			m.gone[o.ID] = m.gone[o.ID] && m.whole && !o.Closed && !slices.Contains(p.Deleted, o.ID)
			if m.gone[o.ID] {
				want.Unknown = append(want.Unknown, o.ID)
			}
		case equal(was, o):
			want.Unchanged++
		default:
			want.Changed++
			if was.Stage != o.Stage {
				want.Changes++
				m.seen[o.ID] = append(m.seen[o.ID], crm.Change{OpportunityID: o.ID, Field: crm.FieldStage, New: o.Stage, At: o.ModifiedAt, Observed: true})
			}
		}
		m.deals[o.ID] = o
	}
	for _, id := range p.Deleted {
		want.Deleted += m.forget(id)
	}
	r.mention(p.Exist...)
	for _, id := range p.Exist {
		if o, have := m.deals[id]; (!have || m.gone[id] && !o.Closed) && !slices.Contains(p.Deleted, id) && !slices.Contains(want.Unknown, id) {
			want.Unknown = append(want.Unknown, id)
		}
	}
	var expected []string
	for id, o := range m.deals {
		if !o.Closed || !r.sweep {
			expected = append(expected, id)
		}
	}
	for _, id := range r.lost(p, again, expected) {
		want.Deleted += m.forget(id)
	}
	m.whole = m.whole || !p.More
	slices.Sort(want.Unknown)
	return want
}

func equal[T any](a, b T) bool { return gocmp.Equal(a, b, cmpopts.EquateEmpty()) }

func (m *model) forget(id string) (n int) {
	if _, ok := m.deals[id]; ok {
		n, m.gone[id] = 1, true
	}
	delete(m.deals, id)
	delete(m.seen, id)
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

func (m *model) commitActivities(t *rapid.T) {
	p := m.page(t, crm.Activities)
	for _, id := range rapid.SliceOfNDistinct(ids, 0, 4, rapid.ID).Draw(t, "ids") {
		p.Activities = append(p.Activities, crm.Activity{
			ID: id, Kind: rapid.SampledFrom([]crm.ActivityKind{crm.Call, crm.Email}).Draw(t, "kind"), At: Noon.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "at")) * time.Hour),
			OpportunityIDs: rapid.SliceOfNDistinct(ids, 0, 3, rapid.ID).Draw(t, "of"),
		})
	}
	m.twice(t, p, m.applyActivities)
}

func (m *model) applyActivities(p *crm.Page, again bool) (want store.Commit) {
	r := m.runs[crm.Activities]
	for _, a := range p.Activities {
		was, had := m.activities[a.ID]
		linked := len(a.OpportunityIDs) > 0
		switch {
		case !linked && !had:
			want.Unchanged++
		case !linked:
			want.Changed++
			delete(m.activities, a.ID)
			continue
		case !had:
			want.Added++
		case equal(was, a):
			want.Unchanged++
		default:
			want.Changed++
		}
		if linked {
			r.mention(a.ID)
			m.activities[a.ID] = a
		}
	}
	var expected []string
	for _, id := range p.Deleted {
		if _, had := m.activities[id]; had {
			want.Deleted++
		}
		delete(m.activities, id)
	}
	r.mention(p.Exist...)
	for id, a := range m.activities {
		open := slices.ContainsFunc(a.OpportunityIDs, func(of string) bool { return !m.deals[of].Closed })
		if !r.sweep || r.mentioned[id] || open { // a sweep need not mention what belongs to closed deals only
			expected = append(expected, id)
		}
	}
	for _, id := range r.lost(p, again, expected) {
		delete(m.activities, id)
		want.Deleted++
	}
	return want
}

func (m *model) commitContacts(t *rapid.T) {
	p := m.page(t, crm.Contacts)
	for _, id := range rapid.SliceOfNDistinct(ids, 0, 4, rapid.ID).Draw(t, "ids") {
		p.Contacts = append(p.Contacts, crm.Contact{ID: id, OpportunityID: ids.Draw(t, "of"), ContactID: rapid.SampledFrom([]string{"c1", "c2"}).Draw(t, "who"), Primary: rapid.Bool().Draw(t, "primary")})
	}
	p.ContactsOf = rapid.SliceOfNDistinct(ids, 0, 3, rapid.ID).Draw(t, "contacts of")
	m.twice(t, p, m.applyContacts)
}

func (m *model) applyContacts(p *crm.Page, again bool) (want store.Commit) {
	r := m.runs[crm.Contacts]
	given := map[string]bool{}
	for _, c := range p.Contacts {
		given[c.ID] = true
		r.mention(c.ID)
		switch was, had := m.contacts[c.ID]; {
		case !had:
			want.Added++
		case was == c:
			want.Unchanged++
		default:
			want.Changed++
		}
		m.contacts[c.ID] = c
	}
	for id, c := range m.contacts {
		if !given[id] && slices.Contains(p.ContactsOf, c.OpportunityID) || slices.Contains(p.Deleted, id) {
			delete(m.contacts, id)
			want.Deleted++
		}
	}
	r.mention(p.Exist...)
	m.complete = m.complete || !p.More
	var expected []string
	for id, c := range m.contacts {
		// Nobody need mention links of closed deals.
		if r.mentioned[id] || !m.deals[c.OpportunityID].Closed {
			expected = append(expected, id)
		}
	}
	for _, id := range r.lost(p, again, expected) {
		delete(m.contacts, id)
		want.Deleted++
	}
	return want
}

func (m *model) restart(t *rapid.T) {
	s := rapid.SampledFrom([]crm.Stream{crm.Opportunities, crm.Activities, crm.Contacts}).Draw(t, "stream")
	if err := m.e.Restart(t.Context(), m.e.Fence(), m.source, s); err != nil {
		t.Fatal(err)
	}
	m.runs[s] = &run{noted: true, mentioned: map[string]bool{}}
}

func (m *model) want(id string) hygiene.Deal {
	d := hygiene.Deal{Source: m.source, Opportunity: m.deals[id]}
	for _, a := range m.activities {
		if slices.Contains(a.OpportunityIDs, id) {
			d.Activities = append(d.Activities, a)
		}
	}
	for _, c := range m.contacts {
		if c.OpportunityID == id {
			d.Contacts = append(d.Contacts, c)
		}
	}
	slices.SortFunc(d.Contacts, func(a, b crm.Contact) int { return byID(a.ID, b.ID) })
	if m.complete && (len(d.Contacts) > 0 || !d.Opportunity.Closed) {
		d.Opportunity.Contacts = crm.Num(float64(len(d.Contacts)))
	}
	slices.SortFunc(d.Activities, func(a, b crm.Activity) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return d
}

// byID is the order of keys: decimal ids as numbers, before all others.
func byID(a, b string) int {
	key := func(id string) string {
		if strings.Trim(id, "0123456789") != "" {
			return "text " + id
		}
		return fmt.Sprintf("number %19s", id)
	}
	return strings.Compare(key(a), key(b))
}

func (m *model) check(t *rapid.T) {
	var open []string
	for id, o := range m.deals {
		if !o.Closed {
			open = append(open, id)
		}
	}
	slices.SortFunc(open, byID)
	var got []string
	_, _, err := m.e.Scan(t.Context(), m.source, "", 0, func(d *hygiene.Deal) error {
		c := clone(d)
		got = append(got, c.Opportunity.ID)
		m.compare(t, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, open) {
		t.Fatalf("scan: got %q, want %q", got, open)
	}
	for id, o := range m.deals {
		found, err := m.e.Deal(t.Context(), m.source, id, func(d *hygiene.Deal) error {
			m.compare(t, clone(d))
			return nil
		})
		if err != nil || !found {
			t.Fatalf("deal %q (closed %v): %v %v", id, o.Closed, found, err)
		}
	}
	records := map[crm.Stream]int{}
	states, err := m.e.Streams(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range states {
		if st.Source == m.source {
			records[st.Stream] = st.Records
		}
	}
	if records[crm.Opportunities] != len(m.deals) || records[crm.Activities] != len(m.activities) {
		t.Fatalf("counted %v, want %d and %d", records, len(m.deals), len(m.activities))
	}
	if records[crm.Contacts] != len(m.contacts) {
		t.Fatalf("counted %d contacts, want %d", records[crm.Contacts], len(m.contacts))
	}
	q, _, err := m.e.Export(t.Context(), m.source, crm.Contacts, "", 100)
	if err != nil || len(q.Contacts) != len(m.contacts) {
		t.Fatalf("%d contacts exported, want %d: %v", len(q.Contacts), len(m.contacts), err)
	}
	p, _, err := m.e.Export(t.Context(), m.source, crm.Activities, "", 100)
	if err != nil || len(p.Activities) != len(m.activities) {
		t.Fatalf("%d links, want %d: %v", len(p.Activities), len(maps.Clone(m.activities)), err)
	}
}

func (m *model) compare(t *rapid.T, got hygiene.Deal) {
	want := m.want(got.Opportunity.ID)
	changes := crm.Fold(slices.Clone(m.seen[got.Opportunity.ID]))
	if len(changes) > len(got.Changes) || len(got.Changes) > len(m.seen[got.Opportunity.ID]) {
		t.Fatalf("%s: %d changes, want about %d", got.Opportunity.ID, len(got.Changes), len(changes))
	}
	got.Changes = nil
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", clone(&want)); g != w {
		t.Fatalf("deal:\n got %s\nwant %s", g, w)
	}
}
