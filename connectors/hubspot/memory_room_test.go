package hubspot

import (
	"strconv"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// TestMemoryHasABound gives a memory more than it has room for: what it has stays, and
// what comes beyond is read again.
func TestMemoryHasABound(t *testing.T) {
	m := &memory{}
	m.resume("a", true, time.UnixMilli(0))
	for i := range mostRemembered / 1000 {
		page := map[string]int64{}
		for j := range 1000 {
			page[strconv.Itoa(1000*i+j)] = 5
		}
		m.give(crm.Cursor(strconv.Itoa(i)), page)
	}
	m.give("b", map[string]int64{"beyond": 5})
	m.resume("b", true, time.UnixMilli(0))
	if !m.has("99999", 5) || m.has("beyond", 5) || len(m.known) != mostRemembered {
		t.Errorf("remembers %d records", len(m.known))
	}
	m.resume("b", true, time.UnixMilli(0))
	m.give("c", nil)
	if m.resume("c", true, time.UnixMilli(6)); len(m.known) > 0 {
		t.Errorf("remembers %d records that are in no window", len(m.known))
	}
}

// TestMemoryFollowsTheCursor has pages that were given: only a run that begins after a
// page knows that the page is committed.
func TestMemoryFollowsTheCursor(t *testing.T) {
	for what, c := range map[string]struct {
		from   crm.Cursor
		begins bool
		stamp  int64
		want   bool
	}{
		"the next run":                   {"end", true, 5, true},
		"the index is behind":            {"end", true, 4, true},
		"modified since":                 {"end", true, 6, false},
		"unknown to the index":           {"end", true, 0, false},
		"the last page is fetched ahead": {"middle", false, 5, false},
		"the run once more":              {"start", true, 5, false},
		"from the beginning":             {"", true, 5, false},
	} {
		m := &memory{}
		m.resume("start", true, time.UnixMilli(0))
		m.give("middle", map[string]int64{"1": 5})
		m.give("end", map[string]int64{"2": 5})
		if m.resume(c.from, c.begins, time.UnixMilli(0)); m.has("1", c.stamp) != c.want {
			t.Errorf("%s: has %v", what, !c.want)
		}
		if m.resume("another cache", true, time.UnixMilli(0)); m.has("1", 5) {
			t.Errorf("%s: has what another cache may not have", what)
		}
	}
}

// TestAtRest lists activities that change without a stamp.
func TestAtRest(t *testing.T) {
	deal := []string{"1"}
	for _, c := range []struct {
		of   crm.Activity
		want bool
	}{
		{crm.Activity{Kind: crm.Call, OpportunityIDs: deal}, true},
		{crm.Activity{Kind: crm.Meeting, Done: true, OpportunityIDs: deal}, true},
		{crm.Activity{Kind: crm.Meeting, OpportunityIDs: deal}, false}, // its end makes it done
		{crm.Activity{Kind: crm.Call}, false},                          // a link may follow
		{crm.Activity{Kind: crm.Call, OpportunityIDs: deal, Unclear: true}, false},
	} {
		if atRest(&c.of) != c.want {
			t.Errorf("%+v: at rest %v", c.of, !c.want)
		}
	}
}
