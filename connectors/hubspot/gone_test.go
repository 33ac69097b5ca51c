package hubspot

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
)

// batchOf answers a batch: live records, archived ones, and ids that it names as not
// there. Any other id is left out without a word. binned are the ids that stand in the
// recycle bin.
func batchOf(live, archived, named, binned []string) func(call) (int, string) {
	return func(c call) (int, string) {
		var results, errs []string
		bin := c.query["archived"] != nil && c.query["archived"][0] == "true"
		for _, in := range c.body["inputs"].([]any) {
			id := in.(map[string]any)["id"].(string)
			switch {
			case bin && slices.Contains(binned, id), !bin && slices.Contains(archived, id):
				results = append(results, fmt.Sprintf(`{"id":"%s","archived":true,"properties":{}}`, id))
			case !bin && slices.Contains(live, id):
				results = append(results, fmt.Sprintf(`{"id":"%s","properties":{}}`, id))
			case slices.Contains(named, id):
				errs = append(errs, fmt.Sprintf(`{"category":"OBJECT_NOT_FOUND","context":{"ids":["%s"]}}`, id))
			}
		}
		return 207, `{"results":[` + strings.Join(results, ",") + `],"errors":[` + strings.Join(errs, ",") + `]}`
	}
}

// foundIDs answers a search with the ids.
func foundIDs(ids ...string) func(call) (int, string) {
	var list []string
	for _, id := range ids {
		list = append(list, `{"id":"`+id+`"}`)
	}
	return always(200, fmt.Sprintf(`{"total":%d,"results":[%s]}`, len(ids), strings.Join(list, ",")))
}

func numbers(from, to int) (out []string) {
	for i := from; i <= to; i++ {
		out = append(out, fmt.Sprint(i))
	}
	return out
}

// TestSilenceIsNotGone reads changed records by their ids, and of some of these the
// answer says nothing: only what HubSpot names as gone is deleted.
func TestSilenceIsNotGone(t *testing.T) {
	for what, c := range map[string]struct {
		answer  func(call) (int, string)
		deleted []string
		silent  int
	}{
		"three are left out":     {batchOf(numbers(4, 20), nil, nil, nil), nil, 3},
		"all are left out":       {batchOf(nil, nil, nil, nil), nil, 20},
		"an unnamed error":       {always(207, `{"results":[],"errors":[{"category":"OBJECT_NOT_FOUND"}]}`), nil, 20},
		"one is archived":        {batchOf(numbers(2, 20), []string{"1"}, nil, nil), []string{"1"}, 0},
		"one is named":           {batchOf(numbers(2, 20), nil, []string{"1"}, nil), []string{"1"}, 0},
		"one named, one silent":  {batchOf(numbers(3, 20), nil, []string{"1"}, nil), []string{"1"}, 1},
		"many named and binned":  {batchOf(numbers(13, 20), nil, numbers(1, 12), numbers(1, 12)), numbers(1, 12), 0},
		"many named, not binned": {batchOf(numbers(13, 20), nil, numbers(1, 12), []string{"1"}), []string{"1"}, 11},
	} {
		for object, stream := range map[string]crm.Stream{"deals": crm.Opportunities, "calls": crm.Activities} {
			t.Run(what+": "+object, func(t *testing.T) {
				o := &recorded{answer: map[string]func(call) (int, string){
					object + "/search":        foundIDs(numbers(1, 20)...),
					object + "/batch":         c.answer,
					"links/calls/deals/batch": always(207, unlinked(numbers(1, 20)...)),
				}}
				s := recordedSource(t, o, func(c *Config) { c.PageLimit = 100 })
				at := map[crm.Stream]crm.Cursor{crm.Opportunities: done, crm.Activities: activitiesDone}[stream]
				var want []string
				for _, id := range c.deleted {
					if stream == crm.Activities {
						id = "calls:" + id
					}
					want = append(want, id)
				}
				p, err := s.Fetch(t.Context(), stream, at)
				if err != nil {
					t.Fatal(err)
				}
				slices.Sort(p.Deleted)
				slices.Sort(want)
				if !slices.Equal(p.Deleted, want) {
					t.Errorf("deleted %q, want %q", p.Deleted, want)
				}
				if said := "did not answer for " + crm.Counted(c.silent, strings.TrimSuffix(object, "s")); (c.silent > 0) != strings.Contains(p.Note, said) {
					t.Errorf("the note says %q, want %q", p.Note, said)
				}
			})
		}
	}
}

