package salesforce

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/salesforce/row"
	"github.com/pipetidy/pipetidy/crm"
)

// id is the valid opportunity id number n.
func id(n int) string {
	long, _ := row.LongID(fmt.Sprintf("006000000%06d", n))
	return long
}

// rowsOf writes a page with the opportunities from..to.
func rowsOf(from, to, total int, done bool, next string) string {
	var rows []string
	for n := from; n <= to; n++ {
		rows = append(rows, fmt.Sprintf(`{"Id":%q,"IsDeleted":false,`+certain+`,"CreatedDate":"2026-01-31T23:59:59.000+0000","StageName":"New","Name":"n%d","SystemModstamp":"2026-11-21T10:00:%02d.000+0000"}`, id(n), n, n%60))
	}
	tail := ""
	if next != "" {
		tail = fmt.Sprintf(`,"nextRecordsUrl":%q`, next)
	}
	return fmt.Sprintf(`{"totalSize":%d,"done":%v%s,"records":[%s]}`, total, done, tail, strings.Join(rows, ","))
}

// pager is an org that answers queries by a test's script and records the queries.
type pager struct {
	recorded
	queries []string
}

func newPager(answers map[string]string, queries ...string) *pager {
	p := &pager{}
	p.answer = map[string]func(*http.Request) (int, string){
		"queryAll": func(r *http.Request) (int, string) {
			p.queries = append(p.queries, r.URL.Query().Get("q"))
			if len(queries) == 0 {
				return 500, ""
			}
			q := queries[0]
			queries = queries[1:]
			return statusOf(q)
		},
	}
	for name, body := range answers {
		p.answer[name] = func(*http.Request) (int, string) { return statusOf(body) }
	}
	return p
}

// statusOf reads "400 body"; a body alone has status 200.
func statusOf(s string) (int, string) {
	var status int
	if code, body, ok := strings.Cut(s, " "); ok && len(code) == 3 {
		if _, err := fmt.Sscan(code, &status); err == nil {
			return status, body
		}
	}
	return 200, s
}

// readAll reads opportunities to the end.
func readAll(t *testing.T, s *Source, at crm.Cursor) (names []string, next crm.Cursor, err error) {
	t.Helper()
	for range 30 {
		p, err := s.Fetch(t.Context(), crm.Opportunities, at)
		if err != nil {
			return names, at, err
		}
		for _, o := range p.Opportunities {
			names = append(names, o.Name)
		}
		if at = p.Next; !p.More {
			return names, at, nil
		}
	}
	t.Fatal("no end")
	return nil, "", nil
}

const more = "/services/data/v66.0/query/01g-"

func TestPaging(t *testing.T) {
	const backfill = "SELECT Id, CloseDate, CreatedDate, IsClosed, IsWon, Name, OwnerId, StageName, SystemModstamp, IsDeleted FROM Opportunity ORDER BY Id"
	after := func(n int) string {
		return "SELECT Id, CloseDate, CreatedDate, IsClosed, IsWon, Name, OwnerId, StageName, SystemModstamp, IsDeleted FROM Opportunity WHERE Id > '" + id(n) + "' ORDER BY Id"
	}
	for _, c := range []struct {
		name    string
		pages   map[string]string
		queries []string // answers to queries
		asked   []string // queries, in order
		want    string
		err     error
	}{
		{
			name:    "two pages",
			queries: []string{rowsOf(1, 2, 3, false, more+"2")},
			pages:   map[string]string{"01g-2": rowsOf(3, 3, 3, true, "")},
			asked:   []string{backfill}, want: "n1 n2 n3",
		},
		{
			name:    "the next page on our own host, written out",
			queries: []string{rowsOf(1, 2, 3, false, "https://acme.my.salesforce.com"+more+"2")},
			pages:   map[string]string{"01g-2": rowsOf(3, 3, 3, true, "")},
			asked:   []string{backfill}, want: "n1 n2 n3",
		},
		{
			name:    "the next page on another host",
			queries: []string{rowsOf(1, 2, 3, false, "https://evil.example"+more+"2")},
			asked:   []string{backfill}, want: "n1 n2", err: crm.ErrBusy,
		},
		{
			name:    "the next page without a scheme",
			queries: []string{rowsOf(1, 2, 3, false, "//evil.example/services/data/")},
			asked:   []string{backfill}, want: "n1 n2", err: crm.ErrBusy,
		},
		{
			name:    "our host is only a prefix",
			queries: []string{rowsOf(1, 2, 3, false, "https://acme.my.salesforce.com.evil.example"+more+"2")},
			asked:   []string{backfill}, want: "n1 n2", err: crm.ErrBusy,
		},
		{
			name:    "no rows and no done",
			queries: []string{`{"totalSize":0,"records":[]}`},
			asked:   []string{backfill},
		},
		{
			name:    "an empty page in the middle",
			queries: []string{rowsOf(1, 1, 2, false, more+"1")},
			pages:   map[string]string{"01g-1": rowsOf(1, 0, 2, false, more+"2"), "01g-2": rowsOf(2, 2, 2, true, "")},
			asked:   []string{backfill}, want: "n1 n2",
		},
		{
			name:    "a page that names itself",
			queries: []string{rowsOf(1, 1, 4, false, more+"1"), rowsOf(2, 4, 3, true, "")},
			pages:   map[string]string{"01g-1": rowsOf(2, 3, 4, false, more+"1")},
			asked:   []string{backfill, after(1)}, want: "n1 n2 n3 n4",
		},
		{
			name:    "pages in a circle",
			queries: []string{rowsOf(1, 2, 6, false, more+"2"), rowsOf(5, 6, 2, true, "")},
			pages:   map[string]string{"01g-2": rowsOf(3, 4, 6, false, more+"4"), "01g-4": rowsOf(1, 4, 6, false, more+"2")},
			asked:   []string{backfill, after(4)}, want: "n1 n2 n3 n4 n5 n6",
		},
		{
			name:    "a query that does not move on",
			queries: []string{rowsOf(1, 2, 6, false, more+"2"), rowsOf(2, 4, 3, true, "")},
			pages:   map[string]string{"01g-2": `400 [{"errorCode":"INVALID_QUERY_LOCATOR","message":"invalid query locator"}]`},
			asked:   []string{backfill, after(2)}, want: "n1 n2", err: crm.ErrBusy,
		},
		{
			name:    "the locator is gone",
			queries: []string{rowsOf(1, 2, 4, false, more+"2"), rowsOf(3, 4, 2, true, "")},
			pages:   map[string]string{"01g-2": `400 [{"errorCode":"INVALID_QUERY_LOCATOR","message":"invalid query locator"}]`},
			asked:   []string{backfill, after(2)}, want: "n1 n2 n3 n4",
		},
		{
			name:    "the locator is not found",
			queries: []string{rowsOf(1, 2, 4, false, more+"2"), rowsOf(3, 4, 2, true, "")},
			asked:   []string{backfill, after(2)}, want: "n1 n2 n3 n4",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newPager(c.pages, c.queries...)
			s := recordedSource(t, &o.recorded, 1)
			got, _, err := readAll(t, s, "")
			if !errors.Is(err, c.err) {
				t.Fatalf("got error %v, want %v", err, c.err)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if a, b := strings.Join(o.queries, "\n"), strings.Join(c.asked, "\n"); a != b {
				t.Errorf("asked\n%s\nwant\n%s", a, b)
			}
		})
	}
}

