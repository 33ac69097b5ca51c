package hubspot_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// asks reports whether a request asks for the associations from one kind with another.
func asks(from, to string) func(*http.Request) bool {
	return func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/"+from+"/"+to+"/batch/read") }
}

// TestLinkedFromTheOtherEnd asks for links of deals with contacts and calls, some of which
// are gone: contacts are asked for their deals, and deals for their calls.
func TestLinkedFromTheOtherEnd(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	src := a.Source(t)
	read := map[crm.Stream][]crm.Link{}
	for _, c := range joined(toEnd(t, src, crm.Contacts, "")).Contacts {
		read[crm.Contacts] = append(read[crm.Contacts], crm.Link{OpportunityID: c.OpportunityID, ID: c.ID})
	}
	for _, c := range joined(toEnd(t, src, crm.Activities, "")).Activities {
		for _, of := range c.OpportunityIDs {
			if strings.HasPrefix(c.ID, "calls:") {
				read[crm.Activities] = append(read[crm.Activities], crm.Link{OpportunityID: of, ID: c.ID})
			}
		}
	}
	for stream, c := range map[crm.Stream]struct{ kind, from, to string }{crm.Contacts: {"contacts", "contacts", "deals"}, crm.Activities: {"calls", "deals", "calls"}} {
		links := read[stream]
		if len(links) < 20 {
			t.Fatalf("the scenario does not hold: %d links with %s", len(links), stream)
		}
		gone := links[:5]
		for _, l := range gone {
			if err := a.portal.Dissociate(c.kind, l.ID[strings.Index(l.ID, ":")+1:], "deals", l.OpportunityID); err != nil {
				t.Fatal(err)
			}
		}
		linked := func() []crm.Link {
			t.Helper()
			there, err := src.(crm.Linker).Linked(t.Context(), stream, slices.Clone(links))
			if err != nil {
				t.Fatal(err)
			}
			return there
		}
		a.portal.ResetCalls()
		if diff := cmp.Diff(links[5:], linked()); diff != "" {
			t.Errorf("%s (-there +linked):\n%s", stream, diff)
		}
		if calls := a.portal.Calls(); !strings.HasSuffix(calls[0].Path, "/"+c.from+"/"+c.to+"/batch/read") || len(calls) > 7 {
			t.Errorf("%s: asked by %d calls, the first %s", stream, len(calls), calls[0].Path)
		}
		a.portal.Fault(sim.Fault{Match: asks(c.from, c.to), Status: 403, Body: `{"status":"error","category":"MISSING_SCOPES","message":"no"}`})
		if there, err := src.(crm.Linker).Linked(t.Context(), stream, links); err == nil {
			t.Errorf("%s: refused, and %d links are there", stream, len(there))
		}
	}
	if there, err := src.(crm.Linker).Linked(t.Context(), crm.Opportunities, read[crm.Contacts]); there != nil || err != nil {
		t.Errorf("links of deals alone: %v, %v", there, err)
	}
}

// TestNoneOfDealsThatCountContacts has HubSpot name no contacts of deals whose records count
// some: in the first reading, in the hour's look, for what changed and where deals are
// recalled, how many there are is unknown.
func TestNoneOfDealsThatCountContacts(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	first := toEnd(t, a.Source(t), crm.Contacts, "")
	at, whole := first[len(first)-1].Next, joined(first)
	some := whole.Contacts[0].OpportunityID
	a.portal.Fault(sim.Fault{Match: asks("deals", "contacts"), Kind: sim.Edit, Change: sim.HubSpotNone, Times: -1})
	kept := func(what string, p crm.Page) {
		t.Helper()
		if !slices.Contains(p.ContactsKept, some) || slices.Contains(p.ContactsOf, some) || !strings.Contains(p.Note, " some; what is cached of ") {
			t.Errorf("%s: of %q, kept of %q; the note says %q", what, p.ContactsOf, p.ContactsKept, p.Note)
		}
	}
	for what, at := range map[string]crm.Cursor{"first reading": "", "hour": crm.Cursor(strings.Replace(string(at), `"deep":`, `"deep":1,"was":`, 1))} {
		kept(what, toEnd(t, a.Source(t), crm.Contacts, at)[0])
	}
	if err := a.portal.SetProperty("deals", some, "hs_next_step", "Redlines"); err != nil {
		t.Fatal(err)
	}
	kept("changed", toEnd(t, a.Source(t), crm.Contacts, at)[0])
	pages, err := a.Source(t).(crm.Recaller).Recall(t.Context(), []string{some})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		if p.Stream == crm.Contacts {
			kept("recalled", p)
		}
	}
}
