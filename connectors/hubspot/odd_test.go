package hubspot

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
)

// oddly answers for three deals, of which the middle one is odd.
func oddly(t *testing.T, odd string) *recorded {
	return &recorded{answer: map[string]func(call) (int, string){
		"deals": func(c call) (int, string) {
			if c.query["archived"][0] == "true" {
				return 200, `{"results":[]}`
			}
			return 200, `{"results":[` + deal(4, "n4") + `,` + odd + `,` + deal(6, "n6") + `]}`
		},
		"deals/search": index(t, []int{4, 5, 6}),
		"deals/batch": store(func(id string) string {
			if id == "5" {
				return odd
			}
			return named(id)
		}),
	}}
}

// oddFrom are the readings in which an odd record may come.
func oddFrom() map[string]crm.Cursor {
	again := fmt.Sprintf(`{"v":1,"portal":"149063119","since":%d,"run":{"full":true,"again":true},"fields":["dealname","dealstage","hs_lastmodifieddate","hs_merged_object_ids"]}`, yesterday)
	return map[string]crm.Cursor{"first reading": "", "day's reading": crm.Cursor(again), "increment": done}
}

// TestOddValue has one deal with a value that cannot be read: the deal is read with the
// others, and the value is unclear.
func TestOddValue(t *testing.T) {
	for value, field := range map[string]string{
		`"dealname":"odd","dealstage":"s","hs_lastmodifieddate":"yesterday"`:                                   "modified_at",
		`"dealname":{"value":"odd"},"dealstage":"s","hs_lastmodifieddate":"2026-11-24T10:00:00Z"`:              "name",
		`"dealname":"odd","dealstage":"s","hs_lastmodifieddate":{"value":"2026-11-24T10:00:00Z","source":"x"}`: "modified_at",
	} {
		for from, at := range oddFrom() {
			t.Run(field+" in the "+from, func(t *testing.T) {
				p, err := recordedSource(t, oddly(t, `{"id":"5","properties":{`+value+`}}`), nil).Fetch(t.Context(), crm.Opportunities, at)
				if err != nil || len(p.Opportunities) != 3 || len(p.Deleted)+len(p.Exist) > 0 || p.Note != "" {
					t.Fatalf("read %v, gone %v, seen %v, said %q: %v", names(p), p.Deleted, p.Exist, p.Note, err)
				}
				for _, o := range p.Opportunities {
					if want := o.ID == "5"; want != slices.Equal(o.Unclear, []string{field}) || !want && o.Unclear != nil {
						t.Errorf("deal %s: unclear %v", o.ID, o.Unclear)
					}
				}
			})
		}
	}
}

// TestOddRecord has one deal of which nobody knows whether it is closed: the other deals
// are read, the note names the odd deal, and a backfill does not take that deal for gone.
func TestOddRecord(t *testing.T) {
	odd := `{"id":"5","properties":{"dealname":"odd","dealstage":{"id":"s"},"hs_lastmodifieddate":"2026-11-24T10:00:00Z"}}`
	for from, at := range oddFrom() {
		t.Run(from, func(t *testing.T) {
			p, err := recordedSource(t, oddly(t, odd), nil).Fetch(t.Context(), crm.Opportunities, at)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"4=n4", "6=n6"}, names(p)); diff != "" || len(p.Deleted) > 0 {
				t.Errorf("read (-want +got):\n%sgone %v", diff, p.Deleted)
			}
			if !strings.Contains(p.Note, "deals: record 5: it cannot be read whether the deal is closed (dealstage is no text)") {
				t.Errorf("said %q", p.Note)
			}
			if seen := len(p.Exist) == 1 && p.Exist[0] == "5"; seen != (from != "increment") {
				t.Errorf("seen to exist %v", p.Exist)
			}
		})
	}
}

