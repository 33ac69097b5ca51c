package bolt

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/store"
)

// withContacts is a store whose source can read contacts, with n open deals.
func withContacts(t *testing.T, n int) *Store {
	t.Helper()
	s := newStore(t)
	if err := s.Register(t.Context(), s.Fence(), "sf", crm.Info{Type: "salesforce", Fields: crm.Fields{"contacts": crm.Readable}}); err != nil {
		t.Fatal(err)
	}
	var os []crm.Opportunity
	for i := range n {
		os = append(os, opportunity(i))
	}
	commitPage(t, s, pageOf(os...))
	return s
}

func role(n int, of string) crm.Contact {
	return crm.Contact{ID: fmt.Sprintf("00K%012dAAA", n), OpportunityID: of, ContactID: "003", Role: "Evaluator"}
}

func linkPage(cs ...crm.Contact) crm.Page {
	return crm.Page{Stream: crm.Contacts, Contacts: cs, Next: "c", AsOf: noon}
}

func TestContactsAreCountedOnceTheyWereRead(t *testing.T) {
	s := withContacts(t, 2)
	p := linkPage(role(1, sfid(1)), role(2, sfid(1)))
	p.More = true
	commitPage(t, s, p)
	if got := deals(t, s, "sf")[1].Opportunity.Contacts; got.Known {
		t.Errorf("the first run is still under way, but the count is said to be %v", got.Value)
	}
	commitPage(t, s, linkPage())
	got := deals(t, s, "sf")
	diff(t, "none", got[0].Opportunity.Contacts, crm.Num(0))
	diff(t, "two", got[1].Opportunity.Contacts, crm.Num(2))
	diff(t, "who", got[1].Contacts, []crm.Contact{role(1, sfid(1)), role(2, sfid(1))})
	// An export counts as the scan does, and says nothing of a closed deal without
	// links, whose contacts not every source reads.
	lost := opportunity(2)
	lost.Closed = true
	commitPage(t, s, pageOf(lost))
	page, _, err := s.Export(t.Context(), "sf", crm.Opportunities, "", 10)
	if err != nil || len(page.Opportunities) != 3 {
		t.Fatalf("export: got %v, %v", page.Opportunities, err)
	}
	for i, want := range []crm.Number{crm.Num(0), crm.Num(2), {}} {
		diff(t, page.Opportunities[i].ID, page.Opportunities[i].Contacts, want)
	}

	// A deal that is younger than what was read has none that we could know of.
	late := opportunity(3)
	late.CreatedAt = noon.Add(time.Minute)
	commitPage(t, s, pageOf(late))
	if got := deals(t, s, "sf")[2].Opportunity.Contacts; got.Known {
		t.Error("the contacts of a deal created after they were read are said to be known")
	}
	// A login that may no longer read them knows nothing any more.
	if err := s.Register(t.Context(), s.Fence(), "sf", crm.Info{Type: "salesforce", Fields: crm.Fields{"contacts": crm.Hidden}}); err != nil {
		t.Fatal(err)
	}
	if got := deals(t, s, "sf")[0].Opportunity.Contacts; got.Known {
		t.Error("contacts that cannot be read are counted")
	}
}

func TestContactsOfMakesTheSetComplete(t *testing.T) {
	s := withContacts(t, 3)
	commitPage(t, s, linkPage(role(1, sfid(1)), role(2, sfid(1)), role(3, sfid(2))))
	p := linkPage(role(2, sfid(1)))
	p.ContactsOf = []string{sfid(1), sfid(0)}
	diff(t, "commit", commitPage(t, s, p), store.Commit{Unchanged: 1, Deleted: 1})
	got := deals(t, s, "sf")
	diff(t, "mentioned", got[1].Contacts, []crm.Contact{role(2, sfid(1))})
	diff(t, "not mentioned", got[2].Contacts, []crm.Contact{role(3, sfid(2))})
	diff(t, "again", commitPage(t, s, p), store.Commit{Unchanged: 1})
	if n := state(t, s, crm.Contacts).Records; n != 2 {
		t.Errorf("%d records counted, want 2", n)
	}
	p.Contacts[0].ID = "" // a whole page or nothing
	if _, err := s.CommitPage(t.Context(), s.Fence(), "sf", &p, noon); err == nil || !strings.Contains(err.Error(), "contact without an id") {
		t.Errorf("a link without an id: %v", err)
	}
}

