// Package daemon is the process: the clocks that wake the rooms (intake, evaluation,
// edition, outbox), the loops that call one room after another, the sockets, the health
// and the metrics. run.go is where to begin. No step belongs here: each is in its room.
// Only this package and the commands log.
package daemon

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/bulletin"
	"github.com/pipetidy/pipetidy/internal/control"
	"github.com/pipetidy/pipetidy/internal/edition"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/internal/export"
	"github.com/pipetidy/pipetidy/internal/intake"
	"github.com/pipetidy/pipetidy/internal/outbox"
	"github.com/pipetidy/pipetidy/store"
)

// Config is what a Daemon is made from. cmd fills it from the configuration
// file; nothing here reads a file or a secret.
type Config struct {
	Version  string
	Company  string
	Location *time.Location // for everybody without a team
	Fiscal   time.Month     // with which the fiscal year starts; 0 is what the sources say
	Currency digest.Exchange
	Sources  []Source
	Teams    hygiene.Teams
	// Almanac says who works when, as it is known now; nil is everybody from Monday to
	// Friday. It is called again for each round, since its files may have changed.
	Almanac func() *hygiene.Almanac
	// Remember keeps what those files say for the next process, once a minute; nil does not.
	Remember  func(context.Context) error
	People    hygiene.People                // who is who across the CRMs
	Declared  []string                      // addresses that the configuration vouches for
	Pipelines map[string][]hygiene.Pipeline // by source name
	Rules     []hygiene.Rule                // all of the catalogue, switched off or not
	Settings  map[string]hygiene.Settings   // by rule id
	Commit    []string                      // forecast categories that count as commit; nil is "Commit"
	Digests   []edition.Digest
	Notifiers map[delivery.Channel]digest.Notifier
	// Resend sends the same bytes again when nobody can say whether a part arrived
	// (on_unknown: resend); false holds the delivery.
	Resend bool
	// Settle is how long after an attempt a part in doubt may still arrive; see
	// [outbox.Config]. Zero is 11 minutes: Slack carries a post out within ten, or late.
	Settle time.Duration
	// Listen is the address of /healthz, /readyz and /metrics; "" is none.
	Listen string
	// Hosts are other names under which Listen is asked; see hosted.
	Hosts []string
	// Socket is the path of the control socket; "" is none.
	Socket string
	// Disk says how much room there is where the files are; nil does not look.
	Disk func() (Disk, error)
	// Ready, when not nil, is called once the daemon answers and its loops begin.
	Ready func()
	Help  string // where readers ask, "" is nowhere
	// Redirect is the address that gets all digests, each marked with the reader who
	// would have got it; "" delivers to the readers.
	Redirect string
	// Ops are the addresses of those who run Pipetidy. In the first Shadow
	// business days they get the digests instead of the readers.
	Ops    []string
	Shadow int
	// Escalations say which deals go on to somebody above a manager.
	Escalations []edition.Escalation
	// Backlog is how many findings from before the start a rep is shown per week;
	// 0 shows all.
	Backlog int
	// Attention is how many numbered lines the readers get, and what weighs most.
	Attention digest.Attention
	// RepFirst says which findings are their owners' alone at first.
	RepFirst hygiene.RepFirst
	// Parking is what the owners of deals may park by themselves.
	Parking hygiene.Parking

	// Load reads a configuration file, to compare it with the CRMs; nil is that of this
	// Config.
	Load func(file string) (Config, error)

	// Now is the clock; nil is time.Now. Simulations bring their own.
	Now func() time.Time
	// Elapsed is the time since some start, by a clock that nobody sets; nil goes by Now.
	Elapsed func() time.Duration
}

// Source is one CRM account and when it is polled.
type Source struct {
	evaluation.Source
	Type  string // "salesforce"
	Every time.Duration
	Cron  string // instead of Every: a five-field expression, in the company's zone
}

// Daemon is the process. Create one with New; a daemon does nothing before Run or
// Handler is called.
type Daemon struct {
	cfg     Config
	log     *zap.Logger
	metrics *metrics
	health  *health
	pulse   *pulse
	awaited *awaited
	journal Journal
	fence   store.Fence

	rechecked rechecked
	channels  channels
	losses    losses
	room      room
	bulletin  *bulletin.Bulletin
	published time.Time // when it was last looked for matters

	intake     *intake.Intake
	evaluation *evaluation.Evaluation
	edition    *edition.Edition
	outbox     *outbox.Outbox
	control    *control.Control

	nudged  chan struct{}
	workers map[delivery.Channel]chan struct{} // what wakes the worker of each channel
}

// Cache is what the rooms use of the cache.
type Cache interface {
	intake.Cache
	evaluation.Cache
	control.Cache
	export.Cache
}

// Journal is what the rooms use of the journal.
type Journal interface {
	intake.Journal
	evaluation.Journal
	edition.Journal
	outbox.Store
	control.Journal
	Probe(ctx context.Context, f store.Fence) error
}

// New makes a daemon on opened files.
func New(cfg Config, cache Cache, journal Journal, fence store.Fence, log *zap.Logger) (*Daemon, error) {
	if cfg.Location == nil {
		return nil, errors.New("daemon: no time zone for the company")
	}
	cfg.complete()
	if log == nil {
		log = zap.NewNop()
	}
	var err error
	if cfg.Teams.List, err = evaluation.Identify(context.Background(), journal, fence, cfg.Teams.List); err != nil {
		return nil, err
	}
	d := &Daemon{cfg: cfg, log: log, metrics: newMetrics(cfg.Version), journal: journal, fence: fence, nudged: make(chan struct{}, 1)}
	d.pulse = newPulse()
	d.awaited = newAwaited(cfg.Now)
	d.health = newHealth(log, cfg.Now, d.pulse, d.awaited)
	d.rechecked.turn = make(chan struct{}, 1)
	d.build(cache, journal, fence)
	d.workers = map[delivery.Channel]chan struct{}{}
	for _, ch := range d.outbox.Channels() {
		d.workers[ch] = make(chan struct{}, 1)
	}
	return d, nil
}

