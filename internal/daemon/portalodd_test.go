package daemon_test

import (
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/pipetidy/pipetidy/connectors/connectortest"
	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/internal/sim"
)

// portalBench is a daemon that reads a simulated portal.
type portalBench struct {
	*orgBench // without an org
	portal    *sim.HubSpot
}

func newPortalBench(t *testing.T, deals int, change ...func(*hubspot.Config)) *portalBench {
	t.Helper()
	c := sim.New(sim.Options{Deals: deals, NoHostile: true, HubSpot: true})
	portal := c.HubSpot()
	srv := httptest.NewServer(portal)
	t.Cleanup(srv.Close)
	share := func(budget float64) crm.Source {
		t.Helper()
		cfg := hubspot.Config{Name: "sales", URL: srv.URL, Token: connectortest.Secret(t, portal.Options().Token), Budget: budget, Now: c.Now, SearchRate: 1_000_000, CallRate: 1_000_000}
		for _, f := range change {
			f(&cfg)
		}
		src, err := hubspot.New(cfg, rest.New(rest.Config{Attempts: 1}))
		if err != nil {
			t.Fatal(err)
		}
		return src
	}
	connect := func() crm.Source { return share(1) }
	b := newBench(t, func(b *bench) {
		b.cfg.Sources[0].Source.Source, b.cfg.Now = connect(), c.Now
		b.cfg.Teams.List[0].Members = append(b.cfg.Teams.List[0].Members, "ben@acme.example", "cleo@acme.example")
		b.clock.Set(c.Now())
	})
	core, logs := observer.New(zapcore.WarnLevel)
	d, err := daemon.New(b.cfg, b.store, b.store, b.store.Fence(), zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	b.Daemon = d
	return &portalBench{&orgBench{bench: b, company: c, src: &b.cfg.Sources[0], connect: connect, connectShare: share, logs: logs}, portal}
}

// findings lists the rules that each record breaks.
func (x *orgBench) findings() map[string][]string {
	out := map[string][]string{}
	for _, l := range x.life() {
		if l.State == hygiene.Open {
			out[l.Record] = append(out[l.Record], l.Rule)
		}
	}
	return out
}

// set writes a property of a record in the portal.
func (x *portalBench) set(object, id, name, value string) {
	x.t.Helper()
	if err := x.portal.SetProperty(object, id, name, value); err != nil {
		x.t.Fatal(err)
	}
}

// said is what status tells people.
func (x *portalBench) said() string {
	x.t.Helper()
	st, err := x.Status(x.t.Context())
	if err != nil {
		x.t.Fatal(err)
	}
	return strings.Join(st.Notices, "\n")
}

// breaks returns the first open deal that breaks a rule and, if asked, has activities.
func (x *portalBench) breaks(rule string, touched bool) string {
	x.t.Helper()
	for _, l := range x.life() {
		if l.State == hygiene.Open && l.Rule == rule && (!touched || x.touch(l.Record) != [2]string{}) {
			return l.Record
		}
	}
	x.t.Fatalf("the scenario does not hold: no deal breaks %s: %v", rule, x.findings())
	return ""
}

// touch is an activity of a deal: its object and id.
func (x *portalBench) touch(deal string) [2]string {
	for _, object := range []string{"calls", "emails", "meetings"} {
		if ids := x.portal.Links("deals", deal, object); len(ids) > 0 {
			return [2]string{object, ids[0]}
		}
	}
	return [2]string{}
}

// TestOddValuesOfAPortal: values of an unexpected form cost neither their deals nor the
// other rows, though a whole page has such values. They are unknown, status names them,
// and once they are corrected all is as before.
func TestOddValuesOfAPortal(t *testing.T) {
	for when, first := range map[string]bool{"in the first reading": true, "in an increment": false} {
		t.Run(when, func(t *testing.T) {
			x, fresh := newPortalBench(t, 100), newPortalBench(t, 100)
			fresh.polled()
			late, silent := fresh.breaks("next-step-missing", false), fresh.breaks("no-activity", true)
			x.set("deals", late, "closedate", "2026-11-02T12:00:00Z")
			if !first {
				x.polled()
				x.later(time.Hour)
			}
			deals, act := x.portal.IDs("deals"), x.touch(silent)
			before := x.portal.Properties("deals", late)
			on := x.portal.Properties(act[0], act[1])["hs_timestamp"]
			for _, id := range deals {
				x.set("deals", id, "amount", "1,234.50")
			}
			x.set("deals", late, "closedate", "2026-12-31 10:00 o'clock")
			x.set(act[0], act[1], "hs_timestamp", "someday")
			x.later(15 * time.Minute)
			x.polled()
			for s, st := range x.streams() {
				if st.Error != "" || !st.Complete {
					t.Errorf("%s: %s", s, st.Error)
				}
			}
			// What was found before stays: a value that cannot be read is no fix.
			got := x.findings()
			if slices.Contains(got[late], "close-date-past") == first || slices.Contains(got[late], "close-date-missing") || slices.Contains(got[silent], "no-activity") == first || slices.Contains(got[silent], "never-touched") {
				t.Errorf("found of %s: %v, of %s: %v", late, got[late], silent, got[silent])
			}
			for id, rules := range got {
				if slices.Contains(rules, "amount-missing") && !slices.Contains(fresh.findings()[id], "amount-missing") {
					t.Errorf("%s: %v", id, rules)
				}
			}
			if n := x.streams()[crm.Opportunities].Records; n != len(deals) {
				t.Errorf("%d of %d deals", n, len(deals))
			}
			for _, words := range []string{"open deals have values that cannot be read", "amount"} {
				if said := x.said(); !strings.Contains(said, words) {
					t.Errorf("status does not say %q: %s", words, said)
				}
			}
			for _, id := range deals {
				x.set("deals", id, "amount", "10")
			}
			x.set("deals", late, "closedate", before["closedate"])
			x.set(act[0], act[1], "hs_timestamp", on)
			x.later(15 * time.Minute)
			x.polled()
			got = x.findings()
			if !slices.Contains(got[late], "close-date-past") || !slices.Contains(got[silent], "no-activity") || strings.Contains(x.said(), "cannot be read") {
				t.Errorf("corrected: %v, %v, %s", got[late], got[silent], x.said())
			}
		})
	}
}

// TestWhatIsContactInAPortal logs one activity on a deal that is found to be silent. What
// did not happen is no contact, and does not explain a contact that cannot be read.
func TestWhatIsContactInAPortal(t *testing.T) {
	t.Parallel()
	const ago, ahead = -20 * time.Hour, 70 * time.Hour
	for what, c := range map[string]struct {
		object     string
		at         time.Duration
		properties map[string]string
		elsewhere  bool // the portal knows of a WhatsApp message, two days old
		silent     bool // is found
	}{
		"a draft":                          {object: "emails", at: ago, properties: map[string]string{"hs_email_direction": "DRAFT_EMAIL"}, silent: true},
		"an email with the status draft":   {object: "emails", at: ago, properties: map[string]string{"hs_email_direction": "EMAIL", "hs_email_status": "DRAFT"}, silent: true},
		"a missed call of the buyer's":     {object: "calls", at: ago, properties: map[string]string{"hs_call_direction": "INBOUND", "hs_call_status": "MISSED"}, silent: true},
		"a call without a status":          {object: "calls", at: ago},
		"a call ahead without a status":    {object: "calls", at: ahead, properties: map[string]string{"hs_call_direction": "OUTBOUND"}},
		"a call ahead, logged as done":     {object: "calls", at: ahead, properties: map[string]string{"hs_call_status": "COMPLETED"}, silent: true},
		"a draft after a WhatsApp message": {object: "emails", at: ago, properties: map[string]string{"hs_email_direction": "DRAFT_EMAIL"}, elsewhere: true},
		"a WhatsApp message":               {elsewhere: true},
	} {
		t.Run(what, func(t *testing.T) {
			x, fresh := newPortalBench(t, 100), newPortalBench(t, 100)
			fresh.polled()
			deal := fresh.breaks("no-activity", true)
			if c.object != "" {
				p := map[string]string{"hs_timestamp": x.company.Now().Add(c.at).UTC().Format(time.RFC3339)}
				maps.Copy(p, c.properties)
				if _, err := x.portal.Create(c.object, deal, p); err != nil {
					t.Fatal(err)
				}
			}
			if c.elsewhere {
				if err := x.portal.SetQuietly("deals", deal, "notes_last_contacted", x.company.Now().Add(-48*time.Hour).UTC().Format(time.RFC3339)); err != nil {
					t.Fatal(err)
				}
			}
			x.polled()
			if got := x.findings()[deal]; slices.Contains(got, "no-activity") != c.silent {
				t.Errorf("found %v", got)
			}
		})
	}
}
