package connectortest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
)

// versions are the last versions of the records in pages, by kind and id.
func versions(pages ...crm.Page) map[string]string {
	out := map[string]string{}
	for _, p := range pages {
		for _, x := range p.Users {
			out["user "+x.ID] = fmt.Sprintf("%+v", x)
		}
		for _, x := range p.Stages {
			out["stage "+x.Pipeline+" "+x.ID] = fmt.Sprintf("%+v", x)
		}
		for _, x := range p.Opportunities {
			out["opportunity "+x.ID] = fmt.Sprintf("%+v", x)
		}
		for _, x := range p.Activities {
			out["activity "+x.ID] = fmt.Sprintf("%+v", x)
		}
		for _, x := range p.Changes {
			out["change "+x.OpportunityID+" "+x.ID] = fmt.Sprintf("%+v", x)
		}
		for _, x := range p.Contacts {
			out["contact "+x.ID] = fmt.Sprintf("%+v", x)
		}
	}
	return out
}

// testQuiet reads runs in which nothing has happened. Such a run may give records,
// because runs overlap, but only known records, and is complete as of a later time.
func testQuiet(t *testing.T, a Account) {
	src := a.Source(t)
	for _, s := range src.Streams() {
		pages, at := readRun(t, src, s, "")
		known, asOf := versions(pages...), pages[len(pages)-1].AsOf
		for range 2 {
			a.Wait(t, 20*time.Minute)
			quiet, next := readRun(t, src, s, at)
			for what, v := range versions(quiet...) {
				if known[what] != v {
					t.Errorf("%s: a quiet run gives %s as\n%s, known is\n%s", s, what, v, known[what])
				}
			}
			for _, p := range quiet {
				if len(p.Deleted) > 0 {
					t.Errorf("%s: a quiet run reports %d deletions", s, len(p.Deleted))
				}
			}
			// Names that nothing asks for may be read less often, and then say so.
			last, names := quiet[len(quiet)-1].AsOf, s == crm.Users || s == crm.Stages
			if names && last.Before(asOf) || !names && (!last.After(asOf) || next == at) {
				t.Errorf("%s: after a quiet run the stream is as of %s, before %s", s, last, asOf)
			}
			asOf, at = last, next
		}
	}
}

func testRestored(t *testing.T, a Account) {
	_, at := readRun(t, a.Source(t), crm.Opportunities, "")
	id := a.Delete(t)
	_, at = readRun(t, a.Source(t), crm.Opportunities, at)
	a.Wait(t, 30*time.Minute) // beyond what the next run overlaps
	a.Restore(t, id)
	if !withinADay(t, a, crm.Opportunities, at, func(pages []crm.Page) bool { return find(pages, id) != nil || exists(pages, id) }) {
		t.Errorf("the restored %s did not come back", id)
	}
}

// withinADay reads runs of the stream until a run tells: the next increment where the
// CRM says what happened, or else the sweep of the next day.
func withinADay(t *testing.T, a Account, s crm.Stream, at crm.Cursor, tells func([]crm.Page) bool) bool {
	t.Helper()
	for range 2 {
		var pages []crm.Page
		if pages, at = readRun(t, a.Source(t), s, at); tells(pages) {
			return true
		}
		a.Wait(t, 25*time.Hour)
	}
	pages, _ := readRun(t, a.Source(t), s, at)
	return tells(pages)
}

// exists reports whether pages say that id is there without giving its record.
func exists(pages []crm.Page, id string) bool {
	return slices.ContainsFunc(pages, func(p crm.Page) bool { return slices.Contains(p.Exist, id) })
}

// isGone reports whether pages tell that id is gone: as deleted, or by the silence of
// a sweep or of a whole read.
func isGone(pages []crm.Page, id string) bool {
	if slices.ContainsFunc(pages, func(p crm.Page) bool { return slices.Contains(p.Deleted, id) }) {
		return true
	}
	swept := !slices.ContainsFunc(pages, func(p crm.Page) bool { return !p.Sweep }) || pages[len(pages)-1].Replace
	return swept && !exists(pages, id) && !slices.Contains(ids(pages), id)
}

