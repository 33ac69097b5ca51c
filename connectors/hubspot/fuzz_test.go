package hubspot

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/pipetidy/pipetidy/crm"
)

// seed adds what the cases of recorded answers hold.
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

func fuzzedView() *view {
	fields := map[string]string{"score": "score", "risky": "risky", "signed": "signed_on"}
	var described []property
	for _, s := range standard {
		for _, name := range s.from {
			described = append(described, property{Name: name, Type: map[string]string{"number": "number", dated: "datetime"}[s.types]})
		}
	}
	described = append(described, property{Name: "score", Type: "number"}, property{Name: "risky", Type: "bool"}, property{Name: "signed_on", Type: "date"})
	return &view{account: account{zone: time.FixedZone("", -5*3600)}, mapping: join(fields, described)}
}

// FuzzRecords reads any bytes as the answer of a list, a search or a batch: what
// comes out can be kept.
func FuzzRecords(f *testing.F) {
	seed(f, "testdata/rows/*.txtar")
	v := fuzzedView()
	f.Fuzz(func(t *testing.T, data []byte) {
		var got listing
		if json.Unmarshal(data, &got) != nil {
			return
		}
		for i := range got.Results {
			rec := &got.Results[i]
			if rec.ID != "" && !idForm.MatchString(string(rec.ID)) {
				t.Fatalf("the id %q", rec.ID)
			}
			if o, err := v.deal(rec); err == nil {
				if _, err := json.Marshal(o); err != nil {
					t.Fatalf("a deal that cannot be kept: %v", err)
				}
			}
			if changes, err := v.changes(rec); err == nil {
				seen := map[string]bool{}
				for _, c := range changes {
					if c.At.IsZero() || seen[c.ID] {
						t.Fatalf("the change %+v, seen before: %v", c, seen[c.ID])
					}
					seen[c.ID] = true
				}
			}
			for _, object := range activityObjects {
				if a, err := v.activity(object, rec, nil, time.Unix(1795449600, 0)); err == nil {
					if _, err := json.Marshal(a); err != nil {
						t.Fatalf("an activity that cannot be kept: %v", err)
					}
				}
			}
			if slices.Contains(swallowed(rec), string(rec.ID)) {
				t.Fatal("a deal swallowed itself")
			}
		}
	})
}

// FuzzLinks reads any bytes as the answer of an associations batch.
func FuzzLinks(f *testing.F) {
	f.Add([]byte(`{"results":[{"from":{"id":"1"},"to":[{"toObjectId":442222359747,"associationTypes":[{"typeId":3,"label":null},{"label":"Primary"}]},{"toObjectId":"9"}],"paging":{"next":{"after":"MC0y"}}}]}`))
	f.Add([]byte(`{"results":[],"numErrors":1,"errors":[{"category":"OBJECT_NOT_FOUND","subCategory":"crm.associations.NO_ASSOCIATIONS_FOUND"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var got links
		if json.Unmarshal(data, &got) != nil {
			return
		}
		for _, res := range got.Results {
			ids := linkIDs(res.To)
			if !slices.IsSortedFunc(ids, byNumber) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
				t.Fatalf("ids %q", ids)
			}
			list := contacts("1", res.To)
			if len(list) != len(ids) {
				t.Fatalf("%d contacts of %d ids", len(list), len(ids))
			}
			for i, c := range list {
				if c.ContactID != ids[i] || c.ID != "1:"+ids[i] {
					t.Fatalf("the contact %+v of %s", c, ids[i])
				}
			}
		}
	})
}

// FuzzErrors reads any bytes as the body of an error: what it says of scopes can be
// shown.
func FuzzErrors(f *testing.F) {
	seed(f, "testdata/answers/*.txtar")
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

// FuzzCursor reads any text as a cursor: it is refused, or says the same again.
func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add(done)
	f.Add(`{"v":1,"portal":"1","since":1795449600,"binned":1,"bin":2,"keep":24,"run":{"full":true,"again":true,"bin":true,"keep":12,"began":5,"part":1,"after":"x","id":"7","done":3}}`)
	f.Fuzz(func(t *testing.T, at string) {
		c, err := readCursor(crm.Cursor(at))
		if err != nil {
			return
		}
		again, err := readCursor(crm.Cursor(c.String()))
		if err != nil || cmp.Diff(c.String(), again.String()) != "" {
			t.Fatalf("%s became %s, %v", c, again, err)
		}
	})
}
