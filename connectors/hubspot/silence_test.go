package hubspot

import (
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/crm"
)

// activitiesDone is a cursor of activities whose next run is an increment.
// kinds are the kinds of activity as a cursor names them: with the marks of their properties.
var kinds = func() string {
	var list []string
	for _, object := range portal.Activities {
		list = append(list, strconv.Quote(portal.ActivityMark(object)))
	}
	return "[" + strings.Join(list, ",") + "]"
}()

var activitiesDone = crm.Cursor(`{"v":1,"portal":"149063119","since":1795449600,"reread":1795449600,"deep":1795449600,"fields":` + kinds + `}`)

// TestNoResultsIsNotEmpty has each kind of answer without what was asked for, under the
// status of a success: such an answer is busy, and nothing is committed on it.
func TestNoResultsIsNotEmpty(t *testing.T) {
	five := `{"results":[{"id":"5","properties":{}}]}`
	found := always(200, `{"total":1,"results":[{"id":"7"}]}`)
	for _, kind := range []struct {
		from   string
		stream crm.Stream
		at     crm.Cursor
		before map[string]func(call) (int, string)
	}{
		{from: "deals", stream: crm.Opportunities},
		{from: "deals", stream: crm.History},
		{from: "deals/search/count", stream: crm.Opportunities},
		{from: "deals/search", stream: crm.Opportunities, at: done},
		{from: "deals/search", stream: crm.Contacts, at: done},
		{from: "deals", stream: crm.Contacts},
		{from: "deals/batch", stream: crm.Opportunities, at: done, before: map[string]func(call) (int, string){"deals/search": found}},
		{from: "calls", stream: crm.Activities},
		{from: "calls/search", stream: crm.Activities, at: activitiesDone},
		{from: "calls/batch", stream: crm.Activities, at: activitiesDone, before: map[string]func(call) (int, string){"calls/search": found}},
		{from: "links/calls/deals/batch", stream: crm.Activities, before: map[string]func(call) (int, string){"calls": always(200, five)}},
		{from: "links/deals/contacts/batch", stream: crm.Contacts, before: map[string]func(call) (int, string){"deals": found}},
		{from: "owners", stream: crm.Users},
		{from: "pipelines", stream: crm.Stages},
		{from: "properties", stream: crm.Opportunities},
		{from: "account", stream: crm.Opportunities},
		{from: "notes/probe", stream: crm.Activities},
	} {
		for what, body := range map[string]string{
			"an error":            `{"status":"error","message":"internal error","correlationId":"x"}`,
			"an error and a list": `{"status":"error","message":"internal error","results":[]}`,
			"not done":            `{"status":"PENDING","results":[]}`,
			"no results":          `{"status":"COMPLETE"}`,
			"null":                `{"results":null}`,
			"all null":            `null`,
		} {
			// In a bubble, because an answer of null is fetched again after a wait.
			bubble := func(t *testing.T) {
				o := &recorded{answer: map[string]func(call) (int, string){kind.from: always(200, body)}}
				maps.Copy(o.answer, kind.before)
				s, at := recordedSource(t, o, nil), kind.at
				for range 10 {
					p, err := s.Fetch(t.Context(), kind.stream, at)
					if err != nil {
						if !errors.Is(err, crm.ErrBusy) {
							t.Errorf("not busy: %v", err)
						}
						return
					}
					if at = p.Next; !p.More {
						t.Fatalf("complete with %d records and %d gone", p.Len(), len(p.Deleted))
					}
				}
				t.Error("no end")
			}
			t.Run(kind.from+" for "+string(kind.stream)+": "+what, func(t *testing.T) { synctest.Test(t, bubble) })
		}
	}
}

