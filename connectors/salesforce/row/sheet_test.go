package row

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sheetOf decodes a page of three columns; a row becomes "Id/Name/Amount", and null
// becomes nil.
func sheetOf(body string, columns []string, first bool) (got []string, order []string, err error) {
	_, order, err = Sheet([]byte(body), columns, first, func(r *Row) error {
		var cells []string
		for _, name := range []string{"Id", "Name", "Amount"} {
			if r.raw(name) == nil {
				cells = append(cells, "nil")
			} else {
				cells = append(cells, r.Text(name))
			}
		}
		got = append(got, strings.Join(cells, "/"))
		return nil
	})
	return got, order, err
}

// TestSheetOfOneRecord has a record without an end, judged by the memory that is asked for:
// the CSV reader collects a record before it counts its fields.
func TestSheetOfOneRecord(t *testing.T) {
	for name, body := range map[string]string{
		"commas":         strings.Repeat(",", 8<<20),
		"names":          "Id,Name,Amount" + strings.Repeat(",a", 4<<20),
		"a later record": "Id,Name,Amount\n1,a,2\n" + strings.Repeat("1,", 4<<20),
		"over lines":     strings.Repeat("\"\n\",,,,", 1<<20),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := sheetOf(body, []string{"Id", "Name", "Amount"}, true)
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 3*uint64(len(body)) {
			t.Errorf("%s: %d MiB were asked for", name, got>>20)
		}
		if !errors.Is(err, errWide) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestSheet(t *testing.T) {
	asked := []string{"Id", "Name", "Amount"}
	for _, c := range []struct {
		name, body string
		later      bool
		order      []string // of the columns of the page before, if not as queried
		want       []string
		err        bool
	}{
		{name: "as asked", body: "\"Id\",\"Name\",\"Amount\"\n\"1\",\"a\",\"2.0\"\n\"2\",\"\",\"\"\n", want: []string{"1/a/2.0", "2/nil/nil"}},
		{name: "in another order and case", body: "AMOUNT,Id,Name\n2,1,a\n", want: []string{"1/a/2"}},
		{name: "a byte order mark and NUL", body: "\ufeffId,Name,Amount\n1,a\x00b,2\x00\n", want: []string{"1/ab/2"}},
		{name: "line ends", body: "Id,Name,Amount\r\n1,\"a\r\nb\n\"\"c\"\"\",2\r\n", want: []string{"1/a\nb\n\"c\"/2"}},
		{name: "broken UTF-8", body: "Id,Name,Amount\n1,a\xff,2\n", want: []string{"1/a\ufffd/2"}},
		{name: "names only", body: "Id,Name,Amount\n"},
		{name: "nothing", err: true},
		{name: "no names", body: "1,a,2\n", err: true},
		{name: "a column too few", body: "Id,Name\n1,a\n", err: true},
		{name: "another column", body: "Id,Name,Name\n1,a,a\n", err: true},
		{name: "a cell too many", body: "Id,Name,Amount\n1,a,2,3\n", err: true},
		{name: "cut within a cell", body: "Id,Name,Amount\n1,\"a", err: true},
		{name: "a later page with names", later: true, body: "Id,Name,Amount\n1,a,2\n", want: []string{"1/a/2"}},
		{name: "a later page without", later: true, body: "1,a,2\n2,b,3\n", want: []string{"1/a/2", "2/b/3"}},
		{name: "a later page without, in the order of the first", later: true, order: []string{"Amount", "Id", "Name"}, body: "2,1,a\n", want: []string{"1/a/2"}},
		{name: "a later page of nothing", later: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			columns := asked
			if c.order != nil {
				columns = c.order
			}
			got, _, err := sheetOf(c.body, columns, !c.later)
			if (err != nil) != c.err {
				t.Fatalf("error is %v", err)
			}
			if diff := cmp.Diff(c.want, got); !c.err && diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, order, _ := sheetOf("AMOUNT,Id,Name\n", asked, true); strings.Join(order, " ") != "Amount Id Name" {
		t.Errorf("the order is %s", order)
	}
	stop := errors.New("stop")
	if _, _, err := Sheet([]byte("Id\n1\n"), []string{"Id"}, true, func(*Row) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}

// FuzzSheet writes cells as CSV and decodes the CSV again, and decodes bytes that are
// no CSV without a panic.
func FuzzSheet(f *testing.F) {
	for _, s := range []string{"", "a\x1fb\x1fc", "\"\x1f\r\n\x1f\x00", "Id\x1fName\x1fAmount", "1,\"a\"\n", "\xef\xbb\xbfId,Name,Amount\n1,2,3", "\x92\xf3\xa300"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, _, _ = sheetOf(s, []string{"Id", "Name", "Amount"}, false)

		cells := append(strings.Split(s, "\x1f"), "", "", "")[:3]
		if cells[0] == "Id" { // no record has this id
			return
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		if w.Write([]string{"Id", "Name", "Amount"}) != nil || w.Write(cells) != nil {
			t.Fatal("not written")
		}
		w.Flush()
		body := b.String()
		if strings.TrimRight(body, "\n") == "Id,Name,Amount\n,," {
			return
		}
		got, _, err := sheetOf(body, []string{"Id", "Name", "Amount"}, true)
		if err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		for i, c := range cells {
			c = strings.ReplaceAll(strings.ReplaceAll(c, "\x00", ""), "\r\n", "\n")
			if cells[i] = asJSON(t, c); c == "" {
				cells[i] = "nil"
			}
		}
		if diff := cmp.Diff([]string{strings.Join(cells, "/")}, got); diff != "" {
			t.Fatalf("%q: %s", body, diff)
		}
	})
}

// asJSON is what JSON makes of a text: the two formats give equal records, and JSON
// replaces each broken byte.
func asJSON(t *testing.T, text string) (out string) {
	t.Helper()
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			b.WriteString("\\" + string(c))
		case c < ' ':
			fmt.Fprintf(&b, "\\u%04x", c)
		default:
			b.WriteByte(c)
		}
	}
	if err := json.Unmarshal([]byte(`"`+b.String()+`"`), &out); err != nil {
		t.Fatal(err)
	}
	return out
}