// TestNamedAsGoneIsAskedForAlone has batches that name records as not there, of which the
// recycle bin does not know: what the record's own address does not call gone stays.
func TestNamedAsGoneIsAskedForAlone(t *testing.T) {
	const none = `{"status":"error","message":"resource not found","category":"OBJECT_NOT_FOUND"}`
	for what, c := range map[string]struct {
		status int
		body   string
		gone   bool
		err    error
	}{
		"gone":                    {404, none, true, nil},
		"archived":                {200, `{"id":"1","archived":true,"properties":{}}`, true, nil},
		"merged into another":     {200, `{"id":"99","properties":{}}`, true, nil},
		"there":                   {200, `{"id":"1","properties":{}}`, false, nil},
		"an answer without an id": {200, `{"properties":{}}`, false, nil},
		"a proxy's page":          {404, "<html>not found</html>", false, nil},
		"a proxy's words":         {404, `{"message":"no Route matched"}`, false, nil},
		"refused":                 {403, `{"status":"error","message":"no","category":"MISSING_SCOPES"}`, false, nil},
		"busy":                    {502, "", false, crm.ErrBusy},
	} {
		for object, stream := range map[string]crm.Stream{"deals": crm.Opportunities, "calls": crm.Activities} {
			t.Run(what+": "+object, func(t *testing.T) {
				o := &recorded{answer: map[string]func(call) (int, string){
					object + "/search":        foundIDs(numbers(1, 20)...),
					object + "/batch":         batchOf(numbers(2, 20), nil, []string{"1"}, nil),
					object + "/1":             always(c.status, c.body),
					"links/calls/deals/batch": always(207, unlinked(numbers(1, 20)...)),
				}}
				s := recordedSource(t, o, func(c *Config) { c.PageLimit = 100 })
				p, err := s.Fetch(t.Context(), stream, map[crm.Stream]crm.Cursor{crm.Opportunities: done, crm.Activities: activitiesDone}[stream])
				if !errors.Is(err, c.err) {
					t.Fatalf("got %v", err)
				}
				if c.err != nil {
					return
				}
				if (len(p.Deleted) == 1) != c.gone || strings.Contains(p.Note, "did not answer for 1 "+strings.TrimSuffix(object, "s")) == c.gone {
					t.Errorf("deleted %q, note %q", p.Deleted, p.Note)
				}
				id := map[string]string{"deals": "1", "calls": "calls:1"}[object]
				there, err := s.Confirm(t.Context(), stream, []string{id})
				if err != nil || slices.Contains(there, id) == c.gone {
					t.Errorf("confirmed %q, %v", there, err)
				}
			})
		}
	}
}

// TestFirstSpeakForMany has many records that are named as gone: a few are asked for alone,
// and where one of these is there the others stay too.
func TestFirstSpeakForMany(t *testing.T) {
	for live, want := range map[string]int{"": 0, "3": 36} {
		o := &recorded{answer: map[string]func(call) (int, string){"deals/batch": batchOf(nil, nil, numbers(1, 40), nil)}}
		if live != "" {
			o.answer["deals/"+live] = always(200, `{"id":"`+live+`","properties":{}}`)
		}
		s := recordedSource(t, o, func(c *Config) { c.PageLimit = 100 })
		there, err := s.Confirm(t.Context(), crm.Opportunities, numbers(1, 40))
		alone := 0
		for _, c := range o.seen {
			if single.MatchString(c.key) {
				alone++
			}
		}
		if err != nil || len(there) != want || alone != 5 {
			t.Errorf("%q: %d there after %d calls for one record, %v", live, len(there), alone, err)
		}
	}
}

// TestSilentOnceIsAskedAgain leaves out three records once.
func TestSilentOnceIsAskedAgain(t *testing.T) {
	n := 0
	o := &recorded{answer: map[string]func(call) (int, string){
		"deals/search": foundIDs(numbers(1, 20)...),
		"deals/batch": func(c call) (int, string) {
			if n++; n == 1 {
				return batchOf(numbers(4, 20), nil, nil, nil)(c)
			}
			if ids := c.body["inputs"].([]any); len(ids) != 3 {
				t.Errorf("%d records are asked for again", len(ids))
			}
			return batchOf(numbers(1, 20), nil, nil, nil)(c)
		},
	}}
	p, err := recordedSource(t, o, func(c *Config) { c.PageLimit = 100 }).Fetch(t.Context(), crm.Opportunities, done)
	if err != nil || len(p.Opportunities) != 20 || len(p.Deleted) != 0 || p.Note != "" || n != 2 {
		t.Errorf("got %d deals, deleted %q, note %q, %v after %d calls", len(p.Opportunities), p.Deleted, p.Note, err, n)
	}
}

// TestRecallKeepsSilentDeals recalls deals of which nothing is said.
func TestRecallKeepsSilentDeals(t *testing.T) {
	o := &recorded{answer: map[string]func(call) (int, string){"deals/batch": batchOf(nil, nil, []string{"1"}, nil)}}
	pages, err := recordedSource(t, o, nil).Recall(t.Context(), []string{"1", "2"})
	if err != nil || len(pages) == 0 || !slices.Equal(pages[0].Deleted, []string{"1"}) {
		t.Errorf("got %+v, %v", pages, err)
	}
}

// TestSearchThatStopsEarly has a search that tells a total, gives fewer rows and no page
// that follows: the rest is searched for.
func TestSearchThatStopsEarly(t *testing.T) {
	n := 0
	o := &recorded{answer: map[string]func(call) (int, string){
		"deals/search": func(call) (int, string) {
			if n++; n == 1 {
				return 200, `{"total":3,"results":[{"id":"1"}]}`
			}
			return 200, `{"total":2,"results":[{"id":"2"},{"id":"3"}]}`
		},
		"deals/batch": batchOf(numbers(1, 3), nil, nil, nil),
	}}
	if got := readAll(t, recordedSource(t, o, nil), crm.Opportunities, done); len(got.Opportunities) != 3 {
		t.Errorf("got %d of 3 deals", len(got.Opportunities))
	}
}
