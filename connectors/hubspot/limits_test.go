package hubspot_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// direct calls the portal without a network, so a test can run in a bubble.
type direct struct {
	handler http.Handler
	slow    time.Duration // how long each answer takes
}

func (d direct) RoundTrip(req *http.Request) (*http.Response, error) {
	<-time.After(d.slow)
	in := req.Clone(req.Context())
	if in.Body == nil {
		in.Body = io.NopCloser(strings.NewReader(""))
	}
	in.RequestURI = req.URL.RequestURI()
	rec := httptest.NewRecorder()
	d.handler.ServeHTTP(rec, in)
	resp := rec.Result()
	resp.Request = req
	return resp, nil
}

// bubbled returns a source and its portal with the usual rates, without a network.
func bubbled(t *testing.T, opt sim.Options, change func(*sim.HubSpotOptions)) (*hubspot.Source, *sim.HubSpot) {
	t.Helper()
	opt.HubSpot = true
	p := sim.New(opt).HubSpot()
	p.Set(func(o *sim.HubSpotOptions) { o.Burst, o.Searches, o.Daily = 100, 5, 250_000 })
	p.Set(change)
	s, err := hubspot.New(hubspot.Config{
		Name: "partners", Token: connectortest.Secret(t, p.Options().Token),
		PageLimit: 5, // many calls
	}, rest.New(rest.Config{Transport: direct{p, 100 * time.Millisecond}}))
	if err != nil {
		t.Fatal(err)
	}
	return s, p
}

// sideBySide reads all streams, four at a time as the daemon does.
func sideBySide(t *testing.T, s *hubspot.Source) {
	t.Helper()
	var wg sync.WaitGroup
	places := make(chan struct{}, 4)
	for _, name := range s.Streams() {
		wg.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			at := crm.Cursor("")
			for more := true; more; {
				p, err := s.Fetch(t.Context(), name, at)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					return
				}
				at, more = p.Next, p.More
			}
		})
	}
	wg.Wait()
}

// TestSideBySide reads the streams of a backfill at once, within both limits: the portal
// must never refuse a call as one too many.
func TestSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, p := bubbled(t, sim.Options{Deals: 150}, func(*sim.HubSpotOptions) {})
		begin := time.Now()
		sideBySide(t, s)
		tally := p.Tally()
		t.Logf("%d calls in %v", tally.Total(), time.Since(begin))
		if tally.Limited != 0 {
			t.Errorf("%d calls were too many", tally.Limited)
		}
		// The source uses the limit: eight calls a second, after the first 80.
		if calls, most := tally.Total(), time.Duration(tally.Total())*time.Second/8; calls < 200 || time.Since(begin) > most {
			t.Errorf("%d calls took %v, want at most %v", calls, time.Since(begin), most)
		}
	})
}

// TestFailure14OthersSearch shares the account's searches with somebody who uses most
// of them; the answer names no policy and no time (pipedream PR 18215). The run must
// come to its end with few refused calls.
func TestFailure14OthersSearch(t *testing.T) {
	for name, policy := range map[string]bool{"as recorded": false, "with a policy": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, p := bubbled(t, sim.Options{Deals: 60}, func(o *sim.HubSpotOptions) { o.Searches, o.SearchPolicy = 2, policy })
				sideBySide(t, s)
				tally := p.Tally()
				if tally.Limited == 0 || tally.Limited > tally.Total()/10 {
					t.Errorf("%d calls were refused, %d answered", tally.Limited, tally.Total())
				}
			})
		})
	}
}

// TestFailure15DayEndsAtThePortal lets other apps use up the portal's day: the source
// waits for midnight in the portal's zone, not in UTC.
func TestFailure15DayEndsAtThePortal(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 60})
	a.cfg.Now = a.company.Now
	a.portal.Set(func(o *sim.HubSpotOptions) { o.Zone, o.Daily = "Asia/Kolkata", 200 })
	src := a.Source(t)
	if _, err := src.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.portal.OthersCall(500)
	at := crm.Cursor("")
	_, err := src.Fetch(t.Context(), crm.Opportunities, at)
	quota, ok := errors.AsType[*crm.QuotaError](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	zone, _ := time.LoadLocation("Asia/Kolkata")
	if midnight := crm.DateOf(a.company.Now(), zone) + 1; !quota.Until.Equal(midnight.In(zone)) {
		t.Errorf("until %v, want midnight of the portal", quota.Until)
	}
	a.company.SetNow(quota.Until.Add(-time.Minute))
	if _, err := src.Fetch(t.Context(), crm.Opportunities, at); !errors.Is(err, crm.ErrQuota) {
		t.Errorf("a minute before: %v", err)
	}
	a.company.SetNow(quota.Until.Add(time.Second))
	if _, err := src.Fetch(t.Context(), crm.Opportunities, at); err != nil {
		t.Errorf("after midnight: %v", err)
	}
}

// TestAnswersThatPass lists failures that pass by themselves: the run goes on.
func TestAnswersThatPass(t *testing.T) {
	for _, status := range []int{423, 477, 500, 502, 503, 504, 521, 522, 523, 524} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, p := bubbled(t, sim.Options{Deals: 30}, func(*sim.HubSpotOptions) {})
				f := sim.HubSpotFault(status)
				f.Path, f.Times = "/deals", 3
				p.Fault(f)
				sideBySide(t, s)
			})
		})
	}
}
