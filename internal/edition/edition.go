// Package edition decides which digests are due (due.go), to whom they go
// (readers.go), and what each reader is told (compose.go): it writes the ledger of
// periods with the planned deliveries, and composes these deliveries for the outbox. A
// [Run] gathers the facts once for all readers that are due. The sentences of a digest
// are in package digest; sending is for package outbox.
package edition

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/evaluation"
	"github.com/pipetidy/pipetidy/internal/outbox"
	"github.com/pipetidy/pipetidy/store"
)

// Digest is one digest of the configuration.
type Digest struct {
	Name      string
	For       string // name of a digest.Kind
	Schedule  digest.Schedule
	Via, Else delivery.Channel
}

// program reports whether the digest is about the program and not about deals.
func (dg *Digest) program() bool {
	kind, _ := digest.KindOf(dg.For)
	return kind.Program
}

// Config is what an Edition is made from.
type Config struct {
	Company   string
	Location  *time.Location // for everybody without a team
	Help      string         // where readers ask, "" is nowhere
	Exchange  digest.Exchange
	Teams     hygiene.Teams
	Almanac   func() *hygiene.Almanac // who works when, as it is known now; nil is Monday to Friday
	People    hygiene.People          // who is who across the CRMs
	Digests   []Digest
	Notifiers map[delivery.Channel]digest.Notifier
	// Redirect is the address that gets all digests, each marked with the reader who
	// would have got it; "" delivers to the readers.
	Redirect string
	// Escalations say which deals go on to somebody above a manager.
	Escalations []Escalation
	// Ops are the addresses of those who run Pipetidy. In the first Shadow
	// business days they get the digests instead of the readers.
	Ops    []string
	Shadow int
	// Backlog is how many findings from before the start a rep is shown per week;
	// 0 shows all.
	Backlog int
	// Attention is how many numbered lines the readers get, and what weighs most.
	Attention digest.Attention
	// RepFirst says which findings are their owners' alone at first.
	RepFirst hygiene.RepFirst
	// Settles lists the ids of the rules in the order in which a deal's reasons are told.
	Settles []string
	// Confirm lets the CRMs say how the deals with findings are now, and whether they are
	// still there, unless they were asked after planned, and returns when they were asked.
	// What they say is gone has no finding afterwards. Nil asks nobody.
	Confirm func(ctx context.Context, planned time.Time, named Named) (asked time.Time, err error)
	// Upkeep is what is known of the program itself, for a digest about that.
	Upkeep func(ctx context.Context) (digest.Upkeep, error)
	Now    func() time.Time
	// Observe hears what is decided about periods; nil is nobody.
	Observe func(Event)
}

// Journal is what editions use of the journal.
type Journal interface {
	Lives(ctx context.Context, since time.Time, fn func(hygiene.Life) error) error
	Deliveries(ctx context.Context, states ...delivery.State) ([]delivery.Delivery, error)
	Snapshot(ctx context.Context, source string, t time.Time) (s hygiene.Snapshot, ok bool, err error)
	BeginPeriod(ctx context.Context, f store.Fence, p digest.Period, ds []delivery.Delivery) (begun bool, err error)
	Period(ctx context.Context, digestName, team string, d crm.Date) (p digest.Period, ok bool, err error)
	Periods(ctx context.Context, from crm.Date) ([]digest.Period, error)
	DeliveriesSince(ctx context.Context, from crm.Date) ([]delivery.Delivery, error)
	Delivery(ctx context.Context, id string) (d delivery.Delivery, ok bool, err error)
	Noted(ctx context.Context, name string) (string, error)
	Reader(ctx context.Context, digestName, team, recipient string) (r digest.Reader, ok bool, err error)
}

// ErrNothingTrue says that no source can be judged, so that no digest has anything
// true to say.
var ErrNothingTrue = errors.New("no source can be judged yet, so there is nothing true to say: run `pipetidy sync` first, or see `pipetidy status`")

// WithheldError says why a digest would hold no finding: its readers would hear of nothing
// but the fault. Only the schedule sends that, so that nobody waits for a digest; a command
// can be repeated, and would use up the digest of the day.
type WithheldError struct{ Reasons []string } // for each source

// Error is the reasons, and what to do.
func (e *WithheldError) Error() string {
	return fmt.Sprintf("nothing is sent, because no finding may be shown (%s): run `pipetidy sync` first, or see `pipetidy status`; the digest of today stays due", strings.Join(e.Reasons, "; "))
}

// SkippedError says why a period is skipped, so that sending it now delivers nothing.
type SkippedError struct{ Reason string }

// Error is the reason.
func (e *SkippedError) Error() string { return e.Reason }

// Edition plans and composes digests. Its methods may be called from several
// goroutines.
type Edition struct {
	cfg        Config
	journal    Journal
	fence      store.Fence
	evaluation *evaluation.Evaluation
	outbox     *outbox.Outbox

	higher struct {
		sync.Mutex
		known hierarchy
	}
}

// New makes an edition on opened files.
func New(cfg Config, j Journal, f store.Fence, ev *evaluation.Evaluation, out *outbox.Outbox) *Edition {
	if cfg.Observe == nil {
		cfg.Observe = func(Event) {}
	}
	if cfg.Confirm == nil {
		cfg.Confirm = func(_ context.Context, planned time.Time, _ Named) (time.Time, error) { return planned, nil }
	}
	if cfg.Almanac == nil {
		cfg.Almanac = func() *hygiene.Almanac { return nil }
	}
	return &Edition{cfg: cfg, journal: j, fence: f, evaluation: ev, outbox: out}
}

// Digests lists the digests of the configuration.
func (e *Edition) Digests() []*Digest {
	out := make([]*Digest, len(e.cfg.Digests))
	for i := range e.cfg.Digests {
		out[i] = &e.cfg.Digests[i]
	}
	return out
}

// Find returns a digest of the configuration by its name, nil when there is none.
func (e *Edition) Find(name string) *Digest {
	for i := range e.cfg.Digests {
		if e.cfg.Digests[i].Name == name {
			return &e.cfg.Digests[i]
		}
	}
	return nil
}

// Ready is ErrNothingTrue while the digest has nothing true to say.
func (e *Edition) Ready(ctx context.Context, dg *Digest) error {
	if dg.program() {
		return nil
	}
	ok, err := e.evaluation.AnyJudged(ctx)
	if err == nil && !ok {
		err = ErrNothingTrue
	}
	return err
}

// Zone is the time zone of a team.
func (e *Edition) Zone(team string) *time.Location {
	for i := range e.cfg.Teams.List {
		if t := &e.cfg.Teams.List[i]; t.Key() == team && t.Calendar != nil && t.Calendar.Location != nil {
			return t.Calendar.Location
		}
	}
	return e.cfg.Location
}
