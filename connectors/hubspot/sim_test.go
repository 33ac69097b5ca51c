package hubspot_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// account is a simulated portal served over HTTP.
type account struct {
	t       *testing.T
	company *sim.Company
	portal  *sim.HubSpot
	cfg     hubspot.Config
	renamed int
}

func newAccount(t *testing.T, opt sim.Options) *account {
	t.Helper()
	opt.HubSpot = true
	c := sim.New(opt)
	p := c.HubSpot()
	p.Set(func(o *sim.HubSpotOptions) { o.Burst, o.Daily = 1_000_000, 100_000_000 })
	srv := httptest.NewServer(p)
	t.Cleanup(srv.Close)
	return &account{t: t, company: c, portal: p, cfg: hubspot.Config{
		Name: "partners", URL: srv.URL, Token: connectortest.Secret(t, "pat-na1-5e0d4c1a-0000-4000-8000-000000000001"),
		Fields:     map[string]string{"economic_buyer": "economic_buyer"},
		SearchRate: 1_000_000, CallRate: 1_000_000, PageLimit: 20,
	}}
}

func (a *account) Source(t *testing.T) crm.Source {
	t.Helper()
	s, err := hubspot.New(a.cfg, rest.New(rest.Config{Attempts: 2}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ask calls the portal without the connector.
func (a *account) ask(path string, body, out any) {
	a.t.Helper()
	method := http.MethodGet
	var in bytes.Buffer
	if body != nil {
		method = http.MethodPost
		if err := json.NewEncoder(&in).Encode(body); err != nil {
			a.t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.cfg.URL+path, &in)
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.portal.Options().Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusMultiStatus {
		a.t.Fatalf("%s: HTTP %d", path, resp.StatusCode)
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		a.t.Fatal(err)
	}
}

// linked lists the associations of records, by record.
func (a *account) linked(from, to string, ids []string) map[string][]string {
	out := map[string][]string{}
	var pending []map[string]string
	for _, id := range ids {
		pending = append(pending, map[string]string{"id": id})
	}
	for len(pending) > 0 {
		n := min(len(pending), 1000)
		var got struct {
			Results []struct {
				From struct{ ID string }
				To   []struct {
					ID json.Number `json:"toObjectId"`
				}
				Paging struct{ Next struct{ After string } }
			}
		}
		a.ask("/crm/associations/2026-09/"+from+"/"+to+"/batch/read", map[string]any{"inputs": pending[:n]}, &got)
		pending = pending[n:]
		for _, r := range got.Results {
			for _, t := range r.To {
				out[r.From.ID] = append(out[r.From.ID], t.ID.String())
			}
			if after := r.Paging.Next.After; after != "" {
				pending = append(pending, map[string]string{"id": r.From.ID, "after": after})
			}
		}
	}
	return out
}

func (a *account) IDs(s crm.Stream) (out []string) {
	switch s {
	case crm.Users:
		for _, archived := range []string{"false", "true"} {
			var got struct {
				Results []struct{ ID string }
			}
			a.ask("/crm/owners/2026-09?limit=500&archived="+archived, nil, &got)
			for _, r := range got.Results {
				out = append(out, r.ID)
			}
		}
	case crm.Stages:
		var got struct {
			Results []struct {
				Stages []struct{ ID string }
			}
		}
		a.ask("/crm/pipelines/2026-09/deals", nil, &got)
		for _, p := range got.Results {
			for _, st := range p.Stages {
				out = append(out, st.ID)
			}
		}
	case crm.Opportunities:
		return a.portal.IDs("deals")
	case crm.History:
		return a.histories()
	case crm.Activities:
		for _, typ := range []string{"calls", "emails", "meetings", "tasks", "notes"} {
			ids := a.portal.IDs(typ)
			of := a.linked(typ, "deals", ids)
			for _, id := range ids {
				if len(of[id]) > 0 {
					out = append(out, typ+":"+id)
				}
			}
		}
	case crm.Contacts:
		var open []string
		for _, id := range a.portal.IDs("deals") {
			if a.portal.Properties("deals", id)["hs_is_closed"] == "false" {
				open = append(open, id)
			}
		}
		for deal, ids := range a.linked("deals", "contacts", open) {
			for _, id := range ids {
				out = append(out, deal+":"+id)
			}
		}
	}
	return out
}

func (a *account) histories() (out []string) {
	names := map[string]string{"dealstage": "stage", "closedate": "close_date", "amount": "amount", "hs_next_step": "next_step", "hubspot_owner_id": "owner"}
	for after := "0"; after != ""; {
		var got struct {
			Results []struct {
				History map[string][]struct{ Timestamp time.Time } `json:"propertiesWithHistory"`
			}
			Paging struct {
				Next struct{ After string }
			}
		}
		a.ask("/crm/objects/2026-09/deals?limit=50&propertiesWithHistory=dealstage,closedate,amount,hs_next_step,hubspot_owner_id&after="+after, nil, &got)
		for _, r := range got.Results {
			for from, list := range r.History {
				for _, e := range list {
					out = append(out, fmt.Sprintf("%s:%d", names[from], e.Timestamp.UnixMilli()))
				}
			}
		}
		after = got.Paging.Next.After
	}
	return out
}

// tick lets a minute pass.
func (a *account) tick() { a.company.SetNow(a.company.Now().Add(time.Minute)) }

func (a *account) Rename(t *testing.T) (id, name string) {
	t.Helper()
	a.tick()
	a.renamed++
	id, name = a.portal.IDs("deals")[a.renamed], fmt.Sprintf("renamed %d", a.renamed)
	if err := a.portal.SetProperty("deals", id, "dealname", name); err != nil {
		t.Fatal(err)
	}
	a.tick()
	return id, name
}

func (a *account) Delete(t *testing.T) string {
	t.Helper()
	a.tick()
	id := a.portal.IDs("deals")[7]
	if err := a.portal.Archive("deals", id); err != nil {
		t.Fatal(err)
	}
	a.tick()
	return id
}

func (a *account) Restore(t *testing.T, id string) {
	t.Helper()
	if err := a.portal.Restore("deals", id); err != nil {
		t.Fatal(err)
	}
	a.tick()
}

// call is the n-th call that belongs to a deal.
func (a *account) call(t *testing.T, n int) string {
	t.Helper()
	ids := a.portal.IDs("calls")
	of := a.linked("calls", "deals", ids)
	for _, id := range ids {
		if len(of[id]) > 0 {
			if n--; n < 0 {
				return id
			}
		}
	}
	t.Fatal("the portal has too few calls")
	return ""
}

func (a *account) ChangeActivity(t *testing.T) string {
	t.Helper()
	a.tick()
	id := a.call(t, 3)
	if err := a.portal.SetProperty("calls", id, "hs_timestamp", a.company.Now().UTC().Format(time.RFC3339)); err != nil {
		t.Fatal(err)
	}
	a.tick()
	return "calls:" + id
}

func (a *account) DeleteActivity(t *testing.T) string {
	t.Helper()
	a.tick()
	id := a.call(t, 5)
	if err := a.portal.Archive("calls", id); err != nil {
		t.Fatal(err)
	}
	a.tick()
	return "calls:" + id
}

func (a *account) Wait(_ *testing.T, d time.Duration) { a.company.SetNow(a.company.Now().Add(d)) }

// ExpireSession does nothing: a static token has no session.
func (a *account) ExpireSession(*testing.T) {}

func (a *account) Outage(_ *testing.T, on bool) {
	a.portal.ClearFaults()
	if on {
		a.portal.Fault(sim.Fault{Kind: sim.HTML503, Times: -1})
	}
}

func (a *account) Exhaust(_ *testing.T, on bool) {
	a.portal.Set(func(o *sim.HubSpotOptions) {
		o.DailyUsed = 0
		if on {
			o.DailyUsed = o.Daily
		}
	})
}

func (a *account) Refuse(*testing.T) {
	a.portal.Set(func(o *sim.HubSpotOptions) { o.Expired = true })
}

func (a *account) Secrets() []string { return []string{"5e0d4c1a", "Bearer"} }

func TestSource(t *testing.T) {
	for name, change := range map[string]func(o *sim.HubSpotOptions){
		"as it comes":           func(*sim.HubSpotOptions) {},
		"one link at a time":    func(o *sim.HubSpotOptions) { o.AssociationPage = 1 },
		"the index lags behind": func(o *sim.HubSpotOptions) { o.IndexLag = 10 * time.Second },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connectortest.TestSource(t, func(t *testing.T) connectortest.Account {
				a := newAccount(t, sim.Options{Deals: 60})
				a.portal.Set(change)
				return a
			})
		})
	}
}
