package storetest

import (
	"slices"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

func (m *model) commitOpportunities(t *rapid.T) {
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
			m.gone[o.ID] = m.gone[o.ID] && (m.whole || o.Closed) && !slices.Contains(p.Deleted, o.ID)
			if m.gone[o.ID] && !o.Closed {
				want.Unknown = append(want.Unknown, o.ID)
			}
		case equal(was, o):
			want.Unchanged++
		default:
			want.Changed++
			if was.Closed && !o.Closed && m.gone[o.ID] && !slices.Contains(p.Deleted, o.ID) {
				want.Unknown = append(want.Unknown, o.ID)
			}
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
	var expected, closed []string
	for id, o := range m.deals {
		switch {
		case !o.Closed:
			expected = append(expected, id)
		case !r.sweep:
			closed = append(closed, id)
		}
	}
	for _, id := range r.lost(p, again, expected, closed) {
		want.Deleted += m.forget(id)
	}
	m.whole = m.whole || !p.More
	slices.Sort(want.Unknown)
	return want
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
	var expected, closed []string
	for _, id := range p.Deleted {
		if _, had := m.activities[id]; had {
			want.Deleted++
		}
		delete(m.activities, id)
	}
	r.mention(p.Exist...)
	for id, a := range m.activities {
		open := slices.ContainsFunc(a.OpportunityIDs, func(of string) bool { return !m.deals[of].Closed })
		switch { // a sweep need not mention an activity of closed deals only, nor counts it
		case open:
			expected = append(expected, id)
		case !r.sweep:
			closed = append(closed, id)
		}
	}
	for _, id := range r.lost(p, again, expected, closed) {
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
	p.ContactsKept = rapid.SliceOfNDistinct(ids, 0, 2, rapid.ID).Draw(t, "contacts kept")
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
	for _, id := range p.ContactsOf {
		delete(m.untold, id)
	}
	for _, id := range p.ContactsKept {
		m.untold[id] = true
	}
	for id, c := range m.contacts {
		if slices.Contains(p.ContactsKept, c.OpportunityID) {
			r.mention(id)
		}
	}
	m.complete = m.complete || !p.More
	var expected []string
	for id, c := range m.contacts {
		// No run has to mention the links of closed deals, nor counts them.
		if !m.deals[c.OpportunityID].Closed {
			expected = append(expected, id)
		}
	}
	for _, id := range r.lost(p, again, expected, nil) {
		delete(m.contacts, id)
		want.Deleted++
	}
	return want
}

func equal[T any](a, b T) bool { return gocmp.Equal(a, b, cmpopts.EquateEmpty()) }
