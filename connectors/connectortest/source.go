package connectortest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
)

// Account is a simulated account of a CRM, as [TestSource] requires.
type Account interface {
	// Source opens the account anew, as a process does after a restart.
	Source(t *testing.T) crm.Source
	// IDs lists the native ids of all that a full read of a stream must give.
	// Changes are named by Change.ID.
	IDs(stream crm.Stream) []string
	// Rename gives one opportunity another name and returns both.
	Rename(t *testing.T) (id, name string)
	// Delete deletes one opportunity and returns its id.
	Delete(t *testing.T) (id string)
	// Restore takes a deleted opportunity out of the bin.
	Restore(t *testing.T, id string)
	// ChangeActivity changes what is delivered of one activity and returns its id;
	// DeleteActivity deletes another one.
	ChangeActivity(t *testing.T) (id string)
	DeleteActivity(t *testing.T) (id string)
	// Wait lets time pass in which nothing happens.
	Wait(t *testing.T, d time.Duration)
	// ExpireSession ends open sessions and tokens; the credentials stay good.
	ExpireSession(t *testing.T)
	// Outage answers every call with a maintenance page, until Outage is called with false.
	Outage(t *testing.T, on bool)
	// Exhaust takes all API calls of the account's day, or gives the calls back.
	Exhaust(t *testing.T, on bool)
	// Refuse makes the CRM refuse the credentials from now on, open sessions
	// included.
	Refuse(t *testing.T)
	// Secrets are words that no error may hold.
	Secrets() []string
}

