package daemon_test

import (
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// pairBench is a daemon that reads a simulated org and a simulated portal.
type pairBench struct {
	*bench
	company *sim.Company
}

func newPairBench(t *testing.T) *pairBench {
	t.Helper()
	c := sim.New(sim.Options{Deals: 10, NoHostile: true, HubSpot: true})
	org, portal := httptest.NewServer(c.Salesforce()), httptest.NewServer(c.HubSpot())
	t.Cleanup(org.Close)
	t.Cleanup(portal.Close)
	o := c.Salesforce().Options()
	sales, err := salesforce.New(salesforce.Config{
		Name: "sales", URL: org.URL, Auth: salesforce.Auth{ClientID: o.ClientID, ClientSecret: connectortest.Secret(t, o.ClientSecret)}, Budget: 1, Now: c.Now,
	}, rest.New(rest.Config{}))
	if err != nil {
		t.Fatal(err)
	}
	partners, err := hubspot.New(hubspot.Config{
		Name: "partners", URL: portal.URL, Token: connectortest.Secret(t, c.HubSpot().Options().Token), Budget: 1, Now: c.Now, SearchRate: 1_000_000, CallRate: 1_000_000,
	}, rest.New(rest.Config{}))
	if err != nil {
		t.Fatal(err)
	}
	return &pairBench{company: c, bench: newBench(t, func(b *bench) {
		b.cfg.Now = c.Now
		b.cfg.Sources = []daemon.Source{
			{Source: evaluation.Source{Source: sales, Label: "Salesforce"}, Type: "salesforce", Every: 15 * time.Minute},
			{Source: evaluation.Source{Source: partners, Label: "HubSpot"}, Type: "hubspot", Every: 15 * time.Minute},
		}
	})}
}

// calls counts the calls that a source has got.
func (p *pairBench) calls(i int) int {
	if i == 0 {
		return len(p.company.Salesforce().Calls())
	}
	return len(p.company.HubSpot().Calls())
}

// TestACRMThatSaysWhenIsLeftAlone: a CRM that asks for an hour is not polled within that
// hour, whether a poll or a command heard it. Status and the error of the command say until
// when, and the other source is polled all the while.
func TestACRMThatSaysWhenIsLeftAlone(t *testing.T) {
	for name, c := range map[string]struct {
		busy int // which source
		hand bool
	}{
		"Salesforce, a poll":    {busy: 0},
		"HubSpot, a poll":       {busy: 1},
		"Salesforce, a command": {busy: 0, hand: true},
		"HubSpot, a command":    {busy: 1, hand: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPairBench(t)
			poll := func(i int) (calls int) {
				t.Helper()
				before := p.calls(i)
				if !p.Turn(t.Context(), &p.cfg.Sources[i]) {
					t.Fatal("the loop ended")
				}
				return p.calls(i) - before
			}
			poll(0)
			poll(1)
			start := p.company.Now()
			f := sim.Fault{Status: 429, Body: `{"status":"error","message":"slow down","category":"RATE_LIMITS"}`, Header: map[string]string{"Retry-After": "3600"}, Times: -1}
			if c.busy == 0 {
				f.Status, f.Body = 503, `[{"errorCode":"SERVER_UNAVAILABLE","message":"busy"}]`
				p.company.Salesforce().Fault(f)
			} else {
				p.company.HubSpot().Fault(f)
			}
			src := &p.cfg.Sources[c.busy]
			until := start.Add(time.Hour)
			if c.hand {
				err := p.Sync(t.Context(), src, false, nil)
				if !errors.Is(err, crm.ErrBusy) || !strings.Contains(err.Error(), "polls go on at "+until.UTC().Format("2006-01-02 15:04 UTC")) {
					t.Fatalf("by hand: %v", err)
				}
			} else if poll(c.busy) == 0 {
				t.Fatal("the poll made no call")
			}
			st, err := p.Status(t.Context())
			if err != nil || st.Sources[c.busy].Next == nil || !st.Sources[c.busy].Next.Equal(until) || st.Sources[1-c.busy].Next != nil {
				t.Fatalf("status: %+v, %v", st.Sources, err)
			}
			if !slices.ContainsFunc(st.Sources[c.busy].Streams, func(s api.StreamProgress) bool { return strings.Contains(s.Error, "polls go on at ") }) {
				t.Errorf("no stream says until when: %+v", st.Sources[c.busy].Streams)
			}
			for at := 15 * time.Minute; at < time.Hour; at += 15 * time.Minute {
				p.company.SetNow(start.Add(at))
				if n := poll(c.busy); n != 0 {
					t.Errorf("%d calls after %v", n, at)
				}
				if poll(1-c.busy) == 0 {
					t.Errorf("the other source is not polled after %v", at)
				}
			}
			p.company.Salesforce().ClearFaults()
			p.company.HubSpot().ClearFaults()
			p.company.SetNow(until)
			if poll(c.busy) == 0 {
				t.Error("the polls do not go on")
			}
			if st, err := p.Status(t.Context()); err != nil || st.Sources[c.busy].Next != nil {
				t.Errorf("afterwards: %+v, %v", st.Sources[c.busy], err)
			}
		})
	}
}

// Where a stream is read for the first time and others use much of the account's day, polls
// of the other streams go on. Where the day is spent they wait until the account says.
func TestPollsGoOnWhileABackfillWaits(t *testing.T) {
	for _, backfill := range []bool{true, false} {
		b := newBench(t, nil)
		b.account.fail = map[crm.Stream]error{crm.Activities: &crm.QuotaError{Until: b.clock.Now().Add(time.Hour), Used: 9, Limit: 9, Backfill: backfill}}
		asked := []int{}
		for range 4 {
			if !b.Turn(t.Context(), &b.cfg.Sources[0]) {
				t.Fatal("the loop ended")
			}
			asked = append(asked, b.account.described)
			b.clock.Set(b.clock.Now().Add(14 * time.Minute))
		}
		if want := map[bool][]int{true: {1, 2, 3, 4}, false: {1, 1, 1, 1}}[backfill]; !slices.Equal(asked, want) {
			t.Errorf("backfill %v: the account was asked %v times, want %v", backfill, asked, want)
		}
		st, err := b.Status(t.Context())
		if err != nil || (st.Sources[0].Next == nil) != backfill {
			t.Errorf("backfill %v: the next poll is at %v, %v", backfill, st.Sources[0].Next, err)
		}
	}
}
