package salesforce_test

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/secret"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// The tests called TestFailure… repeat failures by which other connectors have lost data
// of Salesforce. What the cache and a digest do in such a failure is tested with the
// daemon.

// behind puts a proxy between the connector and the org.
func (a *account) behind(t *testing.T, proxy func(w http.ResponseWriter, r *http.Request, org http.Handler)) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { proxy(w, r, a.org) }))
	t.Cleanup(srv.Close)
	a.cfg.URL = srv.URL
}

// asked counts the calls whose path contains the words.
func (a *account) asked(words string) (n int) {
	for _, c := range a.org.Calls() {
		if strings.Contains(c.Path, words) {
			n++
		}
	}
	return n
}

// refused counts the calls that were answered with an error.
func (a *account) refused() (n int) {
	for _, c := range a.org.Calls() {
		if c.Status >= 400 {
			n++
		}
	}
	return n
}

// later lets some time pass.
func (a *account) later(d time.Duration) { a.company.SetNow(a.company.Now().Add(d)) }

// whole checks that the cache has all deals of the org, with their present values.
func (c *cache) whole(a *account) {
	c.t.Helper()
	for _, id := range a.IDs(crm.Opportunities) {
		if want, _ := a.company.Record(id)["NextStep"].(string); c.deals[id].ID == "" || c.deals[id].NextStep != want {
			c.t.Fatalf("%s is lost or old: next step is %q, want %q; %d deals of %d", id, c.deals[id].NextStep, want, len(c.deals), len(a.IDs(crm.Opportunities)))
		}
	}
}

// TestFailure01LateCommit: a transaction stamps a row at :10 and commits the row at
// 01:00; a poll at :30 reads a row that another transaction stamped at :20. The row of
// :10 is below the highest stamp, and was lost for good (airbyte issues 27146 and
// 42490). Here the next poll reads such a row, and if the transaction takes hours, a
// poll of the next day does.
func TestFailure01LateCommit(t *testing.T) {
	for name, c := range map[string]struct {
		takes, until time.Duration // of the transaction, and after which the row must be there
	}{
		"fifty seconds":   {50 * time.Second, time.Minute},
		"fifteen minutes": {15 * time.Minute, 16 * time.Minute},
		"five hours":      {5 * time.Hour, 25 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, sim.Options{Deals: 30})
			src := a.Source(t)
			deals := newCache(t, crm.Opportunities)
			deals.run(src)
			ids := a.company.IDs("Opportunity")
			first, second := ids[0], ids[1]
			a.later(time.Hour)
			a.company.SetCommitDelay(c.takes)
			set(t, a, first, "NextStep", "stamped first, seen last")
			a.company.SetCommitDelay(0)
			a.later(10 * time.Second)
			set(t, a, second, "NextStep", "stamped second, seen first")
			a.later(10 * time.Second)
			deals.run(src)
			if deals.deals[second].NextStep != "stamped second, seen first" || deals.deals[first].NextStep == "stamped first, seen last" {
				t.Fatal("the scenario does not hold: one row visible, one not")
			}
			for end := a.company.Now().Add(c.until); a.company.Now().Before(end); {
				a.later(min(15*time.Minute, c.until))
				deals.run(src)
			}
			deals.whole(a)
		})
	}
}

// TestFailure02TiesAtTheWatermark: many pages of rows are stamped in the same second. A
// query for rows after the last stamp lost the rest of them (supaglue pull 532, airbyte
// issue 9883). Here the process and the session end after each page, and each row comes
// once. A row that the overlap reads again is the same record.
func TestFailure02TiesAtTheWatermark(t *testing.T) {
	t.Parallel()
	a := newAccount(t, sim.Options{Deals: 750})
	a.cfg.PageHint = 200
	deals := newCache(t, crm.Opportunities)
	deals.run(a.Source(t))
	a.later(time.Hour)
	a.company.Restamp("Opportunity")
	deals.delivered = map[string]int{}
	before := deals.pages
	for deals.step(a.Source(t)) {
		a.org.ExpireSessions()
	}
	if n := len(a.IDs(crm.Opportunities)); n < 1250 || len(deals.delivered) != n || deals.pages-before < n/200 {
		t.Fatalf("%d of %d rows came, on %d pages", len(deals.delivered), n, deals.pages-before)
	}
	for id, n := range deals.delivered {
		if n != 1 {
			t.Fatalf("%s came %d times", id, n)
		}
	}
	known := deals.deals
	deals.deals = map[string]crm.Opportunity{}
	deals.run(a.Source(t)) // the watermark is the very second of all stamps
	if diff := cmp.Diff(known, deals.deals); diff != "" {
		t.Errorf("what came again is another record: %s", diff)
	}
}

