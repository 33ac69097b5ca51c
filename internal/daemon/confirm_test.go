package daemon_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/internal/sim/fault"
)

// without takes the results with these ids out of an answer of either CRM.
func without(ids ...string) func([]byte) []byte {
	return func(body []byte) []byte {
		var answer map[string]any
		if json.Unmarshal(body, &answer) != nil {
			return body
		}
		for _, list := range []string{"results", "records"} {
			rows, _ := answer[list].([]any)
			kept := slices.DeleteFunc(rows, func(row any) bool {
				fields, _ := row.(map[string]any)
				id, _ := fields["id"].(string)
				if list == "records" {
					id, _ = fields["Id"].(string)
				}
				return slices.Contains(ids, id)
			})
			if rows != nil {
				answer[list] = kept
			}
			if size, ok := answer["totalSize"].(float64); ok && list == "records" {
				answer["totalSize"] = size - float64(len(rows)-len(kept))
			}
		}
		out, err := json.Marshal(answer)
		if err != nil {
			panic(err)
		}
		return out
	}
}

// lists reports whether a request is for a list of the portal's records of one kind.
func lists(object string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		return r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/"+object) && r.URL.Query().Get("archived") != "true"
	}
}

// confirms reports whether a request asks whether the portal's records of one kind are there.
func confirms(object string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/"+object+"/batch/read") || r.URL.Query().Get("archived") == "true" {
			return false
		}
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		return err == nil && bytes.Contains(body, []byte(`"properties":["hs_object_id"`))
	}
}

// asksByID reports whether a request reads the portal's records of one kind by their ids.
func asksByID(object string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "/"+object+"/batch/read") && r.URL.Query().Get("archived") != "true"
	}
}

// history are the changes that the cache has of a deal.
func (x *orgBench) history(id string) (out []crm.Change) {
	x.t.Helper()
	err := x.store.Lend(x.t.Context(), "sales", []string{id}, func(d *hygiene.Deal) error {
		for _, ch := range d.Changes {
			ch.ID, ch.OpportunityID, ch.Field = strings.Clone(ch.ID), strings.Clone(ch.OpportunityID), crm.Field(strings.Clone(string(ch.Field)))
			ch.Old, ch.New, ch.By = strings.Clone(ch.Old), strings.Clone(ch.New), strings.Clone(ch.By)
			out = append(out, ch)
		}
		return nil
	})
	if err != nil {
		x.t.Fatal(err)
	}
	return out
}

// since are the open findings of the deals, each with when it was opened.
func (x *orgBench) since(deals []string) map[hygiene.Key]time.Time {
	out := map[hygiene.Key]time.Time{}
	for _, l := range x.life() {
		if l.State == hygiene.Open && slices.Contains(deals, l.Record) {
			out[l.Key] = l.Opened
		}
	}
	return out
}

// goesOn fails where a finding has ended, or begins at another time than before. Time
// brings further findings.
func (x *orgBench) goesOn(what string, before map[hygiene.Key]time.Time, deals []string) {
	x.t.Helper()
	after := x.since(deals)
	maps.DeleteFunc(after, func(k hygiene.Key, _ time.Time) bool { _, ok := before[k]; return !ok })
	if diff := cmp.Diff(before, after); diff != "" {
		x.t.Errorf("%s: findings (-before +after):\n%s", what, diff)
	}
}

// withFindings are the first n deals that break some rule.
func (x *orgBench) withFindings(n int) (ids []string) {
	x.t.Helper()
	for _, l := range x.life() {
		if l.State == hygiene.Open && !slices.Contains(ids, l.Record) && len(ids) < n {
			ids = append(ids, l.Record)
		}
	}
	if len(ids) < n {
		x.t.Fatalf("the scenario does not hold: %d deals with findings", len(ids))
	}
	return ids
}