func testActivityChanges(t *testing.T, a Account) {
	pages, at := readRun(t, a.Source(t), crm.Activities, "")
	known := versions(pages...)
	changed := a.ChangeActivity(t)
	pages, at = readRun(t, a.Source(t), crm.Activities, at)
	if v := versions(pages...)["activity "+changed]; v == "" || v == known["activity "+changed] {
		t.Errorf("the changed activity %s was read as %q, before it was %q", changed, v, known["activity "+changed])
	}
	gone := a.DeleteActivity(t)
	told := withinADay(t, a, crm.Activities, at, func(pages []crm.Page) bool {
		if slices.Contains(ids(pages), gone) {
			t.Errorf("the deleted activity %s was read as if it were there", gone)
		}
		return isGone(pages, gone)
	})
	if !told {
		t.Errorf("nothing tells that the activity %s was deleted", gone)
	}
}

// readAgain is readRun for a source that may lose its place: a cursor that is gone
// begins the stream anew, as the daemon does.
func readAgain(t *testing.T, src crm.Source, s crm.Stream, between func(page int)) []crm.Page {
	t.Helper()
	var pages []crm.Page
	var at crm.Cursor
	for n := range 1000 {
		p, err := src.Fetch(t.Context(), s, at)
		if errors.Is(err, crm.ErrGone) && at != "" {
			at = ""
			continue
		}
		if err != nil {
			t.Fatalf("fetch %s: %v", s, err)
		}
		pages, at = append(pages, p), p.Next
		if !p.More {
			return pages
		}
		between(n)
	}
	t.Fatalf("fetch %s: no end after 1000 pages", s)
	return nil
}

func testExpired(t *testing.T, a Account) {
	src := a.Source(t)
	for _, s := range src.Streams() {
		pages := readAgain(t, src, s, func(n int) {
			if n < 3 {
				a.ExpireSession(t)
			}
		})
		if diff := cmp.Diff(slices.Compact(sorted(a.IDs(s))), slices.Compact(sorted(ids(pages)))); diff != "" {
			t.Errorf("%s: ids (-there +read):\n%s", s, diff)
		}
	}
}

// testTrouble reads a run whose second page is first refused in some way, and goes on
// from the same cursor.
func testTrouble(t *testing.T, a Account, trouble func(on bool), check func(error)) {
	src := a.Source(t)
	if _, err := src.Describe(t.Context()); err != nil { // the source may learn its limits by this call
		t.Fatal(err)
	}
	first, err := src.Fetch(t.Context(), crm.Opportunities, "")
	if err != nil {
		t.Fatal(err)
	}
	trouble(true)
	p, err := src.Fetch(t.Context(), crm.Opportunities, first.Next)
	check(err)
	if p.Next != "" || p.Len() > 0 {
		t.Errorf("with the error came a page: cursor %q, %d records", p.Next, p.Len())
	}
	_, err = a.Source(t).Describe(t.Context())
	if err != nil { // a source that has its session may need no call
		check(err)
	}
	trouble(false)
	rest, _ := readRun(t, a.Source(t), crm.Opportunities, first.Next)
	if diff := cmp.Diff(sorted(a.IDs(crm.Opportunities)), sorted(ids(append(rest, first)))); diff != "" {
		t.Errorf("afterwards, ids (-there +read):\n%s", diff)
	}
}

func testOutage(t *testing.T, a Account) {
	testTrouble(t, a, func(on bool) { a.Outage(t, on) }, func(err error) {
		t.Helper()
		if !errors.Is(err, crm.ErrBusy) {
			t.Errorf("got error %v, want ErrBusy", err)
		}
	})
}

func testExhausted(t *testing.T, a Account) {
	testTrouble(t, a, func(on bool) { a.Exhaust(t, on) }, func(err error) {
		t.Helper()
		if _, ok := errors.AsType[*crm.QuotaError](err); !ok || !errors.Is(err, crm.ErrQuota) {
			t.Errorf("got error %v, want ErrQuota with a QuotaError", err)
		}
	})
}