// TestAllOdd has a page of which no record can be read: the fault is not in a record,
// so the page is an error. Of odd values there may be any number.
func TestAllOdd(t *testing.T) {
	for value, fault := range map[string]string{
		`"dealstage":{"id":"s"}`:            "whether the deal is closed (dealstage is no text); the next run tries again",
		`"hs_lastmodifieddate":"yesterday"`: "",
	} {
		var rows []string
		for i := range manyRecords + 1 {
			rows = append(rows, fmt.Sprintf(`{"id":"%d","properties":{%s}}`, i+1, value))
		}
		o := &recorded{answer: map[string]func(call) (int, string){"deals": always(200, `{"results":[`+strings.Join(rows, ",")+`]}`)}}
		p, err := recordedSource(t, o, nil).Fetch(t.Context(), crm.Opportunities, "")
		if fault == "" && (err != nil || len(p.Opportunities) != manyRecords+1) || fault != "" && (err == nil || !strings.Contains(err.Error(), fault)) {
			t.Errorf("%s: got %d records, %v", value, len(p.Opportunities), err)
		}
	}
}

// TestOddActivity has an activity whose time cannot be read, beside one whose time can:
// the first is unclear, and belongs to its deal all the same.
func TestOddActivity(t *testing.T) {
	o := &recorded{answer: map[string]func(call) (int, string){
		"calls":                   always(200, `{"results":[{"id":"1","properties":{"hs_timestamp":"24.11.2026"}},{"id":"2","properties":{"hs_timestamp":"2026-11-24T10:00:00Z"}}]}`),
		"links/calls/deals/batch": always(200, `{"results":[{"from":{"id":"1"},"to":[{"toObjectId":5}]},{"from":{"id":"2"},"to":[{"toObjectId":5}]}]}`),
	}}
	p, err := recordedSource(t, o, func(c *Config) { c.Keep.Activities = 3 }).Fetch(t.Context(), crm.Activities, "")
	if err != nil || len(p.Activities) != 2 || !p.Activities[0].Unclear || p.Activities[1].Unclear || len(p.Activities[0].OpportunityIDs) != 1 {
		t.Errorf("got %+v, %v", p.Activities, err)
	}
}

// TestOneRowRefused has a batch whose answer names one of three deals with an error that
// does not say that the deal is gone: the other two are read, and the deal stays.
func TestOneRowRefused(t *testing.T) {
	for what, c := range map[string]struct {
		category, context string
		busy              bool
	}{
		"a value":           {"VALIDATION_ERROR", `{"ids":["5"]}`, false},
		"another name":      {"OBJECT_LOCKED", `{"id":["5"]}`, false},
		"no record named":   {"VALIDATION_ERROR", `{}`, true},
		"only at present":   {"INTERNAL_ERROR", `{"ids":["5"]}`, true},
		"none of the asked": {"VALIDATION_ERROR", `{"ids":["77"]}`, true},
	} {
		t.Run(what, func(t *testing.T) {
			o := oddly(t, "")
			o.answer["deals/batch"] = always(207, `{"status":"COMPLETE","results":[`+deal(4, "n4")+`,`+deal(6, "n6")+`],"numErrors":1,`+
				`"errors":[{"status":"error","category":"`+c.category+`","message":"no","context":`+c.context+`}]}`)
			p, err := recordedSource(t, o, func(c *Config) { c.PageLimit = 100 }).Fetch(t.Context(), crm.Opportunities, done)
			if c.busy {
				if !errors.Is(err, crm.ErrBusy) {
					t.Errorf("read %v: %v", names(p), err)
				}
				return
			}
			if diff := cmp.Diff([]string{"4=n4", "6=n6"}, names(p)); diff != "" || err != nil || len(p.Deleted) > 0 || !strings.Contains(p.Note, "for 1 deal (5), nor say that it is gone") {
				t.Errorf("%sgone %v, said %q: %v", diff, p.Deleted, p.Note, err)
			}
		})
	}
}

