package store

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// model is the cache of one source as simply as it can be said.
type model struct {
	s          *Store
	source     string
	deals      map[string]crm.Opportunity
	activities map[string]crm.Activity
	contacts   map[string]crm.Contact
	seen       map[string][]crm.Change // observed, by opportunity
	mentioned  map[string]bool         // by a run after Restart; nil outside one
	linked     map[string]bool         // the same of contacts
	complete   bool                    // a run of contacts has ended
}

func TestCacheBehavesLikeAMap(t *testing.T) {
	s := openStore(t, t.TempDir())
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		if n++; n%200 == 0 { // a cache has room for 255 sources
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = openStore(t, t.TempDir())
		}
		m := &model{s: s, source: fmt.Sprint("s", n), deals: map[string]crm.Opportunity{}, activities: map[string]crm.Activity{}, contacts: map[string]crm.Contact{}, seen: map[string][]crm.Change{}}
		if err := s.Register(t.Context(), s.Fence(), m.source, crm.Info{Fields: crm.Fields{"contacts": crm.Readable}}); err != nil {
			t.Fatal(err)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"":              m.check,
			"opportunities": m.opportunities,
			"activities":    m.commitActivities,
			"restart":       m.restart,
			"contacts":      m.commitContacts,
			"relink":        m.relink,
		})
	})
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// ids are few, so that actions meet; some are decimal, and some the beginning of others.
var ids = rapid.SampledFrom([]string{"1", "2", "10", "11", "a", "ab", "b", "006A"})

func (m *model) commit(t *rapid.T, p *crm.Page) crm.Commit {
	got, err := m.s.CommitPage(t.Context(), m.s.Fence(), m.source, p, noon)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (m *model) opportunities(t *rapid.T) {
	p := &crm.Page{Stream: crm.Opportunities, More: rapid.Bool().Draw(t, "more"), Ascending: rapid.Bool().Draw(t, "ascending")}
	var want crm.Commit
	for _, id := range rapid.SliceOfNDistinct(ids, 0, 5, rapid.ID).Draw(t, "ids") {
		o := crm.Opportunity{
			ID: id, Stage: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "stage"), Closed: rapid.Bool().Draw(t, "closed"),
			Name: rapid.SampledFrom([]string{"n", "m"}).Draw(t, "name"), ModifiedAt: noon.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "at")) * time.Hour),
		}
		p.Opportunities = append(p.Opportunities, o)
		if m.mentioned != nil {
			m.mentioned[id] = true
		}
		was, had := m.deals[id]
		switch {
		case !had:
			want.Added++
		case equal(was, o):
			want.Unchanged++
		default:
			want.Changed++
			if was.Stage != o.Stage {
				want.Changes++
				m.seen[id] = append(m.seen[id], crm.Change{OpportunityID: id, Field: crm.FieldStage, New: o.Stage, At: o.ModifiedAt, Observed: true})
			}
		}
		m.deals[id] = o
	}
	for _, id := range rapid.SliceOfNDistinct(ids, 0, 2, rapid.ID).Draw(t, "deleted") {
		p.Deleted = append(p.Deleted, id)
		want.Deleted += m.forget(id)
	}
	if !p.More && m.mentioned != nil {
		want.Deleted += m.sweep()
	}
	if d := gocmp.Diff(want, m.commit(t, p)); d != "" {
		t.Fatalf("commit (-want +got):\n%s", d)
	}
}

func equal(a, b crm.Opportunity) bool {
	return string(putOpportunity(nil, &a)) == string(putOpportunity(nil, &b))
}

func (m *model) sweep() (n int) {
	var missing []string
	for id := range m.deals {
		if !m.mentioned[id] {
			missing = append(missing, id)
		}
	}
	m.mentioned = nil
	if len(missing)*10 > len(m.deals) {
		return 0
	}
	for _, id := range missing {
		n += m.forget(id)
	}
	return n
}

func (m *model) forget(id string) (n int) {
	if _, ok := m.deals[id]; ok {
		n = 1
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
	p := &crm.Page{Stream: crm.Activities, Ascending: rapid.Bool().Draw(t, "ascending")}
	for _, id := range rapid.SliceOfNDistinct(ids, 0, 4, rapid.ID).Draw(t, "ids") {
		a := crm.Activity{
			ID: id, Kind: rapid.SampledFrom([]crm.ActivityKind{crm.Call, crm.Email}).Draw(t, "kind"), At: noon.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "at")) * time.Hour),
			OpportunityIDs: rapid.SliceOfNDistinct(ids, 0, 3, rapid.ID).Draw(t, "of"),
		}
		p.Activities = append(p.Activities, a)
		m.activities[id] = a
		if len(a.OpportunityIDs) == 0 {
			delete(m.activities, id)
		}
	}
	for _, id := range rapid.SliceOfNDistinct(ids, 0, 2, rapid.ID).Draw(t, "deleted") {
		p.Deleted = append(p.Deleted, id)
		delete(m.activities, id)
	}
	m.commit(t, p)
}

