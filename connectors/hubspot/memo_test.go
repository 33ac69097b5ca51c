package hubspot

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

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
)

// askers are two streams that come to a memo for pages by their number; reads are the
// pages that were read for both.
type askers struct {
	*memo
	t     *testing.T
	at    time.Time
	reads []string
}

func newAskers(t *testing.T, room int) *askers {
	a := &askers{t: t, at: time.Unix(yesterday, 0)}
	a.memo = newMemo(room, func() time.Time { return a.at })
	return a
}

// ask reports for each page whether the memo had the page, or read it for both.
func (a *askers) ask(pages ...int) (shared []bool) {
	a.t.Helper()
	for _, n := range pages {
		at := strconv.Itoa(n)
		h, err := a.once(a.t.Context(), spot{lastID: at}, func() (*hit, error) {
			a.reads = append(a.reads, at)
			return &hit{ids: []string{at}}, nil
		})
		if err != nil || h != nil && h.ids[0] != at {
			a.t.Fatalf("page %d: %v, %v", n, h, err)
		}
		shared = append(shared, h != nil)
	}
	return shared
}

func TestMemoIsForTwo(t *testing.T) {
	a := newAskers(t, 5)
	a.ask(1, 2, 1, 2)
	if diff := cmp.Diff([]string{"1", "2"}, a.reads); diff != "" || len(a.pages) != 0 {
		t.Errorf("%d pages are left; read (-want +got):\n%s", len(a.pages), diff)
	}
}