// testPoll compares shared first pages with what Fetch gives from the same cursors.
func testPoll(t *testing.T, a Account) {
	src := a.Source(t)
	p, ok := src.(crm.Poller)
	if !ok {
		t.Skip("no Poller")
	}
	at := map[crm.Stream]crm.Cursor{}
	for _, s := range src.Streams() {
		_, at[s] = readRun(t, src, s, "")
		_, at[s] = readRun(t, src, s, at[s])
	}
	a.Rename(t)
	a.Delete(t)
	a.ChangeActivity(t)
	polled, err := p.Poll(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	if len(polled) == 0 {
		t.Error("nothing was polled")
	}
	for s, cursor := range at {
		want, _ := readRun(t, a.Source(t), s, cursor)
		page, ok := polled[s]
		if !ok {
			continue // the stream is left to Fetch
		}
		got := []crm.Page{page}
		if page.Stream != s || page.Next == "" {
			t.Errorf("%s: a page of %q with cursor %q", s, page.Stream, page.Next)
		}
		if page.More {
			rest, _ := readRun(t, a.Source(t), s, page.Next)
			got = append(got, rest...)
		}
		if diff := cmp.Diff(versions(want...), versions(got...)); diff != "" {
			t.Errorf("%s (-fetched +polled):\n%s", s, diff)
		}
		gone := func(pages []crm.Page) (out []string) {
			for _, p := range pages {
				out = append(out, p.Deleted...)
			}
			return slices.Compact(sorted(out))
		}
		if diff := cmp.Diff(gone(want), gone(got)); diff != "" {
			t.Errorf("%s: deleted (-fetched +polled):\n%s", s, diff)
		}
	}
}

func testRecall(t *testing.T, a Account) {
	src := a.Source(t)
	r, ok := src.(crm.Recaller)
	if !ok {
		t.Skip("no Recaller")
	}
	there, gone := a.IDs(crm.Opportunities)[0], a.Delete(t)
	if there == gone {
		there = a.IDs(crm.Opportunities)[1]
	}
	pages, err := r.Recall(t.Context(), []string{there, gone})
	if err != nil {
		t.Fatal(err)
	}
	all, _ := readRun(t, a.Source(t), crm.Opportunities, "")
	acts, _ := readRun(t, a.Source(t), crm.Activities, "")
	want := map[string]string{"opportunity " + there: versions(all...)["opportunity "+there]}
	for _, p := range acts {
		for _, act := range p.Activities {
			if slices.Contains(act.OpportunityIDs, there) {
				want["activity "+act.ID] = fmt.Sprintf("%+v", act)
			}
		}
	}
	got := map[string]string{}
	var deleted []string
	for _, p := range pages {
		checkKinds(t, p)
		if p.Stream == crm.Opportunities {
			deleted = append(deleted, p.Deleted...)
		}
		if p.Stream == crm.Opportunities || p.Stream == crm.Activities {
			maps.Copy(got, versions(p))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("recalled (-read +recalled):\n%s", diff)
	}
	if !slices.Contains(deleted, gone) {
		t.Errorf("nothing tells that %s is gone: deleted %q", gone, deleted)
	}
}

// testReread reads deals once more: as a run reads them, with one call for as many as are read
// at once, and without a word about those that no answer names.
func testReread(t *testing.T, a Account) {
	src := a.Source(t)
	r, ok := src.(crm.Rereader)
	if !ok {
		t.Skip("no Rereader")
	}
	all, _ := readRun(t, src, crm.Opportunities, "")
	gone := a.Delete(t)
	ids := slices.DeleteFunc(slices.Compact(sorted(a.IDs(crm.Opportunities))), func(id string) bool { return id == gone })
	ids = append(ids[:min(len(ids), r.MostReread()-2)], gone, "no id")
	m, _ := src.(crm.Meter)
	before := m.Usage().Calls
	p, err := r.Reread(t.Context(), slices.Clone(ids))
	if err != nil {
		t.Fatal(err)
	}
	if n := m.Usage().Calls - before; n != 1 {
		t.Errorf("%d calls", n)
	}
	checkKinds(t, p)
	if !p.Recalled || !p.Alone || p.Stream != crm.Opportunities || p.Next != "" || p.Sweep {
		t.Errorf("the page is %+v", p)
	}
	want, got := map[string]string{}, versions(p)
	for _, id := range ids[:len(ids)-2] {
		want["opportunity "+id] = versions(all...)["opportunity "+id]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read once more (-read before +read):\n%s", diff)
	}
	if len(slices.DeleteFunc(slices.Clone(p.Deleted), func(id string) bool { return id == gone })) > 0 {
		t.Errorf("deleted are %q, and only %s is", p.Deleted, gone)
	}
	if _, err := r.Reread(t.Context(), make([]string, r.MostReread()+1)); !errors.Is(err, crm.ErrRefused) {
		t.Errorf("more than are read at once: %v", err)
	}
}

// testConfirm asks for records by their ids: those that are there are confirmed, and one
// that was deleted is not.
func testConfirm(t *testing.T, a Account) {
	src := a.Source(t)
	c, ok := src.(crm.Confirmer)
	if !ok {
		t.Skip("no Confirmer")
	}
	for s, del := range map[crm.Stream]func(*testing.T) string{crm.Opportunities: a.Delete, crm.Activities: a.DeleteActivity} {
		ids := slices.Compact(sorted(a.IDs(s))) // a deal takes its activities along
		ids = ids[:min(len(ids), 300)]
		deleted := del(t)
		if !slices.Contains(ids, deleted) {
			ids = append(ids, deleted)
		}
		there, err := c.Confirm(t.Context(), s, slices.Clone(ids))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(slices.DeleteFunc(ids, func(id string) bool { return id == deleted }), sorted(there)); diff != "" {
			t.Errorf("%s (-there +confirmed):\n%s", s, diff)
		}
	}
}

// testLinked asks for links from another side: those that are there are confirmed, also
// where other links are asked for that are not.
func testLinked(t *testing.T, a Account) {
	src := a.Source(t)
	l, ok := src.(crm.Linker)
	if !ok {
		t.Skip("no Linker")
	}
	pages, _ := readRun(t, src, crm.Activities, "")
	var links []crm.Link
	for _, p := range pages {
		for i := range p.Activities {
			for _, of := range p.Activities[i].OpportunityIDs {
				links = append(links, crm.Link{OpportunityID: of, ID: p.Activities[i].ID})
			}
		}
	}
	gone := a.DeleteActivity(t)
	there, err := l.Linked(t.Context(), crm.Activities, slices.Clone(links))
	if err != nil {
		t.Fatal(err)
	}
	want := slices.DeleteFunc(slices.Clone(links), func(l crm.Link) bool { return l.ID == gone })
	if len(want) == len(links) {
		t.Fatalf("nothing was linked with %s", gone)
	}
	less := func(a, b crm.Link) int { return strings.Compare(a.ID+a.OpportunityID, b.ID+b.OpportunityID) }
	slices.SortFunc(want, less)
	slices.SortFunc(there, less)
	if diff := cmp.Diff(want, there); diff != "" {
		t.Errorf("(-there +confirmed):\n%s", diff)
	}
}

// testResume proves that a restart does not forget the calls of the day.
func testResume(t *testing.T, a Account) {
	src := a.Source(t)
	m, ok := src.(crm.Meter)
	if !ok {
		t.Skip("no Meter")
	}
	readRun(t, src, crm.Opportunities, "")
	before := spent(m.Usage())
	if before == 0 {
		t.Fatal("a run cost no call")
	}
	next, ok := a.Source(t).(crm.Meter)
	if !ok {
		t.Fatal("another instance is no Meter")
	}
	next.Resume(m.Usage())
	if _, err := next.(crm.Source).Describe(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	if after := spent(next.Usage()); after <= before {
		t.Errorf("after a restart and a call %d calls of the day are known, before it were %d", after, before)
	}
}

func spent(u crm.Usage) (n int64) {
	for _, s := range u.Spent {
		n += s.Calls
	}
	return n
}
