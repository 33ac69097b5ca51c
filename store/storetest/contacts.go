package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/store"
)

// withContacts returns an engine with n open deals, whose source can read contacts.
func withContacts(t *testing.T, empty Empty, n int) store.Engine {
	t.Helper()
	e := fresh(t, empty)
	if err := e.Register(t.Context(), e.Fence(), "sf", crm.Info{Type: "salesforce", Fields: crm.Fields{"contacts": crm.Readable}}); err != nil {
		t.Fatal(err)
	}
	var os []crm.Opportunity
	for i := range n {
		os = append(os, Opportunity(i))
	}
	Commit(t, e, PageOf(os...))
	return e
}

func role(n int, of string) crm.Contact {
	return crm.Contact{ID: fmt.Sprintf("00K%012dAAA", n), OpportunityID: of, ContactID: "003", Role: "Evaluator"}
}

func linkPage(cs ...crm.Contact) crm.Page {
	return crm.Page{Stream: crm.Contacts, Contacts: cs, Next: "c", AsOf: Noon}
}

func testContactsAreCountedOnceTheyWereRead(t *testing.T, empty Empty) {
	e := withContacts(t, empty, 2)
	p := linkPage(role(1, ID(1)), role(2, ID(1)))
	p.More = true
	Commit(t, e, p)
	if got := Deals(t, e, "sf")[1].Opportunity.Contacts; got.Known {
		t.Errorf("the first run is still under way, but the count is said to be %v", got.Value)
	}
	Commit(t, e, linkPage())
	got := Deals(t, e, "sf")
	diff(t, "none", got[0].Opportunity.Contacts, crm.Num(0))
	diff(t, "two", got[1].Opportunity.Contacts, crm.Num(2))
	diff(t, "who", got[1].Contacts, []crm.Contact{role(1, ID(1)), role(2, ID(1))})
	// An export counts contacts as the scan does. Of a closed deal without links the
	// number is unknown, because not every source reads the contacts of closed deals.
	lost := Opportunity(2)
	lost.Closed = true
	Commit(t, e, PageOf(lost))
	page, _, err := e.Export(t.Context(), "sf", crm.Opportunities, "", 10)
	if err != nil || len(page.Opportunities) != 3 {
		t.Fatalf("export: got %v, %v", page.Opportunities, err)
	}
	for i, want := range []crm.Number{crm.Num(0), crm.Num(2), {}} {
		diff(t, page.Opportunities[i].ID, page.Opportunities[i].Contacts, want)
	}

	// The contacts of a deal that was created after contacts were read are unknown.
	late := Opportunity(3)
	late.CreatedAt = Noon.Add(time.Minute)
	Commit(t, e, PageOf(late))
	if got := Deals(t, e, "sf")[2].Opportunity.Contacts; got.Known {
		t.Error("the contacts of a deal created after they were read are said to be known")
	}
	// Once the login may no longer read contacts, every number is unknown.
	if err := e.Register(t.Context(), e.Fence(), "sf", crm.Info{Type: "salesforce", Fields: crm.Fields{"contacts": crm.Hidden}}); err != nil {
		t.Fatal(err)
	}
	if got := Deals(t, e, "sf")[0].Opportunity.Contacts; got.Known {
		t.Error("contacts that cannot be read are counted")
	}
}

func testContactsOfMakesTheSetComplete(t *testing.T, empty Empty) {
	e := withContacts(t, empty, 3)
	Commit(t, e, linkPage(role(1, ID(1)), role(2, ID(1)), role(3, ID(2))))
	p := linkPage(role(2, ID(1)))
	p.ContactsOf = []string{ID(1), ID(0)}
	diff(t, "commit", Commit(t, e, p), store.Commit{Unchanged: 1, Deleted: 1})
	got := Deals(t, e, "sf")
	diff(t, "mentioned", got[1].Contacts, []crm.Contact{role(2, ID(1))})
	diff(t, "not mentioned", got[2].Contacts, []crm.Contact{role(3, ID(2))})
	diff(t, "again", Commit(t, e, p), store.Commit{Unchanged: 1})
	if n := state(t, e, crm.Contacts).Records; n != 2 {
		t.Errorf("%d records counted, want 2", n)
	}
	p.Contacts[0].ID = "" // refuses the whole page
	if _, err := e.CommitPage(t.Context(), e.Fence(), "sf", &p, Noon); err == nil || !strings.Contains(err.Error(), "contact without an id") {
		t.Errorf("a link without an id: %v", err)
	}
}