// A list that leaves out deals and activities that are there: the daily reading asks for
// them by their ids, and nothing is dropped.
func TestWhatAListLeavesOutIsAskedForByItsID(t *testing.T) {
	for _, what := range []string{"deals", "calls"} {
		for _, refused := range []bool{false, true} {
			x := newPortalBench(t, 60)
			x.polled()
			deals := x.withFindings(3)
			for _, id := range deals {
				x.set("deals", id, "hs_next_step", "Ana sends the redlines")
			}
			x.later(15 * time.Minute)
			x.polled()
			gone := deals
			if what == "calls" {
				if gone = x.portal.IDs("calls"); len(gone) < 10 {
					t.Fatalf("the scenario does not hold: %d calls", len(gone))
				}
				gone = gone[len(gone)-3:]
			}
			acts, since := x.cached(crm.Activities), x.since(deals)
			past := map[string][]crm.Change{}
			for _, id := range deals {
				past[id] = x.history(id)
			}
			x.portal.Fault(sim.Fault{Match: lists(what), Kind: sim.Edit, Change: without(gone...), Times: -1})
			if refused {
				x.portal.Fault(sim.Fault{Match: confirms(what), Status: 403, Times: -1, Body: `{"status":"error","category":"MISSING_SCOPES","message":"no"}`})
			}
			x.portal.ResetCalls()
			x.later(25 * time.Hour) // the reading is the daily one
			if _, err := x.poll(); err != nil {
				t.Errorf("%s, refused %v: %v", what, refused, err)
			}
			if !slices.ContainsFunc(x.portal.Calls(), func(c fault.Call) bool { return strings.HasSuffix(c.Path, "/"+what+"/batch/read") }) {
				t.Errorf("%s, refused %v: nothing was confirmed", what, refused)
			}
			if diff := cmp.Diff(acts, x.cached(crm.Activities)); diff != "" {
				t.Errorf("%s, refused %v: activities (-before +after):\n%s", what, refused, diff)
			}
			x.goesOn(fmt.Sprintf("%s, refused %v", what, refused), since, deals)
			for _, id := range deals {
				if diff := cmp.Diff(past[id], x.history(id)); diff != "" {
					t.Errorf("%s, refused %v: history of %s (-before +after):\n%s", what, refused, id, diff)
				}
			}
		}
	}
}

// asksFor reports whether a request to the org is a query with these words.
func asksFor(words ...string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		q := r.URL.Query().Get("q")
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(q, w) })
	}
}

// A sweep that leaves out rows that are there: the org is asked for them by their ids.
func TestWhatASweepLeavesOutIsAskedForByItsID(t *testing.T) {
	for stream, object := range map[crm.Stream]string{crm.Opportunities: "Opportunity", crm.Activities: "Task"} {
		x := newOrgBench(t, 60)
		x.polled()
		deals := x.withFindings(3)
		gone := deals
		if stream == crm.Activities {
			acts := slices.DeleteFunc(x.activityIDs(), func(id string) bool { return !strings.HasPrefix(id, "00T") })
			gone = acts[:3]
		}
		before, since := x.cached(stream), x.since(deals)
		x.org.Fault(sim.Fault{Match: func(r *http.Request) bool {
			return asksFor("FROM "+object, "IsDeleted = false")(r) && !asksFor("Id IN")(r)
		}, Kind: sim.Edit, Change: without(gone...), Times: -1})
		for range 8 {
			x.later(25 * time.Hour)
			x.polled()
		}
		if asked := slices.ContainsFunc(x.org.Calls(), func(c fault.Call) bool {
			return strings.Contains(c.Query, "FROM "+object+" WHERE") && strings.Contains(c.Query, "Id IN ('"+gone[0])
		}); !asked {
			t.Errorf("%s: nothing was confirmed", stream)
		}
		if diff := cmp.Diff(before, x.cached(stream)); diff != "" {
			t.Errorf("%s (-before +after):\n%s", stream, diff)
		}
		x.goesOn(string(stream), since, deals)
	}
}

// Deals that two answers called gone, and that were there: when they come back, their
// findings go on with their dates, and the history that only the cache has goes on too.
func TestADealThatReturnsHasItsLifeAndHistory(t *testing.T) {
	x := newOrgBench(t, 60)
	x.polled()
	deals := x.withFindings(3)
	for _, id := range deals {
		if err := x.company.SetField(id, "NextStep", "Ana sends the redlines"); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // beyond what the day's long increment reads again
		x.later(25 * time.Hour)
		x.polled()
	}
	since, past := x.since(deals), map[string][]crm.Change{}
	for _, id := range deals {
		if past[id] = x.history(id); !slices.ContainsFunc(past[id], func(ch crm.Change) bool { return ch.Observed }) {
			t.Fatalf("the scenario does not hold: no own history of %s: %+v", id, past[id])
		}
	}
	x.org.Fault(sim.Fault{Match: asksFor("FROM Opportunity ", "IsDeleted = false"), Kind: sim.Edit, Change: without(deals...), Times: -1})
	x.later(25 * time.Hour)
	x.polled()
	for _, id := range deals {
		if x.has(crm.Opportunities, id) {
			t.Fatalf("the scenario does not hold: %s is there", id)
		}
	}
	if now := x.since(deals); len(now) > 0 {
		t.Fatalf("the scenario does not hold: findings %v", now)
	}
	x.org.ClearFaults()
	x.later(25 * time.Hour)
	x.polled()
	x.goesOn("back", since, deals)
	for _, id := range deals {
		if diff := cmp.Diff(past[id], x.history(id)); diff != "" {
			t.Errorf("history of %s (-before +after):\n%s", id, diff)
		}
	}
}

