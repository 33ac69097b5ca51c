package store

import (
	"context"
	"errors"
)

// FileError is an error of the files rather than of an outside system. Whoever
// calls a step between calls of a CRM or a channel marks the step's error with
// [AsFileError], and whoever decides what to do tests for it with errors.As. Unless
// the disk is full, the outcome of the step is unknown, and the process ends: every
// step is safe to repeat after a restart.
type FileError struct{ Err error }

// Error is the cause, which says what to do about it.
func (e *FileError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// AsFileError marks an error that a step returned. It leaves alone nil and the
// errors of a context: a step that was called off says nothing about the files.
func AsFileError(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &FileError{err}
}
