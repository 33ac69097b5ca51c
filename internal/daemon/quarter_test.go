package daemon_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest"

	"github.com/pipetidy/pipetidy/config"
	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene/rules"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/internal/edition"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/internal/sim"
	"github.com/pipetidy/pipetidy/store/bolt"
)

// The company of the quarter: three teams on three clocks, with the days off of three
// countries.
const quarterFile = `company: Acme
timezone: America/New_York
currency: {report: USD}
data_dir: %q
start: {shadow: 0d, backlog_per_rep_week: 5}
rep_first: {hours: 8, severities: [low, medium]}
ops: {notify: [revops@acme.example], help: "#crm-help"}
people:
  list:
    - {email: priya@acme.example}
    - {email: lea@acme.example, start: 2026-10-05}
    - {email: cleo@acme.example, also: [cleo@oldco.example]}
%s
teams:
  - {name: Sales, manager: vera@acme.example, members: []}
  - name: New York
    manager: tom@acme.example
    deputy: vera@acme.example
    members: [jo@acme.example, kim@acme.example, lea@acme.example, max@acme.example, nia@acme.example, oli@acme.example]
    timezone: America/New_York
    holidays: us
    parent: Sales
  - name: Berlin
    manager: maria@acme.example
    members: [ana@acme.example, ben@acme.example, cleo@acme.example, dai@acme.example, eve@acme.example]
    timezone: Europe/Berlin
    holidays: de
    parent: Sales
  - name: Kolkata
    manager: priya@acme.example
    members: [finn@acme.example, gus@acme.example, hana@acme.example, ivo@acme.example, dana@acme.example]
    timezone: Asia/Kolkata
    holidays: india
    live_from: 2026-10-12
    parent: Sales
holidays:
  india: {add: [2026-10-02, 2026-10-20, 2026-11-09, 2026-12-25]}
business_hours:
  freezes: [{from: 2026-12-24, to: 2027-01-02}]
away:
  list:
    - {person: cleo@acme.example, from: 2026-10-12, to: 2026-10-23, cover: ben@acme.example}
    - {person: tom@acme.example, from: 2026-11-16, to: 2026-11-20}
events:
  - {kind: territory-change, on: 2026-12-01, teams: [New York, Berlin], grace: 10bd}
escalate: [{when: high, commit: true, after: 5d, to: managers_manager}]
%s
digests:
  - {name: rep-daily, for: reps, at: "08:15", via: slack, else: email}
  - {name: manager-daily, for: managers, at: "08:30", via: email}
  - {name: escalations, for: escalations, at: "08:30", via: email}
  - {name: ops-daily, for: ops, at: "08:10", via: email}
%s`

// quarter is a company, its daemon, and what has become of the days.
type quarter struct {
	*daemon.Daemon
	t       testing.TB
	company *sim.Company
	servers *sim.Servers
	store   *bolt.Store
	cfg     *config.Config
	sources []daemon.Source
	off     map[string]map[crm.Date]string // holidays by team, which the judge knows by itself
	names   map[string]string              // of people, by address
	failed  []string                       // syncs
	story   *story
	log     chronicle
	known   map[string]bool // deliveries that were noted
}

