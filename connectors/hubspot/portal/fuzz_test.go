package portal

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/pipetidy/pipetidy/connectors/hubspot/row"
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

func fuzzedPortal() *Portal {
	fields := map[string]string{"score": "score", "risky": "risky", "signed": "signed_on"}
	var described []Property
	for _, s := range standard {
		for _, name := range s.from {
			described = append(described, Property{Name: name, Type: map[string]string{"number": "number", dated: "datetime"}[s.types]})
		}
	}
	described = append(described, Property{Name: "score", Type: "number"}, Property{Name: "risky", Type: "bool"}, Property{Name: "signed_on", Type: "date"})
	return &Portal{Zone: time.FixedZone("", -5*3600), Schema: Join(fields, described)}
}

// FuzzRecords reads any bytes as the answer of a list, a search or a batch: every value
// that is made of a record can be stored.
func FuzzRecords(f *testing.F) {
	seed(f, "testdata/rows/*.txtar")
	v := fuzzedPortal()
	f.Fuzz(func(t *testing.T, data []byte) {
		var got struct {
			Results []row.Record `json:"results"`
		}
		if json.Unmarshal(data, &got) != nil {
			return
		}
		for i := range got.Results {
			rec := &got.Results[i]
			if rec.ID != "" && !row.IsID(string(rec.ID)) {
				t.Fatalf("the id %q", rec.ID)
			}
			if o, err := v.Deal(rec); err == nil {
				if _, err := json.Marshal(o); err != nil {
					t.Fatalf("a deal that cannot be kept: %v", err)
				}
			}
			seen := map[string]bool{}
			changes, _, _ := v.Changes(rec)
			for _, c := range changes {
				if c.At.IsZero() || seen[c.ID] {
					t.Fatalf("the change %+v, seen before: %v", c, seen[c.ID])
				}
				seen[c.ID] = true
			}
			for _, object := range Activities {
				if _, err := json.Marshal(v.Activity(object, rec, nil, time.Unix(1795449600, 0))); err != nil {
					t.Fatalf("an activity that cannot be kept: %v", err)
				}
			}
			if slices.Contains(Swallowed(rec), string(rec.ID)) {
				t.Fatal("a deal swallowed itself")
			}
		}
	})
}

// FuzzLinks reads any bytes as the answer of a batch of associations.
func FuzzLinks(f *testing.F) {
	f.Add([]byte(`{"results":[{"from":{"id":"1"},"to":[{"toObjectId":442222359747,"associationTypes":[{"typeId":3,"label":null},{"label":"Primary"}]},{"toObjectId":"9"}],"paging":{"next":{"after":"MC0y"}}}]}`))
	f.Add([]byte(`{"results":[],"numErrors":1,"errors":[{"category":"OBJECT_NOT_FOUND","subCategory":"crm.associations.NO_ASSOCIATIONS_FOUND"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var got struct {
			Results []struct {
				To []row.Link `json:"to"`
			} `json:"results"`
		}
		if json.Unmarshal(data, &got) != nil {
			return
		}
		for _, res := range got.Results {
			ids := row.LinkIDs(res.To)
			if !slices.IsSortedFunc(ids, row.ByNumber) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
				t.Fatalf("ids %q", ids)
			}
			list := Contacts("1", res.To)
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
