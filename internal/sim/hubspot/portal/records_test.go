package portal_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/internal/sim/clock"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func small(opt portal.Options) *portal.Records {
	return portal.NewRecords(clock.New(noon, time.UTC, false), nil, func() portal.Options { return opt }, func(int) (string, string) { return "Maya", "Abara" })
}

// A value in the index is compared as the value itself is, before the index has caught
// up and afterwards, whether or not the value was written as text.
func TestIndexedKeys(t *testing.T) {
	h := small(portal.Options{IndexLag: time.Minute})
	h.Lock()
	defer h.Unlock()
	deal := h.Create(portal.TypeNamed("deals"), h.By(nil), map[string]string{"dealname": "Globex", "amount": "9000"})
	h.Set(deal, h.By(nil), "dealname", "first") // unseen: the index does not have the deal yet
	h.Clock.Set(noon.Add(time.Hour))
	h.Set(deal, h.By(nil), "amount", "9500")
	for now, amount := range map[time.Time]float64{noon.Add(time.Hour): 9000, noon.Add(2 * time.Hour): 9500} {
		h.Clock.Set(now)
		x, ok := h.IndexedAs(deal)
		if !ok {
			t.Fatalf("%v: no search finds the deal", now)
		}
		for _, name := range []string{"hs_object_id", "hs_lastmodifieddate", "createdate", "amount", "dealname"} {
			p := h.Property(deal.Type, name)
			text, _ := x.Value(name)
			want, _ := p.Key(text)
			if got, ok := x.Key(p); !ok || got != want {
				t.Errorf("%v: %s: got %v, want %v of %q", now, name, got, want, text)
			}
		}
		if got, _ := x.Key(h.Property(deal.Type, "amount")); got.Number != amount {
			t.Errorf("%v: the amount is %v, want %v", now, got.Number, amount)
		}
	}
}

// A deal that was merged twice is found under all its ids.
func TestMergedTwice(t *testing.T) {
	h := small(portal.Options{MergedResolve: true})
	p := portal.New(h)
	var ids []string
	for _, name := range []string{"one", "two", "three"} {
		id, err := p.Create("deals", "", map[string]string{"dealname": name})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	for i := range 2 {
		if _, err := p.Merge("deals", ids[i+1], ids[i], false); err != nil {
			t.Fatal(err)
		}
	}
	h.Lock()
	defer h.Unlock()
	for _, id := range ids {
		if o := h.Resolve(portal.TypeNamed("deals"), id); o == nil || strconv.FormatInt(o.ID, 10) != ids[2] {
			t.Errorf("%s leads to %v, not to %s", id, o, ids[2])
		}
	}
	if h.Resolve(portal.TypeNamed("deals"), "17") != nil {
		t.Error("an unknown id leads to a deal")
	}
}

// An association is seen from both records, however often it is made.
func TestLinkBothWays(t *testing.T) {
	h := small(portal.Options{})
	h.Lock()
	defer h.Unlock()
	deal := h.Create(portal.TypeNamed("deals"), h.By(nil), map[string]string{"dealname": "Globex"})
	contact := h.Create(portal.TypeNamed("contacts"), h.By(nil), nil)
	h.Link(deal, contact)
	h.Link(contact, deal)
	if there, back := h.Targets(deal, "contacts"), h.Targets(contact, "deals"); len(there) != 1 || there[0].To != contact.ID || len(back) != 1 || back[0].To != deal.ID {
		t.Errorf("got %v and %v", there, back)
	}
	h.Unlink(contact, deal)
	if there, back := h.Targets(deal, "contacts"), h.Targets(contact, "deals"); len(there)+len(back) != 0 {
		t.Errorf("unlinked: got %v and %v", there, back)
	}
}