// TestFailure03SessionDiesInTheMiddle: the third page is answered with 401. The next
// page belongs to its session, so after the login the same page failed for ever (airbyte
// pull 84302). Here the query is made anew after one attempt. The watermark stays until
// the run is over, so a row that changes during the run comes with the next run.
func TestFailure03SessionDiesInTheMiddle(t *testing.T) {
	for _, increment := range []bool{false, true} {
		for _, code := range []string{"401", "INVALID_QUERY_LOCATOR"} {
			t.Run(code, func(t *testing.T) {
				t.Parallel()
				a := newAccount(t, sim.Options{Deals: 400})
				a.org.Set(func(o *sim.SalesforceOptions) { o.ForeignLocator400 = code != "401" })
				src := a.Source(t)
				deals := newCache(t, crm.Opportunities)
				if increment {
					deals.run(src)
					a.later(time.Hour)
					a.company.Restamp("Opportunity")
				}
				deals.step(src)
				deals.step(src)
				began, passed := a.company.Now(), a.company.IDs("Opportunity")[0]
				a.later(time.Minute)
				set(t, a, passed, "NextStep", "changed behind the run")
				a.later(3 * time.Hour) // the run is slow, and its session has ended
				a.org.ExpireSessions()
				a.org.ResetCalls()
				logins := a.org.Tokens()
				if !deals.step(src) {
					t.Fatal("the scenario does not hold: too few pages")
				}
				if n := a.asked("/query/"); n != 1 || a.org.Tokens() != logins+1 {
					t.Errorf("the lost page was asked for %d times, with %d logins", n, a.org.Tokens()-logins)
				}
				for deals.step(src) {
				}
				if !deals.last.AsOf.Equal(began) {
					t.Errorf("complete as of %v, want when the run began, %v", deals.last.AsOf, began)
				}
				deals.run(src)
				deals.whole(a)
			})
		}
	}
}

// powerless is a vault that saves n more tokens and then fails.
type powerless struct {
	crm.Vault
	n int
}

var errPower = errors.New("power cut")

func (p *powerless) Save(name, token string) error {
	if p.n--; p.n < 0 {
		return errPower
	}
	return p.Vault.Save(name, token)
}

// TestFailure04RotationAndCrash: each refresh ends the refresh token. A connector that
// used a token twice, after a crash or at the same time, lost the approval and tried for
// ever (tap-salesforce issue 216). Here one exchange serves all callers, a token whose
// successor is not on disk opens no session, and the next process says what to do.
func TestFailure04RotationAndCrash(t *testing.T) {
	t.Parallel()
	a := signsIn(t, salesforce.RefreshToken)
	disk := a.cfg.Vault
	src := a.Source(t)
	for round := 1; round <= 3; round++ {
		var wg sync.WaitGroup
		for range 3 {
			for _, s := range []crm.Stream{crm.Users, crm.Stages, crm.Opportunities, crm.Contacts} {
				wg.Go(func() {
					if _, err := src.Fetch(t.Context(), s, ""); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		if n := a.org.Tokens(); n != round {
			t.Fatalf("%d exchanges, want %d", n, round)
		}
		a.org.ExpireSessions()
	}
	a.cfg.Vault = &powerless{disk, 1} // the vault still notes that the token is used
	a.org.ResetCalls()
	if _, err := a.Source(t).Describe(t.Context()); !errors.Is(err, errPower) || a.asked("/services/data") != 0 {
		t.Fatalf("a session was used whose refresh token is on no disk: %v", err)
	}
	a.cfg.Vault = disk
	a.org.ResetCalls()
	src = a.Source(t) // the next process
	_, err := src.Describe(t.Context())
	if !errors.Is(err, crm.ErrAuth) || !strings.Contains(err.Error(), "this refresh token was used before") || !strings.Contains(err.Error(), "approve the app anew") {
		t.Errorf("got %v", err)
	}
	if n := a.asked("/token"); n != 1 {
		t.Errorf("asked %d times", n)
	}
	a.cfg.Auth.RefreshToken = connectortest.Secret(t, a.org.Authorize())
	if _, err := a.Source(t).Describe(t.Context()); err != nil {
		t.Errorf("after a new approval: %v", err)
	}
	a.cfg.Vault = secret.Vault{Dir: filepath.Join(t.TempDir(), "tokens")} // an older copy of data_dir
	if _, err := a.Source(t).Describe(t.Context()); !errors.Is(err, crm.ErrAuth) || !strings.Contains(err.Error(), "approve the app anew") {
		t.Errorf("after a restore: %v", err)
	}
}

// TestFailure05LocatorGone: a query ended at row 586,000 of 589,103 (dataloader issue
// 576), and an eleventh open query of the user ended the first (simple-salesforce issue
// 95). Here a new query begins after the last row, and no row is read twice.
func TestFailure05LocatorGone(t *testing.T) {
	for name, lose := range map[string]func(a *account, src crm.Source){
		"dropped":  func(a *account, _ crm.Source) { a.org.DropLocators() },
		"too idle": func(a *account, _ crm.Source) { a.later(16 * time.Minute) },
		"an eleventh was opened": func(_ *account, src crm.Source) {
			for range 10 {
				if _, err := src.Fetch(t.Context(), crm.Opportunities, ""); err != nil {
					t.Error(err)
				}
			}
		},
	} {
		for _, s := range []crm.Stream{crm.Opportunities, crm.Activities, crm.History} {
			t.Run(name+"/"+string(s), func(t *testing.T) {
				t.Parallel()
				a := newAccount(t, sim.Options{Deals: 150})
				src := a.Source(t)
				well, _ := pagesOf(t, src, s, "", nil)
				a.org.ResetCalls()
				n, rows := 0, 0
				pages, _ := pagesOf(t, src, s, "", func(crm.Page) {
					if n++; n == len(well)-1 { // the last page is left
						lose(a, src)
					}
				})
				for _, p := range pages {
					rows += p.Len()
				}
				want := a.IDs(s)
				slices.Sort(want)
				got := all(pages)
				if diff := cmp.Diff(want, slices.Sorted(maps.Keys(got))); diff != "" || s != crm.History && rows != len(want) {
					t.Errorf("%d rows for %d ids: %s", rows, len(want), diff)
				}
				if a.refused() == 0 {
					t.Error("the scenario does not hold: the page was still there")
				}
			})
		}
	}
}
