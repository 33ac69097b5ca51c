package hubspot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// namesRead counts the calls for stages and owners since the last count.
func (a *account) namesRead() (stages, owners int) {
	for _, c := range a.portal.Calls() {
		switch {
		case strings.Contains(c.Path, "/pipelines/"):
			stages++
		case strings.Contains(c.Path, "/owners/"):
			owners++
		}
	}
	a.portal.ResetCalls()
	return stages, owners
}

// TestNamesAreReadHourly polls for two hours, with a new process in the middle.
func TestNamesAreReadHourly(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	a.cfg.PageLimit = 0
	src, at := a.Source(t), map[crm.Stream]crm.Cursor{}
	poll(t, src, at)
	a.namesRead()
	for i, want := range []int{0, 0, 0, 1, 0, 0, 0, 1} {
		a.later(15 * time.Minute)
		before := at[crm.Users]
		p := poll(t, src, at)
		stages, owners := a.namesRead()
		if stages != want || owners != 2*want {
			t.Errorf("poll %d read stages %d and owners %d times, want %d and %d", i+1, stages, owners, want, 2*want)
		}
		if want == 0 && (at[crm.Users] != before || !p[crm.Users].AsOf.Before(p[crm.Opportunities].AsOf)) {
			t.Errorf("poll %d has owners as of %v and deals as of %v", i+1, p[crm.Users].AsOf, p[crm.Opportunities].AsOf)
		}
	}
	a.later(15 * time.Minute)
	poll(t, a.Source(t), at)
	if stages, owners := a.namesRead(); stages != 2 || owners != 2 { // one is of the description
		t.Errorf("a new process read stages %d and owners %d times", stages, owners)
	}
}

// TestUnknownNameIsReadAtOnce moves deals to stages and owners that came after the last
// reading, and to some that HubSpot does not know either.
func TestUnknownNameIsReadAtOnce(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	a.cfg.PageLimit = 0
	src, at := a.Source(t), map[crm.Stream]crm.Cursor{}
	deal := poll(t, src, at)[crm.Contacts].ContactsOf[0]
	set := func(property, value string) map[crm.Stream]crm.Page {
		t.Helper()
		a.later(10 * time.Minute)
		if err := a.portal.SetProperty("deals", deal, property, value); err != nil {
			t.Fatal(err)
		}
		a.namesRead()
		return poll(t, src, at)
	}
	set("hubspot_owner_id", "999999")
	if stages, owners := a.namesRead(); stages != 0 || owners != 2 {
		t.Errorf("a deal of an unknown owner: stages were read %d and owners %d times", stages, owners)
	}
	set("amount", "5")
	if stages, owners := a.namesRead(); stages != 0 || owners != 0 {
		t.Errorf("the same owner again: stages were read %d and owners %d times", stages, owners)
	}
	set("dealstage", "brandnew")
	if stages, owners := a.namesRead(); stages == 0 || owners != 0 {
		t.Errorf("a deal in an unknown stage: stages were read %d and owners %d times", stages, owners)
	}
	set("amount", "6")
	if stages, owners := a.namesRead(); stages != 0 || owners != 0 {
		t.Errorf("the same stage again: stages were read %d and owners %d times", stages, owners)
	}
}
