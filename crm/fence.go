package crm

import "errors"

// Fence names the holder of the files. Every writing step of a store takes it,
// and answers ErrFenced when somebody else has opened them since.
type Fence uint64

// Errors that a store's steps wrap.
var (
	// ErrFenced: another process opened the files after us; nothing was written.
	ErrFenced = errors.New("another process has taken over the files")
	// ErrDiskFull: there was no room for the step; nothing was written, and
	// repeating it after making room is right.
	ErrDiskFull = errors.New("disk full")
)
