package daemon_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/digest/text"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/hygiene/rules"
	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/internal/edition"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/store/bolt"
)

// clock is a wall clock that a test moves. In a bubble it also goes on by itself, once
// Flow was called.
type clock struct {
	mu   sync.Mutex
	t    time.Time
	from time.Time // when t was true, for a clock that flows
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.from.IsZero() {
		return c.t.Add(time.Since(c.from))
	}
	return c.t
}

func (c *clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
	if !c.from.IsZero() {
		c.from = time.Now()
	}
}

func (c *clock) Flow() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.from = time.Now()
}

// account is a small CRM account held in memory.
type account struct {
	now       func() time.Time
	mu        sync.Mutex
	deals     []crm.Opportunity
	acts      []crm.Activity
	fields    crm.Fields
	fail      map[crm.Stream]error
	id        string
	name      string            // "" is sales
	left      bool              // Ana has left
	users     []crm.User        // besides Ana
	stages    string            // one more stage, "ID=LABEL"
	unlisted  string            // a stage that was deleted with deals in it
	mapped    map[string]string // which fields the configuration names
	pipelines map[string]string // id → label; nil is none
	described int               // how often the account was asked what it is
	sweep     bool              // each run says which deals are there
	fiscal    time.Month        // with which the account says that its fiscal year starts
	waits     string            // what the first page of deals waits for
	before    func(crm.Stream)  // called at the beginning of each fetch
}

func (a *account) Name() string {
	if a.name != "" {
		return a.name
	}
	return "sales"
}

// Mapping is what the configuration says under fields.
func (a *account) Mapping() map[string]string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.mapped
}

func (a *account) Streams() []crm.Stream {
	return []crm.Stream{crm.Users, crm.Stages, crm.Opportunities, crm.Activities, crm.History}
}

func (a *account) Describe(context.Context) (crm.Info, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.described++
	return crm.Info{Type: "salesforce", Account: a.id, Link: "https://crm.example/{id}", Currency: "USD", Fields: a.fields, FiscalStart: a.fiscal, Mapped: a.mapped}, a.fail["describe"]
}