func TestIncrementQueries(t *testing.T) {
	o := newPager(nil, rowsOf(1, 2, 2, true, ""), rowsOf(3, 4, 9, false, more+"2"), rowsOf(5, 5, 1, true, ""))
	s := recordedSource(t, &o.recorded, 1)
	_, at, err := readAll(t, s, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err = readAll(t, s, at); err != nil {
		t.Fatal(err)
	}
	columns := "SELECT Id, CloseDate, CreatedDate, IsClosed, IsWon, Name, OwnerId, StageName, SystemModstamp, IsDeleted FROM Opportunity "
	want := []string{
		columns + "ORDER BY Id",
		// 15 minutes before the server's clock at the first query, and >=
		columns + "WHERE SystemModstamp >= 2026-11-24T15:57:00Z ORDER BY SystemModstamp, Id",
		columns + "WHERE (SystemModstamp > 2026-11-21T10:00:04Z OR (SystemModstamp = 2026-11-21T10:00:04Z AND Id > '" + id(4) + "')) ORDER BY SystemModstamp, Id",
	}
	if a, b := strings.Join(o.queries, "\n"), strings.Join(want, "\n"); a != b {
		t.Errorf("asked\n%s\nwant\n%s", a, b)
	}
}

func TestNoDateNoWatermark(t *testing.T) {
	o := newPager(nil, rowsOf(1, 2, 2, true, ""))
	o.header = http.Header{"Date": nil}
	_, _, err := readAll(t, recordedSource(t, &o.recorded, 1), "")
	if !errors.Is(err, crm.ErrBusy) || !strings.Contains(err.Error(), "no Date") {
		t.Errorf("got %v", err)
	}
}

func TestAnotherOrg(t *testing.T) {
	o := newPager(nil, rowsOf(1, 2, 2, true, ""), rowsOf(1, 2, 2, true, ""))
	_, at, err := readAll(t, recordedSource(t, &o.recorded, 1), "")
	if err != nil {
		t.Fatal(err)
	}
	o.answer["token"] = always(200, `{"access_token":"`+testToken+`","instance_url":"https://acme.my.salesforce.com","id":"https://login.salesforce.com/id/00D000000000002EAA/005000000000001AAA"}`)
	_, _, err = readAll(t, recordedSource(t, &o.recorded, 1), at)
	if !errors.Is(err, crm.ErrAccount) || !strings.Contains(err.Error(), "now belong to org 00D000000000002EAA, but the cache holds records of org 00D000000000001EAA") {
		t.Errorf("got %v", err)
	}
}

func TestQueryIsNeverTooLong(t *testing.T) {
	var fields []string
	cfg := good(t)
	cfg.Fields = map[string]string{}
	for n := range 300 {
		name := fmt.Sprintf("A_rather_long_name_of_a_field_number_%03d__c", n)
		fields = append(fields, fmt.Sprintf(`{"name":%q,"type":"string","filterable":true}`, name))
		cfg.Fields[fmt.Sprintf("f%03d", n)] = name
	}
	o := newPager(nil, rowsOf(1, 1, 1, true, ""))
	o.answer["describe"] = always(200, strings.Replace(describeAll, `"fields":[`, `"fields":[`+strings.Join(fields, ",")+",", 1))
	s := recordedSource(t, &o.recorded, 1)
	s.configured.fields = cfg.Fields
	_, _, err := readAll(t, s, "")
	if !errors.Is(err, crm.ErrRefused) || !strings.Contains(err.Error(), "name fewer fields") || len(o.queries) != 0 {
		t.Errorf("got %v after %d queries", err, len(o.queries))
	}
}
