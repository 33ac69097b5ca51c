package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// deal is the deal that the engine has to lend for an id, without its changes.
func (m *model) deal(id string) hygiene.Deal {
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
	if m.complete && (len(d.Contacts) > 0 || !d.Opportunity.Closed && !m.untold[id]) {
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

// check compares all that the engine has of the source with the model.
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
		found := false
		err := m.e.Lend(t.Context(), m.source, []string{id}, func(d *hygiene.Deal) error {
			found = true
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
		t.Fatalf("%d activities exported, want %d: %v", len(p.Activities), len(m.activities), err)
	}
}

func (m *model) compare(t *rapid.T, got hygiene.Deal) {
	want := m.deal(got.Opportunity.ID)
	changes := crm.Fold(slices.Clone(m.seen[got.Opportunity.ID]))
	if len(changes) > len(got.Changes) || len(got.Changes) > len(m.seen[got.Opportunity.ID]) {
		t.Fatalf("%s: %d changes, want about %d", got.Opportunity.ID, len(got.Changes), len(changes))
	}
	got.Changes = nil
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", clone(&want)); g != w {
		t.Fatalf("deal:\n got %s\nwant %s", g, w)
	}
}
