package hubspot

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
)

// linksTo answers a batch of associations: each record is linked with record 9, and of
// the records for which silent says so nothing is said. n counts the calls.
func linksTo(silent func(n int, in map[string]any) bool) func(call) (int, string) {
	n := 0
	return func(c call) (int, string) {
		n++
		var results []string
		for _, in := range c.body["inputs"].([]any) {
			if in := in.(map[string]any); !silent(n, in) {
				results = append(results, fmt.Sprintf(`{"from":{"id":"%s"},"to":[{"toObjectId":9}]}`, in["id"]))
			}
		}
		return 200, `{"status":"COMPLETE","results":[` + strings.Join(results, ",") + `]}`
	}
}

// TestLinksLeftOut has answers about the associations of twenty records that leave out
// some: what is cached of these stays, and the run goes on.
func TestLinksLeftOut(t *testing.T) {
	first := func(most int) func(int, map[string]any) bool {
		return func(_ int, in map[string]any) bool { return slices.Contains(numbers(1, most), in["id"].(string)) }
	}
	again := crm.Cursor(strings.Replace(string(activitiesDone), `"reread":1795449600`, `"reread":1795449600,"run":{"full":true,"again":true,"fields":`+kinds+`}`, 1))
	for what, c := range map[string]struct {
		silent func(int, map[string]any) bool
		kept   []string
		busy   bool
	}{
		"one for ever":  {first(1), numbers(1, 1), false},
		"five for ever": {first(5), numbers(1, 5), false},
		"three once":    {func(n int, in map[string]any) bool { return n == 1 && first(3)(n, in) }, nil, false},
		"many for ever": {first(6), nil, true},
		"all for ever":  {first(20), nil, true},
		"all once":      {func(n int, _ map[string]any) bool { return n == 1 }, nil, false},
	} {
		for kind, at := range map[string]crm.Cursor{"contacts": "", "changed contacts": done, "calls": "", "changed calls": activitiesDone, "calls again": again} {
			t.Run(what+": "+kind, func(t *testing.T) {
				var list []string
				for _, id := range numbers(1, 20) {
					list = append(list, `{"id":"`+id+`","properties":{}}`)
				}
				o := &recorded{answer: map[string]func(call) (int, string){
					"deals": always(200, `{"results":[`+strings.Join(list, ",")+`]}`), "deals/search": foundIDs(numbers(1, 20)...), "calls/search": foundIDs(numbers(1, 20)...),
					"calls": func(q call) (int, string) {
						if q.query["archived"][0] == "true" {
							return 200, `{"results":[]}`
						}
						return 200, `{"results":[` + strings.Join(list, ",") + `]}`
					},
					"calls/batch":                batchOf(numbers(1, 20), nil, nil, nil),
					"links/deals/contacts/batch": linksTo(c.silent), "links/calls/deals/batch": linksTo(c.silent),
				}}
				s := recordedSource(t, o, func(c *Config) { c.PageLimit = 100 })
				stream := crm.Activities
				if strings.Contains(kind, "contacts") {
					stream = crm.Contacts
				}
				p, err := s.Fetch(t.Context(), stream, at)
				if c.busy {
					if !errors.Is(err, crm.ErrBusy) {
						t.Errorf("got %v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				want := numbers(len(c.kept)+1, 20)
				var got []string
				for i := range p.Activities {
					got = append(got, strings.TrimPrefix(p.Activities[i].ID, "calls:"))
				}
				if stream == crm.Contacts {
					if got = p.ContactsOf; len(p.Contacts) != len(want) || !slices.Equal(p.ContactsKept, c.kept) {
						t.Errorf("%d contacts, kept those of %q", len(p.Contacts), p.ContactsKept)
					}
				}
				if !slices.Equal(got, want) {
					t.Errorf("read %q, want %q", got, want)
				}
				exist := 0
				if strings.HasPrefix(kind, "calls") {
					exist = len(c.kept)
				}
				if len(p.Exist) != exist || len(p.Deleted) > 0 {
					t.Errorf("seen to exist %q, want %d; deleted %q", p.Exist, exist, p.Deleted)
				}
				if said := strings.Contains(p.Note, fmt.Sprintf("belong to %d ", len(c.kept))); said != (len(c.kept) > 0) {
					t.Errorf("the note says %q", p.Note)
				}
			})
		}
	}
}

// TestLinksLeftOutOnALaterPage has associations that break off: a part of the
// associations is not taken for all.
func TestLinksLeftOutOnALaterPage(t *testing.T) {
	o := &recorded{answer: map[string]func(call) (int, string){
		"deals": foundIDs("5", "6"),
		"links/deals/contacts/batch": func(c call) (int, string) {
			if in := c.body["inputs"].([]any)[0].(map[string]any); in["after"] != nil {
				return 200, `{"results":[]}`
			}
			return 200, `{"results":[{"from":{"id":"5"},"to":[{"toObjectId":9}],"paging":{"next":{"after":"x"}}},{"from":{"id":"6"},"to":[{"toObjectId":9}]}]}`
		},
	}}
	p, err := recordedSource(t, o, nil).Fetch(t.Context(), crm.Contacts, "")
	if err != nil || !slices.Equal(p.ContactsOf, []string{"6"}) || !slices.Equal(p.ContactsKept, []string{"5"}) || len(p.Contacts) != 1 {
		t.Errorf("got the contacts of %q, kept those of %q, %v", p.ContactsOf, p.ContactsKept, err)
	}
}

// TestLinksInPart has an answer about associations that tells all records and carries an
// error: one that says nothing of a record asked for is that of the whole answer, for the
// associations that it leaves out are not known.
func TestLinksInPart(t *testing.T) {
	for issue, busy := range map[string]bool{
		`{"category":"INTERNAL_ERROR","message":"x"}`:                               true,
		`{"category":"RATE_LIMITS","message":"x","context":{"fromObjectId":["1"]}}`: true,
		`{"category":"VALIDATION_ERROR","message":"x","context":{"ids":["77"]}}`:    true,
		`{"category":"VALIDATION_ERROR","message":"x"}`:                             true,
		`{"category":"VALIDATION_ERROR","message":"x","context":{"ids":["1"]}}`:     false,
	} {
		whole := linksTo(func(int, map[string]any) bool { return false })
		o := &recorded{answer: map[string]func(call) (int, string){
			"deals/search": foundIDs(numbers(1, 3)...),
			"links/deals/contacts/batch": func(c call) (int, string) {
				_, body := whole(c)
				return 207, strings.TrimSuffix(body, "}") + `,"numErrors":1,"errors":[` + issue + `]}`
			},
		}}
		p, err := recordedSource(t, o, nil).Fetch(t.Context(), crm.Contacts, done)
		switch {
		case busy && (!errors.Is(err, crm.ErrBusy) || !strings.Contains(err.Error(), "came in part only")):
			t.Errorf("%s: read the contacts of %q, %v", issue, p.ContactsOf, err)
		case !busy && (err != nil || !slices.Equal(p.ContactsKept, []string{"1"}) || !slices.Equal(p.ContactsOf, []string{"2", "3"})):
			t.Errorf("%s: read the contacts of %q, kept those of %q, %v", issue, p.ContactsOf, p.ContactsKept, err)
		}
	}
}