// TestQuarter plays a company's quarter, with its holidays, leave, parks and imports, and
// writes who got what to the file that PIPETIDY_QUARTER names, and the messages themselves
// beside it; without it a few weeks are played.
func TestQuarter(t *testing.T) {
	path := os.Getenv("PIPETIDY_QUARTER")
	from, to := crm.NewDate(2026, 10, 1), wakeDay
	if path != "" {
		to = crm.NewDate(2027, 1, 15)
	}
	q := newQuarter(t, from)
	for d := from; d <= to; d++ {
		q.day(d)
	}
	if path != "" {
		for name, text := range map[string][]byte{path: q.text(), path + ".letters": q.log.letters()} {
			if err := os.WriteFile(name, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	q.judge()
}

func newQuarter(t testing.TB, from crm.Date) *quarter {
	t.Helper()
	c := sim.New(sim.Options{Start: from.In(time.UTC), NoHostile: true, HubSpot: true, Deals: 180})
	c.HubSpot().Set(func(o *sim.HubSpotOptions) { o.Burst = 1_000_000 }) // no test waits for ten real seconds
	servers, err := sim.Serve(t.Context(), c, sim.ServeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = servers.Close() })
	data := filepath.Join(t.TempDir(), "data")
	base, err := servers.Config(data)
	if err != nil {
		t.Fatal(err)
	}
	part := func(from, to string) string {
		_, after, ok := bytes.Cut(base, []byte("\n"+from))
		if !ok {
			t.Fatalf("the company's configuration has no %s", from)
		}
		if to != "" {
			after, _, _ = bytes.Cut(after, []byte("\n"+to))
		}
		return from + string(after)
	}
	file := filepath.Join(data, "pipetidy.yaml")
	yaml := fmt.Sprintf(quarterFile, data, part("sources:", "teams:"), part("pipelines:", "digests:"), part("notify:", ""))
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	dc := wired(t, cfg, c.Now)
	st, err := bolt.Open(cfg.DataDir, bolt.Options{Now: c.Now, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	d, err := daemon.New(dc, st, st, st.Fence(), zaptest.NewLogger(t, zaptest.Level(zapcore.FatalLevel)))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, p := range c.People() {
		names[p.Email] = p.Name
	}
	return &quarter{Daemon: d, off: handHolidays(t), names: names, t: t, company: c, servers: servers, store: st, cfg: cfg, sources: dc.Sources, story: newStory(), known: map[string]bool{}}
}

// wired is what the command run makes of a configuration.
func wired(t testing.TB, cfg *config.Config, now func() time.Time) daemon.Config {
	t.Helper()
	dc := daemon.Config{
		Company: cfg.Company, Location: cfg.Location, Currency: cfg.Currency, Fiscal: cfg.Fiscal, Teams: cfg.Teams, Pipelines: cfg.Pipelines,
		Almanac: cfg.Almanac.Read, Declared: append(cfg.Declared, cfg.Ops.Notify...), Rules: rules.All(), Settings: cfg.Rules, People: cfg.People,
		Redirect: cfg.Mode.Redirect, Ops: cfg.Ops.Notify, Help: cfg.Ops.Help, Shadow: cfg.Start.ShadowDays, Backlog: cfg.Start.BacklogPerWeek,
		Attention: cfg.Attention, Parking: cfg.Parking, RepFirst: cfg.RepFirst, Now: now, Notifiers: map[delivery.Channel]digest.Notifier{},
	}
	for i := range cfg.Sources {
		s := &cfg.Sources[i]
		src, err := s.Connector.Open(connectors.SourceOptions{Name: s.Name, Budget: s.Budget, Unpaced: true})
		if err != nil {
			t.Fatal(err)
		}
		dc.Sources = append(dc.Sources, daemon.Source{Source: evaluation.Source{Source: src, Label: s.Label, Commit: s.Commit}, Type: s.Type, Every: s.Every})
	}
	for ch, c := range cfg.Notify.Channels {
		n, err := c.Open(connectors.NotifierOptions{Unpaced: true})
		if err != nil {
			t.Fatal(err)
		}
		dc.Notifiers[ch] = clocked{n}
	}
	for _, x := range cfg.Escalations {
		dc.Escalations = append(dc.Escalations, edition.Escalation(x))
	}
	for _, d := range cfg.Digests {
		dc.Digests = append(dc.Digests, edition.Digest{Name: d.Name, For: d.For, Schedule: d.Schedule, Via: d.Via, Else: d.Else})
	}
	return dc
}

// clocked is a channel whose messages arrive when the company's clock says: by the wall clock
// a rep's list would have arrived weeks later.
type clocked struct{ digest.Notifier }

func (c clocked) Send(ctx context.Context, to *delivery.Delivery, p delivery.Part, sent []delivery.Receipt) (delivery.Receipt, error) {
	r, err := c.Notifier.Send(ctx, to, p, sent)
	r.At = time.Time{}
	return r, err
}

// clocksOfTeams are the clocks of the teams, in the order in which their day begins.
var clocksOfTeams = []string{"Asia/Kolkata", "Europe/Berlin", "America/New_York"}

// day plays one date on each of the clocks: a poll, and the times at which digests are due.
func (q *quarter) day(d crm.Date) {
	q.t.Helper()
	for _, zone := range clocksOfTeams {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			q.t.Fatal(err)
		}
		y, m, day := d.Civil()
		at := func(hour, minute int) {
			q.company.Advance(time.Date(y, m, day, hour, minute, 0, 0, loc))
		}
		at(8, 5)
		q.poll()
		q.story.looked(q, d, zone)
		for _, minute := range []int{10, 15, 25, 30, 35, 45} {
			at(8, minute)
			if minute == 25 {
				q.story.between(q, d, zone)
			}
			q.round()
		}
		at(12, 0)
		q.story.noon(q, d, zone)
		if zone == "America/New_York" && d.Weekday() != time.Saturday && d.Weekday() != time.Sunday {
			at(12, 30)
			q.poll()
			q.story.saw(q, d)
			q.round()
		}
	}
	q.ledger(d)
}

// poll reads and judges the company, as its schedule does.
func (q *quarter) poll() {
	q.t.Helper()
	for i := range q.sources {
		// A source is judged after a sync that failed too, as the daemon does.
		if err := q.Sync(q.t.Context(), &q.sources[i], false, nil); err != nil {
			q.failed = append(q.failed, fmt.Sprintf("%s: %s: %v", crm.DateOf(q.company.Now(), q.cfg.Location), q.sources[i].Name(), err))
		}
		if err := q.Evaluate(q.t.Context(), &q.sources[i]); err != nil {
			q.t.Fatal(err)
		}
	}
}

// round sends what is due, and notes what was sent.
func (q *quarter) round() {
	q.t.Helper()
	if err := q.Round(q.t.Context()); err != nil {
		q.t.Fatal(err)
	}
	if err := q.Publish(q.t.Context()); err != nil {
		q.t.Fatal(err)
	}
	if err := q.Round(q.t.Context()); err != nil {
		q.t.Fatal(err)
	}
	q.sent()
}
