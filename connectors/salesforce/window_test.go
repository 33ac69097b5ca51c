package salesforce

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
)

// dense is an org that gives up on a query of more than most rows.
type dense struct {
	recorded
	stamps  []time.Time // of row n+1: created and last touched
	most    int
	code    string
	queries []string
}

var describeDated = `{"name":"X","queryable":true,"fields":[` +
	`{"name":"Id","type":"id","filterable":true},{"name":"IsDeleted","type":"boolean","filterable":true},{"name":"Name","type":"string","filterable":true},` +
	`{"name":"SystemModstamp","type":"datetime","filterable":true},{"name":"StageName","type":"picklist"},` +
	strings.Replace(describeCertain, `"type":"datetime"`, `"type":"datetime","filterable":true`, 1) + `]}`

var bound = regexp.MustCompile(`(CreatedDate|SystemModstamp) (<|>=) (\S+)`)

func newDense(most int, stamps ...time.Time) *dense {
	o := &dense{stamps: stamps, most: most, code: "QUERY_TIMEOUT"}
	o.answer = map[string]func(*http.Request) (int, string){"describe": always(200, describeDated), "queryAll": o.query}
	return o
}

func (o *dense) query(r *http.Request) (int, string) {
	q := r.URL.Query().Get("q")
	o.queries = append(o.queries, q)
	var rows []string
rows:
	for n, at := range o.stamps {
		for _, m := range bound.FindAllStringSubmatch(q, -1) {
			limit, err := time.Parse(time.RFC3339, m[3])
			if err != nil {
				return 400, `[{"errorCode":"MALFORMED_QUERY","message":"no"}]`
			}
			if at.Before(limit) != (m[2] == "<") {
				continue rows
			}
		}
		stamp := at.Format("2006-01-02T15:04:05.000-0700")
		rows = append(rows, fmt.Sprintf(`{"Id":%q,"IsDeleted":false,`+certain+`,"StageName":"New","Name":"n%d","CreatedDate":%q,"SystemModstamp":%q}`, id(n+1), n+1, stamp, stamp))
	}
	if len(rows) > o.most {
		return 400, `[{"errorCode":"` + o.code + `","message":"too long"}]`
	}
	return 200, fmt.Sprintf(`{"totalSize":%d,"done":true,"records":[%s]}`, len(rows), strings.Join(rows, ","))
}

// began is the clock of the recorded org.
var began = time.Date(2026, 11, 24, 16, 12, 0, 0, time.UTC)

func TestWindowsOfABackfill(t *testing.T) {
	imported := time.Date(1987, 1, 1, 0, 0, 0, 0, time.UTC)
	second := began.Add(-100 * 24 * time.Hour)
	o := newDense(2, imported, second, second.Add(time.Second), second.Add(time.Hour), began.Add(-time.Second), began)
	s := recordedSource(t, &o.recorded, 1)
	var names []string
	var at crm.Cursor
	for more := true; more; {
		p, err := s.Fetch(t.Context(), crm.Opportunities, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range p.Opportunities {
			names = append(names, d.Name)
		}
		if p.Ascending && len(names) > 0 {
			t.Fatal("ids need not ascend from window to window")
		}
		at, more = p.Next, p.More
		s = recordedSource(t, &o.recorded, 1) // each page in a new process
	}
	if diff := cmp.Diff([]string{"n1", "n2", "n3", "n4", "n5"}, names); diff != "" {
		t.Error(diff)
	}
	if n := len(o.queries); n > 100 {
		t.Errorf("%d queries", n)
	}
	// A row that was created when the run began comes with the next run.
	names, _, err := readAll(t, s, at)
	if diff := cmp.Diff([]string{"n5", "n6"}, names); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestWindowsOfAnIncrement(t *testing.T) {
	o := newDense(10)
	s := recordedSource(t, &o.recorded, 1)
	_, at, err := readAll(t, s, "")
	if err != nil {
		t.Fatal(err)
	}
	for n := range 15 {
		o.stamps = append(o.stamps, began.Add(time.Duration(n-14)*time.Minute))
	}
	names, at, err := readAll(t, s, at)
	if err != nil || len(names) != 14 {
		t.Fatalf("%q, %v", names, err)
	}
	if q := o.queries[len(o.queries)-1]; !strings.Contains(q, "SystemModstamp >= ") || !strings.Contains(q, "SystemModstamp < 2026-11-24T16:12:00Z ORDER BY SystemModstamp, Id") {
		t.Errorf("the last window was %s", q)
	}
	o.most = 100
	if names, _, err = readAll(t, s, at); err != nil || len(names) != 15 {
		t.Errorf("afterwards: %q, %v", names, err)
	}
}

// TestNoWindowIsShortEnough: a part that cannot be read is an error and never an empty
// success. The error does not stop other streams.
func TestNoWindowIsShortEnough(t *testing.T) {
	for _, code := range []string{"QUERY_TIMEOUT", "OPERATION_TOO_LARGE"} {
		at := began.Add(-time.Hour)
		o := newDense(1, at, at)
		o.code = code
		s := recordedSource(t, &o.recorded, 1)
		var err error
		var p crm.Page
		n := 0
		for ; err == nil && n < 1000; n++ {
			if p, err = s.Fetch(t.Context(), crm.Opportunities, p.Next); err == nil && !p.More {
				t.Fatal("success without the rows")
			}
		}
		if !errors.Is(err, crm.ErrRefused) || errors.Is(err, crm.ErrBusy) || !strings.Contains(err.Error(), "a minute of Opportunity ("+code+")") {
			t.Errorf("after %d pages: %v", n, err)
		}
	}
}

// TestWindowKeepsItsPlace: after the session ended within a window, reading goes on at
// the same place.
func TestWindowKeepsItsPlace(t *testing.T) {
	slow := `400 [{"errorCode":"QUERY_TIMEOUT","message":"too long"}]`
	o := newPager(map[string]string{"01g-2": `400 [{"errorCode":"INVALID_QUERY_LOCATOR","message":"gone"}]`},
		slow, rowsOf(1, 2, 4, false, more+"2"), rowsOf(3, 4, 2, true, ""), rowsOf(5, 5, 1, true, ""))
	s := recordedSource(t, &o.recorded, 1)
	names, _, err := readAll(t, s, "")
	if err != nil || strings.Join(names, " ") != "n1 n2 n3 n4 n5" {
		t.Fatalf("%q, %v", names, err)
	}
	const columns = "SELECT Id, CloseDate, CreatedDate, IsClosed, IsWon, Name, OwnerId, StageName, SystemModstamp, IsDeleted FROM Opportunity "
	if diff := cmp.Diff([]string{
		columns + "ORDER BY Id",
		columns + "WHERE SystemModstamp < 2012-12-12T20:06:00Z ORDER BY Id",
		columns + "WHERE SystemModstamp < 2012-12-12T20:06:00Z AND Id > '" + id(2) + "' ORDER BY Id",
		columns + "WHERE SystemModstamp >= 2012-12-12T20:06:00Z AND SystemModstamp < 2026-11-24T16:12:00Z ORDER BY Id",
	}, o.queries); diff != "" {
		t.Error(diff)
	}
}
