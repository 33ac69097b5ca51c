package hubspot_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// anonymous has the portal's searches for a kind of object give rows without their ids.
func (a *account) anonymous(object string, ids ...string) {
	a.portal.Fault(sim.Fault{
		Kind: sim.Edit, Times: -1, Match: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/"+object+"/search") },
		Change: func(b []byte) []byte {
			for _, id := range ids {
				b = bytes.ReplaceAll(b, []byte(`"id":"`+id+`"`), []byte(`"id":null`))
			}
			return b
		},
	})
}

// TestARowOfASearchWithoutAnID has a search for what changed give one row without its id: the
// others are read, the row is named, and the first poll that has its id reads it, without a
// further call meanwhile.
func TestARowOfASearchWithoutAnID(t *testing.T) {
	for name, c := range map[string]struct {
		object string
		row    int // of three that changed
		polls  int
		only   bool // nothing else changed
		alone  bool // the streams do not share a search
	}{
		"the first deal":           {object: "deals", polls: 1},
		"the last deal":            {object: "deals", row: 2, polls: 1},
		"a deal, for an hour":      {object: "deals", row: 1, polls: 4},
		"the only deal":            {object: "deals", polls: 2, only: true},
		"a deal, each stream":      {object: "deals", row: 1, polls: 2, alone: true},
		"a note":                   {object: "notes", row: 1, polls: 2},
		"the only note":            {object: "notes", polls: 2, only: true},
		"a note, one hour and two": {object: "notes", row: 1, polls: 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, src, at, deals, notes := busy(t, 3)
			all := map[string][]string{"deals": deals, "notes": notes}[c.object]
			ask := func() (got map[string]bool, left, well []string) {
				t.Helper()
				got = map[string]bool{}
				first := map[crm.Stream]crm.Page{}
				if !c.alone {
					var err error
					if first, err = src.(crm.Poller).Poll(t.Context(), at); err != nil {
						t.Fatal(err)
					}
				}
				for _, s := range []crm.Stream{crm.Opportunities, crm.History, crm.Contacts, crm.Activities} {
					pages, more := []crm.Page{}, true
					if p, ok := first[s]; ok {
						pages, at[s], more = append(pages, p), p.Next, p.More
					}
					if more {
						pages = append(pages, toEnd(t, src, s, at[s])...)
					}
					at[s] = pages[len(pages)-1].Next
					for _, p := range pages {
						for _, o := range p.Opportunities {
							got[o.ID] = true
						}
						for _, act := range p.Activities {
							got[strings.TrimPrefix(act.ID, "notes:")] = true
						}
						if s == crm.Opportunities || s == crm.Activities {
							for _, l := range p.Left {
								left = append(left, l.ID)
							}
							well = append(well, p.Well...)
						}
					}
				}
				return got, left, well
			}
			changed := all
			if c.only {
				changed = all[:1]
			}
			if err := a.portal.SetMany(c.object, changed, time.Time{}, map[string]string{"deals": "hs_next_step", "notes": "hs_note_body"}[c.object], "x"); err != nil {
				t.Fatal(err)
			}
			a.later(15 * time.Minute)
			a.anonymous(c.object, all[c.row])
			named := []string{"(" + c.object + " without an id)"}
			for i := range c.polls {
				got, left, well := ask()
				if got[all[c.row]] || i == 0 && len(got) != len(changed)-1 || !slices.Equal(left, named) || well != nil {
					t.Errorf("poll %d: read %v, left out %v, well again %v", i, got, left, well)
				}
				a.later(20 * time.Minute)
			}
			a.portal.ClearFaults()
			if got, left, well := ask(); !got[all[c.row]] || left != nil || !slices.Equal(well, named) {
				t.Errorf("mended: read %v, left out %v, well again %v", got, left, well)
			}
			if got, left, well := ask(); len(got) > 0 || left != nil || well != nil {
				t.Errorf("after it: read %v, left out %v, well again %v", got, left, well)
			}
		})
	}
}

// TestARowThatNeverHasAnID costs no more each poll than the hour's reading does, and is not
// said to be well when it has left the window.
func TestARowThatNeverHasAnID(t *testing.T) {
	a, src, at, deals, _ := busy(t, 3)
	if err := a.portal.SetMany("deals", deals, time.Time{}, "hs_next_step", "x"); err != nil {
		t.Fatal(err)
	}
	a.later(15 * time.Minute)
	a.anonymous("deals", deals[1])
	for i := range 20 {
		for _, s := range []crm.Stream{crm.Opportunities, crm.Contacts, crm.History} {
			pages := toEnd(t, src, s, at[s])
			at[s] = pages[len(pages)-1].Next
			for _, p := range pages {
				if len(p.Well) > 0 || i > 14 && len(p.Left) > 0 {
					t.Errorf("poll %d: %s left out %v, well again %v", i, s, p.Left, p.Well)
				}
			}
			if i == 19 && strings.Contains(string(at[s]), "unnamed") {
				t.Errorf("%s: still in the cursor: %s", s, at[s])
			}
		}
		a.later(20 * time.Minute)
	}
}

// TestManyRowsOfASearchWithoutIDs: then the search is no answer.
func TestManyRowsOfASearchWithoutIDs(t *testing.T) {
	for _, n := range []int{2, 12} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			a, src, at, deals, _ := busy(t, 3+n*n) // of twelve more than ten, and not half
			changed := deals[:max(3, 2*n+1)]
			if n == 2 {
				changed = deals[:3]
			}
			if err := a.portal.SetMany("deals", changed, time.Time{}, "hs_next_step", "x"); err != nil {
				t.Fatal(err)
			}
			a.later(15 * time.Minute)
			a.anonymous("deals", changed[:n]...)
			if p, err := src.Fetch(t.Context(), crm.Opportunities, at[crm.Opportunities]); !errors.Is(err, crm.ErrBusy) || !strings.Contains(err.Error(), "a record has no id") {
				t.Errorf("read %d: %v", p.Len(), err)
			}
		})
	}
}
