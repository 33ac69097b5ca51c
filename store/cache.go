package store

import (
	"context"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Cache is the data that can be read again from the CRM. Each method is one
// transaction.
type Cache interface {
	Sources
	Streams
	Deals
	Records
}

// Sources keeps what each source is.
type Sources interface {
	// Register makes room for the source in the cache, at the first call, and stores
	// its Info. Register refuses another account than the one that the cache was
	// filled from, with crm.ErrAccount; an unknown account ("") is accepted for any.
	// Where info has a tracked field from another field of the account than before, Register
	// drops the changes of that field, and restarts the opportunities and their history;
	// until all opportunities have been read again no change of it is observed.
	Register(ctx context.Context, f Fence, source string, info crm.Info) error
	// Reference returns what a pass requires of the source besides its deals: Info,
	// users, and stages by pipeline and order. Of a source that was never read there
	// is only the name. The caller fills in Pipelines.
	Reference(ctx context.Context, source string) (hygiene.Source, error)
	// Forget drops the source and all its records. A Forget that was interrupted leaves
	// a source that has to be read from its beginning, and may be repeated. The lives of
	// findings stay in the journal: should the source come back, their ages go on.
	Forget(ctx context.Context, f Fence, source string) error
}

// MaxID is how many bytes the id of a CRM may have; the longest known ids are names
// of stages.
const MaxID = 1024

// Streams brings the streams of a source into the cache, page by page.
type Streams interface {
	// CommitPage stores the page's records, removes the records that the page says
	// are deleted, appends a change for each tracked field that differs from what is
	// stored, and stores the page's cursor. A record that did not change is no write.
	// Repeating a page is harmless. The streams of a source may be committed in any
	// order: an activity, a change or a contact may come before its opportunity. The
	// changes of an opportunity that were observed outlive the opportunity by KeepGone,
	// so an opportunity that returns has its history.
	//
	// Where a page both holds and deletes a record, the deletion counts: a deal that
	// is wrongly missing comes back with its next change, a deal that is wrongly there
	// is an accusation. Where a page holds a record twice, the last one counts. A page
	// with an id that cannot be stored (empty, not UTF-8, with a NUL, longer than
	// MaxID) is refused whole. So is, with a [VanishedError], one that is not Sure and would
	// empty a value of many records at once. A user who comes without an address keeps the one
	// that is known.
	CommitPage(ctx context.Context, f Fence, source string, p *crm.Page, now time.Time) (Commit, error)
	// Losses says what CommitPage would drop for the page, and writes nothing. What the
	// stream would be held for is not dropped, so it is not in the answer.
	Losses(ctx context.Context, f Fence, source string, p *crm.Page, now time.Time) (Losses, error)
	// StreamFailed notes the error of a run; the cursor stays. After a crm.ErrAccount the
	// stream is foreign until a page is committed.
	StreamFailed(ctx context.Context, f Fence, source string, s crm.Stream, reason error, now time.Time) error
	// Restart forgets the cursor of a stream, after crm.ErrGone and for sync --full.
	// The records stay until the new run ends; then the records that the run did not
	// mention are dropped. History is never dropped.
	Restart(ctx context.Context, f Fence, source string, s crm.Stream) error
	// Streams returns the state of every stream ever read, sorted by source and name.
	Streams(ctx context.Context) ([]StreamState, error)
}

// Deals lends deals with all that belongs to them.
type Deals interface {
	// Scan lends the open deals of source whose ids come after 'after', in key
	// order, with their activities, contacts and folded changes, until limit deals
	// were lent (0 is no limit). Scan returns the id of the last deal and whether more
	// follow. A scan is one read transaction, so fn does no I/O; a deal is valid until
	// fn returns, so fn copies what it keeps. In key order decimal ids come first,
	// sorted as numbers; all other ids follow, sorted byte by byte.
	Scan(ctx context.Context, source, after string, limit int, fn func(*hygiene.Deal) error) (last string, more bool, err error)
	// Lend lends those of the deals that the cache has, open or closed, as Scan does:
	// in key order, each once, in one read transaction.
	Lend(ctx context.Context, source string, ids []string, fn func(*hygiene.Deal) error) error
	// Named lends each opportunity of source, open or closed, that has a value in the
	// configured field, in no particular order and without what belongs to it. An
	// opportunity is valid until fn returns, and fn does no I/O.
	Named(ctx context.Context, source, field string, fn func(*crm.Opportunity) error) error
	// CountOpen is the number of open opportunities of the source.
	CountOpen(ctx context.Context, source string) (int, error)
	// Absent says why records that were judged before are not in the scan of open
	// deals: hygiene.Won, Lost or Gone. Open deals are not in the answer. Until
	// opportunities have been read to the end once, deals that the cache never had are
	// not in the answer either: the cache does not know yet whether such a deal exists.
	Absent(ctx context.Context, source string, records []string) (map[string]hygiene.State, error)
	// Survivors says into which opportunities those of records that are gone were merged, by
	// ids. What the CRM told nothing of is not in the answer.
	Survivors(ctx context.Context, source string, records []string) (map[string]string, error)
}

// Records copies records out of the cache, for an export.
type Records interface {
	// Export copies up to limit records of a stream after the cursor 'after' ("" is
	// the start) in key order; next is "" at the end. One of the record slices of
	// the page is filled, and Page.Deleted is empty. History is folded, and the history
	// of one opportunity is never divided, so a page of history can be longer than
	// limit. No transaction stays open between two calls, so a slow reader delays
	// nobody.
	Export(ctx context.Context, source string, s crm.Stream, after string, limit int) (p crm.Page, next string, err error)
}
