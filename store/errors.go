package store

import "errors"

// Errors that the steps and the opening of the data wrap, besides crm.ErrAccount.
var (
	// ErrFenced: another process opened the files after this one; nothing was
	// written.
	ErrFenced = errors.New("another process has taken over the files")
	// ErrDiskFull: there was no room for the step; nothing was written. The step may
	// be repeated once there is room.
	ErrDiskFull = errors.New("disk full")
	// ErrUnknownOutcome: the transaction failed in a way that leaves open whether the
	// step is on disk. The process has to end. After the files are opened again the
	// step may be repeated, because every step is safe to repeat.
	ErrUnknownOutcome = errors.New("outcome of the commit unknown")
	// ErrInUse: another process has the files open. Commands end with exit code 75.
	ErrInUse = errors.New("the files are in use")
	// ErrCorrupt: a file or a value in it is damaged.
	ErrCorrupt = errors.New("damaged")
	// ErrNewer: a newer version of the program wrote the file.
	ErrNewer = errors.New("written by a newer version")
	// ErrClosed: the engine was closed before or during the step.
	ErrClosed = errors.New("store is closed")
	// ErrSent: the delivery was sent and cannot get another state: a delivery in any
	// other state may be sent again.
	ErrSent = errors.New("already sent")
	// ErrEnded: the park has ended, and a park that has ended never holds again.
	ErrEnded = errors.New("the park has ended")
)
