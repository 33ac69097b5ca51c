package hubspot_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// garbled changes the row of one record in each answer that a test picks.
type garbled struct {
	stream crm.Stream
	object string                     // whose record is garbled
	match  func(r *http.Request) bool // which answers
	row    func(row map[string]any)   // what happens to the row
	drop   bool                       // the row is left out instead
	said   string                     // why it was left out; "" is not
}

// lists matches the lists of a kind of object that are read with a property, or with history.
func lists(object, with string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		q := r.URL.Query()
		past := q.Has("propertiesWithHistory")
		return strings.HasSuffix(r.URL.Path, "/"+object) && q.Get("archived") == "false" && past == (with == "") && strings.Contains(q.Get("properties"), with)
	}
}

func ends(path string) func(*http.Request) bool {
	return func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, path) }
}

func property(name string, value any) func(map[string]any) {
	return func(row map[string]any) { row["properties"].(map[string]any)[name] = value }
}

func entry(property, key string, value any) func(map[string]any) {
	return func(row map[string]any) {
		lastOf(row, property)[key] = value
	}
}

// lastOf is the newest entry of a property's history.
func lastOf(row map[string]any, property string) map[string]any {
	return row["propertiesWithHistory"].(map[string]any)[property].([]any)[0].(map[string]any)
}

var odd = map[string]any{"value": "x"}

// garblings are the ways in which one answer is at fault about one record, each in another
// stream or part of a record.
func garblings() map[string]garbled {
	plain := lists("deals", "hs_next_step")
	return map[string]garbled{
		"whether a deal is closed":               {crm.Opportunities, "deals", plain, property("hs_is_closed", odd), false, "it cannot be read whether the deal is closed (hs_is_closed is no text)"},
		"an amount":                              {crm.Opportunities, "deals", plain, property("amount", odd), false, ""},
		"a stage":                                {crm.Opportunities, "deals", plain, property("dealstage", odd), false, ""},
		"an owner":                               {crm.Opportunities, "deals", plain, property("hubspot_owner_id", odd), false, ""},
		"a value in a history":                   {crm.History, "deals", lists("deals", ""), entry("dealstage", "value", odd), false, "is no text"},
		"a time in a history":                    {crm.History, "deals", lists("deals", ""), entry("dealstage", "timestamp", odd), false, "an entry of dealstage has no time"},
		"a value left out of a history":          {crm.History, "deals", lists("deals", ""), func(row map[string]any) { delete(lastOf(row, "dealstage"), "value") }, false, "is no text"},
		"the present stage in a history":         {crm.History, "deals", lists("deals", ""), entry("dealstage", "value", "nowhere"), false, "the present dealstage is not in it"},
		"a whole history":                        {crm.History, "deals", lists("deals", ""), func(row map[string]any) { delete(row, "propertiesWithHistory") }, false, "it is left out"},
		"for contacts, whether a deal is closed": {crm.Contacts, "deals", lists("deals", "num_associated_contacts"), property("hs_is_closed", odd), false, "it cannot be read whether the deal is closed (hs_is_closed is no text)"},
		"the contacts of a deal":                 {crm.Contacts, "deals", ends("/deals/contacts/batch/read"), nil, true, "did not answer which contacts belong to it"},
		"the time of a note":                     {crm.Activities, "notes", lists("notes", "hs_timestamp"), property("hs_timestamp", odd), false, ""},
		"the deals of a note":                    {crm.Activities, "notes", ends("/notes/deals/batch/read"), nil, true, "did not answer which deals belong to it"},
	}
}

// edit is the fault.
func (g *garbled) edit(id string) sim.Fault {
	return sim.Fault{Match: g.match, Kind: sim.Edit, Times: -1, Change: func(body []byte) []byte {
		var doc map[string]any
		if json.Unmarshal(body, &doc) != nil {
			return body
		}
		rows, _ := doc["results"].([]any)
		out := []any{}
		for _, r := range rows {
			row := r.(map[string]any)
			own, _ := row["id"].(string)
			if from, ok := row["from"].(map[string]any); ok {
				own, _ = from["id"].(string)
			}
			if own == id {
				if g.drop {
					continue
				}
				g.row(row)
			}
			out = append(out, r)
		}
		doc["results"] = out
		text, err := json.Marshal(doc)
		if err != nil {
			panic(err)
		}
		return text
	}}
}

