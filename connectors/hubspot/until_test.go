package hubspot_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestHubSpotSaysWhen: an answer that asks for more patience than a call has ends the call
// at once, and the error says until when.
func TestHubSpotSaysWhen(t *testing.T) {
	for _, status := range []int{429, 423, 477, 500, 503} {
		for after, want := range map[string]time.Duration{"3600": time.Hour, "90": 90 * time.Second, "999999": 24 * time.Hour} {
			t.Run(strconv.Itoa(status)+" "+after, func(t *testing.T) {
				t.Parallel()
				a := newAccount(t, sim.Options{Deals: 5})
				a.cfg.Now = a.company.Now
				src := a.Source(t)
				if _, err := src.Describe(t.Context()); err != nil {
					t.Fatal(err)
				}
				f := sim.HubSpotFault(status)
				f.Path, f.Times, f.Header = "/deals", -1, map[string]string{"Retry-After": after}
				a.portal.Fault(f)
				a.portal.ResetCalls()
				_, err := src.Fetch(t.Context(), crm.Opportunities, "")
				busy, said := errors.AsType[*crm.BusyError](err)
				if !said || !errors.Is(err, crm.ErrBusy) || !busy.Until.Equal(a.company.Now().Add(want)) {
					t.Fatalf("got %v, want it to hold for %v", err, want)
				}
				if until := busy.Until.Format("2006-01-02 15:04 UTC"); !strings.Contains(err.Error(), until) {
					t.Errorf("%q does not say %s", err, until)
				}
				if n := len(a.portal.Calls()); n > 2 {
					t.Errorf("%d calls", n)
				}
			})
		}
	}
}

// TestTheTokenEndpointSaysWhen: the same where HubSpot gives no access token.
func TestTheTokenEndpointSaysWhen(t *testing.T) {
	for name, f := range map[string]sim.Fault{
		"busy":         {Status: 429, Body: `{"status":"error","message":"too many"}`},
		"down":         {Status: 503, Body: "no"},
		"in its words": {Status: 400, Body: `{"error":"temporarily_unavailable","error_description":"try again"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := installed(t, func(*sim.HubSpotOAuth) {})
			f.Path, f.Times, f.Header = "/oauth/", -1, map[string]string{"Retry-After": "3600"}
			a.portal.Fault(f)
			_, err := a.Source(t).Describe(t.Context())
			if busy, said := errors.AsType[*crm.BusyError](err); !said || !busy.Until.Equal(a.company.Now().Add(time.Hour)) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestARefusalForGoodStaysOne: a Retry-After, which a proxy may add to all answers, makes
// no refusal for good one of the moment.
func TestARefusalForGoodStaysOne(t *testing.T) {
	for status, kind := range map[int]error{401: crm.ErrAuth, 403: crm.ErrRefused} {
		a := newAccount(t, sim.Options{Deals: 5})
		f := sim.HubSpotFault(status)
		f.Times, f.Header = -1, map[string]string{"Retry-After": "3600"}
		a.portal.Fault(f)
		_, err := a.Source(t).Fetch(t.Context(), crm.Opportunities, "")
		if _, said := errors.AsType[*crm.BusyError](err); said || !errors.Is(err, kind) {
			t.Errorf("%d: got %v", status, err)
		}
	}
}
