package salesforce_test

import (
	"slices"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// contacts reads the stream of contacts from at to its end.
func contacts(t *testing.T, src crm.Source, at crm.Cursor) (links map[string]crm.Contact, deleted []string, next crm.Cursor) {
	t.Helper()
	links = map[string]crm.Contact{}
	for range 100 {
		p, err := src.Fetch(t.Context(), crm.Contacts, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range p.Contacts {
			links[c.ID] = c
		}
		deleted = append(deleted, p.Deleted...)
		if at = p.Next; !p.More {
			return links, deleted, at
		}
	}
	t.Fatal("no end")
	return nil, nil, ""
}

// TestContactsComeAndGo adds a contact to a deal, and deletes a deal together with the
// deal's contacts.
func TestContactsComeAndGo(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	links, _, at := contacts(t, a.Source(t), "")
	if len(links) == 0 {
		t.Fatal("no deal has a contact")
	}
	a.tick()
	var gone string
	for id := range links {
		if gone == "" || id < gone {
			gone = id
		}
	}
	deal := links[gone].OpportunityID
	if err := a.company.Delete(deal); err != nil {
		t.Fatal(err)
	}
	other := a.company.IDs("Opportunity")[3]
	added, err := a.company.AddContactRole(other, "Evaluator")
	if err != nil {
		t.Fatal(err)
	}
	a.tick()
	links, deleted, _ := contacts(t, a.Source(t), at)
	if got := links[added]; got.OpportunityID != other || got.ContactID == "" || got.Role != "Evaluator" {
		t.Errorf("the new contact was read as %+v", got)
	}
	if !slices.Contains(deleted, gone) {
		t.Errorf("nothing tells that %s went with its deal", gone)
	}
}

func TestContactsHidden(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	a.company.HideObject("OpportunityContactRole")
	src := a.Source(t)
	info, err := src.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.Fields["contacts"] != crm.Hidden || slices.Contains(src.Streams(), crm.Contacts) {
		t.Errorf("contacts are %s, streams %v", info.Fields["contacts"], src.Streams())
	}
}

// TestContactChanges: a person who changes gives the role no stamp, and is read again all the
// same; a login that does not see people reads the roles without them, and asks no more often.
func TestContactChanges(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	links, _, at := contacts(t, a.Source(t), "")
	for _, c := range links {
		if c.Title == "" || c.EmailBounced != crm.No || c.EmailOptedOut != crm.No {
			t.Fatalf("read as %+v", c)
		}
	}
	a.company.SetNow(a.company.Now().Add(2 * 24 * time.Hour))
	again, _, at := contacts(t, a.Source(t), at)
	a.company.SetNow(a.company.Now().Add(time.Hour))
	_, _, at = contacts(t, a.Source(t), at)
	var one crm.Contact
	for _, c := range links {
		if _, young := again[c.ID]; !young && (one.ID == "" || c.ID < one.ID) {
			one = c
		}
	}
	if err := a.company.SetField(one.ContactID, "HasOptedOutOfEmail", true); err != nil {
		t.Fatal(err)
	}
	a.tick()
	links, _, _ = contacts(t, a.Source(t), at)
	if links[one.ID].EmailOptedOut != crm.Yes {
		t.Errorf("who wants no more emails was read as %+v", links[one.ID])
	}
	a.company.HideObject("Contact")
	src := a.Source(t)
	links, _, _ = contacts(t, src, "")
	if c := links[one.ID]; c.Role == "" || c.Title != "" || c.EmailOptedOut != crm.NotTold || c.EmailBounced != crm.NotTold {
		t.Errorf("without people it was read as %+v", c)
	}
	a.org.ResetCalls()
	info, err := src.Describe(t.Context())
	if err != nil || info.Fields.Access(crm.ContactsTitle) != crm.Hidden || info.Fields.Access(crm.ContactsRole) != crm.Readable {
		t.Errorf("title %s, role %s, %v", info.Fields.Access(crm.ContactsTitle), info.Fields.Access(crm.ContactsRole), err)
	}
	before := len(a.org.Calls())
	if _, err := src.Describe(t.Context()); err != nil || len(a.org.Calls()) != before {
		t.Errorf("because people are hidden, %d calls more are made, %v", len(a.org.Calls())-before, err)
	}
}
