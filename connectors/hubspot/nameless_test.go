package hubspot_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/fault"
)

// TestRowsWithoutAnID has some rows of a list lack their ids: the others are read, what the
// index knows is read by its id, and what is left is named and replaces nothing. Many are no
// answer.
func TestRowsWithoutAnID(t *testing.T) {
	pathOf := map[string]string{"deals": "/objects/2026-09/deals", "calls": "/calls", "owners": "/owners/2026-09", "pipelines": "/pipelines/2026-09/deals"}
	for object, stream := range map[string]crm.Stream{"deals": crm.Opportunities, "calls": crm.Activities, "owners": crm.Users, "pipelines": crm.Stages} {
		for _, many := range []bool{false, true} {
			t.Run(object+map[bool]string{true: ", many"}[many], func(t *testing.T) {
				a := newAccount(t, sim.Options{Deals: 40, NoHostile: true})
				want := toEnd(t, a.Source(t), stream, "")
				a.portal.Fault(sim.Fault{Kind: fault.Edit, Times: -1,
					Match: func(r *http.Request) bool {
						q := r.URL.Query()
						return r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, pathOf[object]) && q.Get("limit") != "1" && q.Get("archived") != "true"
					},
					Change: func(body []byte) []byte {
						var answer struct {
							Results []map[string]any `json:"results"`
							Paging  any              `json:"paging,omitempty"`
						}
						if err := json.Unmarshal(body, &answer); err != nil {
							panic(err)
						}
						for i, r := range answer.Results {
							if stages, _ := r["stages"].([]any); len(stages) > 0 && !many {
								delete(stages[0].(map[string]any), "id")
							} else if i == 0 || many {
								delete(r, "id")
							}
						}
						out, err := json.Marshal(answer)
						if err != nil {
							panic(err)
						}
						return out
					}})
				src := a.Source(t)
				if many {
					if _, err := src.Fetch(t.Context(), stream, ""); err == nil || !strings.Contains(err.Error(), "a record has no id") {
						t.Errorf("got %v", err)
					}
					return
				}
				pages := toEnd(t, src, stream, "")
				left, names := 0, func(pages []crm.Page) (n int) {
					for i := range pages {
						n += len(pages[i].Users) + len(pages[i].Stages)
					}
					return n
				}
				for i := range pages {
					left += len(pages[i].Left)
				}
				switch last := pages[len(pages)-1]; stream {
				case crm.Opportunities, crm.Activities:
					got, _ := gave(pages)
					if want, _ := gave(want); !maps.Equal(got, want) || left > 0 {
						t.Errorf("%d of %d, left out %d", len(got), len(want), left)
					}
				default:
					if got, want := names(pages), names(want); got >= want || got < want-2 || left != 1 || last.Replace {
						t.Errorf("%d of %d, left out %d, replaces %v", got, want, left, last.Replace)
					}
				}
			})
		}
	}
}
