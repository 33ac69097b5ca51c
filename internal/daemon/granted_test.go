package daemon_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestGrantedPermissionHelpsAtOnce: the operator reads the message, grants what it names,
// and the next sync reads it, in the same process and within the same minute.
func TestGrantedPermissionHelpsAtOnce(t *testing.T) {
	for _, object := range []string{"Opportunity", "Task", "OpportunityContactRole"} {
		t.Run(object, func(t *testing.T) {
			company := sim.New(sim.Options{Deals: 40})
			company.HideObject(object)
			if object == "Task" {
				company.HideObject("Event")
			}
			srv := httptest.NewServer(company.Salesforce())
			t.Cleanup(srv.Close)
			o := company.Salesforce().Options()
			src, err := salesforce.New(salesforce.Config{
				Name: "sales", URL: srv.URL, Auth: salesforce.Auth{ClientID: o.ClientID, ClientSecret: connectortest.Secret(t, o.ClientSecret)},
				Now: company.Now,
			}, rest.New(rest.Config{Attempts: 1}))
			if err != nil {
				t.Fatal(err)
			}
			b := newBench(t, func(b *bench) {
				b.cfg.Sources[0].Source.Source, b.cfg.Now = src, company.Now
			})
			for range 2 {
				if err := b.syncNow(false); (err != nil) != (object == "Opportunity") || err != nil && !strings.Contains(err.Error(), "give the run-as user read permission") {
					t.Fatalf("hidden: %v", err)
				}
			}
			company.ShowObject(object)
			company.ShowObject("Event")
			company.SetNow(company.Now().Add(time.Minute))
			if err := b.syncNow(false); err != nil {
				t.Fatalf("granted: %v", err)
			}
			for _, name := range []crm.Stream{crm.Opportunities, crm.Activities, crm.Contacts} {
				if s := b.streams()[name]; !s.Complete || s.Error != "" || s.Records == 0 {
					t.Errorf("%s: %+v", name, s)
				}
			}
		})
	}
}