// An answer that names a third of the open deals as deleted by mistake: the deals stay,
// and ops read why. Where they are deleted indeed, they go at once.
func TestManyDealsNamedAsDeletedAreConfirmed(t *testing.T) {
	for _, real := range []bool{false, true} {
		x := newPortalBench(t, 150)
		x.polled()
		deals := x.withFindings(8)
		since := x.since(deals)
		if real {
			for _, id := range deals {
				if err := x.portal.Archive("deals", id); err != nil {
					t.Fatal(err)
				}
			}
		} else {
			x.portal.Fault(sim.Fault{Match: func(r *http.Request) bool {
				return strings.HasSuffix(r.URL.Path, "/deals") && r.URL.Query().Get("archived") == "true"
			}, Kind: sim.Edit, Change: binned(x.company.Now(), deals...), Times: -1})
		}
		x.later(15 * time.Minute)
		notes := x.syncNotes()
		if err := x.Evaluate(t.Context(), x.src); err != nil {
			t.Fatal(err)
		}
		if said := strings.Contains(notes, "still in the CRM: 8 of 8 deals that a list left out, or an answer called deleted"); said == real {
			t.Errorf("really %v: sync says %q", real, notes)
		}
		for _, id := range deals {
			if x.has(crm.Opportunities, id) == real {
				t.Errorf("deleted %v: the cache has %s: %v", real, id, !real)
			}
		}
		if !real {
			x.goesOn("named", since, deals)
		}
	}
}

// A recycle bin that names activities by mistake: those that are there stay, and nobody is
// accused of silence. Where they are deleted indeed, they go at once.
func TestManyActivitiesNamedAsDeletedAreConfirmed(t *testing.T) {
	for _, real := range []bool{false, true} {
		x, clean := newPortalBench(t, 60), newPortalBench(t, 60)
		x.polled()
		clean.polled()
		var calls []string
		for _, link := range x.links() {
			if _, id, ok := strings.Cut(link, " calls:"); ok && len(calls) < 30 {
				calls = append(calls, id)
			}
		}
		if real {
			for _, id := range calls {
				if err := x.portal.Archive("calls", id); err != nil {
					t.Fatal(err)
				}
			}
		} else {
			x.portal.Fault(sim.Fault{Match: func(r *http.Request) bool {
				return strings.HasSuffix(r.URL.Path, "/calls") && r.URL.Query().Get("archived") == "true"
			}, Kind: sim.Edit, Change: binned(x.company.Now(), calls...), Times: -1})
		}
		x.later(25 * time.Hour)
		clean.later(25 * time.Hour)
		clean.polled()
		notes := x.syncNotes()
		if err := x.Evaluate(t.Context(), x.src); err != nil {
			t.Fatal(err)
		}
		const said = "still in the CRM: 30 of 30 activities that a list left out, or an answer called deleted"
		if strings.Contains(notes, said) == real {
			t.Errorf("really %v: sync says %q", real, notes)
		}
		for _, id := range calls {
			if x.has(crm.Activities, "calls:"+id) == real {
				t.Errorf("deleted %v: the cache has %s: %v", real, id, !real)
			}
		}
		if diff := cmp.Diff(clean.findings(), x.findings()); !real && diff != "" {
			t.Errorf("findings (-truth +ours):\n%s", diff)
		}
	}
}

// rewrites writes a field of every second record of an object.
func (x *orgBench) rewrites(object, field string) {
	x.t.Helper()
	for i, id := range x.company.IDs(object) {
		if i%2 == 0 {
			if err := x.company.SetField(id, field, "Ana sends the redlines"); err != nil {
				x.t.Fatal(err)
			}
		}
	}
}

// deletes makes all rows of an answer deleted ones.
func deletes(body []byte) []byte {
	return bytes.ReplaceAll(body, []byte(`"IsDeleted":false`), []byte(`"IsDeleted":true`))
}