// A deal whose contacts the CRM did not tell is not one without contacts, until it tells
// them; nor is a deal that comes later, or that was closed.
func testContactsThatWereNotTold(t *testing.T, empty Empty) {
	e := withContacts(t, empty, 3)
	p := linkPage(role(1, ID(1)))
	p.ContactsOf, p.ContactsKept = []string{ID(2)}, []string{ID(0), ID(1), ID(3)}
	Commit(t, e, p)
	was := Opportunity(3)
	was.Closed = true
	Commit(t, e, PageOf(was))
	Commit(t, e, PageOf(Opportunity(3))) // opens
	check := func(what string, want ...crm.Number) {
		t.Helper()
		page, _, err := e.Export(t.Context(), "sf", crm.Opportunities, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range Deals(t, e, "sf") {
			diff(t, what, d.Opportunity.Contacts, want[i])
			diff(t, what+", exported", page.Opportunities[i].Contacts, want[i])
		}
	}
	check("not told", crm.Number{}, crm.Num(1), crm.Num(0), crm.Number{})
	Commit(t, e, linkPage())
	check("a run that says nothing of them", crm.Number{}, crm.Num(1), crm.Num(0), crm.Number{})
	p = linkPage()
	p.ContactsOf = []string{ID(0), ID(1)}
	Commit(t, e, p)
	check("told", crm.Num(0), crm.Num(0), crm.Num(0), crm.Number{})
	// With a deal that is gone goes the mark.
	Commit(t, e, crm.Page{Stream: crm.Opportunities, Deleted: []string{ID(3)}, AsOf: Noon})
	back := PageOf(Opportunity(3))
	back.Recalled = true
	Commit(t, e, back)
	check("back", crm.Num(0), crm.Num(0), crm.Num(0), crm.Num(0))
}

func testADeletedDealTakesItsContactsAlong(t *testing.T, empty Empty) {
	e := withContacts(t, empty, 2)
	Commit(t, e, linkPage(role(1, ID(0)), role(2, ID(1))))
	Commit(t, e, crm.Page{Stream: crm.Opportunities, Deleted: []string{ID(0)}, AsOf: Noon})
	if n := state(t, e, crm.Contacts).Records; n != 1 {
		t.Errorf("%d records counted, want 1", n)
	}
	p, _, err := e.Export(t.Context(), "sf", crm.Contacts, "", 10)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "export", p.Contacts, []crm.Contact{role(2, ID(1))})
}

// A full read drops the links that it does not mention, unless these are many. A full
// read does not have to mention the links of closed deals.
func testAFullReadOfContacts(t *testing.T, empty Empty) {
	e := withContacts(t, empty, 30)
	var all []crm.Contact
	for i := range 30 {
		all = append(all, role(i, ID(i)))
	}
	Commit(t, e, linkPage(all...))
	var won []crm.Opportunity
	for i := range 10 {
		o := Opportunity(i)
		o.Closed, o.Won = true, true
		won = append(won, o)
	}
	Commit(t, e, PageOf(won...))
	reread := func(cs []crm.Contact) store.Commit {
		if err := e.Restart(t.Context(), e.Fence(), "sf", crm.Contacts); err != nil {
			t.Fatal(err)
		}
		return Commit(t, e, linkPage(cs...))
	}
	diff(t, "two of twenty are gone", reread(all[12:]), store.Commit{Unchanged: 18, Deleted: 2})
	if e := state(t, e, crm.Contacts).Error; e != "" {
		t.Errorf("links of closed deals look lost: %s", e)
	}
	// Ten are more than half of the 18 links of open deals, though not of all 28.
	diff(t, "too many", reread(all[22:]), store.Commit{Unchanged: 8})
	if e := state(t, e, crm.Contacts).Held; !strings.Contains(e, "permissions") {
		t.Errorf("a read that lost a lot says %q", e)
	}
}
