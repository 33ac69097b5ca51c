package salesforce_test

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// account is a simulated org served over HTTP.
type account struct {
	company *sim.Company
	org     *sim.Salesforce
	cfg     salesforce.Config
	renamed int
}

func newAccount(t *testing.T, opt sim.Options) *account {
	t.Helper()
	c := sim.New(opt)
	srv := httptest.NewServer(c.Salesforce())
	t.Cleanup(srv.Close)
	o := c.Salesforce().Options()
	return &account{company: c, org: c.Salesforce(), cfg: salesforce.Config{
		Name: "sales", URL: srv.URL, Auth: salesforce.Auth{ClientID: o.ClientID, ClientSecret: connectortest.Secret(t, o.ClientSecret)},
		Fields:   map[string]string{"decision_criteria": "Decision_Criteria__c", "economic_buyer": "Economic_Buyer__c"},
		PageHint: 200,
	}}
}

func (a *account) Source(t *testing.T) crm.Source {
	t.Helper()
	s, err := salesforce.New(a.cfg, rest.New(rest.Config{Attempts: 2}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (a *account) IDs(s crm.Stream) []string {
	switch s {
	case crm.Users:
		return a.company.IDs("User")
	case crm.Stages:
		var out []string
		for _, id := range a.company.IDs("OpportunityStage") {
			st := a.company.Record(id)
			out = append(out, st["ApiName"].(string))
			if st["IsActive"] == true { // the stage also comes once for each record type
				for range a.company.IDs("RecordType") {
					out = append(out, st["ApiName"].(string))
				}
			}
		}
		return out
	case crm.Opportunities:
		return a.company.IDs("Opportunity")
	case crm.History:
		var out []string
		for _, id := range a.company.IDs("OpportunityHistory") {
			out = append(out, id+":stage", id+":close_date", id+":amount")
		}
		return out
	case crm.Contacts:
		return a.company.IDs("OpportunityContactRole")
	}
	var out []string
	for _, id := range a.company.IDs("Opportunity") {
		for _, act := range a.company.Activities(id) {
			if r := a.company.Record(act); r["IsChild"] != true && r["IsRecurrence"] != true {
				out = append(out, act)
			}
		}
	}
	return out
}

// tick lets a minute pass.
func (a *account) tick() { a.company.SetNow(a.company.Now().Add(time.Minute)) }

func (a *account) Rename(t *testing.T) (id, name string) {
	t.Helper()
	a.tick()
	a.renamed++
	id, name = a.company.IDs("Opportunity")[a.renamed], fmt.Sprintf("renamed %d", a.renamed)
	if err := a.company.SetField(id, "Name", name); err != nil {
		t.Fatal(err)
	}
	a.tick()
	return id, name
}

func (a *account) Delete(t *testing.T) string {
	t.Helper()
	a.tick()
	id := a.company.IDs("Opportunity")[7]
	if err := a.company.Delete(id); err != nil {
		t.Fatal(err)
	}
	a.tick()
	return id
}

func (a *account) Restore(t *testing.T, id string) {
	t.Helper()
	if err := a.company.Undelete(id); err != nil {
		t.Fatal(err)
	}
	a.tick()
}

// task is the n-th task of an opportunity that stands alone.
func (a *account) task(t *testing.T, n int) string {
	t.Helper()
	for _, id := range a.IDs(crm.Activities) {
		if r := a.company.Record(id); r["TaskSubtype"] != nil {
			if n--; n < 0 {
				return id
			}
		}
	}
	t.Fatal("the org has too few tasks")
	return ""
}

func (a *account) ChangeActivity(t *testing.T) string {
	t.Helper()
	a.tick()
	id := a.task(t, 3)
	if err := a.company.SetField(id, "ActivityDate", "2026-12-24"); err != nil {
		t.Fatal(err)
	}
	a.tick()
	return id
}

func (a *account) DeleteActivity(t *testing.T) string {
	t.Helper()
	a.tick()
	id := a.task(t, 5)
	if err := a.company.Delete(id); err != nil {
		t.Fatal(err)
	}
	a.tick()
	return id
}

func (a *account) Wait(_ *testing.T, d time.Duration) { a.company.SetNow(a.company.Now().Add(d)) }

func (a *account) ExpireSession(*testing.T) { a.org.ExpireSessions() }

func (a *account) Outage(_ *testing.T, on bool) {
	a.org.ClearFaults()
	if on {
		a.org.Fault(sim.Fault{Kind: sim.HTML503, Times: -1})
	}
}

func (a *account) Exhaust(_ *testing.T, on bool) {
	a.org.Set(func(o *sim.SalesforceOptions) {
		o.LimitUsed = 0
		if on {
			o.LimitUsed = o.LimitMax
		}
	})
}

func (a *account) Refuse(*testing.T) {
	a.org.Set(func(o *sim.SalesforceOptions) { o.ClientSecret = "rotated" })
	a.org.ExpireSessions()
}

func (a *account) Secrets() []string { return []string{"sim-client-secret", "00DHs", "Bearer"} }

func TestSource(t *testing.T) {
	for name, change := range map[string]func(o *sim.SalesforceOptions){
		"as it comes": func(*sim.SalesforceOptions) {},
		"short pages": func(o *sim.SalesforceOptions) { o.ShortPages = true },
		"few cursors": func(o *sim.SalesforceOptions) { o.OpenLocators = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connectortest.TestSource(t, func(t *testing.T) connectortest.Account {
				a := newAccount(t, sim.Options{Deals: 150})
				a.org.Set(change)
				return a
			})
		})
	}
}
