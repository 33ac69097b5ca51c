package hubspot_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// forbid answers every call whose path has all parts with a refusal in the words of body.
func (a *account) forbid(body string, parts ...string) {
	a.portal.Fault(sim.Fault{Status: http.StatusForbidden, Body: body, Header: map[string]string{"Content-Type": "application/json"}, Times: -1, Match: func(r *http.Request) bool {
		for _, p := range parts {
			if !strings.Contains(r.URL.String(), p) {
				return false
			}
		}
		return true
	}})
}

// TestRefusalOfOneObject has HubSpot refuse one kind of object in each of its words: that
// kind is hidden with the words, and all others are read.
func TestRefusalOfOneObject(t *testing.T) {
	const scope = "the token may not read emails: the token lacks the scope sales-email-read"
	for name, c := range map[string]struct {
		body, want string
		at         []string
	}{
		"improper permissions": {`{"status":"error","message":"The scope needed for this API call isn't available for public use, or the user does not have proper permissions. This call requires any of [sales-email-read]"}`, scope, []string{"/objects/", "/emails"}},
		"missing scopes":       {`{"status":"error","category":"MISSING_SCOPES","message":"x"}`, scope, []string{"/objects/", "/emails"}},
		"not all granted":      {`{"status":"error","message":"This app hasn't been granted all required scopes to make this call."}`, "emails: HubSpot says This app hasn't been granted all", []string{"/objects/", "/emails"}},
		"no words":             {`{}`, "the token may not read emails: HubSpot says HTTP 403", []string{"/objects/", "/emails"}},
		"a web page":           {`<html>no</html>`, "the token may not read emails: HubSpot says HTTP 403", []string{"/objects/", "/emails"}},
		"associations":         {`{"message":"no access to associations"}`, "the token may not read emails: HubSpot says no access to associations", []string{"/associations/", "/emails/deals/"}},
		"batches":              {`{"message":"no batches"}`, "", []string{"/objects/", "/emails/batch/"}},
		"late links":           {`{"message":"no late links"}`, "", []string{"/associations/", "/deals/emails/"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, sim.Options{Deals: 30})
			a.cfg.Now = a.company.Now
			a.forbid(c.body, c.at...)
			src, at := a.Source(t), map[crm.Stream]crm.Cursor{}
			got := poll(t, src, at)
			deals, kinds := len(got[crm.Opportunities].Opportunities), map[crm.ActivityKind]int{}
			for _, act := range got[crm.Activities].Activities {
				kinds[act.Kind]++
			}
			if deals != len(a.portal.IDs("deals")) || kinds[crm.Call] == 0 || kinds[crm.Note] == 0 {
				t.Errorf("%d deals, %v", deals, kinds)
			}
			info, err := src.Describe(t.Context())
			if err != nil || !strings.Contains(info.Why["emails"], c.want) || c.want != "" && (info.Fields["emails"] != crm.Hidden || kinds[crm.Email] != 0) {
				t.Errorf("emails are %s (%d read), %q, %v", info.Fields["emails"], kinds[crm.Email], info.Why["emails"], err)
			}
			for range 4 { // nor is anything read again because of what stays hidden
				a.later(2 * time.Hour)
				if err := a.portal.SetProperty("emails", a.portal.IDs("emails")[0], "hs_email_subject", "again"); err != nil {
					t.Fatal(err)
				}
				a.portal.ResetCalls()
				poll(t, src, at)
				if n := a.portal.Tally().Calls["calls list"]; n > 1 {
					t.Errorf("calls were listed %d times", n)
				}
			}
			a.portal.ClearFaults() // granted
			a.later(2 * time.Hour)
			for _, act := range poll(t, src, at)[crm.Activities].Activities {
				kinds[act.Kind]++
			}
			if kinds[crm.Email] == 0 {
				t.Error("no email was read after the scope was given")
			}
		})
	}
}

