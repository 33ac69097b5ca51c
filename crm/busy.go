package crm

import (
	"errors"
	"time"
)

// BusyError is an ErrBusy of a CRM that said when it wants the next call.
type BusyError struct {
	Until time.Time // on our clock; at most a day ahead
	Err   error     // the refusal; it wraps ErrBusy
}

// Error says what the CRM said, and when the next poll is made.
func (e *BusyError) Error() string {
	return e.Err.Error() + "; polls go on at " + e.Until.UTC().Format("2006-01-02 15:04 UTC")
}

// Unwrap returns the refusal.
func (e *BusyError) Unwrap() error { return e.Err }

// Later adds to an ErrBusy the time at which the CRM wants the next call; zero is a CRM
// that did not say. Any other error stays as it is: a refusal for good or of the day does
// not become one of the moment by the header that a proxy adds to all answers.
func Later(err error, until time.Time) error {
	if until.IsZero() || !errors.Is(err, ErrBusy) {
		return err
	}
	return &BusyError{Until: until, Err: err}
}