func (m *model) commitContacts(t *rapid.T) {
	p := &crm.Page{Stream: crm.Contacts, More: rapid.Bool().Draw(t, "more"), Ascending: rapid.Bool().Draw(t, "ascending")}
	mentioned := map[string]bool{}
	var want crm.Commit
	for _, id := range rapid.SliceOfNDistinct(ids, 0, 4, rapid.ID).Draw(t, "ids") {
		c := crm.Contact{ID: id, OpportunityID: ids.Draw(t, "of"), ContactID: rapid.SampledFrom([]string{"c1", "c2"}).Draw(t, "who"), Primary: rapid.Bool().Draw(t, "primary")}
		p.Contacts = append(p.Contacts, c)
		mentioned[id] = true
		if m.linked != nil {
			m.linked[id] = true
		}
		switch was, had := m.contacts[id]; {
		case !had:
			want.Added++
		case was == c:
			want.Unchanged++
		default:
			want.Changed++
		}
		m.contacts[id] = c
	}
	p.ContactsOf = rapid.SliceOfNDistinct(ids, 0, 3, rapid.ID).Draw(t, "contacts of")
	p.Deleted = rapid.SliceOfNDistinct(ids, 0, 2, rapid.ID).Draw(t, "deleted")
	for id, c := range m.contacts {
		if !mentioned[id] && slices.Contains(p.ContactsOf, c.OpportunityID) || slices.Contains(p.Deleted, id) {
			delete(m.contacts, id)
			want.Deleted++
		}
	}
	if !p.More {
		m.complete = true
		if m.linked != nil {
			want.Deleted += m.sweepContacts()
		}
	}
	if d := gocmp.Diff(want, m.commit(t, p)); d != "" {
		t.Fatalf("commit of contacts (-want +got):\n%s", d)
	}
}

// sweepContacts drops links that a whole run did not mention, except those of
// closed deals, which it need not mention.
func (m *model) sweepContacts() int {
	var missing []string
	total := 0
	for id, c := range m.contacts {
		if m.linked[id] {
			total++
		} else if !m.deals[c.OpportunityID].Closed {
			total++
			missing = append(missing, id)
		}
	}
	m.linked = nil
	if len(missing)*10 > total {
		return 0
	}
	for _, id := range missing {
		delete(m.contacts, id)
	}
	return len(missing)
}

func (m *model) relink(t *rapid.T) {
	if err := m.s.Restart(t.Context(), m.s.Fence(), m.source, crm.Contacts); err != nil {
		t.Fatal(err)
	}
	m.linked = map[string]bool{}
}

func (m *model) restart(t *rapid.T) {
	if err := m.s.Restart(t.Context(), m.s.Fence(), m.source, crm.Opportunities); err != nil {
		t.Fatal(err)
	}
	m.mentioned = map[string]bool{}
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
	slices.SortFunc(d.Contacts, func(a, b crm.Contact) int {
		return slices.Compare(recordKey(nil, 0, a.ID), recordKey(nil, 0, b.ID))
	})
	if m.complete && (len(d.Contacts) > 0 || !d.Opportunity.Closed) {
		d.Opportunity.Contacts = crm.Num(float64(len(d.Contacts)))
	}
	slices.SortFunc(d.Activities, func(a, b crm.Activity) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return d
}

func (m *model) check(t *rapid.T) {
	var open []string
	for id, o := range m.deals {
		if !o.Closed {
			open = append(open, id)
		}
	}
	slices.SortFunc(open, func(a, b string) int { return slices.Compare(recordKey(nil, 0, a), recordKey(nil, 0, b)) })
	var got []string
	_, _, err := m.s.Scan(t.Context(), m.source, "", 0, func(d *hygiene.Deal) error {
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
		found, err := m.s.Deal(t.Context(), m.source, id, func(d *hygiene.Deal) error {
			m.compare(t, clone(d))
			return nil
		})
		if err != nil || !found {
			t.Fatalf("deal %q (closed %v): %v %v", id, o.Closed, found, err)
		}
	}
	records := map[crm.Stream]int{}
	states, err := m.s.Streams(t.Context())
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
	q, _, err := m.s.Export(t.Context(), m.source, crm.Contacts, "", 100)
	if err != nil || len(q.Contacts) != len(m.contacts) {
		t.Fatalf("%d contacts exported, want %d: %v", len(q.Contacts), len(m.contacts), err)
	}
	p, _, err := m.s.Export(t.Context(), m.source, crm.Activities, "", 100)
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
