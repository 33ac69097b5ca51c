package store

import "errors"

// Errors that opening the data and the steps wrap, besides crm.ErrAccount.
var (
	// ErrFenced: another process opened the files after us; nothing was written.
	ErrFenced = errors.New("another process has taken over the files")
	// ErrDiskFull: there was no room for the step; nothing was written, and
	// repeating it after making room is right.
	ErrDiskFull = errors.New("disk full")
	// ErrUnknownOutcome: the commit failed in a way that leaves open whether it
	// is on disk. The process has to end; after opening again the step may be
	// repeated, because every step is repeatable by key.
	ErrUnknownOutcome = errors.New("outcome of the commit unknown")
	// ErrInUse: another process has the files open. Commands end with 75.
	ErrInUse = errors.New("the files are in use")
	// ErrCorrupt: a file or a value in it is damaged.
	ErrCorrupt = errors.New("damaged")
	// ErrNewer: a newer version of the program wrote the file.
	ErrNewer = errors.New("written by a newer version")
	// ErrClosed: the engine was closed before or during the step.
	ErrClosed = errors.New("store is closed")
	// ErrSent: the delivery was sent and cannot become anything else, because what
	// is not sent may be sent.
	ErrSent = errors.New("already sent")
)