func (a *account) Fetch(_ context.Context, s crm.Stream, c crm.Cursor) (crm.Page, error) {
	if a.before != nil {
		a.before(s)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.fail[s]; err != nil {
		return crm.Page{}, err
	}
	p := crm.Page{Stream: s, Next: c + "x", AsOf: a.now()}
	if s == crm.Opportunities && c == "" && a.waits != "" {
		p.Waits, p.More = a.waits, true
		return p, nil
	}
	switch s {
	case crm.Users:
		p.Replace = true
		p.Users = []crm.User{{ID: "u1", Name: "Ana Silva", Email: "ana@acme.example", Active: !a.left}}
		p.Users = append(p.Users, a.users...)
	case crm.Stages:
		p.Replace = true
		p.Stages = []crm.Stage{
			{ID: "Discovery", Label: "Discovery", Order: 1, Active: true}, {ID: "Proposal", Label: "Proposal", Order: 2, Active: true},
			{ID: "Closed Won", Label: "Closed Won", Order: 3, Active: true, Closed: true, Won: true},
		}
		if id, label, ok := strings.Cut(a.stages, "="); ok {
			p.Stages = append(p.Stages, crm.Stage{ID: id, Label: label, Order: 2, Active: true})
		}
		p.Stages = slices.DeleteFunc(p.Stages, func(s crm.Stage) bool { return s.ID == a.unlisted })
		if a.pipelines != nil {
			p.Stages = stagesIn(a.pipelines, p.Stages)
		}
	case crm.Opportunities:
		p.Opportunities = append(p.Opportunities, a.deals...)
		p.Sweep = a.sweep
	case crm.Activities:
		p.Activities = append(p.Activities, a.acts...)
	}
	return p, nil
}

// channel is a notifier that keeps the parts that it sent. script, when not nil, decides
// the result of an attempt.
type channel struct {
	name   delivery.Channel
	mu     sync.Mutex
	script func(attempt int, p delivery.Part) error
	tries  int
	sent   []delivery.Part
	times  []time.Time
	to     []string
	now    func() time.Time
	asking func(p delivery.Part) (bool, error) // what asked reconciles by
}

func (c *channel) Channel() delivery.Channel { return c.name }

func (c *channel) Render(_ context.Context, d *digest.Digest, to *delivery.Delivery) ([]delivery.Part, error) {
	return []delivery.Part{{Key: to.ID + "#0", Body: []byte(text.Write(d, text.Options{Width: 80})), Hash: "h0"}, {Key: to.ID + "#1", Body: []byte("rest"), Hash: "h1"}}, nil
}

func (c *channel) Send(ctx context.Context, to *delivery.Delivery, p delivery.Part, _ []delivery.Receipt) (delivery.Receipt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tries++
	if c.script != nil {
		if err := c.script(c.tries, p); err != nil {
			return delivery.Receipt{}, err
		}
	}
	if err := ctx.Err(); err != nil {
		return delivery.Receipt{}, err // in doubt, as after a connection that is cut off
	}
	c.sent = append(c.sent, p)
	c.times = append(c.times, c.now())
	c.to = append(c.to, to.Address())
	return delivery.Receipt{Channel: "C1", ID: fmt.Sprint(len(c.sent))}, nil
}

// asked is a channel that can look whether a part arrived.
type asked struct{ *channel }

func (a asked) Reconcile(_ context.Context, _ *delivery.Delivery, p delivery.Part, _ []delivery.Receipt) (delivery.Receipt, bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	ok, err := a.asking(p)
	return delivery.Receipt{Channel: "C1", ID: "found"}, ok, err
}

// bench is a daemon on real files with an account and two channels.
type bench struct {
	*daemon.Daemon
	clock   *clock
	account *account
	slack   *channel
	email   *channel
	store   *bolt.Store
	dir     string
	free    uint64 // bytes of the disk, where a test has one
	cfg     daemon.Config
	t       testing.TB
}

var allFields = crm.Fields{
	"name": crm.Readable, "stage": crm.Readable, "amount": crm.Readable, "close_date": crm.Readable, "next_step": crm.Readable,
	"owner": crm.Readable, "forecast_category": crm.Readable, "created_at": crm.Readable, "modified_at": crm.Readable,
	"stage_since": crm.Readable, "last_activity_at": crm.Readable, "activities": crm.Readable, "history": crm.Readable,
}

// newBench makes a team West in Los Angeles with one overdue deal, on Mon 23 Nov
// 2026 at 08:00 there.
func newBench(t testing.TB, change func(*bench)) *bench {
	t.Helper()
	loc, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	ck := &clock{t: time.Date(2026, 11, 23, 8, 0, 0, 0, loc)}
	b := &bench{
		t: t, clock: ck, dir: filepath.Join(t.TempDir(), "data"),
		account: &account{now: ck.Now, id: "00D1", fields: allFields, fail: map[crm.Stream]error{}},
		slack:   &channel{name: delivery.Slack, now: ck.Now}, email: &channel{name: delivery.Email, now: ck.Now},
	}
	b.account.deals = []crm.Opportunity{b.deal("006000000000001AAA", "Initech expansion")}
	at, err := digest.ParseAt("08:30")
	if err != nil {
		t.Fatal(err)
	}
	days, err := digest.ParseDays("weekdays")
	if err != nil {
		t.Fatal(err)
	}
	b.cfg = daemon.Config{
		Company: "Acme", Location: loc, Now: ck.Now, Rules: rules.All(), Commit: []string{"Commit"},
		Sources: []daemon.Source{{Source: evaluation.Source{Source: b.account, Label: "Salesforce"}, Type: "salesforce", Every: 15 * time.Minute}},
		Teams: hygiene.Teams{List: []hygiene.Team{{
			Name: "West", Manager: "maria@acme.example", Members: []string{"ana@acme.example"}, Calendar: &hygiene.Calendar{Location: loc},
		}}},
		Declared:  []string{"maria@acme.example"},
		Digests:   []edition.Digest{{Name: "manager-daily", For: "managers", Schedule: digest.Schedule{At: at, Days: days}, Via: delivery.Slack, Else: delivery.Email}},
		Notifiers: map[delivery.Channel]digest.Notifier{delivery.Slack: b.slack, delivery.Email: b.email},
	}
	if change != nil {
		change(b)
	}
	b.open()
	t.Cleanup(func() { _ = b.store.Close() })
	return b
}

// deal is an opportunity whose close date passed two weeks ago.
func (b *bench) deal(id, name string) crm.Opportunity {
	now := b.clock.Now()
	return crm.Opportunity{
		ID: id, Name: name, Stage: "Proposal", Amount: crm.Num(40000), OwnerID: "u1", NextStep: "Ana sends the redlines",
		CloseDate: crm.DateOf(now, time.UTC) - 14, CreatedAt: now.AddDate(0, -1, 0), ModifiedAt: now.AddDate(0, 0, -2), StageSince: now.AddDate(0, 0, -3),
		ForecastCategory: "Commit",
	}
}

// open opens the files as a new process would.
func (b *bench) open() {
	b.t.Helper()
	s, err := bolt.Open(b.dir, bolt.Options{Now: b.clock.Now, NoSync: true})
	if err != nil {
		b.t.Fatal(err)
	}
	b.store = s
	b.Daemon, err = daemon.New(b.cfg, s, s, s.Fence(), zaptest.NewLogger(b.t, zaptest.Level(zapcore.FatalLevel)))
	if err != nil {
		b.t.Fatal(err)
	}
}

// restart closes the files and opens them again, recovering as Run does.
func (b *bench) restart() {
	b.t.Helper()
	if err := b.store.Close(); err != nil {
		b.t.Fatal(err)
	}
	b.open()
	if _, err := b.store.Recover(b.t.Context(), b.store.Fence(), b.clock.Now()); err != nil {
		b.t.Fatal(err)
	}
}

// sync reads and judges the account.
func (b *bench) sync() {
	b.t.Helper()
	src := &b.cfg.Sources[0]
	if err := b.Sync(b.t.Context(), src, false, nil); err != nil {
		b.t.Fatal(err)
	}
	if err := b.Evaluate(b.t.Context(), src); err != nil {
		b.t.Fatal(err)
	}
}

// tick does what the outbox does at each look at the clock.
func (b *bench) tick() {
	b.t.Helper()
	if err := b.Begin(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.Deliver(b.t.Context(), nil); err != nil {
		b.t.Fatal(err)
	}
}

// states lists the deliveries as "channel state".
func (b *bench) states() []string {
	b.t.Helper()
	ds, err := b.store.Deliveries(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, d := range ds {
		out = append(out, fmt.Sprintf("%s %s %s", d.Period, d.Channel, d.State))
	}
	return out
}

// lives lists all lives as "rule state".
func (b *bench) lives() []string {
	b.t.Helper()
	var out []string
	err := b.store.Lives(b.t.Context(), time.Time{}, func(l hygiene.Life) error {
		out = append(out, l.Rule+" "+l.State.String())
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}
