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
	Records  int       // held in the cache
	Done     int       // progress of the running run
	Total    int
	Changed  time.Time // of the last commit
	Error    string    // of the last run, "" when it went well
	ErrorAt  time.Time
	// Held says why the end of a sweep was not believed: it missed too much. What
	// it missed is still in the cache and may be wrong. "" is nothing. Its first
	// sentence says what happened, the others what to do about it.
	Held string
}

// Commit counts what a page did to the cache.
type Commit struct {
	Added, Changed, Unchanged, Deleted, Changes int
	// Unknown are the opportunities to be recalled: those in Page.Exist that the
	// cache does not have, and open ones that are back, or visible only now.
	Unknown []string
}