// complete sets what the configuration leaves open.
func (c *Config) complete() {
	if c.Commit == nil {
		c.Commit = []string{"Commit"}
	}
	if c.Settle <= 0 {
		c.Settle = 11 * time.Minute
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Almanac == nil {
		c.Almanac = func() *hygiene.Almanac { return nil }
	}
	if c.Remember == nil {
		c.Remember = func(context.Context) error { return nil }
	}
}

// build makes the rooms and ties them together.
func (d *Daemon) build(cache Cache, journal Journal, fence store.Fence) {
	cfg := &d.cfg
	var accounts []crm.Source
	for i := range cfg.Sources {
		accounts = append(accounts, cfg.Sources[i].Source.Source)
	}
	senders := map[delivery.Channel]delivery.Sender{}
	for ch, n := range cfg.Notifiers {
		senders[ch] = n
	}
	d.intake = intake.New(intake.Config{Sources: accounts, Now: cfg.Now, Observe: d.taken}, cache, journal, fence)
	judging := cfg.judging()
	judging.Observe = d.judged
	d.evaluation = evaluation.New(judging, cache, journal, fence)
	d.outbox = outbox.New(outbox.Config{Senders: senders, Resend: cfg.Resend, Settle: cfg.Settle, Now: cfg.Now, Elapsed: cfg.Elapsed, Observe: d.delivered}, journal, fence)
	settles := make([]string, len(cfg.Rules))
	for i := range cfg.Rules {
		settles[i] = cfg.Rules[i].ID
	}
	d.edition = edition.New(edition.Config{
		Company: cfg.Company, Location: cfg.Location, Help: cfg.Help, Exchange: cfg.Currency, Teams: cfg.Teams, Almanac: cfg.Almanac, People: cfg.People, Digests: cfg.Digests,
		Notifiers: cfg.Notifiers, Redirect: cfg.Redirect, Ops: cfg.Ops, Shadow: cfg.Shadow, Escalations: cfg.Escalations, Backlog: cfg.Backlog, Attention: cfg.Attention, RepFirst: cfg.RepFirst, Settles: settles,
		Confirm: d.recheck, Upkeep: d.upkeep, Now: cfg.Now, Observe: d.planned,
	}, journal, fence, d.evaluation, d.outbox)
	d.bulletin = bulletin.New(d.bulletinConfig(), journal, fence, d.outbox)
	var sources []control.Source
	for i, src := range d.evaluation.Sources() {
		sources = append(sources, control.Source{Source: src, Type: cfg.Sources[i].Type})
	}
	d.control = control.New(
		control.Config{Sources: sources, Teams: cfg.Teams, People: cfg.People, Rules: settles, Now: cfg.Now, Judging: d.judging},
		control.Rooms{Intake: d.intake, Evaluation: d.evaluation, Edition: d.edition, Outbox: d.outbox, Export: export.New(cache, d.evaluation.Reference)},
		cache, journal, d.health)
}

// judging is what an evaluation is made from.
func (c *Config) judging() evaluation.Config {
	var judged []evaluation.Source
	for i := range c.Sources {
		judged = append(judged, c.Sources[i].Source)
	}
	return evaluation.Config{
		Sources: judged, Location: c.Location, Exchange: c.Currency, Teams: c.Teams, Almanac: c.Almanac, People: c.People, Declared: c.Declared, Pipelines: c.Pipelines,
		Rules: c.Rules, Settings: c.Settings, Fiscal: c.Fiscal, Commit: c.Commit, Numbered: c.Attention.Managers, Parking: c.Parking, Now: c.Now,
	}
}

// judging is an evaluation on the files of this daemon by another configuration file.
func (d *Daemon) judging(file string) (*evaluation.Evaluation, error) {
	if d.cfg.Load == nil {
		return d.evaluation, nil
	}
	other, err := d.cfg.Load(file)
	if err != nil {
		return nil, err
	}
	if other.Almanac == nil {
		other.Almanac = d.cfg.Almanac
	}
	other.complete()
	return d.evaluation.With(other.judging()), nil
}

// bulletinConfig says whom a bulletin reaches: ops, by the channels of a digest that they
// get, else of the first one. A channel that fails is told of by another one.
func (d *Daemon) bulletinConfig() bulletin.Config {
	c := bulletin.Config{Ops: d.cfg.Ops, Notifiers: d.cfg.Notifiers, Location: d.cfg.Location, Works: d.channels.works, Now: d.cfg.Now}
	for i := range d.cfg.Digests {
		dg := &d.cfg.Digests[i]
		if kind, _ := digest.KindOf(dg.For); i == 0 || kind.Program {
			c.Via, c.Else = dg.Via, dg.Else
		}
	}
	for _, ch := range slices.Sorted(maps.Keys(d.cfg.Notifiers)) {
		if c.Else == "" && ch != c.Via {
			c.Else = ch
		}
	}
	if d.cfg.Redirect != "" {
		c.Ops = []string{d.cfg.Redirect} // it gets everything
	}
	return c
}

// Handler is the control API. It requires no Run: a command without a running daemon
// serves the handler to itself.
func (d *Daemon) Handler() http.Handler { return d.control.Handler() }
