package row

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// FuzzWalk compares Page with encoding/json: both give the same records with the same
// columns and the same strings, or both give an error.
func FuzzWalk(f *testing.F) {
	for _, s := range []string{
		"", `{"totalSize":2,"done":true,"records":[{"Id":"006000000000001AAA","IsDeleted":false,"Name":"n1","SystemModstamp":"2026-11-21T10:00:01.000+0000"},{"Id":"006000000000002AAA","IsDeleted":false,"Name":"n2","SystemModstamp":"2026-11-21T10:00:02.000+0000"}]}`, `{"records":[{}],"done":true}`, ` { "done" : true , "records" : [ { "a" : 1 , "a" : "2" } , {"b":null} ] } `,
		`{"records":[{"a":"\\","b":"\"","c":"\\\"","d":"x\u0041\ud83d\ude00","e\u0041":1}],"done":true}`,
		`{"records":[{"a":{"b":[1,{"c":"]}"}]},"d":[]}],"done":true}`, "{\"records\":[{\"a\":\"\xff\"}],\"done\":true}",
		`{"records":[{"a":-1.5e+3},{"":true}],"done":true}`, `{"records":null}`, `{"records":[null],"done":true}`, `{"records":[1],"done":true}`, `[]`, `{`, ``, `null`, `1`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var got []map[string]string
		_, err := Page(body, nil, func(r *Row) error {
			m := map[string]string{}
			for _, v := range r.values {
				m[v.key] = string(v.value)
				if v.value[0] == '"' {
					m[v.key] = "text " + unquote(v.value)
				}
			}
			got = append(got, m)
			return nil
		})
		var top map[string]json.RawMessage
		var records []map[string]json.RawMessage
		if json.Unmarshal(body, &top) != nil || json.Unmarshal(top["records"], &records) != nil {
			if err == nil {
				t.Fatalf("%q is refused by encoding/json and was read as %q", body, got)
			}
			return
		}
		if err != nil {
			return // the envelope is incomplete; only records are compared here
		}
		var list []map[string]string
		for _, r := range records {
			m := map[string]string{}
			for k, v := range r {
				m[k] = string(v)
				if v[0] == '"' {
					var s string
					if err := json.Unmarshal(v, &s); err != nil {
						t.Fatal(err)
					}
					m[k] = "text " + s
				}
			}
			list = append(list, m)
		}
		if diff := cmp.Diff(list, got); diff != "" && len(list)+len(got) > 0 {
			t.Fatalf("%q (-encoding/json +walk):\n%s", body, diff)
		}
	})
}

func FuzzStamp(f *testing.F) {
	for _, s := range []string{"2026-11-21T10:00:00.000+0000", "2026-02-31T10:00:00.000+0000", "2024-02-29T23:59:59.000+0000", "2026-11-21T24:00:00.000+0000", "2026-1x-21T10:00:00.000+0000", "0000-01-01T00:00:00.000+0000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := stampOf(s)
		want, err := time.Parse("2006-01-02T15:04:05.000-0700", s)
		if ok && (err != nil || !got.Equal(want)) {
			t.Errorf("%q: got %v, time.Parse says %v, %v", s, got, want, err)
		}
	})
}

func TestLentRowKeepsNothing(t *testing.T) {
	var names []string
	_, err := Page([]byte(`{"totalSize":2,"done":true,"records":[{"Id":"1","Name":"a"},{"Id":"2"}]}`), nil, func(r *Row) error {
		names = append(names, r.Text("Id")+r.Text("Name"))
		return r.Err()
	})
	if diff := cmp.Diff([]string{"1a", "2"}, names); err != nil || diff != "" {
		t.Error(err, diff)
	}
	stop := errors.New("stop")
	if _, err := Page([]byte(`{"done":true,"records":[{}]}`), nil, func(*Row) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}
