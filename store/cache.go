package store

import (
	"context"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// Cache is what the CRM can give again. Each method is one transaction.
type Cache interface {
	Sources
	Streams
	Deals
	Records
}

// Sources keeps what each source is.
type Sources interface {
	// Register gives the source its place in the cache (first call) and stores what
	// it is. It refuses, with crm.ErrAccount, another account than the one that the
	// cache was filled from; an account that is not known ("") is any.
	Register(ctx context.Context, f Fence, source string, info crm.Info) error
	// Reference returns what a pass needs of the source besides its deals: Info,
	// users, and stages by pipeline and order; of a source that was never read only
	// its name. Definitions are the caller's.
	Reference(ctx context.Context, source string) (hygiene.Source, error)
}

// MaxID is how many bytes a native id may have; the longest known are stage names.
const MaxID = 1024

// Streams brings the streams of a source into the cache, page by page.
type Streams interface {
	// CommitPage stores the page's records, removes what the page says is deleted,
	// appends own-history changes and stores the page's cursor. A record that is
	// stored already as it is costs no write. Repeating a page is harmless. The
	// streams of a source may be committed in any order: what an activity, a change
	// or a contact belongs to may come later than it does.
	//
	// Where a page both holds and deletes a record, the deletion counts: a deal that
	// is wrongly missing comes back with its next change, one that is wrongly there
	// is an accusation. Of a record twice in a page the last counts. A page with an
	// id that cannot be stored (empty, not UTF-8, with a NUL, longer than MaxID) is refused
	// whole.
	CommitPage(ctx context.Context, f Fence, source string, p *crm.Page, now time.Time) (Commit, error)
	// StreamFailed notes the error of a run; the cursor stays.
	StreamFailed(ctx context.Context, f Fence, source string, s crm.Stream, reason string, now time.Time) error
	// Restart forgets the cursor of a stream (ErrGone, --full); the records stay,
	// and those that the new run does not mention are dropped when it completes.
	// History is never dropped.
	Restart(ctx context.Context, f Fence, source string, s crm.Stream) error
	// Streams returns the state of every stream ever read, by source and name.
	Streams(ctx context.Context) ([]StreamState, error)
}

// Deals lends deals with all that belongs to them.
type Deals interface {
	// Scan lends the open deals of source whose ids come after 'after', in key
	// order with their activities, contacts and folded changes, until limit deals
	// were lent (0 is no limit); it returns the id of the last one and whether more
	// follow. One read transaction; fn does no I/O and keeps nothing: what is lent is
	// valid until fn returns. In key order decimal ids sort as numbers, before all
	// others, which sort byte by byte.
	Scan(ctx context.Context, source, after string, limit int, fn func(*hygiene.Deal) error) (last string, more bool, err error)
	// Deal lends one deal, open or closed, as Scan does; found is false when the
	// cache has none. id may be the native id only; the source "" searches all.
	Deal(ctx context.Context, source, id string, fn func(*hygiene.Deal) error) (found bool, err error)
	// Absent says why a record that was judged before is not in the scan of open
	// deals: hygiene.Won, Lost or Gone. An open one is not in the answer, and
	// neither is one that the cache never had, while opportunities have not been
	// read to the end once: that is no news.
	Absent(ctx context.Context, source string, records []string) (map[string]hygiene.State, error)
}

// Records copies records out of the cache.
type Records interface {
	// Export copies up to limit records of a stream after the cursor 'after' ("" is
	// the start) in key order; next is "" at the end. One of the record slices of
	// the page is filled, and Page.Deleted is empty. History is folded, and one
	// opportunity's history is never divided, so a page of it can be longer. Only the
	// position is kept between two calls, so a slow reader holds nothing up.
	Export(ctx context.Context, source string, s crm.Stream, after string, limit int) (p crm.Page, next string, err error)
}
