package store

import (
	"context"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Journal is what the CRM cannot give again. Each method is one transaction.
type Journal interface {
	Evaluations
	Findings
	Periods
	Deliveries
	Readers
	Notes
}

// Evaluations writes what evaluations found, slice by slice.
type Evaluations interface {
	// BeginGeneration returns the number of a new evaluation.
	BeginGeneration(ctx context.Context, f Fence) (uint64, error)
	// ApplySlice changes the lives of the findings whose records lie in
	// (after, through], as diff says; after "" is the beginning, through "" the end
	// of the source. diff gets the stored lives of that range in key order and
	// returns those to write, the others stay; it may read the cache. A life outside
	// the range is an error, and nothing is written.
	ApplySlice(ctx context.Context, f Fence, source, after, through string, diff func(stored []hygiene.Life) []hygiene.Life) error
	// FinishGeneration makes the generation current and stores the snapshot of
	// the source. A generation older than the current one is an error. It also drops
	// what is kept no longer: once a day the findings that ended more than KeepEnded
	// ago, and of the snapshots older than KeepSnapshots all but the last of each day
	// and those that a reader's last digest was composed from.
	FinishGeneration(ctx context.Context, f Fence, gen uint64, s hygiene.Snapshot) error
}

// Findings reads what evaluations wrote.
type Findings interface {
	// Lives calls fn with every finding that is open or ended after since, in key
	// order. What it gives may be kept.
	Lives(ctx context.Context, since time.Time, fn func(hygiene.Life) error) error
	// Snapshot returns the latest snapshot of source taken at or before t; ok is
	// false when there is none.
	Snapshot(ctx context.Context, source string, t time.Time) (s hygiene.Snapshot, ok bool, err error)
}

// Periods is the ledger that alone decides what is due.
type Periods interface {
	// BeginPeriod writes the ledger row and its planned deliveries, unless the
	// ledger has a row of that edition or a later one already; begun says which.
	// Deliveries whose ID exists are left as they are.
	BeginPeriod(ctx context.Context, f Fence, p digest.Period, ds []delivery.Delivery) (begun bool, err error)
	// Period returns the ledger row for digest, team and date.
	Period(ctx context.Context, digestName, team string, d crm.Date) (p digest.Period, ok bool, err error)
	// Periods returns the ledger's rows from the date on, newest first.
	Periods(ctx context.Context, from crm.Date) ([]digest.Period, error)
}

// Deliveries keeps what is to be sent and what became of it.
type Deliveries interface {
	// Deliveries returns the deliveries in one of the given states, or all, by ID.
	// Bodies are included.
	Deliveries(ctx context.Context, states ...delivery.State) ([]delivery.Delivery, error)
	// Delivery returns one.
	Delivery(ctx context.Context, id string) (d delivery.Delivery, ok bool, err error)
	// SaveDelivery stores the delivery. When it was sent, to the reader and not
	// elsewhere, and is no test, it also becomes the reader's baseline, unless a later
	// evaluation has reached the reader already. With follow that delivery is planned
	// too (the else channel), unless it exists. All is one transaction, which is on
	// disk on return. Bodies of settled deliveries are purged here, their hashes stay.
	// A delivery that was sent stays sent: anything else is refused with ErrSent.
	SaveDelivery(ctx context.Context, f Fence, d delivery.Delivery, follow *delivery.Delivery) error
	// Recover turns every "sending" part and delivery into "unknown" and returns how
	// many deliveries there were; called once after opening, because whoever was
	// sending is no more.
	Recover(ctx context.Context, f Fence, now time.Time) (int, error)
}

// Readers knows what each reader was last sent.
type Readers interface {
	// Reader returns the baseline of one reader: what "since your last digest"
	// counts from; ok is false before the first digest.
	Reader(ctx context.Context, digestName, team, recipient string) (r digest.Reader, ok bool, err error)
}

// Notes keeps small strings under a name (paused, told ops).
type Notes interface {
	// Note keeps a small string under a name; an empty one forgets it.
	Note(ctx context.Context, f Fence, name, value string) error
	// Noted returns what Note stored, "" is nothing.
	Noted(ctx context.Context, name string) (string, error)
}
