package hubspot_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestALookKnowsWhoHasContacts has HubSpot answer in the hour's look, which searches for
// nothing any more, that no deal has a contact: that is not believed of deals that count
// some. What a deal has lost indeed is believed at the second look at the latest.
func TestALookKnowsWhoHasContacts(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	src, at := a.Source(t), map[crm.Stream]crm.Cursor{}
	open := poll(t, src, at)[crm.Contacts]
	look := func() crm.Page {
		t.Helper()
		var all crm.Page
		for _, wait := range []time.Duration{61 * time.Minute, time.Minute} { // the second run knows the time
			a.later(wait)
			p := poll(t, src, at)[crm.Contacts]
			all.Contacts, all.ContactsOf = append(all.Contacts, p.Contacts...), append(all.ContactsOf, p.ContactsOf...)
		}
		return all
	}
	look()
	alone := open.Contacts[0].OpportunityID
	with := map[string]bool{}
	for _, c := range open.Contacts {
		with[c.OpportunityID] = true
	}
	none, err := json.Marshal(open.ContactsOf)
	if err != nil {
		t.Fatal(err)
	}
	a.portal.Fault(sim.Fault{Path: "/deals/contacts/batch/read", Times: -1, Status: http.StatusMultiStatus, Body: `{"status":"COMPLETE","results":[],"numErrors":1,"errors":[` +
		`{"status":"error","category":"OBJECT_NOT_FOUND","subCategory":"crm.associations.NO_ASSOCIATIONS_FOUND","message":"none","context":{"fromObjectId":` + string(none) + `}}]}`})
	for range 2 {
		p := look()
		for id := range with {
			if slices.Contains(p.ContactsOf, id) {
				t.Errorf("deal %s is said to have no contact", id)
			}
		}
	}
	a.portal.ClearFaults()
	for _, c := range open.Contacts {
		if c.OpportunityID != alone {
			continue
		}
		if err := a.portal.Dissociate("contacts", c.ContactID, "deals", alone); err != nil {
			t.Fatal(err)
		}
	}
	look()
	if p := look(); !slices.Contains(p.ContactsOf, alone) || slices.ContainsFunc(p.Contacts, func(c crm.Contact) bool { return c.OpportunityID == alone }) {
		t.Errorf("of %d deals, deal %s still has contacts, or none is said of it", len(p.ContactsOf), alone)
	}
}
