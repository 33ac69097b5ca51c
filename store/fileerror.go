package store

import (
	"context"
	"errors"
)

// FileError is an error of the files rather than of an outside system. Code that
// calls steps as well as a CRM or a channel marks the errors of the steps with
// [AsFileError]; the code that decides what to do tests for a FileError with
// errors.As. Unless the disk is full, the process ends: the outcome of the step may be
// unknown, and every step is safe to repeat after a restart.
type FileError struct{ Err error }

// Error is the text of the cause, which says what to do.
func (e *FileError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// AsFileError marks an error that a step returned. Nil and the errors of a context
// are returned as they are: a canceled step says nothing about the files.
func AsFileError(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &FileError{err}
}