// cached is what a cache would have of the pages.
type cached map[string]any

func (c cached) add(p *crm.Page) {
	for i := range p.Opportunities {
		c[p.Opportunities[i].ID] = p.Opportunities[i]
	}
	for i := range p.Activities {
		c[p.Activities[i].ID] = p.Activities[i]
	}
	for i := range p.Changes {
		c[p.Changes[i].OpportunityID+" "+p.Changes[i].ID] = p.Changes[i]
	}
	for i := range p.Contacts {
		c[p.Contacts[i].ID] = p.Contacts[i]
	}
}

// TestOddRecordsAreReadAgain: what one answer of the first reading garbles is read again by
// the next poll, though nothing is stamped, and no later poll asks for it any more.
func TestOddRecordsAreReadAgain(t *testing.T) {
	for what, g := range garblings() {
		t.Run(what, func(t *testing.T) {
			a, _, _, deals, notes := busy(t, 3)
			id := deals[1]
			if g.object == "notes" {
				id = notes[1]
			}
			read := func(at map[crm.Stream]crm.Cursor, src crm.Source, into cached) (all crm.Page) {
				t.Helper()
				for _, s := range src.Streams() {
					pages := toEnd(t, src, s, at[s])
					for i := range pages {
						into.add(&pages[i])
						all.Left = append(all.Left, pages[i].Left...)
						all.Note += pages[i].Note
					}
					at[s] = joined(pages).Next
				}
				return all
			}
			want, got := cached{}, cached{}
			read(map[crm.Stream]crm.Cursor{}, a.Source(t), want)
			a.portal.Fault(g.edit(id))
			src, at := a.Source(t), map[crm.Stream]crm.Cursor{}
			p := read(at, src, got)
			if cmp.Equal(want, got) {
				t.Fatal("nothing was garbled")
			}
			if g.said != "" && (len(p.Left) != 1 || !strings.Contains(p.Left[0].Why, g.said) || p.Note == "") {
				t.Errorf("left out %v, said %q", p.Left, p.Note)
			}
			a.portal.ClearFaults()
			a.later(20 * time.Minute)
			for _, page := range poll(t, src, at) {
				got.add(&page)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("after the poll (-want +got):\n%s", diff)
			}
			for range 4 {
				a.spent()
				a.later(20 * time.Minute)
				poll(t, src, at)
				if _, by := a.spent(); by["objects/2026-09/deals/batch/read"]+by["objects/2026-09/notes/batch/read"] > 0 {
					t.Errorf("a later poll reads again: %v", by)
				}
			}
		})
	}
}

// TestWhatStaysOddIsAskedOnceAnHour: a value that people have to correct does not cost a
// call at each poll.
func TestWhatStaysOddIsAskedOnceAnHour(t *testing.T) {
	a, src, at, deals, notes := busy(t, 3)
	for object, id := range map[string]string{"deals": deals[1], "notes": notes[1]} {
		for _, name := range []string{"amount", "hs_timestamp"} {
			if err := a.portal.SetQuietly(object, id, name, "1,234.50"); err != nil {
				t.Fatal(err)
			}
		}
	}
	a.later(26 * time.Hour) // the daily reading meets them
	poll(t, src, at)
	reads := 0
	for range 9 { // three hours
		a.spent()
		a.later(20 * time.Minute)
		poll(t, src, at)
		_, by := a.spent()
		reads += by["objects/2026-09/deals/batch/read"] + by["objects/2026-09/notes/batch/read"]
	}
	if reads < 4 || reads > 10 {
		t.Errorf("%d reads of two odd records in nine polls", reads)
	}
}
