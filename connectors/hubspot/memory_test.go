package hubspot_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// busy is an account with many open deals, each with a contact and a note, that was
// read long enough ago for every overlap to be over.
func busy(t *testing.T, n int) (a *account, src crm.Source, at map[crm.Stream]crm.Cursor, deals, notes []string) {
	t.Helper()
	a = newAccount(t, sim.Options{Deals: 60})
	a.cfg.PageLimit = 0
	rows, texts := make([]map[string]string, n), make([]map[string]string, n)
	for i := range rows {
		rows[i] = map[string]string{"dealname": fmt.Sprint("imported ", i), "pipeline": "default", "dealstage": "appointmentscheduled"}
		texts[i] = map[string]string{"hs_timestamp": "2026-11-20T10:00:00Z"}
	}
	var err error
	if deals, err = a.portal.Import("deals", time.Time{}, rows); err != nil {
		t.Fatal(err)
	}
	if notes, err = a.portal.Import("notes", time.Time{}, texts); err != nil {
		t.Fatal(err)
	}
	contact := a.portal.IDs("contacts")[0]
	for i := range deals {
		if err := a.portal.Associate("deals", deals[i], "contacts", contact); err != nil {
			t.Fatal(err)
		}
		if err := a.portal.Associate("notes", notes[i], "deals", deals[i]); err != nil {
			t.Fatal(err)
		}
	}
	a.later(3 * time.Hour)
	src, at = a.Source(t), map[crm.Stream]crm.Cursor{}
	poll(t, src, at)
	a.later(20 * time.Minute)
	poll(t, src, at)
	a.spent()
	return a, src, at, deals, notes
}

// reads counts the records' own calls since the last count: neither lists nor searches.
func (a *account) reads() (n int) {
	for _, c := range a.portal.Calls() {
		if strings.HasSuffix(c.Path, "/batch/read") {
			n++
		}
	}
	a.portal.ResetCalls()
	return n
}

// TestQuietPollsAfterManyChanges changes a thousand deals and a thousand notes, and polls
// on: what was read and committed is not read again within the overlap, nor within the
// long overlap of the hour.
func TestQuietPollsAfterManyChanges(t *testing.T) {
	const n = 1000
	a, src, at, deals, notes := busy(t, n)
	if err := a.portal.SetMany("deals", deals, time.Time{}, "amount", "7"); err != nil {
		t.Fatal(err)
	}
	if err := a.portal.SetMany("notes", notes, time.Time{}, "hs_note_body", "x"); err != nil {
		t.Fatal(err)
	}
	a.later(4 * time.Minute)
	if got := poll(t, src, at); len(got[crm.Opportunities].Opportunities) != n || len(got[crm.Activities].Activities) != n {
		t.Fatalf("read %d deals and %d notes", len(got[crm.Opportunities].Opportunities), len(got[crm.Activities].Activities))
	}
	first, _ := a.spent()
	total := 0
	for i := range 10 {
		a.later(5 * time.Minute)
		got := poll(t, src, at)
		calls, by := a.spent()
		total += calls
		t.Logf("quiet poll %d: %d calls %v", i, calls, by)
		if n := len(got[crm.Opportunities].Opportunities); n > 0 {
			t.Errorf("quiet poll %d gave %d deals", i, n)
		}
		for _, path := range []string{"deals/batch/read", "notes/batch/read"} {
			if n := by["objects/2026-09/"+path]; n > 0 {
				t.Errorf("quiet poll %d: %d calls of %s", i, n, path)
			}
		}
	}
	// 256 without the memory. Of these, 18 are the first look at the links of all open deals.
	if t.Logf("%d changes of each: %d calls, then %d", n, first, total); total > 125 {
		t.Errorf("ten quiet polls took %d calls", total)
	}
}

