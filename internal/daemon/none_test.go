package daemon_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// associates reports whether a request asks for the associations from records of one kind
// with records of another; "" is any.
func associates(from, to string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		ends := strings.Split(strings.TrimSuffix(r.URL.Path, "/batch/read"), "/")
		n := len(ends)
		return strings.Contains(r.URL.Path, "/associations/") && n > 2 && (from == "" || ends[n-2] == from) && (to == "" || ends[n-1] == to)
	}
}

// links are the links of open deals with activities and contacts that the cache has.
func (x *orgBench) links() (out []string) {
	x.t.Helper()
	err := x.store.Lend(x.t.Context(), "sales", x.cached(crm.Opportunities), func(d *hygiene.Deal) error {
		if d.Opportunity.Closed {
			return nil // what of their contacts is read depends on when they changed
		}
		for i := range d.Activities {
			out = append(out, d.Opportunity.ID+" "+d.Activities[i].ID)
		}
		for i := range d.Contacts {
			out = append(out, d.Opportunity.ID+" contact "+d.Contacts[i].ContactID)
		}
		return nil
	})
	if err != nil {
		x.t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// touched changes a third of the deals and activities of a portal, which have links.
func (x *portalBench) touched() {
	x.t.Helper()
	for i, id := range x.portal.IDs("deals") {
		if i%3 == 0 {
			x.set("deals", id, "hs_next_step", "Ana sends the redlines")
		}
	}
	for kind, property := range map[string]string{"calls": "hs_call_title", "meetings": "hs_meeting_title", "notes": "hs_note_body"} {
		for i, id := range x.portal.IDs(kind) {
			if i%3 == 0 {
				x.set(kind, id, property, "Redlines")
			}
		}
	}
}

// TestNoneForAllThatHadLinks has HubSpot answer for a while that no record is associated
// with another: in the daily reading, in the hour's look, and for what changed.
func TestNoneForAllThatHadLinks(t *testing.T) {
	for what, match := range map[string]func(*http.Request) bool{
		"deals of activities": associates("", "deals"), "contacts of deals": associates("deals", "contacts"), "all of deals": associates("deals", ""), "all": associates("", ""),
	} {
		for when, wait := range map[string]time.Duration{"the day": 25 * time.Hour, "the hour": 65 * time.Minute, "a poll": 15 * time.Minute} {
			t.Run(what+", "+when, func(t *testing.T) {
				x, clean := newPortalBench(t, 60), newPortalBench(t, 60)
				for _, b := range []*portalBench{x, clean} {
					b.polled()
					b.later(wait)
					b.touched()
				}
				before := x.links()
				clean.polled()
				x.portal.Fault(sim.Fault{Match: match, Kind: sim.Edit, Change: sim.HubSpotNone, Times: -1})
				notes := x.syncNotes()
				if err := x.Evaluate(t.Context(), x.src); err != nil {
					t.Fatal(err)
				}
				after := x.links()
				if lost := slices.DeleteFunc(before, func(l string) bool { return slices.Contains(after, l) }); len(lost) > 0 {
					t.Errorf("%d links are lost: %q", len(lost), lost[:min(3, len(lost))])
				}
				if diff := cmp.Diff(clean.findings(), x.findings()); diff != "" {
					t.Errorf("findings (-truth +ours):\n%s", diff)
				}
				if !strings.Contains(notes, "still there") && !strings.Contains(notes, "names no contact of") {
					t.Errorf("sync says %q", notes)
				}
				x.portal.ClearFaults()
				for _, b := range []*portalBench{x, clean} {
					b.later(15 * time.Minute)
					b.polled()
				}
				if diff := cmp.Diff(clean.links(), x.links()); diff != "" {
					t.Errorf("links after a clean poll (-truth +cache):\n%s", diff)
				}
				if diff := cmp.Diff(clean.findings(), x.findings()); diff != "" {
					t.Errorf("findings after a clean poll (-truth +ours):\n%s", diff)
				}
			})
		}
	}
}

// TestNoneInTheFirstReading has HubSpot answer in the first reading that no record is
// associated with another. No cache contradicts it, but the deals' own records do.
func TestNoneInTheFirstReading(t *testing.T) {
	x, clean := newPortalBench(t, 60), newPortalBench(t, 60)
	clean.polled()
	x.portal.Fault(sim.Fault{Match: associates("", ""), Kind: sim.Edit, Change: sim.HubSpotNone, Times: -1})
	for range 2 {
		x.polled()
		for deal, rules := range x.findings() {
			if more := slices.DeleteFunc(rules, func(r string) bool { return slices.Contains(clean.findings()[deal], r) }); len(more) > 0 {
				t.Errorf("deal %s is said to break %q", deal, more)
			}
		}
		x.later(15 * time.Minute)
	}
	if n := len(x.links()); n != 0 {
		t.Fatalf("the scenario does not hold: %d links", n)
	}
	x.portal.ClearFaults()
	for _, b := range []*portalBench{x, clean} {
		b.later(26 * time.Hour)
		b.polled()
	}
	if diff := cmp.Diff(clean.links(), x.links()); diff != "" {
		t.Errorf("links after the daily reading (-truth +cache):\n%s", diff)
	}
}

// dissociate removes links, as the bench's links names them, in the portal.
func (x *portalBench) dissociate(links []string) {
	x.t.Helper()
	for _, link := range links {
		deal, other, _ := strings.Cut(link, " ")
		kind, id, is := strings.Cut(other, ":")
		if !is {
			kind, id = "contacts", strings.TrimPrefix(other, "contact ")
		}
		if err := x.portal.Dissociate(kind, id, "deals", deal); err != nil {
			x.t.Fatal(err)
		}
	}
}

// TestLinksThatAreGoneIndeed removes half of the links of deals with activities, and then
// all links: both ends agree, so they are dropped at once.
func TestLinksThatAreGoneIndeed(t *testing.T) {
	x := newPortalBench(t, 60)
	x.polled()
	var half, rest []string
	for i, link := range x.links() {
		if i%2 == 0 && !strings.Contains(link, "contact") {
			half = append(half, link)
		} else {
			rest = append(rest, link)
		}
	}
	x.dissociate(half)
	x.later(25 * time.Hour)
	x.polled()
	if diff := cmp.Diff(rest, x.links()); diff != "" {
		t.Errorf("links (-truth +cache):\n%s", diff)
	}
	x.dissociate(rest)
	x.later(25 * time.Hour)
	x.portal.ResetCalls()
	notes := x.syncNotes()
	if left := x.links(); len(left) > 0 || strings.Contains(notes, "still there") || strings.Contains(notes, "names no contact of") {
		t.Errorf("%d links are left, the first %q; sync says %q", len(left), left[:min(3, len(left))], notes)
	}
}

// TestNoneThatIsNotConfirmed has HubSpot refuse to answer from the other end: the links stay.
func TestNoneThatIsNotConfirmed(t *testing.T) {
	x := newPortalBench(t, 60)
	x.polled()
	x.later(15 * time.Minute)
	x.touched()
	before := x.links()
	x.portal.Fault(sim.Fault{Match: associates("", "deals"), Kind: sim.Edit, Change: sim.HubSpotNone, Times: -1})
	x.portal.Fault(sim.Fault{Match: associates("deals", "calls"), Status: 403, Times: -1, Body: `{"status":"error","category":"MISSING_SCOPES","message":"no"}`})
	notes := x.syncNotes()
	if diff := cmp.Diff(before, x.links()); diff != "" {
		t.Errorf("links (-before +after):\n%s", diff)
	}
	if !strings.Contains(notes, "does not confirm it") {
		t.Errorf("sync says %q", notes)
	}
}

// TestNoneInAnOrg has Salesforce answer without the objects that its tasks are about.
func TestNoneInAnOrg(t *testing.T) {
	whatless := regexp.MustCompile(`"WhatId":"[^"]*"`)
	for what, match := range map[string]func(*http.Request) bool{"one side": reads, "both": nil} {
		x, clean := newOrgBench(t, 60), newOrgBench(t, 60)
		for _, b := range []*orgBench{x, clean} {
			b.polled()
			b.later(15 * time.Minute)
			b.rewrites("Task", "Subject")
			b.rewrites("Event", "Subject")
		}
		x.org.Fault(sim.Fault{Match: match, Kind: sim.Edit, Change: func(body []byte) []byte { return whatless.ReplaceAll(body, []byte(`"WhatId":null`)) }, Times: -1})
		clean.polled()
		notes := x.syncNotes()
		if err := x.Evaluate(t.Context(), x.src); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(clean.links(), x.links()); diff != "" {
			t.Errorf("%s: links (-truth +cache):\n%s", what, diff)
		}
		if diff := cmp.Diff(clean.findings(), x.findings()); diff != "" {
			t.Errorf("%s: findings (-truth +ours):\n%s", what, diff)
		}
		if !strings.Contains(notes, "still there") {
			t.Errorf("%s: sync says %q", what, notes)
		}
	}
}
