// Package evaluation judges what the cache holds: it decides whether a source may be
// judged at all, runs the rules over its open deals slice by slice, and keeps the
// lives of the findings and the notices for those who run Pipetidy.
// [Evaluation.Evaluate] is the whole step; gate.go decides whether a source may be
// judged. The rules themselves are in hygiene/rules; package intake fills the cache,
// and package edition decides which findings a reader is told.
package evaluation

import (
	"context"
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/store"
)

// Source is one CRM account and how its deals are judged.
type Source struct {
	crm.Source
	Label string // "Salesforce"
	// Skip are the pipelines whose deals are neither judged nor counted.
	Skip []string
	// Commit are the forecast categories that count as commit here; nil is
	// Config.Commit.
	Commit []string
	// Logins are the users of tools that the configuration names, if any.
	Logins []string
}

// Config is what an Evaluation is made from.
type Config struct {
	Sources   []Source
	Location  *time.Location // for everybody without a team
	Exchange  digest.Exchange
	Teams     hygiene.Teams
	Almanac   func() *hygiene.Almanac       // who works when, as it is known now; nil is Monday to Friday
	People    hygiene.People                // who is who across the CRMs
	Declared  []string                      // addresses that the configuration vouches for
	Pipelines map[string][]hygiene.Pipeline // by source name
	Rules     []hygiene.Rule                // all of the catalogue, switched off or not
	Settings  map[string]hygiene.Settings   // by rule id
	Fiscal    time.Month                    // with which the fiscal year starts; 0 is what the sources say
	Commit    []string                      // forecast categories that count as commit
	Parking   hygiene.Parking               // what the owners of deals may park by themselves
	Numbered  int                           // how many deals a manager's digest numbers on a day; 0 is 6
	Now       func() time.Time
	// Observe hears of each evaluation; nil is nobody.
	Observe func(Event)
}

// Cache is what an evaluation uses of the cache.
type Cache interface {
	Reference(ctx context.Context, source string) (hygiene.Source, error)
	Streams(ctx context.Context) ([]store.StreamState, error)
	Scan(ctx context.Context, source, after string, limit int, fn func(*hygiene.Deal) error) (last string, more bool, err error)
	Lend(ctx context.Context, source string, ids []string, fn func(*hygiene.Deal) error) error
	Named(ctx context.Context, source, field string, fn func(*crm.Opportunity) error) error
	Absent(ctx context.Context, source string, records []string) (map[string]hygiene.State, error)
	Survivors(ctx context.Context, source string, records []string) (map[string]string, error)
}

// Journal is what an evaluation uses of the journal.
type Journal interface {
	BeginGeneration(ctx context.Context, f store.Fence) (uint64, error)
	ApplySlice(ctx context.Context, f store.Fence, source, after, through string, diff func(stored []hygiene.Life) []hygiene.Life) error
	FinishGeneration(ctx context.Context, f store.Fence, gen uint64, s hygiene.Snapshot) error
	Snapshot(ctx context.Context, source string, t time.Time) (s hygiene.Snapshot, ok bool, err error)
	Parks(ctx context.Context, source string) ([]hygiene.Park, error)
	SaveParks(ctx context.Context, f store.Fence, ks ...hygiene.Park) error
	Note(ctx context.Context, f store.Fence, name, value string) error
	Noted(ctx context.Context, name string) (string, error)
	Lives(ctx context.Context, since time.Time, fn func(hygiene.Life) error) error
}

// Evaluation judges sources. Its methods may be called from several goroutines;
// one source is judged at a time.
type Evaluation struct {
	cfg     Config
	cache   Cache
	journal Journal
	fence   store.Fence

	evaluating sync.Mutex
	faults     map[string]bool // by source and rule: logged since the start
}

// New makes an evaluation on opened files.
func New(cfg Config, c Cache, j Journal, f store.Fence) *Evaluation {
	if cfg.Observe == nil {
		cfg.Observe = func(Event) {}
	}
	if cfg.Almanac == nil {
		cfg.Almanac = func() *hygiene.Almanac { return nil }
	}
	return &Evaluation{cfg: cfg, cache: c, journal: j, fence: f}
}

// Sources lists what is judged, in the order of the configuration.
func (e *Evaluation) Sources() []*Source {
	out := make([]*Source, len(e.cfg.Sources))
	for i := range e.cfg.Sources {
		out[i] = &e.cfg.Sources[i]
	}
	return out
}

// All evaluates every source.
func (e *Evaluation) All(ctx context.Context) error {
	for _, src := range e.Sources() {
		if err := e.Evaluate(ctx, src); err != nil {
			return err
		}
	}
	return nil
}

// AnyJudged reports whether at least one source has been synced completely and
// evaluated, so that a digest has something true to say, if only that the data has
// become too old.
func (e *Evaluation) AnyJudged(ctx context.Context) (bool, error) {
	for _, src := range e.Sources() {
		v, err := e.Verdict(ctx, src)
		if err != nil {
			return false, err
		}
		if !v.Complete {
			continue
		}
		_, ok, err := e.journal.Snapshot(ctx, src.Name(), e.cfg.Now())
		if err != nil {
			return false, store.AsFileError(err)
		}
		if ok {
			return true, nil
		}
	}
	return false, nil
}
