// Package store is the contract between Pipetidy and the engine that keeps its data:
// the steps, the fence that every writing step takes, and the errors that a step wraps.
// What a step decides (may a run miss so many records, which snapshots may go) is a
// pure function here, so that two engines decide alike. A newcomer opens cache.go and
// journal.go first.
//
// The package holds no engine: package bolt is the engine, package record writes and
// reads the stored values, package storetest holds every engine to what the comments
// here say.
//
// The contract is not a key-value interface: new data to be kept takes a new step. Each
// method is one step of the business
// and one transaction: a page with its cursor, a slice of an evaluation, the claim of a
// delivery. The steps stand in small interfaces, one for each subject, so that a caller
// can name the few steps that it uses. [Cache] can be read again from the CRM, [Journal]
// cannot; an engine keeps the two apart, because only the cache may be thrown away.
//
// All steps may be called from several goroutines. Every writing step is safe to
// repeat after an error that leaves its outcome open. A step that begins after its
// context was canceled does nothing and returns the context's error.
package store

import "context"

// Engine is the data, opened.
type Engine interface {
	Cache
	Journal

	// Fence numbers this opening. Each later opening of the same data has a higher
	// fence, and from then on a writing step with a lower fence returns ErrFenced.
	Fence() Fence
	// Notices are sentences about what happened at opening that somebody should
	// know, such as a damaged cache that was set aside.
	Notices() []string
	// Check reads all data and compares every checksum. Check returns ErrCorrupt when
	// something is damaged, changes nothing and may run beside all steps.
	Check(ctx context.Context) error
	// Probe writes what nobody misses, to see whether there is room again: ErrDiskFull
	// when there is none.
	Probe(ctx context.Context, f Fence) error
	// Close lets go of the data. Close waits for the steps that are under way; later
	// steps return ErrClosed. A second Close does nothing and returns what the first
	// Close returned.
	Close() error
}
