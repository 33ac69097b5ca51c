package soql_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

// shelf is a schema and records of its own: books and their writers. The login does
// not see prices.
type shelf struct{}

var (
	writer = soql.Define("Writer", "w00", soql.Field{Name: "Name", Type: soql.String})
	book   = soql.Define("Book", "b00", soql.Field{Name: "Name", Type: soql.String}, soql.Field{Name: "WriterId", Type: soql.Reference, To: []string{"Writer"}},
		soql.Field{Name: "Pages", Type: soql.Int}, soql.Field{Name: "Price", Type: soql.Currency})
	ann   = soql.Values{"Id": "w00", "Name": "Ann"}
	books = []soql.Values{
		{"Id": "b01", "Name": "Tides", "WriterId": "w00", "Pages": 90},
		{"Id": "b02", "Name": "Dunes", "Pages": 300},
		{"Id": "b03", "Name": "Rivers", "WriterId": "w00"},
	}
)

func (shelf) Object(name string) *soql.Object {
	for _, o := range []*soql.Object{writer, book} {
		if strings.EqualFold(o.Name, name) {
			return o
		}
	}
	return nil
}

func (shelf) Readable(_ *soql.Object, f *soql.Field) bool { return f.Name != "Price" }

func (shelf) Value(_ *soql.Object, v soql.Values, name string) any { return v[name] }

func (shelf) Parent(v soql.Values, f *soql.Field) (*soql.Object, soql.Values) {
	if v[f.Name] == nil {
		return nil, nil
	}
	return writer, ann
}

func TestRun(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT Id FROM Book ORDER BY Name":                                 "b02 b03 b01",
		"SELECT Id FROM book WHERE writer.name = 'ANN' ORDER BY Pages":      "b03 b01",
		"SELECT Id FROM Book WHERE Pages > 89 AND NOT Name LIKE 'D%'":       "b01",
		"SELECT Id FROM Book WHERE Pages = null":                            "b03",
		"SELECT Id FROM Book ORDER BY Pages DESC NULLS LAST LIMIT 1":        "b02",
		"SELECT Id FROM Book ORDER BY Name LIMIT 2 OFFSET 1":                "b03 b01",
		"SELECT Price FROM Book":                                            "INVALID_FIELD",
		"SELECT Id FROM Chapter":                                            "INVALID_TYPE",
		"SELECT Id FROM Book WHERE Pages = '90'":                            "INVALID_FIELD",
		"SELECT Id FROM Book WHERE Pages > 1 AND Pages < 9 OR Name = 'x'":   "MALFORMED_QUERY",
		"SELECT Id FROM Book WHERE Name = '" + strings.Repeat("x", 100_000): "MALFORMED_QUERY",
	} {
		if got := run(query); got != want {
			t.Errorf("%.80s: got %s, want %s", query, got, want)
		}
	}
}

// run returns the ids that a query finds, or the code of the query's refusal.
func run(query string) string {
	q, err := soql.Parse(query)
	if err == nil {
		var s *soql.Statement
		if s, err = q.Prepare(shelf{}); err == nil {
			return strings.Join(s.Cut(s.Run(shelf{}, slices.Values(books), 1)), " ")
		}
	}
	code, _, _ := strings.Cut(err.Error(), ":")
	return code
}

func TestLongID(t *testing.T) {
	for _, v := range []string{"a01M00000062mPgIAI", "001M000000qfPySIAU", "a0FE000000D6r3FMAR", "0F9E000000092w2KAA", "AbCdEfGhIjKlMnOVKV", "aBcDEfgHIJKLMNO025", "012000000000000AAA"} {
		if got, err := soql.LongID(v[:15]); err != nil || got != v {
			t.Errorf("%s: got %s, %v", v[:15], got, err)
		}
		if got, err := soql.LongID(v); err != nil || got != v {
			t.Errorf("%s: got %s, %v", v, got, err)
		}
	}
	for _, v := range []string{"", "short", "001M000000qfPySIAA", "001M000000qfPyS!AU", "001M000000qfPySIA"} {
		if got, err := soql.LongID(v); err == nil {
			t.Errorf("%q: got %s", v, got)
		}
	}
}
