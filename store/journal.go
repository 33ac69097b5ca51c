package store

import (
	"context"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Journal is the data that no CRM has and that would be lost with the file. Each
// method is one transaction.
type Journal interface {
	Evaluations
	Findings
	Periods
	Deliveries
	Readers
	Parks
	Notes

	// Installation is a short word that names this journal among all, drawn when the
	// journal was created. A journal that was restored has the word of its backup.
	Installation() string
}

// Evaluations stores what evaluations found, slice by slice.
type Evaluations interface {
	// BeginGeneration returns the number of a new evaluation.
	BeginGeneration(ctx context.Context, f Fence) (uint64, error)
	// ApplySlice changes the lives of the findings whose records lie in
	// (after, through]; after "" is the beginning, through "" the end of the source.
	// diff gets the stored lives of that range in key order and returns the lives to
	// write; the lives that diff does not return stay as they are. diff may read the
	// cache. A life outside the range is an error, and nothing is written.
	ApplySlice(ctx context.Context, f Fence, source, after, through string, diff func(stored []hygiene.Life) []hygiene.Life) error
	// FinishGeneration makes the generation current and stores the snapshot of
	// the source. A generation older than the current one is an error.
	// FinishGeneration also drops old data: once a day the findings that ended more
	// than KeepEnded ago, the parks that ended more than KeepParks ago, and the rows of the ledger and the settled deliveries of
	// periods more than KeepDeliveries ago; of the snapshots older than KeepSnapshots all but the
	// last of each day and those that a reader's last digest was composed from.
	FinishGeneration(ctx context.Context, f Fence, gen uint64, s hygiene.Snapshot) error
}

// Findings reads what evaluations wrote.
type Findings interface {
	// Lives calls fn with every finding that is open or ended after since, in key
	// order. fn may keep the finding.
	Lives(ctx context.Context, since time.Time, fn func(hygiene.Life) error) error
	// Snapshot returns the latest snapshot of source that was taken at or before t; ok
	// is false when there is none.
	Snapshot(ctx context.Context, source string, t time.Time) (s hygiene.Snapshot, ok bool, err error)
}

// Periods is the ledger of the editions that were begun. The ledger alone decides
// what is due.
type Periods interface {
	// BeginPeriod writes the ledger row and its planned deliveries, unless the
	// ledger already has a row of that edition or a later one. begun is true when the
	// row was written. Deliveries whose ID exists are left as they are.
	BeginPeriod(ctx context.Context, f Fence, p digest.Period, ds []delivery.Delivery) (begun bool, err error)
	// Period returns the ledger row for digest, team and date.
	Period(ctx context.Context, digestName, team string, d crm.Date) (p digest.Period, ok bool, err error)
	// Periods returns the ledger's rows of the date from and later, newest first.
	Periods(ctx context.Context, from crm.Date) ([]digest.Period, error)
}

// Deliveries keeps the deliveries, from planned to settled.
type Deliveries interface {
	// Deliveries returns the deliveries in one of the given states, or all when no
	// state is given, sorted by ID. Bodies are included. With no state, or a settled
	// one, it reads all that were ever made.
	Deliveries(ctx context.Context, states ...delivery.State) ([]delivery.Delivery, error)
	// DeliveriesSince returns the deliveries of the periods of the date from and later,
	// sorted by ID. What was delivered before costs nothing.
	DeliveriesSince(ctx context.Context, from crm.Date) ([]delivery.Delivery, error)
	// Delivery returns the delivery with that ID; ok is false when there is none.
	Delivery(ctx context.Context, id string) (d delivery.Delivery, ok bool, err error)
	// SaveDelivery stores the delivery. A delivery that was sent to its reader, and is
	// no test, also becomes the reader's baseline, unless a later evaluation has
	// reached the reader already. A follow that is not nil (the else channel) is
	// planned too, unless its ID exists. All of this is one transaction, which is on
	// disk on return. The bodies of a settled delivery are dropped, their hashes stay.
	// A delivery that was sent stays sent: another state is refused with ErrSent.
	SaveDelivery(ctx context.Context, f Fence, d delivery.Delivery, follow *delivery.Delivery) error
	// Recover turns every "sending" part and delivery into "unknown" and returns how
	// many deliveries that were. Recover is called once after opening: a process that
	// was sending has ended by then.
	Recover(ctx context.Context, f Fence, now time.Time) (int, error)
}

// Readers keeps what each reader was last sent.
type Readers interface {
	// Reader returns the baseline of one reader, from which "since your last digest"
	// counts; ok is false before the first digest.
	Reader(ctx context.Context, digestName, team, recipient string) (r digest.Reader, ok bool, err error)
}

// Parks keeps which deals are parked, and which were.
type Parks interface {
	// Parks returns the parks of the source, those that have ended too, in the order of
	// [hygiene.Park.Compare], ids in key order.
	Parks(ctx context.Context, source string) ([]hygiene.Park, error)
	// SaveParks stores parks, each in place of the same one that was stored before; a
	// park that is not in ks stays as it is. A park that has ended stays so: another state
	// of it is refused with ErrEnded, and nothing is written.
	SaveParks(ctx context.Context, f Fence, ks ...hygiene.Park) error
}

// Notes keeps small strings, each under a name: that sending is paused, what ops was
// told.
type Notes interface {
	// Note stores value under a name; an empty value removes the name.
	Note(ctx context.Context, f Fence, name, value string) error
	// Noted returns the value that Note stored, "" when there is none.
	Noted(ctx context.Context, name string) (string, error)
}
