// Package store is the contract between Pipetidy and whatever keeps its data: the
// steps, the fence that every writing step takes, the errors that a step wraps, and
// what a step decides (may a run miss so many records, which snapshots may go) as
// pure functions, so that two engines decide alike. It holds no engine. Package
// bolt is the engine of today, package record writes and reads the values, package
// storetest holds every engine to what the comments here say.
//
// It is not a key-value interface. Each method is one step of the business and
// one transaction: a page with its cursor, a slice of an evaluation, the claim of
// a delivery. The steps stand in small interfaces, one for each subject, so that
// whoever needs a few of them can say which. [Cache] is what the CRM can give
// again, [Journal] what nobody can; an engine keeps them apart, because only the
// first may be thrown away.
//
// All steps may be called from several goroutines. Every writing step is safe to
// repeat: after an error that leaves its outcome open, repeat it. A step that
// begins after its context was canceled does nothing and returns the context's
// error.
package store

import "context"

// Engine is what an opening of the data returns.
type Engine interface {
	Cache
	Journal

	// Fence names this opening. Each later opening of the same data has a higher
	// one, and from then on a writing step with a lower one returns ErrFenced.
	Fence() Fence
	// Notices are sentences about what happened at opening that somebody should
	// know, such as a damaged cache that was set aside.
	Notices() []string
	// Check reads everything and compares every checksum. It wraps ErrCorrupt for
	// each place that is damaged, changes nothing and may run beside all steps.
	Check(ctx context.Context) error
	// Close lets go of the data. It waits for steps that are under way; later ones
	// return ErrClosed. Closing again does nothing and returns what the first did.
	Close() error
}
