package delivery

import (
	"errors"
	"time"
)

// Sentinels that a Sender's errors wrap.
var (
	// ErrRetry: the part certainly did not arrive, and another attempt makes sense; see [RetryError].
	ErrRetry = errors.New("try again")
	// ErrRejected: the part certainly did not arrive, and no other attempt would; see [RejectedError].
	ErrRejected = errors.New("rejected")
)

// RetryError is an ErrRetry that says how long to wait before the next attempt.
type RetryError struct {
	After time.Duration // at least this long; zero leaves it to the caller
	// Silent says that the channel was not reached at all, or does not answer: no other
	// message would get further.
	Silent bool
	Err    error
}

// Error is the cause.
func (e *RetryError) Error() string { return e.Err.Error() }

// Unwrap makes errors.Is true for ErrRetry and for the cause.
func (e *RetryError) Unwrap() []error { return []error{ErrRetry, e.Err} }

// Blame says whose fault a rejection is, which decides what else is stopped.
type Blame byte

// Whose fault a rejection is.
const (
	BlameRecipient Blame = iota // the channel cannot reach this person or place
	BlameChannel                // the whole channel refuses (token revoked, password wrong): no attempt is made on it for a while
	BlameContent                // our message is wrong
)

// RejectedError is an ErrRejected that says whose fault it is.
type RejectedError struct {
	Blame Blame
	// NoAddress says that nobody has the address, so that nothing will ever get there.
	NoAddress bool
	// TooLarge says that a smaller message would be taken.
	TooLarge bool
	Err      error
}

// Error is the cause.
func (e *RejectedError) Error() string { return e.Err.Error() }

// Unwrap makes errors.Is true for ErrRejected and for the cause.
func (e *RejectedError) Unwrap() []error { return []error{ErrRejected, e.Err} }
