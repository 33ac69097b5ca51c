package delivery

import (
	"errors"
	"time"
)

// Sentinels that a Sender's errors wrap.
var (
	// ErrRetry: it certainly did not arrive, and trying again makes sense; see [RetryError].
	ErrRetry = errors.New("try again")
	// ErrRejected: it certainly did not arrive, and will not; see [RejectedError].
	ErrRejected = errors.New("rejected")
)

// RetryError is an ErrRetry that says when.
type RetryError struct {
	After time.Duration // at least this long; zero leaves it to the caller
	Err   error
}

// Error is the cause.
func (e *RetryError) Error() string { return e.Err.Error() }

// Unwrap makes it both an ErrRetry and its cause.
func (e *RetryError) Unwrap() []error { return []error{ErrRetry, e.Err} }

// Blame says whose fault a rejection is, and so what else to stop.
type Blame byte

// Whose fault a rejection is.
const (
	BlameRecipient Blame = iota // this person or place cannot be reached: take the else channel
	BlameChannel                // the whole channel refuses (token revoked, password wrong): stop it, tell ops
	BlameContent                // our message is wrong
)

// RejectedError is an ErrRejected that says whose fault it is.
type RejectedError struct {
	Blame Blame
	Err   error
}

// Error is the cause.
func (e *RejectedError) Error() string { return e.Err.Error() }

// Unwrap makes it both an ErrRejected and its cause.
func (e *RejectedError) Unwrap() []error { return []error{ErrRejected, e.Err} }
