//go:build unix

package bolt

import (
	"errors"
	"syscall"
)

const mapsBeyondFile = true

// isErrno reports whether the system, not the content of a file, is to blame.
func isErrno(err error) bool {
	var e syscall.Errno
	return errors.As(err, &e)
}
