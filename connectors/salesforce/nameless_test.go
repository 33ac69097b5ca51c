package salesforce_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// streamOf are the streams that read an object, by the object.
var streamOf = map[string]crm.Stream{
	"Opportunity": crm.Opportunities, "OpportunityHistory": crm.History, "OpportunityStage": crm.Stages, "Task": crm.Activities,
	"Event": crm.Activities, "OpportunityContactRole": crm.Contacts, "User": crm.Users,
}

// some is a row of an object that a source reads: an open deal, and an activity of a deal.
func (a *account) some(object string) string {
	if streamOf[object] == crm.Activities {
		for _, id := range a.IDs(crm.Activities) {
			if strings.HasPrefix(id, map[string]string{"Task": "00T", "Event": "00U"}[object]) {
				return id
			}
		}
	}
	ids := a.company.IDs(object)
	return ids[slices.IndexFunc(ids, func(id string) bool { return object != "Opportunity" || a.company.Record(id)["IsClosed"] == false })]
}

// badIDs are what stands in a row instead of its id, in JSON and in CSV.
var badIDs = map[string]struct{ json, csv string }{
	"none":              {`null`, ``},
	"a number":          {`5`, `5`},
	"an object":         {`{}`, `{}`},
	"no id":             {`"' OR Name != '"`, `' OR Name != '`},
	"of another object": {`"001RO000000aaaaYAA"`, `001RO000000aaaaYAA`},
}

// badly answers with another value instead of the id of one row, in each format.
func badly(id string, bad struct{ json, csv string }) func([]byte) []byte {
	return func(body []byte) []byte {
		text := strings.ReplaceAll(string(body), `"Id":"`+id+`"`, `"Id":`+bad.json)
		return []byte(strings.ReplaceAll(text, `"`+id+`","`, `"`+bad.csv+`","`))
	}
}

// recordsOf are the ids that a page has, whatever it says of them.
func recordsOf(p *crm.Page) map[string]bool {
	ids := map[string]bool{}
	for i := range p.Users {
		ids[p.Users[i].ID] = true
	}
	for i := range p.Opportunities {
		ids[p.Opportunities[i].ID] = true
	}
	for i := range p.Activities {
		ids[p.Activities[i].ID] = true
	}
	for i := range p.Contacts {
		ids[p.Contacts[i].ID] = true
	}
	for i := range p.Changes {
		row, _, _ := strings.Cut(p.Changes[i].ID, ":")
		ids[row] = true
	}
	for i := range p.Stages {
		ids[p.Stages[i].ID] = true
	}
	return ids
}

// TestARowWithoutAnIDIsLeftOut: a row without an id, or with that of another object, is named
// and costs no other row, by REST, by a Bulk job and in a composite alike.
func TestARowWithoutAnIDIsLeftOut(t *testing.T) {
	for object, name := range streamOf {
		for what, bad := range badIDs {
			if object == "OpportunityHistory" || object == "OpportunityStage" {
				if what == "of another object" {
					continue // their ids are in no link, so nothing is known of how they begin
				}
			}
			t.Run(object+", "+what, func(t *testing.T) {
				t.Parallel()
				a := newAccount(t, sim.Options{Deals: 30})
				id := a.some(object)
				left := func(how string, pages []crm.Page, want int) {
					t.Helper()
					n := 0
					for i := range pages {
						for _, l := range pages[i].Left {
							n++
							if !strings.HasPrefix(l.ID, "("+object+" without an id") || !strings.HasPrefix(l.Why, "Id is ") {
								t.Errorf("%s: left out is %+v", how, l)
							}
						}
						if recordsOf(&pages[i])[id] {
							t.Errorf("%s: the row is in the page", how)
						}
					}
					if n != want {
						t.Errorf("%s: %d rows were left out, want %d", how, n, want)
					}
				}
				src := a.Source(t)
				whole := readFrom(t, src, name)
				a.org.Fault(sim.Fault{Path: "/query", Kind: sim.Edit, Change: badly(id, bad), Times: -1})
				pages := readFrom(t, src, name)
				left("REST", pages, 1)
				if got, want := rowsIn(pages), rowsIn(whole); got >= want || want-got > 5 {
					t.Errorf("REST gives %d records, and %d of a healthy org", got, want)
				}
				if name == crm.Stages || object == "OpportunityHistory" {
					return // no increment reads them in the composite after a change
				}
				a.org.ClearFaults()
				at := pages[len(pages)-1].Next
				a.tick()
				field, value := touching(object)
				set(t, a, id, field, value)
				a.tick()
				a.org.Fault(sim.Fault{Path: "/composite", Kind: sim.Edit, Change: badly(id, bad), Times: -1})
				polled, err := src.(crm.Poller).Poll(t.Context(), map[crm.Stream]crm.Cursor{name: at})
				if err != nil || len(polled) != 1 {
					t.Fatalf("poll: %d pages, %v", len(polled), err)
				}
				left("composite", []crm.Page{polled[name]}, 1)
			})
		}
	}
}

