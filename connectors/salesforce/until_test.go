package salesforce_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestSalesforceSaysWhen: an answer that asks for more patience than a call has ends the
// call at once, and the error says until when; a login is no exception.
func TestSalesforceSaysWhen(t *testing.T) {
	const token = "/oauth2/token"
	for name, f := range map[string]sim.Fault{
		"busy":               {Path: "/query", Status: 503, Body: `[{"errorCode":"SERVER_UNAVAILABLE","message":"busy"}]`},
		"too many at once":   {Path: "/query", Status: 403, Body: `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"ConcurrentRequests (Concurrent API Requests) Limit exceeded."}]`},
		"of an edge":         {Path: "/query", Status: 429, Body: "slow down"},
		"maintenance":        {Path: "/query", Kind: sim.HTML503},
		"login, edge":        {Path: token, Status: 429, Body: "slow down"},
		"login, busy":        {Path: token, Status: 503, Body: `{"error":"server_error","error_description":"down"}`},
		"login, too many":    {Path: token, Status: 429, Body: `{"error":"rate_limit","error_description":"slow down"}`},
		"login, in words":    {Path: token, Status: 400, Body: `{"error":"unknown_error","error_description":"retry your request"}`},
		"login, maintenance": {Path: token, Kind: sim.HTML503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, sim.Options{Deals: 5})
			a.cfg.Now = a.company.Now
			f.Times, f.Header = -1, map[string]string{"Retry-After": "3600"}
			a.org.Fault(f)
			_, err := a.Source(t).Fetch(t.Context(), crm.Opportunities, "")
			busy, said := errors.AsType[*crm.BusyError](err)
			if want := a.company.Now().Add(time.Hour); !said || !errors.Is(err, crm.ErrBusy) || !busy.Until.Equal(want) || !strings.Contains(err.Error(), want.Format("2006-01-02 15:04 UTC")) {
				t.Fatalf("got %v, want it to hold until %v", err, want)
			}
			if n := a.asked(f.Path); n != 1 {
				t.Errorf("%d calls", n)
			}
		})
	}
}

// TestADaySpentIsNoMoment: the org's day ends when its own figures say, not when a header
// does.
func TestADaySpentIsNoMoment(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 5})
	a.org.Fault(sim.Fault{
		Path: "/query", Times: -1, Status: 403, Body: `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`,
		Header: map[string]string{"Retry-After": "3600"},
	})
	_, err := a.Source(t).Fetch(t.Context(), crm.Opportunities, "")
	if _, said := errors.AsType[*crm.BusyError](err); said || !errors.Is(err, crm.ErrQuota) {
		t.Errorf("got %v", err)
	}
}

// soapFault is a refusal of login().
func soapFault(code, text string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com">` +
		`<soapenv:Body><soapenv:Fault><faultcode>sf:` + code + `</faultcode><faultstring>` + code + `: ` + text + `</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>`
}

// TestSOAPLoginSaysWhen: a login by password is left alone for as long as the org asks, and
// is made once; a refusal for good stays one, whatever header a proxy adds.
func TestSOAPLoginSaysWhen(t *testing.T) {
	for name, c := range map[string]struct {
		fault sim.Fault
		kind  error
		until bool
	}{
		"busy":           {sim.Fault{Status: 500, Body: soapFault("SERVER_UNAVAILABLE", "down")}, crm.ErrBusy, true},
		"too many":       {sim.Fault{Status: 500, Body: soapFault("LOGIN_RATE_EXCEEDED", "slow down")}, crm.ErrBusy, true},
		"of an edge":     {sim.Fault{Status: 429, Body: "slow down"}, crm.ErrBusy, true},
		"maintenance":    {sim.Fault{Kind: sim.HTML503}, crm.ErrBusy, true},
		"wrong password": {sim.Fault{Status: 500, Body: soapFault("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.")}, crm.ErrAuth, false},
		"locked out":     {sim.Fault{Status: 500, Body: soapFault("PASSWORD_LOCKOUT", "locked")}, crm.ErrAuth, false},
		"nothing here":   {sim.Fault{Status: 404, Body: "no"}, crm.ErrRefused, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := signsIn(t, salesforce.Password)
			a.cfg.Now = a.company.Now
			c.fault.Path, c.fault.Times, c.fault.Header = "/services/Soap/", -1, map[string]string{"Retry-After": "3600"}
			a.org.Fault(c.fault)
			_, err := a.Source(t).Fetch(t.Context(), crm.Opportunities, "")
			busy, said := errors.AsType[*crm.BusyError](err)
			if !errors.Is(err, c.kind) || said != c.until || said && !busy.Until.Equal(a.company.Now().Add(time.Hour)) {
				t.Errorf("got %v", err)
			}
			if n := a.asked("/services/Soap/"); n != 1 {
				t.Errorf("%d logins", n)
			}
		})
	}
}
