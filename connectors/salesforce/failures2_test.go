package salesforce_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestFailure06ShortPages: for a page of 2,000 rows the org gives 1,000 or 200 and says
// that more follow. A connector that took a short page for the last one lost the rest
// (airbyte issue 9151). A full page may also be the last one.
func TestFailure06ShortPages(t *testing.T) {
	t.Parallel()
	a := newAccount(t, sim.Options{Deals: 1200})
	a.cfg.PageHint = 2000
	for _, id := range a.IDs(crm.Opportunities)[2000:] { // so that the last page is full
		if err := errors.Join(a.company.Delete(id), a.company.Purge(id)); err != nil {
			t.Fatal(err)
		}
	}
	for _, size := range []string{"2000", "1000", "200"} {
		t.Run(size, func(t *testing.T) {
			a.behind(t, func(w http.ResponseWriter, r *http.Request, org http.Handler) {
				r.Header.Set("Sforce-Query-Options", "batchSize="+size)
				org.ServeHTTP(w, r)
			})
			a.org.ResetCalls()
			pages, _ := pagesOf(t, a.Source(t), crm.Opportunities, "", nil)
			if got := all(pages); len(got) != 2000 {
				t.Errorf("%d deals, want 2000", len(got))
			}
			if n := a.asked("/query"); fmt.Sprint(2000/n) != size {
				t.Errorf("%d calls for pages of %s", n, size)
			}
		})
	}
}

const concurrent = `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"ConcurrentRequests (Concurrent API Requests) Limit exceeded."}]`

// TestFailure07QuotaInTheMiddle: a sync that ended with the day's allowance was reported
// as a success, and the unread rows were never read (airbyte issues 9499 and 8690). Here
// the sync ends with an error that says when reading goes on, and the cursor stays. Too
// many calls at the same moment (mautic issue 5006) are another error: the calls are
// repeated.
func TestFailure07QuotaInTheMiddle(t *testing.T) {
	t.Parallel()
	a := newAccount(t, sim.Options{Deals: 150})
	src := a.Source(t)
	deals := newCache(t, crm.Opportunities)
	deals.step(src)
	a.org.Set(func(o *sim.SalesforceOptions) { o.LimitUsed = o.LimitMax })
	for range 2 {
		a.org.ResetCalls()
		p, err := src.Fetch(t.Context(), crm.Opportunities, deals.at)
		quota, ok := errors.AsType[*crm.QuotaError](err)
		if !ok || errors.Is(err, crm.ErrBusy) || quota.Limit != 100_000 || quota.Until.IsZero() || p.Next != "" || p.Len() != 0 {
			t.Fatalf("got a page of %d rows, %v; want the quota", p.Len(), err)
		}
		if n := len(a.org.Calls()); n > 1 {
			t.Errorf("%d calls without an allowance", n)
		}
	}
	a.org.Set(func(o *sim.SalesforceOptions) { o.LimitUsed = 0 })
	src = a.Source(t) // the other one counts by the figure of before for a while
	for deals.step(src) {
	}
	deals.whole(a)
	for _, status := range []int{http.StatusForbidden, http.StatusServiceUnavailable} {
		t.Run(fmt.Sprint("concurrent ", status), func(t *testing.T) {
			t.Parallel()
			for _, times := range []int{1, -1} {
				a := newAccount(t, sim.Options{Deals: 30})
				src := a.Source(t)
				if _, err := src.Describe(t.Context()); err != nil {
					t.Fatal(err)
				}
				a.org.Fault(sim.Fault{Path: "queryAll", Times: times, Status: status, Body: concurrent})
				_, err := src.Fetch(t.Context(), crm.Opportunities, "")
				if times == 1 && err != nil || times < 0 && (!errors.Is(err, crm.ErrBusy) || errors.Is(err, crm.ErrQuota)) {
					t.Errorf("%d times: %v", times, err)
				}
			}
		})
	}
}

