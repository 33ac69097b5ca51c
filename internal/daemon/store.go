package daemon

import (
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/store"
)

// The words of the store's contract that this package speaks in.
type (
	// Cache is what the CRM can give again.
	Cache = store.Cache
	// Journal is what the CRM cannot give again.
	Journal = store.Journal
	// Fence names the holder of the files.
	Fence = store.Fence
	// StreamState is how far one stream of one source has been read.
	StreamState = store.StreamState
	// Commit counts what a page did to the cache.
	Commit = store.Commit
	// Period is one row of the period ledger.
	Period = digest.Period
	// Reader is what one reader was last sent of one digest.
	Reader = digest.Reader
)

// Errors that the store's steps wrap.
var (
	ErrFenced   = store.ErrFenced
	ErrDiskFull = store.ErrDiskFull
)