// TestEmptyWhereNothingIsEmpty has lists that may never be empty, and rows that are
// none: to take them as they are would empty a small stream.
func TestEmptyWhereNothingIsEmpty(t *testing.T) {
	for what, c := range map[string]struct {
		from   string
		body   string
		stream crm.Stream
		at     crm.Cursor
	}{
		"no pipelines":              {"pipelines", `{"results":[]}`, crm.Stages, ""},
		"a stage without an id":     {"pipelines", `{"results":[{"id":"default","label":"Sales","stages":[{"label":"Open","displayOrder":0,"metadata":{"isClosed":"false"}}]}]}`, crm.Stages, ""},
		"a stage without its place": {"pipelines", `{"results":[{"id":"default","label":"Sales","stages":[{"id":"1","label":"Open","displayOrder":true,"metadata":{"isClosed":"false"}}]}]}`, crm.Stages, ""},
		"an owner that is null":     {"owners", `{"results":[null]}`, crm.Users, ""},
		"a search with a total":     {"deals/search", `{"total":40,"results":[]}`, crm.Contacts, done},
		"an increment with a total": {"deals/search", `{"total":40,"results":[]}`, crm.Opportunities, done},
	} {
		t.Run(what, func(t *testing.T) {
			o := &recorded{answer: map[string]func(call) (int, string){c.from: always(200, c.body)}}
			src := recordedSource(t, o, nil)
			p, err := src.Fetch(t.Context(), c.stream, c.at)
			if err == nil && p.More {
				_, err = src.Fetch(t.Context(), c.stream, p.Next)
			}
			if !errors.Is(err, crm.ErrBusy) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestListEndsFarFromTotal has lists that end long before the number of records that a
// search told, and one whose index has lagged.
func TestListEndsFarFromTotal(t *testing.T) {
	for what, c := range map[string]struct {
		object string
		stream crm.Stream
		totals []int
		busy   bool
	}{
		"deals":      {"deals", crm.Opportunities, []int{40, 40}, true},
		"history":    {"deals", crm.History, []int{40, 40}, true},
		"calls":      {"calls", crm.Activities, []int{40, 40}, true},
		"notes":      {"notes", crm.Activities, []int{40, 40}, true},
		"a near end": {"deals", crm.Opportunities, []int{3}, false},
		"a lag":      {"deals", crm.Opportunities, []int{40, 2}, false},
	} {
		t.Run(what, func(t *testing.T) {
			asked := 0
			o := &recorded{answer: map[string]func(call) (int, string){
				c.object: func(q call) (int, string) {
					if q.query["archived"][0] == "true" {
						return 200, `{"results":[]}`
					}
					return 200, `{"results":[` + deal(1, "a") + `,` + deal(2, "b") + `]}`
				},
				c.object + "/search/count": func(call) (int, string) {
					asked++
					return 200, fmt.Sprintf(`{"total":%d,"results":[{"id":"1"}]}`, c.totals[min(asked, len(c.totals))-1])
				},
				"links/" + c.object + "/deals/batch": always(207, unlinked("1", "2")),
			}}
			s, at := recordedSource(t, o, nil), crm.Cursor("")
			for range 20 {
				p, err := s.Fetch(t.Context(), c.stream, at)
				if err != nil {
					if !c.busy || !errors.Is(err, crm.ErrBusy) || !strings.Contains(err.Error(), "ended after 2 of about 40") {
						t.Errorf("got %v", err)
					}
					return
				}
				if at = p.Next; !p.More {
					break
				}
			}
			if c.busy {
				t.Error("complete")
			}
		})
	}
}

// unlinked answers a batch of associations of records that have none.
func unlinked(ids ...string) string {
	var list []string
	for _, id := range ids {
		list = append(list, `{"status":"error","category":"OBJECT_NOT_FOUND","subCategory":"crm.associations.NO_ASSOCIATIONS_FOUND","context":{"fromObjectId":["`+id+`"]}}`)
	}
	return `{"status":"COMPLETE","results":[],"errors":[` + strings.Join(list, ",") + `]}`
}

// TestLinksOfEachRecord has answers about two records' associations that leave out one
// of the records, and the answers that name each.
func TestLinksOfEachRecord(t *testing.T) {
	linked := `{"from":{"id":"5"},"to":[{"toObjectId":9}]}`
	for what, c := range map[string]struct {
		body string
		busy bool
	}{
		"nothing said":           {`{"status":"COMPLETE","results":[]}`, true},
		"one of two":             {`{"status":"COMPLETE","results":[` + linked + `]}`, false},
		"without a far end":      {`{"results":[` + linked + `,{"from":{"id":"6"}}]}`, false},
		"null":                   {`{"results":[` + linked + `,null]}`, false},
		"twice the same":         {`{"results":[` + linked + `,` + linked + `]}`, false},
		"another is named":       {unlinked("6"), false},
		"both named":             {unlinked("5", "6"), false},
		"one linked, one named":  {strings.Replace(unlinked("6"), `"results":[]`, `"results":[`+linked+`]`, 1), false},
		"an empty far end":       {`{"results":[` + linked + `,{"from":{"id":"6"},"to":[]}]}`, false},
		"one merged into the 70": {`{"results":[` + linked + `,{"from":{"id":"70"},"to":[{"toObjectId":9}]}]}`, false},
	} {
		for _, from := range []string{"calls/deals", "notes/deals", "deals/contacts"} {
			t.Run(what+": "+from, func(t *testing.T) {
				object, far, _ := strings.Cut(from, "/")
				stream, place := crm.Activities, object
				if far == "contacts" {
					stream, place = crm.Contacts, "deals"
				}
				o := &recorded{answer: map[string]func(call) (int, string){
					place:                      always(200, `{"results":[{"id":"5","properties":{}},{"id":"6","properties":{}}]}`),
					"links/" + from + "/batch": always(207, c.body),
				}}
				s, at, more := recordedSource(t, o, nil), crm.Cursor(""), true
				var err error
				for n := 0; more && err == nil && n < 20; n++ {
					var p crm.Page
					p, err = s.Fetch(t.Context(), stream, at)
					at, more = p.Next, p.More
				}
				if c.busy != errors.Is(err, crm.ErrBusy) || !c.busy && err != nil {
					t.Errorf("got %v", err)
				}
			})
		}
	}
}