func TestADeletedDealTakesItsContactsAlong(t *testing.T) {
	s := withContacts(t, 2)
	commitPage(t, s, linkPage(role(1, sfid(0)), role(2, sfid(1))))
	commitPage(t, s, crm.Page{Stream: crm.Opportunities, Deleted: []string{sfid(0)}, AsOf: noon})
	if n := state(t, s, crm.Contacts).Records; n != 1 {
		t.Errorf("%d records counted, want 1", n)
	}
	p, _, err := s.Export(t.Context(), "sf", crm.Contacts, "", 10)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "export", p.Contacts, []crm.Contact{role(2, sfid(1))})
}

// A full read sweeps what it does not mention, but not when that is much, and
// links of closed deals are none that it has to mention.
func TestAFullReadOfContacts(t *testing.T) {
	s := withContacts(t, 30)
	var all []crm.Contact
	for i := range 30 {
		all = append(all, role(i, sfid(i)))
	}
	commitPage(t, s, linkPage(all...))
	var won []crm.Opportunity
	for i := range 10 {
		o := opportunity(i)
		o.Closed, o.Won = true, true
		won = append(won, o)
	}
	commitPage(t, s, pageOf(won...))
	reread := func(cs []crm.Contact) store.Commit {
		if err := s.Restart(t.Context(), s.Fence(), "sf", crm.Contacts); err != nil {
			t.Fatal(err)
		}
		return commitPage(t, s, linkPage(cs...))
	}
	diff(t, "two of twenty are gone", reread(all[12:]), store.Commit{Unchanged: 18, Deleted: 2})
	if e := state(t, s, crm.Contacts).Error; e != "" {
		t.Errorf("links of closed deals look lost: %s", e)
	}
	// Ten are more than half of the 18 links of open deals, though not of all 28.
	diff(t, "too many", reread(all[22:]), store.Commit{Unchanged: 8})
	if e := state(t, s, crm.Contacts).Held; !strings.Contains(e, "permissions") {
		t.Errorf("a read that lost a lot says %q", e)
	}
}

func TestWhatWentElsewhereIsNotTheReadersLast(t *testing.T) {
	s := newStore(t)
	d := delivery.Delivery{ID: "d", Digest: "manager-daily", Team: "West", Recipient: "maria@acme.example", To: "revops@acme.example", State: delivery.Sent, AsOf: noon, Changed: noon}
	if err := s.SaveDelivery(t.Context(), s.Fence(), d, nil); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := s.Reader(t.Context(), d.Digest, d.Team, d.Recipient); ok || err != nil {
		t.Errorf("a redirected delivery became the reader's baseline: %v %v", ok, err)
	}
	d.ID, d.To = "e", ""
	if err := s.SaveDelivery(t.Context(), s.Fence(), d, nil); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := s.Reader(t.Context(), d.Digest, d.Team, d.Recipient); !ok || err != nil {
		t.Errorf("a delivery to the reader did not: %v %v", ok, err)
	}
}

// Since is the end of the first run, whatever is read again later.
func TestReferenceKnowsSinceWhenEverythingWasSeen(t *testing.T) {
	s := newStore(t)
	since := func() time.Time {
		ref, err := s.Reference(t.Context(), "sf")
		if err != nil {
			t.Fatal(err)
		}
		return ref.Since
	}
	p := pageOf(opportunity(1))
	p.More = true
	commitPage(t, s, p)
	if at := since(); !at.IsZero() {
		t.Errorf("the first run is under way, but it is complete since %v", at)
	}
	commitPage(t, s, pageOf(opportunity(2)))
	if err := s.Restart(t.Context(), s.Fence(), "sf", crm.Opportunities); err != nil {
		t.Fatal(err)
	}
	p = pageOf(opportunity(1), opportunity(2))
	p.AsOf = noon.Add(time.Hour)
	commitPage(t, s, p)
	if at := since(); !at.Equal(noon) {
		t.Errorf("got %v, want %v", at, noon)
	}
}
