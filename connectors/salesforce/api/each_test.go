package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// TestEach: a resource of the user interface is never asked for in a composite. A request
// that is refused within a composite is made by itself, so the refusal of the composite
// is none of the request. A busy one is left to the next run.
func TestEach(t *testing.T) {
	const ui = "/services/data/v66.0/ui-api/object-info/Opportunity/picklist-values/012/StageName"
	query := func(object string) string { return "/services/data/v66.0/query?q=SELECT+Id+FROM+" + object }
	for name, c := range map[string]struct {
		within map[string]int // status within a composite, by a part of the path
		alone  map[string]int
		paths  []string
		asked  string
		failed string // places with an error
	}{
		"all well":             {paths: []string{query("A"), ui, query("B")}, asked: "composite(A B) ui", failed: "[]"},
		"two of the interface": {paths: []string{ui, ui}, asked: "ui ui", failed: "[]"},
		"one query":            {paths: []string{query("A")}, asked: "A", failed: "[]"},
		"refused there": {
			within: map[string]int{"FROM+B": 404}, paths: []string{query("A"), query("B"), query("C")}, asked: "composite(A B C) B", failed: "[]",
		},
		"refused everywhere": {
			within: map[string]int{"FROM+B": 403}, alone: map[string]int{"FROM+B": 403}, paths: []string{query("A"), query("B")},
			asked: "composite(A B) B", failed: "[1]",
		},
		"busy there": {within: map[string]int{"FROM+A": 503}, paths: []string{query("A"), query("B")}, asked: "composite(A B)", failed: "[0]"},
		"six queries": {
			paths: []string{query("A"), query("B"), query("C"), query("D"), query("E"), query("F"), query("G")},
			asked: "composite(A B C D E) composite(F G)", failed: "[]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var asked []string
			short := func(path string) string {
				if strings.Contains(path, "/ui-api/") {
					return "ui"
				}
				return path[len(path)-1:]
			}
			said := func(of map[string]int, path string) (int, string) {
				for part, status := range of {
					if strings.Contains(path, part) {
						return status, `[{"errorCode":"NO","message":"no"}]`
					}
				}
				return 200, `{"done":true}`
			}
			single := func(req *http.Request) (int, string) {
				mu.Lock()
				defer mu.Unlock()
				asked = append(asked, short(req.URL.RequestURI()))
				return said(c.alone, req.URL.RequestURI())
			}
			o := &recorded{answer: map[string]func(*http.Request) (int, string){
				"token": func(*http.Request) (int, string) {
					return 200, `{"access_token":"t","instance_url":"https://acme.my.salesforce.com"}`
				},
				"query": single, "StageName": single,
				"composite": func(req *http.Request) (int, string) {
					var q struct {
						Requests []struct {
							URL string `json:"url"`
							ID  string `json:"referenceId"`
						} `json:"compositeRequest"`
					}
					if err := json.NewDecoder(req.Body).Decode(&q); err != nil {
						t.Error(err)
					}
					var names, list []string
					for _, r := range q.Requests {
						status, body := said(c.within, r.URL)
						names = append(names, short(r.URL))
						list = append(list, fmt.Sprintf(`{"body":%s,"httpStatusCode":%d,"referenceId":%q}`, body, status, r.ID))
					}
					asked = append(asked, "composite("+strings.Join(names, " ")+")")
					return 200, `{"compositeResponse":[` + strings.Join(list, ",") + `]}`
				},
			}}
			client := recordedClient(t, o, time.Date(2026, 11, 24, 16, 12, 0, 0, time.UTC))
			got, err := client.Each(t.Context(), c.paths)
			if err != nil || len(got) != len(c.paths) {
				t.Fatalf("got %d answers, %v", len(got), err)
			}
			failed := []int{}
			for i, a := range got {
				if a.Err != nil {
					failed = append(failed, i)
					if !errors.Is(a.Err, crm.ErrRefused) && !errors.Is(a.Err, crm.ErrBusy) {
						t.Errorf("answer %d: %v", i, a.Err)
					}
				} else if a.Reply == nil {
					t.Errorf("answer %d is none", i)
				}
			}
			if all := strings.Join(asked, " "); all != c.asked || fmt.Sprint(failed) != c.failed {
				t.Errorf("asked for %s, failed %v; want %s, failed %s", all, failed, c.asked, c.failed)
			}
		})
	}
}
