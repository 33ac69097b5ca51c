package api

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"
)

// seed adds the recorded answers of the cases.
func seed(f *testing.F, pattern string) {
	f.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		f.Fatal("no cases", pattern, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(txtar.Parse(b).Files[0].Data)
	}
}

// FuzzErrors reads any bytes as the body of an error: the scopes in it can be shown.
func FuzzErrors(f *testing.F) {
	seed(f, "../testdata/answers/*.txtar")
	f.Fuzz(func(t *testing.T, data []byte) {
		e := readError(data)
		e.daily()
		e.secondly()
		e.never()
		for _, scope := range e.scopes() {
			if !scopeForm.MatchString(scope) {
				t.Fatalf("the scope %q", scope)
			}
		}
	})
}

// FuzzPages reads any bytes as the answer of a list, a search, a batch or of
// associations, and looks for a panic and for a wrong next page.
func FuzzPages(f *testing.F) {
	seed(f, "../portal/testdata/rows/*.txtar")
	f.Add([]byte(`{"results":[{"from":{"id":"1"},"to":[{"toObjectId":9}],"paging":{"next":{"after":"MC0y"}}}],"paging":{"next":{"after":7}}}`))
	f.Add([]byte(`{"results":[],"numErrors":1,"errors":[{"category":"OBJECT_NOT_FOUND","subCategory":"crm.associations.NO_ASSOCIATIONS_FOUND"}]}`))
	c := New(Config{Where: "source partners"}, nil)
	f.Fuzz(func(t *testing.T, data []byte) {
		var page listing
		var far associations
		if json.Unmarshal(data, &page) == nil {
			_ = c.lost("deals", page.Errors)
			if next, err := page.Paging.After(""); err != nil || next != string(page.Paging.Next.After) {
				t.Fatalf("goes on at %q, %v", next, err)
			}
		}
		if json.Unmarshal(data, &far) == nil {
			_ = c.lost("the contacts of deals", far.Errors)
		}
	})
}