// TestMemoForgets comes back for a page after ten minutes.
func TestMemoForgets(t *testing.T) {
	a := newAskers(t, 5)
	a.ask(1, 2)
	a.at = a.at.Add(remembered - time.Second)
	a.ask(1)
	a.at = a.at.Add(time.Second)
	a.ask(3)
	if len(a.pages) != 1 {
		t.Errorf("%d pages are held", len(a.pages))
	}
	a.ask(2)
	if diff := cmp.Diff([]string{"1", "2", "3", "2"}, a.reads); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

// TestMemoIsBounded lets one stream run ahead of the other by more pages than there is
// room: both streams read the pages that do not fit for themselves, and share again
// afterwards.
func TestMemoIsBounded(t *testing.T) {
	a := newAskers(t, 2)
	if diff := cmp.Diff([]bool{true, true, false, false}, a.ask(1, 2, 3, 4)); diff != "" {
		t.Errorf("ahead (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]bool{true, true, false, false, true, true}, a.ask(1, 2, 3, 4, 5, 6)); diff != "" {
		t.Errorf("behind (-want +got):\n%s", diff)
	}
	a.ask(5, 6)
	if diff := cmp.Diff([]string{"1", "2", "5", "6"}, a.reads); diff != "" || len(a.pages) != 0 {
		t.Errorf("%d pages are left; read (-want +got):\n%s", len(a.pages), diff)
	}
}

// TestMemoWaits comes for a page while the page is being read. The page is read once;
// where the reading fails, the stream that waited reads the page; a stream whose
// context ends does not wait.
func TestMemoWaits(t *testing.T) {
	for _, failure := range []error{nil, errors.New("no")} {
		synctest.Test(t, func(t *testing.T) {
			m := newMemo(5, time.Now)
			var reads int
			var first, second *hit
			var firstErr, secondErr error
			read := func() (*hit, error) {
				reads++
				n := reads
				<-time.After(time.Second)
				if n == 1 && failure != nil {
					return nil, failure
				}
				return &hit{}, nil
			}
			var wg sync.WaitGroup
			wg.Go(func() { first, firstErr = m.once(t.Context(), spot{lastID: "1"}, read) })
			synctest.Wait()
			wg.Go(func() { second, secondErr = m.once(t.Context(), spot{lastID: "1"}, read) })
			wg.Wait()
			if failure == nil && (reads != 1 || first == nil || first != second) {
				t.Errorf("read %d times", reads)
			}
			if !errors.Is(firstErr, failure) || secondErr != nil || second == nil || failure != nil && reads != 2 {
				t.Errorf("read %d times: %v, %v", reads, firstErr, secondErr)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		m := newMemo(5, time.Now)
		never := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			_, _ = m.once(t.Context(), spot{}, func() (*hit, error) { <-never; return nil, crm.ErrBusy })
		})
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := m.once(ctx, spot{}, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		close(never)
		wg.Wait()
	})
}

func TestAloneNothingIsShared(t *testing.T) {
	h := &hit{}
	for want, streams := range map[string][]crm.Stream{
		"none":            {crm.Contacts},
		"ids":             {crm.Contacts, crm.History},
		"records":         {crm.Opportunities, crm.History},
		"ids and records": {crm.Opportunities, crm.History, crm.Contacts},
	} {
		got := []string{}
		if j := (&joint{}).goOn(h, streams, time.Now); j == nil {
			got = append(got, "none")
		} else {
			if j.ids != nil {
				got = append(got, "ids")
			}
			if j.records != nil {
				got = append(got, "records")
			}
		}
		if strings.Join(got, " and ") != want {
			t.Errorf("%v share %q, want %s", streams, got, want)
		}
	}
}

// goingOn polls a portal of deals 1 to 40, of which the first page has 20. asked gets
// each call for a batch and returns the status of the answer.
func goingOn(t *testing.T, asked func(call) (status int)) (*recorded, *Source, map[crm.Stream]crm.Page) {
	t.Helper()
	var ids []int
	for i := range 40 {
		ids = append(ids, i+1)
	}
	read := store(named)
	o := &recorded{answer: map[string]func(call) (int, string){
		"deals/search": index(t, ids),
		"deals/batch": func(c call) (int, string) {
			if status := asked(c); status != 200 {
				return status, `{"message":"x"}`
			}
			return read(c)
		},
	}}
	s := recordedSource(t, o, nil)
	history := strings.Replace(done, `"dealname","dealstage","hs_lastmodifieddate","hs_merged_object_ids"`, `"dealstage","`+historyMark+`"`, 1)
	pages, err := s.Poll(t.Context(), map[crm.Stream]crm.Cursor{crm.Opportunities: done, crm.History: crm.Cursor(history)})
	if err != nil || len(pages) != 2 || !pages[crm.History].More || len(pages[crm.Opportunities].Opportunities) != 20 {
		t.Fatalf("polled %d streams, %v", len(pages), err)
	}
	return o, s, pages
}

// TestTogetherNoMore lets the reading for both streams fail: at the next attempt the
// stream reads for itself.
func TestTogetherNoMore(t *testing.T) {
	refuse := false
	_, s, pages := goingOn(t, func(c call) int {
		if refuse && c.body["propertiesWithHistory"] != nil {
			return 400
		}
		return 200
	})
	refuse = true
	at := pages[crm.Opportunities].Next
	if _, err := s.Fetch(t.Context(), crm.Opportunities, at); err == nil {
		t.Fatal("the page was not read for both")
	}
	if p, err := s.Fetch(t.Context(), crm.Opportunities, at); err != nil || len(p.Opportunities) != 4 {
		t.Errorf("alone: %d deals, %v", len(p.Opportunities), err)
	}
}

// TestTogetherAsDescribed describes the portal anew between the two streams: a page that
// was read without a new property must not serve a stream that requires the property.
func TestTogetherAsDescribed(t *testing.T) {
	var last call
	o, s, pages := goingOn(t, func(c call) int { last = c; return 200 })
	if _, err := s.Fetch(t.Context(), crm.History, pages[crm.History].Next); err != nil {
		t.Fatal(err)
	}
	o.mu.Lock()
	o.answer["properties"] = always(200, propertiesOf("dealname:string", "dealstage:enumeration", "hs_lastmodifieddate:datetime", "amount:number"))
	o.mu.Unlock()
	s.survey.forget()
	if p, err := s.Fetch(t.Context(), crm.Opportunities, pages[crm.Opportunities].Next); err != nil || len(p.Opportunities) != 4 {
		t.Fatalf("%d deals, %v", len(p.Opportunities), err)
	}
	if names := last.body["properties"].([]any); !slices.Contains(names, any("amount")) {
		t.Error(fmt.Sprint("read with ", names))
	}
}