// impatient returns a source that does not repeat a call.
func (a *account) impatient(t *testing.T) crm.Source {
	t.Helper()
	s, err := salesforce.New(a.cfg, rest.New(rest.Config{Attempts: 1}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestFailure08HTMLInsteadOfJSON: during maintenance, Salesforce answers with a web page,
// even with status 200, or with an empty body (restforce issue 860; airbyte issue 53689;
// Salesforce CLI issue 2487). Such an answer is never an empty page: the error is
// ErrBusy, the cursor stays, and the next run goes on. An answer that is bad only for a
// moment is repeated.
func TestFailure08HTMLInsteadOfJSON(t *testing.T) {
	const settingUp = "<html><body>We are setting things up.</body></html>"
	html := map[string]string{"Content-Type": "text/html"}
	for name, c := range map[string]struct {
		fault  sim.Fault
		passes bool // worth another attempt at once
		want   string
	}{
		"maintenance, 503":   {sim.Fault{Kind: sim.HTML503}, true, "a web page instead of data (HTTP 503)"},
		"maintenance, 200":   {sim.Fault{Kind: sim.HTML200}, false, "a web page instead of data (HTTP 200)"},
		"setting things up":  {sim.Fault{Status: 420, Header: html, Body: settingUp}, true, "a web page instead of data (HTTP 420)"},
		"nothing, 406":       {sim.Fault{Status: 406}, true, "answered HTTP 406 without data"},
		"nothing, 420":       {sim.Fault{Status: 420}, true, "answered HTTP 420 without data"},
		"a web page as JSON": {sim.Fault{Status: 200, Body: settingUp}, false, "a web page instead of data (HTTP 200)"},
	} {
		for _, path := range []string{"/query/", "/queryAll", "/describe", "/composite", "/token"} {
			t.Run(name+path, func(t *testing.T) {
				t.Parallel()
				a := newAccount(t, sim.Options{Deals: 150})
				if path == "/describe" {
					a.org.Set(func(o *sim.SalesforceOptions) { o.NoComposite = http.StatusNotFound })
				}
				src, deals := a.impatient(t), newCache(t, crm.Opportunities)
				if path == "/query/" {
					deals.step(src)
				}
				fault := c.fault
				fault.Path, fault.Times = path, -1
				a.org.Fault(fault)
				_, err := src.Describe(t.Context())
				var p crm.Page
				if err == nil {
					p, err = src.Fetch(t.Context(), crm.Opportunities, deals.at)
				}
				if !errors.Is(err, crm.ErrBusy) || !strings.Contains(err.Error(), c.want) || p.Next != "" || p.Len() > 0 {
					t.Fatalf("got a page of %d rows, %v; want busy, %s", p.Len(), err, c.want)
				}
				a.org.ClearFaults()
				if c.passes && path == "/queryAll" {
					fault.Times = 1
					a.org.Fault(fault)
					src = a.Source(t)
				}
				for deals.step(src) {
				}
				deals.whole(a)
			})
		}
	}
}

// TestFailure09RefusalThatLoginCannotCure: the login works, but each call is answered
// with 401, and clients logged in for ever (jsforce issue 1301, nango issue 4344). Here
// a 401 that names an incurable cause costs no login, and any other 401 costs one. Then
// the sync ends with an error that says what to do.
func TestFailure09RefusalThatLoginCannotCure(t *testing.T) {
	const ended = `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`
	for name, c := range map[string]struct {
		befall func(a *account)
		logins int
		want   string
	}{
		"not for the REST API": {func(a *account) {
			a.org.Set(func(o *sim.SalesforceOptions) { o.RefuseSessions = true })
		}, 0, "does not let it use the REST API"},
		"not attached": {func(a *account) {
			a.org.Fault(sim.Fault{Path: "/services/data", Times: -1, Status: 401, Body: `[{"message":"Connected app is not attached to Agent","errorCode":"INVALID_SESSION_ID"}]`})
		}, 0, "does not let it use the REST API"},
		"ended at once": {func(a *account) {
			a.org.Fault(sim.Fault{Path: "/services/data", Times: -1, Status: 401, Body: ended})
		}, 1, "a session that was just opened is refused"},
		"ended at once, 403": {func(a *account) {
			a.org.Fault(sim.Fault{Path: "/services/data", Times: -1, Status: 403, Body: ended})
		}, 1, "a session that was just opened is refused"},
		"inactive user": {func(a *account) {
			a.org.Set(func(o *sim.SalesforceOptions) { o.InactiveUser = true })
			a.org.ExpireSessions()
		}, 1, "inactive user"},
	} {
		for flow, whose := range map[string]string{
			salesforce.ClientCredentials: "the run-as user",
			salesforce.JWTBearer:         `the user "pipetidy@acme.example"`,
			salesforce.RefreshToken:      "the user who approved the app",
		} {
			t.Run(name+"/"+flow, func(t *testing.T) {
				t.Parallel()
				a := signsIn(t, flow)
				src := a.Source(t)
				deals := newCache(t, crm.Opportunities)
				deals.step(src)
				c.befall(a)
				a.org.ResetCalls()
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				_, err := src.Fetch(ctx, crm.Opportunities, deals.at)
				if !errors.Is(err, crm.ErrAuth) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), whose) {
					t.Errorf("got %v, want %s and %s", err, c.want, whose)
				}
				if n := a.asked("/token"); n != c.logins || len(a.org.Calls()) > 3 {
					t.Errorf("%d logins in %d calls, want %d", n, len(a.org.Calls()), c.logins)
				}
			})
		}
	}
}

// TestFailure09OnePathOnly: the org refuses one query in every session, and answers all
// other calls. The refusals cost one login.
func TestFailure09OnePathOnly(t *testing.T) {
	t.Parallel()
	a := newAccount(t, sim.Options{Deals: 30})
	var src crm.Source
	a.behind(t, func(w http.ResponseWriter, r *http.Request, org http.Handler) {
		if !strings.Contains(r.URL.Query().Get("q"), "FROM Opportunity ") {
			org.ServeHTTP(w, r)
			return
		}
		if _, err := src.Fetch(r.Context(), crm.Stages, ""); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusUnauthorized)
	})
	src = a.Source(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := src.Fetch(ctx, crm.Opportunities, ""); !errors.Is(err, crm.ErrAuth) || a.org.Tokens() != 2 {
		t.Errorf("%d sessions, %v", a.org.Tokens(), err)
	}
}

// TestFailure10FieldDisappears: an administrator hides or renames a field, and the whole
// query is refused (airbyte issue 68166); when the field was back, old rows stayed
// without its values (airbyte issue 77627). Here the run goes on without the field and
// Describe says so. Once the field is back, all rows are read again, also when the field
// was gone for a part of a run only.
func TestFailure10FieldDisappears(t *testing.T) {
	for name, inOneRun := range map[string]bool{"for a day": false, "within a run": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, sim.Options{Deals: 400})
			now := a.company.Now()
			a.cfg.Now = func() time.Time { return now }
			src := a.Source(t)
			deals := newCache(t, crm.Opportunities)
			deals.step(src)
			a.company.HideField("Opportunity", "NextStep")
			a.org.ExpireSessions() // the query is made anew, without the field
			if !deals.step(src) {
				t.Fatal("the scenario does not hold: too few pages")
			}
			info, err := src.Describe(t.Context())
			if err != nil || info.Fields.Access("next_step") != crm.Hidden {
				t.Fatalf("next step is %s, %v", info.Fields.Access("next_step"), err)
			}
			if !inOneRun {
				for deals.step(src) {
				}
				a.tick()
				if deals.run(src); len(deals.deals) != len(a.IDs(crm.Opportunities)) || len(deals.delivered) == len(deals.deals) {
					t.Fatalf("without the field: %d deals, %d of them in a quiet run", len(deals.deals), len(deals.delivered))
				}
			}
			a.company.ShowField("Opportunity", "NextStep")
			now = now.Add(25 * time.Hour) // the answer of describe has expired
			if inOneRun {
				for deals.step(src) {
				}
			}
			if deals.run(src); len(deals.delivered) != len(deals.deals) {
				t.Errorf("%d of %d deals were read again for the field that is back", len(deals.delivered), len(deals.deals))
			}
			deals.whole(a)
			a.tick()
			if deals.run(src); len(deals.delivered) == len(deals.deals) {
				t.Error("the run after it read everything again")
			}
		})
	}
}
