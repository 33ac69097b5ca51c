package salesforce

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
)

// TestSweepQueries: a sweep reads the open deals and the deals that were touched since
// the run began, so a deal that is closed during the run does not look gone.
func TestSweepQueries(t *testing.T) {
	for name, c := range map[string]struct {
		pages []string // of the sweep
		whole bool
	}{
		"whole": {[]string{rowsOf(1, 3, 3, true, "")}, true},
		"fewer than it says, twice": {[]string{
			rowsOf(1, 2, 5, false, "/services/data/v66.0/query/0r8A-1"), rowsOf(1, 2, 5, false, "/services/data/v66.0/query/0r8A-2"),
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			o := newPager(map[string]string{"0r8A-1": rowsOf(3, 3, 5, true, ""), "0r8A-2": rowsOf(3, 3, 5, true, "")},
				slices.Concat([]string{rowsOf(1, 3, 3, true, ""), rowsOf(3, 3, 1, true, "")}, c.pages, []string{rowsOf(1, 0, 0, true, ""), rowsOf(1, 3, 3, true, "")})...)
			o.answer["describe"] = always(200, strings.Replace(describeAll, `{"name":"IsClosed","type":"boolean"}`, `{"name":"IsClosed","type":"boolean","filterable":true}`, 1))
			s := recordedSource(t, &o.recorded, 1)
			_, at, err := readAll(t, s, "")
			if err != nil {
				t.Fatal(err)
			}
			o.header = http.Header{"Date": {"Wed, 25 Nov 2026 17:00:00 GMT"}}
			o.queries = nil
			var pages []crm.Page
			for more := true; more; {
				p, err := s.Fetch(t.Context(), crm.Opportunities, at)
				if err != nil {
					t.Fatal(err)
				}
				pages, at, more = append(pages, p), p.Next, p.More
			}
			first, last := pages[0], pages[len(pages)-1]
			var exist []string
			for _, p := range pages {
				exist = append(exist, p.Exist...)
			}
			slices.Sort(exist)
			if diff := cmp.Diff([]string{id(1), id(2), id(3)}, slices.Compact(exist)); diff != "" {
				t.Error(diff)
			}
			if !first.Sweep || last.Sweep != c.whole {
				t.Errorf("the first page says sweep %v, the last %v", first.Sweep, last.Sweep)
			}
			if diff := cmp.Diff([]string{
				"SELECT Id, CloseDate, CreatedDate, IsClosed, IsWon, Name, OwnerId, StageName, SystemModstamp, IsDeleted FROM Opportunity WHERE SystemModstamp >= 2026-11-24T15:57:00Z ORDER BY SystemModstamp, Id",
				"SELECT Id, IsDeleted FROM Opportunity WHERE IsDeleted = false AND (IsClosed = false OR SystemModstamp >= 2026-11-25T16:45:00Z) ORDER BY Id",
			}, slices.Compact(o.queries)); diff != "" {
				t.Error(diff)
			}
			p, err := s.Fetch(t.Context(), crm.Opportunities, at)
			if err != nil || p.Sweep == c.whole {
				t.Errorf("the next run sweeps: %v, %v", p.Sweep, err)
			}
		})
	}
}

// TestWindowsBeginWhereRowsWereRead: rows that were read in the order of stamps, before
// a query was too much, are not read again.
func TestWindowsBeginWhereRowsWereRead(t *testing.T) {
	slow := `400 [{"errorCode":"QUERY_TIMEOUT","message":"too long"}]`
	o := newPager(nil, rowsOf(1, 1, 1, true, ""), strings.ReplaceAll(rowsOf(2, 3, 9, false, more+"2"), "2026-11-21T10:00", "2026-11-24T16:05"), slow, rowsOf(4, 4, 1, true, ""), rowsOf(5, 5, 1, true, ""))
	s := recordedSource(t, &o.recorded, 1)
	_, at, err := readAll(t, s, "")
	if err != nil {
		t.Fatal(err)
	}
	o.queries = nil
	names, _, err := readAll(t, s, at)
	if err != nil || strings.Join(names, " ") != "n2 n3 n4 n5" {
		t.Fatalf("%q, %v", names, err)
	}
	if q := o.queries[2]; !strings.Contains(q, "SystemModstamp >= 2026-11-24T16:05:03Z AND SystemModstamp < ") {
		t.Errorf("the first window is %s", q)
	}
}