// TestReadOnceMore changes one deal or note, polls, and does something that leaves no stamp:
// the next poll reads the record again. Without that, the next poll does not.
func TestReadOnceMore(t *testing.T) {
	type scene struct {
		*account
		src        crm.Source
		at, before map[crm.Stream]crm.Cursor
		deal, note string
	}
	gives := func(id string) func(map[crm.Stream]crm.Page) bool {
		return func(got map[crm.Stream]crm.Page) bool {
			return slices.ContainsFunc(got[crm.Opportunities].Opportunities, func(o crm.Opportunity) bool { return o.ID == id })
		}
	}
	for what, c := range map[string]struct {
		young  bool               // the poll comes within the minute after the change
		first  func(*scene) error // beside the change
		then   func(*scene) error // between the polls
		reads  int                // of the next poll
		expect func(s *scene) func(map[crm.Stream]crm.Page) bool
	}{
		"nothing": {},
		"the poll was not committed": {
			then:   func(s *scene) error { s.at = s.before; return nil },
			reads:  4,
			expect: func(s *scene) func(map[crm.Stream]crm.Page) bool { return gives(s.deal) },
		},
		"archived and restored": {
			then: func(s *scene) error {
				if err := s.portal.Archive("deals", s.deal); err != nil {
					return err
				}
				s.later(time.Minute)
				poll(s.t, s.src, s.at)
				s.portal.ResetCalls()
				return s.portal.Restore("deals", s.deal)
			},
			reads:  2,
			expect: func(s *scene) func(map[crm.Stream]crm.Page) bool { return gives(s.deal) },
		},
		"recalled as gone, and restored": {
			then: func(s *scene) error {
				if err := s.portal.Archive("deals", s.deal); err != nil {
					return err
				}
				if _, err := s.src.(crm.Recaller).Recall(s.t.Context(), []string{s.deal}); err != nil {
					return err
				}
				s.portal.ResetCalls()
				return s.portal.Restore("deals", s.deal)
			},
			reads:  2,
			expect: func(s *scene) func(map[crm.Stream]crm.Page) bool { return gives(s.deal) },
		},
		"another process": {
			then:  func(s *scene) error { s.src = s.Source(s.t); return nil },
			reads: 4,
		},
		"young":         {young: true, reads: 4},
		"an odd amount": {first: func(s *scene) error { return s.portal.SetProperty("deals", s.deal, "amount", "1,234.50") }, reads: 1},
		"an odd note": {
			first: func(s *scene) error { return s.portal.SetProperty("notes", s.note, "hs_timestamp", "yesterday") },
			reads: 2,
		},
		"a link that comes after the note": {
			first: func(s *scene) error { return s.portal.Dissociate("notes", s.note, "deals", s.deal) },
			then:  func(s *scene) error { return s.portal.Associate("notes", s.note, "deals", s.deal) },
			reads: 2,
			expect: func(*scene) func(map[crm.Stream]crm.Page) bool {
				return func(got map[crm.Stream]crm.Page) bool {
					return slices.ContainsFunc(got[crm.Activities].Activities, func(a crm.Activity) bool { return len(a.OpportunityIDs) == 1 })
				}
			},
		},
		"a contact that comes after the deal": {
			first: func(s *scene) error {
				return s.portal.Dissociate("deals", s.deal, "contacts", s.portal.IDs("contacts")[0])
			},
			then: func(s *scene) error {
				return s.portal.Associate("deals", s.deal, "contacts", s.portal.IDs("contacts")[0])
			},
			reads: 1,
			expect: func(*scene) func(map[crm.Stream]crm.Page) bool {
				return func(got map[crm.Stream]crm.Page) bool { return len(got[crm.Contacts].Contacts) == 1 }
			},
		},
	} {
		t.Run(what, func(t *testing.T) {
			s := &scene{before: map[crm.Stream]crm.Cursor{}}
			var deals, notes []string
			s.account, s.src, s.at, deals, notes = busy(t, 3)
			s.deal, s.note = deals[1], notes[1]
			if err := errors.Join(s.portal.SetProperty("deals", s.deal, "dealname", "changed"), s.portal.SetProperty("notes", s.note, "hs_note_body", "x")); err != nil {
				t.Fatal(err)
			}
			if c.first != nil {
				if err := c.first(s); err != nil {
					t.Fatal(err)
				}
			}
			if s.later(2 * time.Minute); c.young {
				s.later(-110 * time.Second)
			}
			maps.Copy(s.before, s.at)
			if got := poll(t, s.src, s.at); len(got[crm.Opportunities].Opportunities) != 1 {
				t.Fatalf("the poll gave %d deals", len(got[crm.Opportunities].Opportunities))
			}
			s.reads()
			if c.then != nil {
				if err := c.then(s); err != nil {
					t.Fatal(err)
				}
			}
			s.later(2 * time.Minute)
			got := poll(t, s.src, s.at)
			if n := s.reads(); n != c.reads {
				t.Errorf("%d reads, want %d", n, c.reads)
			}
			if c.expect != nil && !c.expect(s)(got) {
				t.Errorf("the record was not given: %+v", got)
			}
		})
	}
}