// reads reports whether a request to the org reads rows other than by their ids.
func reads(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, "/composite") || strings.Contains(r.URL.Path, "/query") && !asksFor("Id IN")(r)
}

// An answer of an org in which all rows are deleted ones: what is there stays.
func TestAllRowsOfAnAnswerAreDeleted(t *testing.T) {
	for _, wait := range []time.Duration{15 * time.Minute, 25 * time.Hour} {
		x, clean := newOrgBench(t, 60), newOrgBench(t, 60)
		for _, b := range []*orgBench{x, clean} {
			b.polled()
			b.later(wait)
			b.rewrites("Opportunity", "NextStep")
			b.rewrites("Task", "Subject")
			b.rewrites("OpportunityContactRole", "Role")
		}
		before, deals := x.links(), x.cached(crm.Opportunities)
		x.org.Fault(sim.Fault{Match: reads, Kind: sim.Edit, Change: deletes, Times: -1})
		notes := x.syncNotes()
		if diff := cmp.Diff(before, x.links()); diff != "" {
			t.Errorf("after %v: links (-before +after):\n%s", wait, diff)
		}
		if diff := cmp.Diff(deals, x.cached(crm.Opportunities)); diff != "" {
			t.Errorf("after %v: deals (-before +after):\n%s", wait, diff)
		}
		for _, what := range []string{"deals", "activities", "contacts"} {
			if !strings.Contains(notes, what+" that a list left out, or an answer called deleted") {
				t.Errorf("after %v: of %s sync says %q", wait, what, notes)
			}
		}
		x.org.ClearFaults()
		for _, b := range []*orgBench{x, clean} {
			b.later(15 * time.Minute)
			b.polled()
		}
		if diff := cmp.Diff(clean.findings(), x.findings()); diff != "" {
			t.Errorf("after %v: findings after a clean poll (-truth +ours):\n%s", wait, diff)
		}
	}
}

// binned puts records into the answer of a recycle bin.
func binned(at time.Time, ids ...string) func([]byte) []byte {
	return func([]byte) []byte {
		var rows []string
		for _, id := range ids {
			rows = append(rows, fmt.Sprintf(`{"id":"%s","archived":true,"archivedAt":"%s","properties":{}}`, id, at.UTC().Format(time.RFC3339)))
		}
		return []byte(`{"results":[` + strings.Join(rows, ",") + `]}`)
	}
}

// notThere makes an answer to a batch call records not there.
func notThere(ids ...string) func([]byte) []byte {
	return func(body []byte) []byte {
		var answer map[string]any
		if json.Unmarshal(without(ids...)(body), &answer) != nil {
			return body
		}
		answer["errors"] = []any{map[string]any{"status": "error", "category": "OBJECT_NOT_FOUND", "context": map[string][]string{"ids": ids}}}
		out, err := json.Marshal(answer)
		if err != nil {
			panic(err)
		}
		return out
	}
}

// Three changed records that are there, and that an answer to a batch calls not there: the
// recycle bin does not have them, so each is asked for at its own address, and all stay.
func TestLiveRecordsThatABatchCallsNotThereStay(t *testing.T) {
	for _, object := range []string{"deals", "calls"} {
		x := newPortalBench(t, 60)
		x.polled()
		deals := x.withFindings(3)
		ids, stream := deals, crm.Opportunities
		property := map[string]string{"deals": "hs_next_step", "calls": "hs_call_title"}[object]
		if object == "calls" {
			ids, stream = x.portal.IDs("calls")[:3], crm.Activities
		}
		before, since := len(x.cached(stream)), x.since(deals)
		x.later(15 * time.Minute)
		for _, id := range ids {
			x.set(object, id, property, "Ana sends the redlines")
		}
		x.portal.Fault(sim.Fault{Match: func(r *http.Request) bool {
			return strings.HasSuffix(r.URL.Path, "/"+object+"/batch/read") && r.URL.Query().Get("archived") != "true"
		}, Kind: sim.Edit, Change: notThere(ids...), Times: -1})
		x.later(15 * time.Minute)
		notes := x.syncNotes()
		if err := x.Evaluate(t.Context(), x.src); err != nil {
			t.Fatal(err)
		}
		if after := len(x.cached(stream)); after != before || !strings.Contains(notes, "did not answer for 3 "+object) {
			t.Errorf("%s: %d of %d are in the cache, and sync says %q", object, after, before, notes)
		}
		x.goesOn(object, since, deals)
	}
}
