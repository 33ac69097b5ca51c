package daemon_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/api"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// TestClocksThatDiffer syncs accounts whose clock is not this machine's: sync and status
// say so, and ops are told once. Nothing is said of a difference of minutes, nor after
// the clock was set.
func TestClocksThatDiffer(t *testing.T) {
	company := sim.New(sim.Options{Deals: 20, HubSpot: true})
	org, portal := httptest.NewServer(company.Salesforce()), httptest.NewServer(company.HubSpot())
	t.Cleanup(org.Close)
	t.Cleanup(portal.Close)
	o := company.Salesforce().Options()
	sf, err := salesforce.New(salesforce.Config{
		Name: "sales", URL: org.URL, Auth: salesforce.Auth{ClientID: o.ClientID, ClientSecret: connectortest.Secret(t, o.ClientSecret)}, Now: company.Now,
	}, rest.New(rest.Config{}))
	if err != nil {
		t.Fatal(err)
	}
	hub, err := hubspot.New(hubspot.Config{
		Name: "sales", URL: portal.URL, Token: connectortest.Secret(t, company.HubSpot().Options().Token), Budget: 1, Now: company.Now, SearchRate: 1_000_000, CallRate: 1_000_000,
	}, rest.New(rest.Config{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		src  crm.Source
		by   time.Duration
		want string // "" is nothing
	}{
		{hub, 0, ""},
		{hub, 4 * time.Minute, ""},
		{hub, -4 * time.Minute, ""},
		{hub, 9 * time.Minute, "9m ahead of"},
		{hub, 2 * time.Hour, "2h0m ahead of"},
		{hub, -26 * time.Hour, "26h0m behind"},
		{sf, 0, ""},
		{sf, -2 * time.Hour, "2h0m behind"},
		{sf, 2 * time.Hour, "2h0m ahead of"},
	} {
		t.Run(fmt.Sprintf("%T %s", c.src, c.by), func(t *testing.T) {
			skew := c.by
			b := newBench(t, func(b *bench) {
				b.cfg.Sources[0].Source.Source, b.cfg.Now = c.src, func() time.Time { return company.Now().Add(-skew) }
			})
			core, logs := observer.New(zapcore.WarnLevel)
			d, err := daemon.New(b.cfg, b.store, b.store, b.store.Fence(), zap.New(core))
			if err != nil {
				t.Fatal(err)
			}
			says := func() (sync, status string) {
				t.Helper()
				var notes []string
				if err := d.Sync(t.Context(), &b.cfg.Sources[0], false, func(e api.SyncEvent) { notes = append(notes, e.Notes...) }); err != nil {
					t.Fatal(err)
				}
				s, err := d.Status(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				return strings.Join(notes, "\n"), strings.Join(s.Notices, "\n")
			}
			for range 2 {
				sync, status := says()
				for what, said := range map[string]string{"sync": sync, "status": status} {
					if strings.Contains(said, "clock is") != (c.want != "") || c.want != "" && !strings.Contains(said, "source sales: the CRM's clock is "+c.want+" this machine's clock") {
						t.Errorf("%s says %q, want %q", what, said, c.want)
					}
				}
			}
			told := 0
			for _, e := range logs.All() {
				if strings.Contains(fmt.Sprint(e.ContextMap()), "clock is") {
					told++
				}
			}
			if (told == 1) != (c.want != "") {
				t.Errorf("ops were told %d times", told)
			}
			skew = 0
			if sync, status := says(); strings.Contains(sync+status, "clock is") {
				t.Errorf("after the clock was set, sync says %q and status %q", sync, status)
			}
		})
	}
}