// TestOneLinkRefused has associations of which those of one record cannot be told: the
// other records are read, and what is cached of that record stays.
func TestOneLinkRefused(t *testing.T) {
	linked := `{"from":{"id":"5"},"to":[{"toObjectId":9}]}`
	for what, body := range map[string]string{
		"an error":          `{"results":[` + linked + `],"errors":[{"category":"VALIDATION_ERROR","context":{"fromObjectId":["6"]}}]}`,
		"a far end is null": `{"results":[` + linked + `,{"from":{"id":"6"},"to":[{"toObjectId":null}]}]}`,
		"one of two":        `{"results":[` + linked + `,{"from":{"id":"6"},"to":[{"toObjectId":9},{"toObjectId":null}]}]}`,
	} {
		t.Run(what, func(t *testing.T) {
			rows := always(200, `{"total":2,"results":[{"id":"5","properties":{}},{"id":"6","properties":{}}]}`)
			links := always(207, body)
			o := &recorded{answer: map[string]func(call) (int, string){
				"calls": rows, "deals": rows, "deals/search": rows, "links/calls/deals/batch": links, "links/deals/contacts/batch": links,
			}}
			s := recordedSource(t, o, nil)
			p, err := s.Fetch(t.Context(), crm.Activities, "")
			if err != nil || len(p.Activities) != 1 || p.Activities[0].ID != "calls:5" || !slices.Equal(p.Exist, []string{"calls:6"}) || !strings.Contains(p.Note, "which deals belong to 1 call (6)") {
				t.Errorf("read %+v, seen %v, said %q: %v", p.Activities, p.Exist, p.Note, err)
			}
			p, err = s.Fetch(t.Context(), crm.Contacts, "")
			if err != nil || !slices.Equal(p.ContactsOf, []string{"5"}) || len(p.Contacts) != 1 || !strings.Contains(p.Note, "which contacts belong to 1 deal (6)") {
				t.Errorf("contacts %+v of %v, said %q: %v", p.Contacts, p.ContactsOf, p.Note, err)
			}
		})
	}
}

// TestCreatedIsAnAnswer swaps the status of answers: 201 is read as 200 is, and 202 says
// that there is no answer yet.
func TestCreatedIsAnAnswer(t *testing.T) {
	for status, good := range map[int]bool{201: true, 202: false, 204: false} {
		o := &recorded{answer: map[string]func(call) (int, string){"deals": always(status, `{"results":[`+deal(4, "n4")+`]}`)}}
		p, err := recordedSource(t, o, nil).Fetch(t.Context(), crm.Opportunities, "")
		if good != (err == nil && len(p.Opportunities) == 1) {
			t.Errorf("%d: read %v, %v", status, names(p), err)
		}
	}
}

// TestOddRecordsAreCounted has several records that cannot be read: the note names the
// first, and says how many more there are and which.
func TestOddRecordsAreCounted(t *testing.T) {
	for n, words := range map[int]string{1: "(dealstage is no text); the", 2: "(dealstage is no text), and 1 more (2); the", 6: "(dealstage is no text), and 5 more (2, 3, 4, …); the"} {
		rows := []string{deal(9, "n9")}
		for id := range n {
			rows = append(rows, fmt.Sprintf(`{"id":"%d","properties":{"dealstage":{"id":"s"}}}`, id+1))
		}
		o := &recorded{answer: map[string]func(call) (int, string){"deals": always(200, `{"results":[`+strings.Join(rows, ",")+`]}`)}}
		p, err := recordedSource(t, o, nil).Fetch(t.Context(), crm.Opportunities, "")
		if err != nil || !strings.Contains(p.Note, "deals: record 1: ") || !strings.Contains(p.Note, words) {
			t.Errorf("%d records: said %q, %v", n, p.Note, err)
		}
	}
}

// TestNoOwner has a portal that lists no owner, neither an active nor a deactivated one:
// that is no answer, as a portal without pipelines is none.
func TestNoOwner(t *testing.T) {
	owner := `{"results":[{"id":"7","email":"ana@acme.example"}]}`
	for archived, good := range map[string]bool{"": false, "false": true, "true": true} {
		o := &recorded{answer: map[string]func(call) (int, string){"owners": func(c call) (int, string) {
			if c.query["archived"][0] == archived {
				return 200, owner
			}
			return 200, `{"results":[]}`
		}}}
		s := recordedSource(t, o, nil)
		var at crm.Cursor
		users := 0
		for {
			p, err := s.Fetch(t.Context(), crm.Users, at)
			if err != nil {
				if good || !errors.Is(err, crm.ErrBusy) || !strings.Contains(err.Error(), "has no owner") {
					t.Errorf("%q: %v", archived, err)
				}
				break
			}
			users += len(p.Users)
			if at = p.Next; !p.More {
				if !good || users != 1 {
					t.Errorf("%q: %d users", archived, users)
				}
				break
			}
		}
	}
}
