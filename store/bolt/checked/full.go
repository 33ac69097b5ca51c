package checked

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/pipetidy/pipetidy/store"
)

// commitError turns the error of a write that failed into store.ErrDiskFull or
// store.ErrUnknownOutcome.
func commitError(file string, err error) error {
	if full(err) {
		return fmt.Errorf("%s: %w: %w; nothing was written: make room on the disk, and pipetidy goes on", file, store.ErrDiskFull, err)
	}
	return fmt.Errorf("%s: %w: %w", file, store.ErrUnknownOutcome, err)
}

// full reports whether err says that there is no room. bbolt turns some errors of the
// system into text, so full compares the text as well.
func full(err error) bool {
	if errors.Is(err, bolterrors.ErrMaxSizeReached) {
		return true
	}
	for _, e := range []syscall.Errno{syscall.ENOSPC, syscall.EFBIG, syscall.EDQUOT} {
		if errors.Is(err, e) || strings.Contains(err.Error(), e.Error()) {
			return true
		}
	}
	return false
}

// isErrno reports whether the error is the system's, so the content of a file is not to
// blame.
func isErrno(err error) bool {
	var e syscall.Errno
	return errors.As(err, &e)
}