// TestARowWithoutAnIDInAJob is the same of a Bulk job.
func TestARowWithoutAnIDInAJob(t *testing.T) {
	for _, object := range []string{"Opportunity", "Task", "Event", "OpportunityContactRole", "OpportunityHistory"} {
		for _, what := range []string{"none", "no id"} {
			bad := badIDs[what]
			t.Run(object+", "+what, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := newBulkOrg(t, 300)
					a := &account{company: b.company}
					src := b.source(t)
					b.org.Fault(sim.Fault{Match: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/results") }, Kind: sim.Edit, Change: badly(a.some(object), bad), Times: -1})
					n := 0
					for _, p := range readFrom(t, src, streamOf[object]) {
						n += len(p.Left)
						if strings.Contains(p.Note, "Bulk API") {
							t.Error(p.Note)
						}
					}
					if n != 1 {
						t.Errorf("%d rows were left out", n)
					}
				})
			})
		}
	}
}

// TestAnAnswerWithoutIDsIsNone: where hardly a row has an id, that is no answer.
func TestAnAnswerWithoutIDsIsNone(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	a.org.Fault(sim.Fault{Path: "/query", Kind: sim.Edit, Times: -1, Change: func(body []byte) []byte {
		return []byte(strings.ReplaceAll(string(body), `"Id":"006`, `"Id":"x`))
	}})
	if p, err := a.Source(t).Fetch(t.Context(), crm.Opportunities, ""); err == nil {
		t.Errorf("%d records, %d left out", p.Len(), len(p.Left))
	}
}

// TestAfterARowWithoutAnIDAllIsRead: a first reading that met one is followed by a sweep
// within a day, and not by one at each poll while it stays.
func TestAfterARowWithoutAnIDAllIsRead(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	id := a.some("Task")
	a.org.Fault(sim.Fault{Kind: sim.Edit, Change: badly(id, badIDs["none"]), Times: -1})
	src := a.Source(t)
	at := map[crm.Stream]crm.Cursor{}
	swept := func() (out []crm.Stream) {
		for s, o := range runAll(t, src, at, true) {
			at[s] = o.Page.Next
			if s == crm.Activities && o.Page.Sweep {
				out = append(out, s)
			}
		}
		return out
	}
	swept()
	for i, want := range []int{0, 0, 1, 0, 0, 1} {
		if i == 2 || i == 5 {
			a.company.SetNow(a.company.Now().Add(25 * time.Hour))
		}
		a.company.SetNow(a.company.Now().Add(15 * time.Minute))
		if got := swept(); len(got) != want {
			t.Errorf("run %d: swept %v, want %d", i, got, want)
		}
	}
}

// touching is a change of a row of an object.
func touching(object string) (field string, value any) {
	switch object {
	case "Opportunity":
		return "NextStep", "Ana sends the redlines"
	case "OpportunityContactRole":
		return "Role", "Champion"
	case "User":
		return "Name", "Ana"
	}
	return "ActivityDate", "2026-12-24"
}

// readFrom reads a stream from its beginning to its end.
func readFrom(t *testing.T, src crm.Source, name crm.Stream) []crm.Page {
	t.Helper()
	pages, _ := pagesOf(t, src, name, "", nil)
	return pages
}

func rowsIn(pages []crm.Page) (n int) {
	for i := range pages {
		n += pages[i].Len()
	}
	return n
}