// TestSource checks that a source keeps what [crm.Source] promises. open gives
// each part of the suite an account of its own, with more opportunities than one
// page holds.
func TestSource(t *testing.T, open func(t *testing.T) Account) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, a Account)
	}{
		{"a full read reaches every record", testReachesAll},
		{"the same cursor gives the same page", testSamePage},
		{"a cursor survives a restart", testRestart},
		{"a change is delivered", testChange},
		{"a deletion is reported", testDeletion},
		{"a quiet run gives nothing new", testQuiet},
		{"what was restored comes back", testRestored},
		{"a changed and a deleted activity are told", testActivityChanges},
		{"a session that ends in a run loses nothing", testExpired},
		{"an outage is ErrBusy and loses nothing", testOutage},
		{"an exhausted day is ErrQuota and loses nothing", testExhausted},
		{"a poll gives what Fetch gives", testPoll},
		{"a recall gives a deal with its activities", testRecall},
		{"deals are read once more", testReread},
		{"what is there is confirmed", testConfirm},
		{"links that are there are confirmed", testLinked},
		{"a restart does not forget the day's calls", testResume},
		{"streams can be read side by side", testSideBySide},
		{"the account is described", testDescribe},
		{"a foreign cursor is gone", testForeignCursor},
		{"a cancelled context ends the call", testCancelled},
		{"refused credentials are ErrAuth and stay secret", testRefused},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// maxPages bounds a run, so that a source that never ends fails instead.
const maxPages = 10_000

// readRun fetches from at until a page says that there is no more.
func readRun(t *testing.T, src crm.Source, s crm.Stream, at crm.Cursor) (pages []crm.Page, next crm.Cursor) {
	t.Helper()
	for range maxPages {
		p, err := src.Fetch(t.Context(), s, at)
		if err != nil {
			t.Fatalf("fetch %s: %v", s, err)
		}
		if p.Next == "" {
			t.Fatalf("fetch %s: page without a cursor after it", s)
		}
		pages, at = append(pages, p), p.Next
		if !p.More {
			return pages, at
		}
	}
	t.Fatalf("fetch %s: no end after %d pages", s, maxPages)
	return nil, ""
}

// ids are the native ids in pages, without those reported as deleted.
func ids(pages []crm.Page) []string {
	var out []string
	for _, p := range pages {
		for i := range p.Users {
			out = append(out, p.Users[i].ID)
		}
		for i := range p.Stages {
			out = append(out, p.Stages[i].ID)
		}
		for i := range p.Opportunities {
			out = append(out, p.Opportunities[i].ID)
		}
		for i := range p.Activities {
			out = append(out, p.Activities[i].ID)
		}
		for i := range p.Changes {
			out = append(out, p.Changes[i].ID)
		}
		for i := range p.Contacts {
			out = append(out, p.Contacts[i].ID)
		}
	}
	return out
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

func testReachesAll(t *testing.T, a Account) {
	src := a.Source(t)
	for _, s := range src.Streams() {
		pages, _ := readRun(t, src, s, "")
		if diff := cmp.Diff(sorted(a.IDs(s)), sorted(ids(pages))); diff != "" {
			t.Errorf("%s: ids (-there +read):\n%s", s, diff)
		}
		done := 0
		for i, p := range pages {
			if p.Stream != s {
				t.Errorf("%s: page %d says it is of %q", s, i, p.Stream)
			}
			if p.Done < done {
				t.Errorf("%s: progress went back from %d to %d", s, done, p.Done)
			}
			if done = p.Done; p.Total != 0 && p.Done > p.Total {
				t.Errorf("%s: %d of %d records done", s, p.Done, p.Total)
			}
			if p.Replace && p.More {
				t.Errorf("%s: page %d replaces the stream before its end", s, i)
			}
			checkKinds(t, p)
		}
		if last := pages[len(pages)-1]; last.AsOf.IsZero() {
			t.Errorf("%s: the run does not say as of when it is complete", s)
		}
		checkAscending(t, s, pages)
	}
	if pages, _ := readRun(t, src, crm.Opportunities, ""); len(pages) < 2 {
		t.Error("the suite wants an account with more than one page of opportunities")
	}
}

// checkKinds looks for records of another stream.
func checkKinds(t *testing.T, p crm.Page) {
	t.Helper()
	for s, n := range map[crm.Stream]int{
		crm.Users: len(p.Users), crm.Stages: len(p.Stages), crm.Opportunities: len(p.Opportunities),
		crm.Activities: len(p.Activities), crm.History: len(p.Changes), crm.Contacts: len(p.Contacts),
	} {
		if n > 0 && s != p.Stream {
			t.Errorf("a page of %s holds %d records of %s", p.Stream, n, s)
		}
	}
}

// checkAscending holds pages to what they say about the order of their keys.
func checkAscending(t *testing.T, s crm.Stream, pages []crm.Page) {
	t.Helper()
	for _, p := range pages {
		if !p.Ascending {
			return
		}
	}
	if list := ids(pages); !slices.IsSorted(list) {
		t.Errorf("%s: ids do not ascend as the pages say", s)
	}
}

// records returns of a page what must be the same when the page is read again. The
// cursor after the page may differ: only the source knows what a cursor holds.
func records(p crm.Page) crm.Page {
	p.Next = ""
	return p
}

func testSamePage(t *testing.T, a Account) {
	src := a.Source(t)
	for _, s := range src.Streams() {
		var at crm.Cursor
		for more := true; more; {
			first, err := src.Fetch(t.Context(), s, at)
			if err != nil {
				t.Fatal(err)
			}
			for name, again := range map[string]crm.Source{"the same instance": src, "another instance": a.Source(t)} {
				second, err := again.Fetch(t.Context(), s, at)
				if err != nil {
					t.Fatalf("%s, %s: %v", s, name, err)
				}
				if diff := cmp.Diff(records(first), records(second)); diff != "" {
					t.Fatalf("%s: %s gives another page (-first +second):\n%s", s, name, diff)
				}
			}
			at, more = first.Next, first.More
		}
	}
}

func testRestart(t *testing.T, a Account) {
	for _, s := range a.Source(t).Streams() {
		var at crm.Cursor
		var pages []crm.Page
		for {
			p, err := a.Source(t).Fetch(t.Context(), s, at)
			if err != nil {
				t.Fatal(err)
			}
			pages, at = append(pages, p), p.Next
			if !p.More {
				break
			}
		}
		if diff := cmp.Diff(sorted(a.IDs(s)), sorted(ids(pages))); diff != "" {
			t.Errorf("%s: ids (-there +read):\n%s", s, diff)
		}
	}
}

func testChange(t *testing.T, a Account) {
	_, at := readRun(t, a.Source(t), crm.Opportunities, "")
	id, name := a.Rename(t)
	pages, at := readRun(t, a.Source(t), crm.Opportunities, at)
	if got := find(pages, id); got == nil || got.Name != name {
		t.Errorf("after renaming %s to %q it was read as %+v", id, name, got)
	}
	// Once more, with a cursor that came from an increment.
	id, name = a.Rename(t)
	pages, _ = readRun(t, a.Source(t), crm.Opportunities, at)
	if got := find(pages, id); got == nil || got.Name != name {
		t.Errorf("after renaming %s again to %q it was read as %+v", id, name, got)
	}
}

// find returns the last version of opportunity id in pages.
func find(pages []crm.Page, id string) (last *crm.Opportunity) {
	for _, p := range pages {
		for i := range p.Opportunities {
			if p.Opportunities[i].ID == id {
				last = &p.Opportunities[i]
			}
		}
	}
	return last
}

func testDeletion(t *testing.T, a Account) {
	_, at := readRun(t, a.Source(t), crm.Opportunities, "")
	id := a.Delete(t)
	pages, _ := readRun(t, a.Source(t), crm.Opportunities, at)
	if slices.Contains(ids(pages), id) {
		t.Errorf("the deleted %s was read as if it were there", id)
	}
	for _, p := range pages {
		if slices.Contains(p.Deleted, id) {
			return
		}
	}
	t.Errorf("nothing tells that %s was deleted", id)
}

func testSideBySide(t *testing.T, a Account) {
	src := a.Source(t)
	var wg sync.WaitGroup
	for _, s := range src.Streams() {
		wg.Go(func() {
			var at crm.Cursor
			var pages []crm.Page
			for range maxPages {
				p, err := src.Fetch(t.Context(), s, at)
				if err != nil {
					t.Errorf("fetch %s: %v", s, err)
					return
				}
				pages, at = append(pages, p), p.Next
				if !p.More {
					break
				}
			}
			if diff := cmp.Diff(sorted(a.IDs(s)), sorted(ids(pages))); diff != "" {
				t.Errorf("%s: ids (-there +read):\n%s", s, diff)
			}
		})
	}
	wg.Wait()
}

func testDescribe(t *testing.T, a Account) {
	src := a.Source(t)
	info, err := src.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.Type == "" || info.Account == "" {
		t.Errorf("the account has type %q and id %q", info.Type, info.Account)
	}
	if url := info.URL("THE-ID"); info.Link != "" && !strings.Contains(url, "THE-ID") {
		t.Errorf("the link of an opportunity is %q", url)
	}
	for _, name := range []string{"name", "stage", "amount", "close_date", "owner"} {
		if got := info.Fields.Access(name); got != crm.Readable {
			t.Errorf("field %s is %s, want readable", name, got)
		}
	}
	if m, ok := src.(crm.Meter); ok && m.Usage().Calls == 0 {
		t.Error("no call was counted")
	}
}

func testForeignCursor(t *testing.T, a Account) {
	src := a.Source(t)
	for _, at := range []crm.Cursor{"x", "{}", "[1]", "\x00", `{"v":999999}`} {
		if _, err := src.Fetch(t.Context(), crm.Opportunities, at); !errors.Is(err, crm.ErrGone) {
			t.Errorf("cursor %q: got error %v, want ErrGone", at, err)
		}
	}
}

func testCancelled(t *testing.T, a Account) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	src := a.Source(t)
	for _, s := range src.Streams() {
		if _, err := src.Fetch(ctx, s, ""); !errors.Is(err, context.Canceled) {
			t.Errorf("fetch %s: got error %v, want that the context was cancelled", s, err)
		}
	}
}

func testRefused(t *testing.T, a Account) {
	open := a.Source(t)
	pages, at := readRun(t, open, crm.Opportunities, "")
	a.Refuse(t)
	check := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, crm.ErrAuth) {
			t.Errorf("%s: got error %v, want ErrAuth", what, err)
			return
		}
		for _, secret := range a.Secrets() {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error holds the secret %q: %v", what, secret, err)
			}
		}
	}
	_, err := open.Fetch(t.Context(), crm.Opportunities, at)
	check("a new run of an open source", err)
	_, err = open.Fetch(t.Context(), crm.Opportunities, pages[0].Next)
	check("the next page of an open source", err)
	fresh := a.Source(t)
	_, err = fresh.Describe(t.Context())
	check("describe", err)
	for _, s := range fresh.Streams() {
		_, err = fresh.Fetch(t.Context(), s, "")
		check("fetch "+string(s), err)
	}
}
