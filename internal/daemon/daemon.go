// Package daemon is the process: the loops that sync, evaluate and deliver, the
// schedules that wake them, and the control API that every command speaks to.
// It owns all waiting and all logging; what it decides, it decides by calling
// pure functions of hygiene and digest.
package daemon

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Config is what a Daemon is made from. cmd fills it from the configuration
// file; nothing here reads a file or a secret.
type Config struct {
	Version   string
	Company   string
	Location  *time.Location // for everybody without a team
	Currency  string         // of amounts whose CRM names none, "" is unknown
	Sources   []Source
	Teams     hygiene.Teams
	People    hygiene.People                // who is who across the CRMs
	Pipelines map[string][]hygiene.Pipeline // by source name
	Rules     []hygiene.Rule                // all of the catalogue, switched off or not
	Settings  map[string]hygiene.Settings   // by rule id
	Commit    []string                      // forecast categories that count as commit; nil is "Commit"
	Digests   []Digest
	Notifiers map[delivery.Channel]digest.Notifier
	// Resend sends the same bytes again when nobody can say whether a part
	// arrived (on_unknown: resend); false holds it and tells ops.
	Resend bool
	// Settle is how long after an attempt a part in doubt may still arrive: a
	// request can outlive the process that sent it, so a "not there" is believed
	// only later than that. Zero is 10 s.
	Settle time.Duration
	// Listen is the address of /healthz, /readyz and /metrics; "" is none.
	Listen string
	// Socket is the path of the control socket; "" is none.
	Socket string
	Help   string // where readers ask, "" is nowhere
	// Redirect is the address that gets everything, marked with who would have
	// got it; "" delivers to the readers.
	Redirect string
	// Ops are the addresses of those who run Pipetidy. In the first Shadow
	// business days they get the digests instead of the readers.
	Ops    []string
	Shadow int
	// Backlog is how many findings from before the start a rep is shown per week;
	// 0 shows all.
	Backlog int

	// Now is the clock; nil is time.Now. Simulations bring their own.
	Now func() time.Time
}

// Source is one CRM account and when it is polled.
type Source struct {
	crm.Source
	Type  string // "salesforce"
	Label string // "Salesforce"
	Every time.Duration
	Cron  string // instead of Every: a five-field expression, in the company's zone
	// Skip are the pipelines whose deals are neither judged nor counted.
	Skip []string
	// Commit are the forecast categories that count as commit here; nil is
	// Config.Commit.
	Commit []string
}

// Digest is one digest of the configuration.
type Digest struct {
	Name      string
	For       string // name of a digest.Kind
	Schedule  digest.Schedule
	Via, Else delivery.Channel
}

// Daemon is the process. Create it with New; it does nothing before Run, Handler
// or one of the one-shot steps is called.
type Daemon struct {
	cfg     Config
	cache   Cache
	journal Journal
	fence   Fence
	log     *zap.Logger
	now     func() time.Time
	metrics *metrics

	running atomic.Bool
	nudged  chan struct{}
	fatal   chan error

	syncing    map[string]chan struct{} // by source: at most one sync at a time
	evaluating sync.Mutex
	delivering sync.Mutex

	// Guarded by delivering: channels that refused us as a whole, and deliveries
	// whose channel cannot be asked.
	stopped      map[delivery.Channel]string
	stoppedUntil map[delivery.Channel]time.Time
	mute         map[string]bool

	mu      sync.Mutex
	resumed map[string]bool   // by source: it was told what an earlier process spent
	waits   map[string]wait   // by source: why it is not polled
	faults  map[string]string // by step: why the files cannot be written
}

// New makes a daemon on opened files.
func New(cfg Config, cache Cache, journal Journal, fence Fence, log *zap.Logger) (*Daemon, error) {
	if cfg.Location == nil {
		return nil, errors.New("daemon: no time zone for the company")
	}
	if cfg.Commit == nil {
		cfg.Commit = []string{"Commit"}
	}
	if cfg.Settle <= 0 {
		cfg.Settle = 10 * time.Second
	}
	if log == nil {
		log = zap.NewNop()
	}
	d := &Daemon{
		cfg: cfg, cache: cache, journal: journal, fence: fence, log: log, now: cfg.Now, metrics: newMetrics(cfg.Version),
		nudged: make(chan struct{}, 1), fatal: make(chan error, 1), syncing: map[string]chan struct{}{}, resumed: map[string]bool{},
		stopped: map[delivery.Channel]string{}, stoppedUntil: map[delivery.Channel]time.Time{}, mute: map[string]bool{}, waits: map[string]wait{}, faults: map[string]string{},
	}
	if d.now == nil {
		d.now = time.Now
	}
	for i := range cfg.Sources {
		d.syncing[cfg.Sources[i].Name()] = make(chan struct{}, 1)
	}
	return d, nil
}
