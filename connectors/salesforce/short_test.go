package salesforce

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/connectors/salesforce/cursor"
	"github.com/pipetidy/pipetidy/crm"
)

// TestFewerRowsThanTheQueryHas: an answer without all its rows is no answer. Within one
// page it is refused, and asked for again by the next run; over several pages the query is
// made anew once.
func TestFewerRowsThanTheQueryHas(t *testing.T) {
	const first, again = "/services/data/v66.0/query/0r8A-1", "/services/data/v66.0/query/0r8A-2"
	for _, c := range []struct {
		name    string
		queries []string
		pages   map[string]string
		want    string // the deals that came, "busy" is an error
	}{
		{"one row of three is missing", []string{rowsOf(1, 2, 3, true, "")}, nil, "busy"},
		{"all are", []string{rowsOf(1, 0, 3, true, "")}, nil, "busy"},
		{"on a first page", []string{rowsOf(2, 3, 5, false, first), rowsOf(1, 3, 5, false, again)}, map[string]string{"0r8A-1": rowsOf(4, 5, 5, true, ""), "0r8A-2": rowsOf(4, 5, 5, true, "")}, "n2 n3 n1 n2 n3 n4 n5"},
		{"on a last page", []string{rowsOf(1, 3, 5, false, first), rowsOf(1, 5, 5, true, "")}, map[string]string{"0r8A-1": rowsOf(4, 4, 5, true, "")}, "n1 n2 n3 n1 n2 n3 n4 n5"},
		{"each time", []string{rowsOf(1, 3, 5, false, first), rowsOf(1, 3, 5, false, again)}, map[string]string{"0r8A-1": rowsOf(4, 4, 5, true, ""), "0r8A-2": rowsOf(4, 4, 5, true, "")}, "n1 n2 n3 n1 n2 n3 n4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newPager(c.pages, c.queries...)
			got, _, err := readAll(t, recordedSource(t, &o.recorded, 1), "")
			if c.want == "busy" {
				if !errors.Is(err, crm.ErrBusy) || len(got) > 0 {
					t.Errorf("got %v, %v", got, err)
				}
				return
			}
			if err != nil || strings.Join(got, " ") != c.want {
				t.Errorf("got %v, want %s (error %v)", got, c.want, err)
			}
		})
	}
}

// TestAMissingColumnIsUnknown: a column that was asked for and is not in the answer is
// neither empty nor false. The row is asked for again by the next run and, while it stays
// so, once a day.
func TestAMissingColumnIsUnknown(t *testing.T) {
	whole := rowsOf(1, 3, 3, true, "")
	lacks := strings.Replace(whole, `"StageName":"New","Name":"n2",`, `"Name":"n2",`, 1)
	one := rowsOf(2, 2, 1, true, "")
	oneLacks := strings.Replace(one, `"StageName":"New",`, "", 1)
	none := rowsOf(1, 0, 0, true, "")
	for _, c := range []struct {
		name  string
		runs  []string
		hours []int  // of the runs
		asks  []bool // whether the run asks for the row
	}{
		{"it is back", []string{lacks, one, none}, []int{16, 17, 18}, []bool{false, true, false}},
		{"it stays away", []string{lacks, oneLacks, none, none, oneLacks, none}, []int{0, 1, 2, 26, 27, 28}, []bool{false, true, false, false, true, false}},
		{"it comes later", []string{whole, oneLacks, one, none}, []int{0, 1, 2, 3}, []bool{false, false, true, false}},
		{"the row is gone", []string{lacks, none, none}, []int{0, 1, 2}, []bool{false, true, false}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newPager(nil, c.runs...)
			s, at := recordedSource(t, &o.recorded, 1), crm.Cursor("")
			s.cfg.SweepEvery *= 100
			for i := range c.runs {
				o.header = http.Header{"Date": {fmt.Sprintf("Wed, %d Nov 2026 %02d:00:00 GMT", 25+c.hours[i]/24, c.hours[i]%24)}}
				p, err := s.Fetch(t.Context(), crm.Opportunities, at)
				if err != nil || p.More {
					t.Fatal(p.More, err)
				}
				at = p.Next
				for _, op := range p.Opportunities {
					odd := op.ID == id(2) && (c.runs[i] == lacks || c.runs[i] == oneLacks)
					if want := map[bool][]string{true: {"stage"}}[odd]; cmp.Diff(want, op.Unclear) != "" {
						t.Errorf("run %d: %s: unclear %v, want %v", i, op.Name, op.Unclear, want)
					}
				}
				if asks := strings.Contains(o.queries[len(o.queries)-1], "OR Id IN ('"+id(2)+"')"); asks != c.asks[i] {
					t.Errorf("run %d asks for the row: %v, want %v: %s", i, asks, c.asks[i], o.queries[len(o.queries)-1])
				}
			}
		})
	}
}

// Where hardly a row has the column, that is no answer.
func TestAColumnThatAllRowsLack(t *testing.T) {
	n := cursor.MostOdd + 1
	o := newPager(nil, strings.ReplaceAll(rowsOf(1, n, n, true, ""), `"StageName":"New",`, ""))
	if got, _, err := readAll(t, recordedSource(t, &o.recorded, 1), ""); !errors.Is(err, crm.ErrBusy) || slices.Contains(got, "n1") {
		t.Errorf("got %d rows, %v", len(got), err)
	}
}
