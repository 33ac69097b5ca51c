package daemon_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/store"
)

// wide is an account with six streams, each of some empty pages; its cursors count the
// pages that were fetched.
type wide struct {
	mu      sync.Mutex
	pages   map[crm.Stream]int // pages of a run; 1 without an entry
	before  func(s crm.Stream) error
	asked   []string // what was called
	exist   []string // what each page of opportunities sees
	recall  error
	said    string // the note of each page of history
	polled  func(at map[crm.Stream]crm.Cursor) (map[crm.Stream]crm.Page, error)
	usage   crm.Usage
	each    int64     // calls that a page costs
	resumed crm.Usage // what Resume was called with
}

var six = []crm.Stream{crm.Users, crm.Stages, crm.Opportunities, crm.Activities, crm.History, crm.Contacts}

func (w *wide) Name() string          { return "sales" }
func (w *wide) Streams() []crm.Stream { return six }

func (w *wide) Describe(context.Context) (crm.Info, error) {
	w.note("describe")
	return crm.Info{Type: "salesforce", Account: "00D1", Fields: crm.Fields{"activities": crm.Readable}}, nil
}

func (w *wide) note(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, what)
}

func (w *wide) calls() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := slices.Clone(w.asked)
	w.asked = nil
	return out
}

func (w *wide) Fetch(_ context.Context, s crm.Stream, c crm.Cursor) (crm.Page, error) {
	w.note(fmt.Sprintf("%s %s", s, c))
	if w.before != nil {
		if err := w.before(s); err != nil {
			return crm.Page{}, err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.usage.Calls += w.each
	if w.each > 0 {
		w.usage.Spent = []crm.Spent{{Hour: 1, Calls: w.usage.Calls}}
	}
	return w.page(s, c), nil
}

func (w *wide) page(s crm.Stream, c crm.Cursor) crm.Page {
	n, _ := strconv.Atoi(string(c))
	pages := max(w.pages[s], 1)
	p := crm.Page{Stream: s, Next: crm.Cursor(strconv.Itoa(n + 1)), More: (n+1)%pages != 0, AsOf: time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC)}
	if s == crm.Opportunities {
		p.Exist = w.exist
	}
	if s == crm.History {
		p.Note = w.said
	}
	return p
}

// meter, poller and recaller add an ability to wide.
type meter struct{ *wide }

func (m meter) Usage() crm.Usage { m.mu.Lock(); defer m.mu.Unlock(); return m.usage }
func (m meter) Resume(u crm.Usage) {
	m.note("resume")
	m.resumed = u
}

type poller struct{ *wide }

func (p poller) Poll(_ context.Context, at map[crm.Stream]crm.Cursor) (map[crm.Stream]crm.Page, error) {
	var asked []string
	for s, c := range at {
		asked = append(asked, string(s)+" "+string(c))
	}
	slices.Sort(asked)
	p.note("poll " + strings.Join(asked, ", "))
	return p.polled(at)
}

type recaller struct{ *wide }

func (r recaller) Recall(_ context.Context, ids []string) ([]crm.Page, error) {
	r.note(fmt.Sprintf("recall %d", len(ids)))
	if r.recall != nil {
		return nil, r.recall
	}
	p := crm.Page{Stream: crm.Opportunities, Deleted: ids[:1]}
	a := crm.Page{Stream: crm.Activities}
	for _, id := range ids[1:] {
		p.Opportunities = append(p.Opportunities, crm.Opportunity{ID: id})
		a.Activities = append(a.Activities, crm.Activity{ID: "a" + id, OpportunityIDs: []string{id}})
	}
	return []crm.Page{p, a}, nil
}

// withSource makes a bench that reads src.
func withSource(t *testing.T, src crm.Source) *bench {
	return newBench(t, func(b *bench) { b.cfg.Sources[0].Source.Source = src })
}

func (b *bench) syncNow(full bool) error {
	return b.Sync(b.t.Context(), &b.cfg.Sources[0], full, nil)
}

func (b *bench) streams() map[crm.Stream]store.StreamState {
	b.t.Helper()
	states, err := b.store.Streams(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	out := map[crm.Stream]store.StreamState{}
	for _, s := range states {
		out[s.Stream] = s
	}
	return out
}

func TestFourStreamsAreReadSideBySide(t *testing.T) {
	w := &wide{pages: map[crm.Stream]int{crm.Opportunities: 3}}
	four, timeout := make(chan struct{}), time.After(10*time.Second)
	now, most, begun := 0, 0, 0
	w.before = func(crm.Stream) error {
		w.mu.Lock()
		now++
		begun++
		if most = max(most, now); begun == 4 {
			close(four)
		}
		w.mu.Unlock()
		select {
		case <-four:
		case <-timeout:
			return errors.New("no four calls at once")
		}
		w.mu.Lock()
		now--
		w.mu.Unlock()
		return nil
	}
	b := withSource(t, w)
	ended := map[crm.Stream]int{}
	err := b.Sync(t.Context(), &b.cfg.Sources[0], false, func(e api.SyncEvent) {
		if e.Ended {
			ended[e.Stream]++
		}
	})
	if err != nil || most != 4 {
		t.Errorf("got %v with %d calls at once, want 4", err, most)
	}
	for _, s := range six {
		if st := b.streams()[s]; !st.Complete || ended[s] != 1 {
			t.Errorf("%s: %+v, said %d times to have ended", s, st, ended[s])
		}
	}
}

// The note of a source on how it was read is reported once.
func TestWhatASourceSaysOfItsReading(t *testing.T) {
	w := &wide{pages: map[crm.Stream]int{crm.History: 3}, said: "jobs are refused"}
	b := withSource(t, w)
	var notes []string
	if err := b.Sync(t.Context(), &b.cfg.Sources[0], false, func(e api.SyncEvent) { notes = append(notes, e.Notes...) }); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(strings.Join(notes, "\n"), w.said); n != 1 {
		t.Errorf("it is said %d times: %q", n, notes)
	}
}

// After a refusal of the whole account no further stream is begun; pages that are on
// their way are committed all the same.
func TestARefusalStopsStreamsThatAreNotBegun(t *testing.T) {
	for _, refusal := range []error{crm.ErrAuth, crm.ErrAccount, &crm.QuotaError{}, crm.ErrBusy} {
		t.Run(refusal.Error(), func(t *testing.T) { refuseInTheMiddle(t, refusal) })
	}
}

// A backfill that leaves the account's calls to others is no refusal of the account: what
// has been read before is read on, also by streams that were not begun, and deals that came
// into sight are recalled.
func TestABackfillThatWaitsStopsNoOtherStream(t *testing.T) {
	w := &wide{exist: []string{"1001", "1002"}}
	waits, three := make(chan struct{}), make(chan struct{})
	b := withSource(t, recaller{w})
	w.before = meetInTheMiddle(w, three, waits, fmt.Errorf("waiting: %w", &crm.QuotaError{Backfill: true}))
	b.failing(waits)
	if err := b.syncNow(false); !errors.Is(err, crm.ErrQuota) || !strings.HasPrefix(err.Error(), "users: ") {
		t.Errorf("got %v", err)
	}
	for s, st := range b.streams() {
		if waiting := s == crm.Users; st.Complete == waiting || (st.Error != "") != waiting {
			t.Errorf("%s: %+v", s, st)
		}
	}
	if calls := w.calls(); !slices.Contains(calls, "recall 2") {
		t.Errorf("nothing was recalled: %q", calls)
	}
}

// meetInTheMiddle has users meet err while three other streams are read, which end after
// the error was noted.
func meetInTheMiddle(w *wide, three, noted chan struct{}, err error) func(crm.Stream) error {
	n := 0
	return func(s crm.Stream) error {
		switch s {
		case crm.Users:
			<-three
			return err
		case crm.Stages, crm.Opportunities, crm.Activities:
			w.mu.Lock()
			if n++; n == 3 {
				close(three)
			}
			w.mu.Unlock()
			<-noted
		}
		return nil
	}
}

// failing makes the daemon close noted when a stream's failure is noted.
func (b *bench) failing(noted chan struct{}) {
	b.t.Helper()
	d, err := daemon.New(b.cfg, failures{b.store, noted}, b.store, b.store.Fence(), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	b.Daemon = d
}

func refuseInTheMiddle(t *testing.T, refusal error) {
	w := &wide{pages: map[crm.Stream]int{crm.Opportunities: 2}}
	refused, three := make(chan struct{}), make(chan struct{})
	w.before = meetInTheMiddle(w, three, refused, fmt.Errorf("log in: %w", refusal))
	b := withSource(t, w)
	// A stream that ends lets the next stream begin, so the other streams must not end
	// before the refusal is noted.
	b.failing(refused)
	err := b.syncNow(false)
	if !errors.Is(err, refusal) || !strings.HasPrefix(err.Error(), "users: ") {
		t.Errorf("got %v", err)
	}
	for _, c := range w.calls() {
		if strings.HasPrefix(c, string(crm.History)) || strings.HasPrefix(c, string(crm.Contacts)) {
			t.Errorf("%q was asked for after the refusal", c)
		}
	}
	if st := b.streams()[crm.Opportunities]; !st.Complete || st.Error != "" {
		t.Errorf("what was on its way is not there: %+v", st)
	}
}

// failures is a cache that tells when a stream's failure is noted.
type failures struct {
	daemon.Cache
	noted chan struct{}
}

func (f failures) StreamFailed(ctx context.Context, fence store.Fence, source string, s crm.Stream, reason error, now time.Time) error {
	close(f.noted)
	return f.Cache.StreamFailed(ctx, fence, source, s, reason, now)
}

func TestPolledStreamsAreNotFetched(t *testing.T) {
	w := &wide{}
	b := withSource(t, poller{w})
	if err := b.syncNow(false); err != nil {
		t.Fatal(err)
	}
	if c := w.calls(); len(c) != 7 || slices.ContainsFunc(c, func(s string) bool { return strings.HasPrefix(s, "poll") }) {
		t.Errorf("a backfill asked for %q", c)
	}
	w.pages = map[crm.Stream]int{crm.Opportunities: 3, crm.Contacts: 2}
	w.polled = func(at map[crm.Stream]crm.Cursor) (map[crm.Stream]crm.Page, error) {
		out := map[crm.Stream]crm.Page{}
		for s, c := range at {
			if s != crm.Contacts { // it cannot be polled
				out[s] = w.page(s, c)
			}
		}
		return out, nil
	}
	if err := b.syncNow(false); err != nil {
		t.Fatal(err)
	}
	got := w.calls()
	slices.Sort(got)
	want(t, got, "contacts 1", "describe", "opportunities 2", "poll activities 1, contacts 1, history 1, opportunities 1, stages 1, users 1")
	for s, st := range b.streams() {
		if next := map[crm.Stream]crm.Cursor{crm.Opportunities: "3"}[s]; st.Cursor != max(next, "2") || st.Error != "" {
			t.Errorf("%s: %+v", s, st)
		}
	}
	// An error of the account is an error of all streams; after any other error all
	// streams are left to Fetch.
	for _, c := range []struct {
		err     error
		fetches int
	}{{fmt.Errorf("try later: %w", crm.ErrBusy), 0}, {errors.New("no composite"), 6}} {
		w.pages = nil
		w.polled = func(map[crm.Stream]crm.Cursor) (map[crm.Stream]crm.Page, error) { return nil, c.err }
		err := b.syncNow(false)
		if n := len(w.calls()) - 2; n != c.fetches || (err == nil) != (n > 0) {
			t.Errorf("%v: %d fetches, %v", c.err, n, err)
		}
		if e := b.streams()[crm.History].Error; (e != "") != (c.fetches == 0) {
			t.Errorf("%v: status has %q", c.err, e)
		}
	}
	// A full read begins at the beginning.
	if err := b.syncNow(true); err != nil || slices.ContainsFunc(w.calls(), func(s string) bool { return strings.HasPrefix(s, "poll") }) {
		t.Errorf("a full read polled, or %v", err)
	}
}

// Deals that a sweep saw and the cache does not have are recalled, a hundred at once, and
// move no cursor. After an error the next sweep finds these deals again.
func TestUnknownDealsAreRecalled(t *testing.T) {
	w := &wide{recall: errors.New("not now")}
	for i := range 250 {
		w.exist = append(w.exist, fmt.Sprint(1000+i))
	}
	w.exist = append(w.exist, "1000")
	b := withSource(t, recaller{w})
	if err := b.syncNow(false); err == nil || b.streams()[crm.Opportunities].Error == "" {
		t.Errorf("got %v, status %+v", err, b.streams()[crm.Opportunities])
	}
	w.calls()
	w.recall = nil
	if err := b.syncNow(false); err != nil {
		t.Fatal(err)
	}
	got := w.calls()
	want(t, got[len(got)-3:], "recall 100", "recall 100", "recall 50")
	sts := b.streams()
	if o, a := sts[crm.Opportunities], sts[crm.Activities]; o.Records != 247 || a.Records != 247 || o.Cursor != "2" || a.Cursor != "2" || !o.Complete {
		t.Errorf("after the recall: %+v, %+v", o, a)
	}
	w.exist = w.exist[1:100]
	if err := b.syncNow(false); err != nil || slices.ContainsFunc(w.calls(), func(s string) bool { return strings.HasPrefix(s, "recall") }) {
		t.Errorf("what is there was recalled again, or %v", err)
	}
}

// A process that is killed in the middle of a sync forgets at most about a hundred calls,
// and the next process is told of all others before it makes any.
func TestCallsOfAKilledProcessAreRemembered(t *testing.T) {
	w := &wide{pages: map[crm.Stream]int{crm.Opportunities: 8}, each: 60}
	b := withSource(t, meter{w})
	var last string
	var used int64 // when that was noted; other streams may call on after it
	w.before = func(s crm.Stream) (err error) {
		if s == crm.Opportunities {
			w.mu.Lock()
			used = w.usage.Calls
			w.mu.Unlock()
			last, err = b.store.Noted(t.Context(), "usage|sales")
		}
		return err
	}
	if err := b.syncNow(false); err != nil {
		t.Fatal(err)
	}
	if last == "" {
		t.Fatal("nothing was noted before the end")
	}
	// As if the process had ended there.
	if err := b.store.Note(t.Context(), b.store.Fence(), "usage|sales", last); err != nil {
		t.Fatal(err)
	}
	next := &wide{}
	b.cfg.Sources[0].Source.Source = meter{next}
	b.restart()
	for range 2 {
		if err := b.syncNow(false); err != nil {
			t.Fatal(err)
		}
	}
	got := next.calls()
	if got[0] != "resume" || slices.Contains(got[1:], "resume") {
		t.Errorf("calls %q, want resume first and once", got)
	}
	if len(next.resumed.Spent) != 1 || next.resumed.Spent[0].Calls < used-260 { // two pages on their way, and those noted last
		t.Errorf("of %d calls the next process was told %+v", used, next.resumed)
	}
}

// A CRM that refuses the credentials is polled ever more rarely, and called at once by
// the command sync.
func TestRefusedCredentialsAreNotHammered(t *testing.T) {
	b := newBench(t, nil)
	src := &b.cfg.Sources[0]
	b.account.fail["describe"] = fmt.Errorf("log in: %w", crm.ErrAuth)
	start := b.clock.Now()
	var tried []string
	before := 0
	for m := 0; m <= 24*60; m += 15 {
		b.clock.Set(start.Add(time.Duration(m) * time.Minute))
		if !b.Turn(t.Context(), src) {
			t.Fatal("the loop ended")
		}
		if n := b.account.described; n > before {
			before = n
			tried = append(tried, fmt.Sprint(time.Duration(m)*time.Minute))
		}
	}
	want(t, tried, "0s", "15m0s", "45m0s", "1h45m0s", "3h45m0s", "7h45m0s", "13h45m0s", "19h45m0s")
	st, err := b.Status(t.Context())
	if err != nil || st.Sources[0].Next == nil || !st.Sources[0].Next.Equal(start.Add(25*time.Hour+45*time.Minute)) {
		t.Errorf("status: next attempt %v, %v", st.Sources[0].Next, err)
	}
	if err := b.syncNow(false); !errors.Is(err, crm.ErrAuth) || b.account.described != before+1 {
		t.Errorf("by hand: %v", err)
	}
	delete(b.account.fail, "describe")
	b.sync()
	if st, err = b.Status(t.Context()); err != nil || st.Sources[0].Next != nil {
		t.Errorf("after a success the next attempt waits until %v, %v", st.Sources[0].Next, err)
	}
	n := b.account.described
	b.Turn(t.Context(), src)
	if b.account.described != n+1 {
		t.Error("the schedule still waits after a success by hand")
	}
}

// moved is another account under the same name.
type moved struct{ *wide }

func (m moved) Describe(context.Context) (crm.Info, error) {
	return crm.Info{Type: "salesforce", Account: "00D2"}, nil
}

// Status says that the credentials lead to another account: nothing is read any more, so
// the data grows old.
func TestAnotherAccountIsSaid(t *testing.T) {
	b := withSource(t, &wide{})
	if err := b.syncNow(false); err != nil {
		t.Fatal(err)
	}
	b.cfg.Sources[0].Source.Source = moved{&wide{}}
	b.restart()
	if err := b.syncNow(false); !errors.Is(err, crm.ErrAccount) {
		t.Fatalf("got %v", err)
	}
	for s, st := range b.streams() {
		if !strings.Contains(st.Error, "another account") {
			t.Errorf("%s says %q", s, st.Error)
		}
	}
}

// TestDealsEndFirst: what belongs to deals is not compared with a sweep of its own before
// the deals that are gone have taken along what is theirs, however slow their list is.
func TestDealsEndFirst(t *testing.T) {
	for _, first := range []crm.Stream{crm.Activities, crm.Contacts} {
		t.Run(string(first), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				src := &wide{pages: map[crm.Stream]int{first: 2}}
				src.before = func(s crm.Stream) error {
					if s == crm.Opportunities {
						time.Sleep(time.Minute) // the clock of the bubble moves when all others wait
					}
					return nil
				}
				b := withSource(t, src)
				var ended []crm.Stream
				err := b.Sync(t.Context(), &b.cfg.Sources[0], false, func(e api.SyncEvent) {
					if e.Ended {
						ended = append(ended, e.Stream)
					}
				})
				if err != nil {
					t.Fatal(err)
				}
				if d, o := slices.Index(ended, crm.Opportunities), slices.Index(ended, first); len(ended) != len(six) || d > o {
					t.Errorf("ended in the order %v", ended)
				}
			})
		})
	}
}
