package api

import "fmt"

// Error says why a request failed, and with which exit code the command ends
// (docs/cli.md).
type Error struct {
	Message string `json:"error"`
	Exit    int    `json:"exit"`

	cause error // only in the process that made the error: the API does not carry it
}

// Errorf makes an Error; %w keeps its cause.
func Errorf(exit int, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Message: err.Error(), Exit: exit, cause: err}
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

// Unwrap gives the cause, where there is one.
func (e *Error) Unwrap() error { return e.cause }
