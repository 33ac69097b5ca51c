package bolt

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/pipetidy/pipetidy/store"
)

// commitError says what a failed commit means.
func commitError(file string, err error) error {
	if full(err) {
		return fmt.Errorf("%s: %w: %w; nothing was written: make room and it goes on", file, store.ErrDiskFull, err)
	}
	return fmt.Errorf("%s: %w: %w", file, store.ErrUnknownOutcome, err)
}

// full reports whether err says that there is no room. bbolt turns some errors
// of the system into text, so the text is looked at as well.
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
