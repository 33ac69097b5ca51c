package daemon

import (
	"context"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
)

// The small values that the steps speak in live with the subject they belong to,
// so that a store need not import this package.
type (
	// Fence names the holder of the files.
	Fence = crm.Fence
	// StreamState is how far one stream of one source has been read.
	StreamState = crm.StreamState
	// Commit counts what a page did to the cache.
	Commit = crm.Commit
	// Period is one row of the period ledger.
	Period = digest.Period
	// Reader is what one reader was last sent of one digest.
	Reader = digest.Reader
)

// Errors that the store's steps wrap.
var (
	ErrFenced   = crm.ErrFenced
	ErrDiskFull = crm.ErrDiskFull
)

// Cache is what the CRM can give again. Each method is one transaction.
type Cache interface {
	// Register gives the source its key byte (first call) and stores what it is.
	// It refuses (error) an account id other than the one the cache was filled from.
	Register(ctx context.Context, f Fence, source string, info crm.Info) error
	// CommitPage stores the page's records, tombstones, own-history changes and
	// its cursor. Repeating it is harmless.
	CommitPage(ctx context.Context, f Fence, source string, p *crm.Page, now time.Time) (Commit, error)
	// StreamFailed notes the error of a run; the cursor stays.
	StreamFailed(ctx context.Context, f Fence, source string, s crm.Stream, reason string, now time.Time) error
	// Restart forgets the cursor of a stream (ErrGone, --full); the records stay,
	// and those that the new run does not mention are dropped when it completes.
	Restart(ctx context.Context, f Fence, source string, s crm.Stream) error
	// Streams returns the state of every stream ever read, by source and name.
	Streams(ctx context.Context) ([]StreamState, error)
	// Reference returns what a pass needs of the source besides its deals: Info,
	// users and stages. Definitions are the caller's.
	Reference(ctx context.Context, source string) (hygiene.Source, error)
	// Scan lends the open deals of source whose ids come after 'after', in key
	// order with their activities and folded changes, until limit deals were
	// lent; it returns the id of the last one and whether more follow. One read
	// transaction; fn does no I/O and keeps nothing.
	Scan(ctx context.Context, source, after string, limit int, fn func(*hygiene.Deal) error) (last string, more bool, err error)
	// Deal lends one deal, open or closed; found is false when the cache has none.
	// id may be the native id only; the source "" searches all.
	Deal(ctx context.Context, source, id string, fn func(*hygiene.Deal) error) (found bool, err error)
	// Absent says why a record that was judged before is not in the scan of open
	// deals: hygiene.Won, Lost or Gone; 0 when it is open, and for one that the
	// cache never had while opportunities have not been read to the end once.
	Absent(ctx context.Context, source string, records []string) (map[string]hygiene.State, error)
	// Export copies up to limit records of a stream after the cursor 'after' ("" is
	// the start) in key order; next is "" at the end. One of the record slices of
	// the page is filled, and Page.Deleted is empty.
	Export(ctx context.Context, source string, s crm.Stream, after string, limit int) (p crm.Page, next string, err error)
}

// Journal is what the CRM cannot give again. Each method is one transaction.
type Journal interface {
	// BeginGeneration returns the number of a new evaluation.
	BeginGeneration(ctx context.Context, f Fence) (uint64, error)
	// ApplySlice changes the lives of the findings whose records lie in
	// (after, through], as diff says; after "" is the beginning,
	// through "" the end of the source. diff gets the stored lives of that range in
	// key order and returns those to write, the others stay; it may read the cache.
	ApplySlice(ctx context.Context, f Fence, source, after, through string, diff func(stored []hygiene.Life) []hygiene.Life) error
	// FinishGeneration makes the generation current and stores the snapshot of
	// the source.
	FinishGeneration(ctx context.Context, f Fence, gen uint64, s hygiene.Snapshot) error
	// Lives calls fn with every finding that is open or ended after since, in key
	// order. What it gives may be kept.
	Lives(ctx context.Context, since time.Time, fn func(hygiene.Life) error) error
	// Snapshot returns the latest snapshot of source taken at or before t; ok is
	// false when there is none.
	Snapshot(ctx context.Context, source string, t time.Time) (s hygiene.Snapshot, ok bool, err error)

	// BeginPeriod writes the ledger row and its planned deliveries, unless the
	// ledger has a row of that edition already; begun says which. Deliveries whose
	// ID exists are left as they are.
	BeginPeriod(ctx context.Context, f Fence, p Period, ds []delivery.Delivery) (begun bool, err error)
	// Period returns the ledger row for digest, team and date.
	Period(ctx context.Context, digestName, team string, d crm.Date) (p Period, ok bool, err error)
	// Periods returns the ledger's rows from the date on, newest first.
	Periods(ctx context.Context, from crm.Date) ([]Period, error)

	// Deliveries returns the deliveries in one of the given states, or all, by ID.
	// Bodies are included.
	Deliveries(ctx context.Context, states ...delivery.State) ([]delivery.Delivery, error)
	// Delivery returns one.
	Delivery(ctx context.Context, id string) (d delivery.Delivery, ok bool, err error)
	// SaveDelivery stores the delivery and, when it was sent and is no test, the
	// reader's baseline; both in one transaction, fsynced on return. With follow
	// it also plans that delivery (the else channel), unless it exists.
	// Bodies of settled deliveries are purged here.
	SaveDelivery(ctx context.Context, f Fence, d delivery.Delivery, follow *delivery.Delivery) error
	// Recover turns every "sending" part and delivery into "unknown"; called once
	// after opening.
	Recover(ctx context.Context, f Fence, now time.Time) (int, error)
	// Reader returns the baseline of one reader.
	Reader(ctx context.Context, digestName, team, recipient string) (r Reader, ok bool, err error)

	// Note keeps a small string under a name for the daemon (paused, told ops).
	Note(ctx context.Context, f Fence, name, value string) error
	// Noted returns what Note stored, "" is nothing.
	Noted(ctx context.Context, name string) (string, error)
}