// TestRefusalOfTheBin has no right to the list of archived deals: deals are read all the
// same, and it is said.
func TestRefusalOfTheBin(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	a.cfg.Now = a.company.Now
	a.forbid(`{"message":"no archived records"}`, "/deals", "archived=true")
	said := ""
	for _, p := range toEnd(t, a.Source(t), crm.Opportunities, "") {
		said += p.Note
	}
	if !strings.Contains(said, "the archived deals cannot be read, so a deletion is noticed once a day only") {
		t.Errorf("said %q", said)
	}
}

// TestRefusalOfTheAccount concerns deals too, so nothing is read, and nobody is told that
// a scope of emails is missing.
func TestRefusalOfTheAccount(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	a.cfg.Now = a.company.Now
	a.forbid(`{"message":"This account is suspended."}`, "/crm/")
	_, err := a.Source(t).Fetch(t.Context(), crm.Opportunities, "")
	if err == nil || !errors.Is(err, crm.ErrRefused) || !strings.Contains(err.Error(), "HubSpot says This account is suspended; check in HubSpot that the account is active") {
		t.Errorf("got %v", err)
	}
}

// TestRefusalOfOwners leaves the other streams as they are.
func TestRefusalOfOwners(t *testing.T) {
	a := newAccount(t, sim.Options{Deals: 30})
	a.cfg.Now = a.company.Now
	a.forbid(`{"message":"no owners"}`, "/crm/owners/")
	src := a.Source(t)
	if _, err := src.Fetch(t.Context(), crm.Users, ""); !errors.Is(err, crm.ErrRefused) || !strings.Contains(err.Error(), "may not read owners: HubSpot says no owners") {
		t.Errorf("got %v", err)
	}
	if got := joined(toEnd(t, src, crm.Opportunities, "")).Opportunities; len(got) != len(a.portal.IDs("deals")) {
		t.Errorf("%d deals", len(got))
	}
}

// TestTokenRefusals tells the passing refusals of the token endpoint from those that a
// person has to do something about.
func TestTokenRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		kind error
		want string
	}{
		"unknown":     {`{"error":"unknown_error","error_description":"retry your request"}`, crm.ErrBusy, "HubSpot gives no access token at the moment (unknown_error: retry your request); the next run tries again"},
		"in process":  {`{"error":"invalid_grant","error_description":"token request is already being processed"}`, crm.ErrBusy, "at the moment (invalid_grant: token request is already being processed)"},
		"by its text": {`{"status":"BAD_REFRESH_TOKEN","message":"Something went wrong, please try again later"}`, crm.ErrBusy, "at the moment"},
		"unavailable": {`{"error":"temporarily_unavailable"}`, crm.ErrBusy, "at the moment (temporarily_unavailable)"},
		"inactive":    {`{"error":"invalid_grant","error_description":"inactive organization"}`, crm.ErrAuth, "the account that the app is installed in is not active (invalid_grant: inactive organization); ask the HubSpot administrator"},
		"refused":     {`{"error":"invalid_grant","status":"BAD_REFRESH_TOKEN","message":"missing or invalid refresh token"}`, crm.ErrAuth, "the refresh token is refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, times := range []int{-1, 1} {
				a, _ := installed(t, func(*sim.HubSpotOAuth) {})
				a.portal.Fault(sim.Fault{Path: "/oauth/", Status: http.StatusBadRequest, Body: c.body, Times: times})
				attempts := 1
				if times > 0 {
					attempts = 2
				}
				s, err := hubspot.New(a.cfg, rest.New(rest.Config{Attempts: attempts}))
				if err != nil {
					t.Fatal(err)
				}
				_, err = s.Describe(t.Context())
				switch passing := errors.Is(c.kind, crm.ErrBusy); {
				case times > 0 && passing && err != nil:
					t.Errorf("the second attempt: %v", err)
				case (times < 0 || !passing) && (!errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want)):
					t.Errorf("got  %v\nwant %s", err, c.want)
				}
			}
		})
	}
}

