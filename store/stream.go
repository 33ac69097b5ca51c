package store

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// StreamState is how far one stream of one source has been read.
type StreamState struct {
	Source   string
	Stream   crm.Stream
	Cursor   crm.Cursor
	Complete bool      // a run has ended at least once since the cache was made
	AsOf     time.Time // server time as of which the stream is complete; zero before
	Records  int       // in the cache
	Done     int       // progress of the run under way
	Total    int
	Changed  time.Time // of the last commit
	Error    string    // of the last run, "" when the run went well
	ErrorAt  time.Time
	// Held says that the stream is held: a run missed so many records that they were
	// not dropped. These records are still in the cache and may be wrong. The first
	// sentence says what happened, the others say what to do. "" is a stream that is
	// not held.
	Held string
	// Untold and Short are what the last page that ended a run has said, see [crm.Page].
	Untold bool
	Short  string
	// Foreign says that the last run met another account than the one that the records are
	// from.
	Foreign bool
}

// Losses are the records that the commit of a page would drop, by their native ids.
type Losses struct {
	Named  []string // records that the page says are deleted, and that are not older than what the source keeps
	Missed []string // records that the run, which ends with the page, did not mention
	// Unlinked are the links of activities that by the page belong to no opportunity any
	// more, and of opportunities that by the page have no contact any more.
	Unlinked []crm.Link
}

// Commit counts what a page did to the cache.
type Commit struct {
	Added, Changed, Unchanged, Deleted, Changes int
	// Addresses are how many users came without the address that is known of them, and keep it.
	Addresses int
	// Unknown are the ids of the opportunities to be recalled: those in Page.Exist that
	// the cache does not have, open opportunities that are back or that became visible
	// only now, and those into which an opportunity of the cache was merged.
	Unknown []string
}