// TestOlderVersion has a portal without our version of the API: the version before is
// used, as long as the portal has no other.
func TestOlderVersion(t *testing.T) {
	for name, body := range map[string]string{"in JSON": `{"status":"error","message":"resource not found","category":"OBJECT_NOT_FOUND"}`, "a page": "<html>404</html>", "nothing": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, sim.Options{Deals: 30})
			a.cfg.Now = a.company.Now
			header := map[string]string{"Content-Type": "application/json"}
			a.portal.Fault(sim.Fault{Path: "/2026-09", Status: http.StatusNotFound, Body: body, Header: header, Times: -1})
			src, at := a.Source(t), map[crm.Stream]crm.Cursor{}
			got := poll(t, src, at)
			if len(got[crm.Opportunities].Opportunities) != len(a.portal.IDs("deals")) || len(got[crm.Activities].Activities) == 0 {
				t.Errorf("%d deals", len(got[crm.Opportunities].Opportunities))
			}
			a.portal.ClearFaults()
			a.later(25 * time.Hour)
			a.portal.ResetCalls()
			poll(t, src, at)
			for _, c := range a.portal.Calls() {
				if strings.Contains(c.Path, "2026-03") {
					t.Fatalf("%s although the portal has our version", c.Path)
				}
			}
			a.portal.Fault(sim.Fault{Path: "/2026-0", Status: http.StatusNotFound, Body: body, Header: header, Times: -1})
			_, err := a.Source(t).Fetch(t.Context(), crm.Opportunities, "")
			if !errors.Is(err, crm.ErrRefused) || !strings.Contains(err.Error(), "there is no HubSpot API of version 2026-09 here, nor of 2026-03 (HTTP 404); check url") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestScopesOfAnotherKind has a kind refused with the scope of another one: HubSpot's own words
// are told, since whoever adds that scope gains nothing.
func TestScopesOfAnotherKind(t *testing.T) {
	const says = "This call requires any of [%s]"
	for name, c := range map[string]struct{ object, scopes, want string }{
		"deals, with that of emails":     {"deals", "sales-email-read", "deals: HubSpot says This call requires any of [sales-email-read]"},
		"deals, with their own":          {"deals", "crm.objects.deals.read, sales-email-read", "deals: the token lacks the scope crm.objects.deals.read"},
		"deals, with sensitive data":     {"deals", "crm.objects.deals.sensitive.read.v2", "deals: the token lacks the scope crm.objects.deals.sensitive.read.v2"},
		"calls, with that of deals":      {"calls", "crm.objects.deals.read", "calls: HubSpot says This call requires any of [crm.objects.deals.read]"},
		"calls, with that of contacts":   {"calls", "crm.objects.contacts.read", "calls: the token lacks the scope crm.objects.contacts.read"},
		"contacts, with that of tickets": {"contacts", "tickets", "contacts: HubSpot says This call requires any of [tickets]"},
		"emails, with theirs":            {"emails", "sales-email-read", "emails: the token lacks the scope sales-email-read"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t, sim.Options{Deals: 10})
			a.forbid(`{"status":"error","message":"`+strings.Replace(says, "%s", c.scopes, 1)+`"}`, "/objects/", "/"+c.object)
			src := a.Source(t)
			said := ""
			if _, err := src.Fetch(t.Context(), crm.Opportunities, ""); err != nil {
				said = err.Error()
			} else if info, err := src.Describe(t.Context()); err == nil {
				said = fmt.Sprint(info.Why)
			}
			if !strings.Contains(said, "the token may not read "+c.want) {
				t.Errorf("it says %q, want %q", said, c.want)
			}
		})
	}
	a := newAccount(t, sim.Options{Deals: 10})
	a.forbid(`{"status":"error","category":"MISSING_SCOPES","message":"no","context":{"missingScopes":["tickets"]}}`, "/objects/", "/deals")
	if _, err := a.Source(t).Fetch(t.Context(), crm.Opportunities, ""); err == nil || !strings.Contains(err.Error(), "HubSpot says MISSING_SCOPES: no, and names tickets") {
		t.Errorf("got %v", err)
	}
}
