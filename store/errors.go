package store

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/pipetidy/pipetidy/crm"
)

// Errors that opening the files and the steps wrap, besides crm.ErrFenced,
// crm.ErrDiskFull and crm.ErrAccount.
var (
	// ErrInUse: another process has the files open. Commands end with 75.
	ErrInUse = errors.New("the files are in use")
	// ErrCorrupt: a file or a value in it is damaged.
	ErrCorrupt = errors.New("damaged")
	// ErrNewer: a newer version of the program wrote the file.
	ErrNewer = errors.New("written by a newer version")
	// ErrUnknownOutcome: the commit failed in a way that leaves open whether it
	// is on disk. The process has to end; after opening again the step may be
	// repeated, because every step is repeatable by key.
	ErrUnknownOutcome = errors.New("outcome of the commit unknown")
	// ErrClosed: the store was closed before or during the step.
	ErrClosed = errors.New("store is closed")
)

// commitError says what a failed commit means.
func commitError(file string, err error) error {
	if full(err) {
		return fmt.Errorf("%s: %w: %w; nothing was written: make room and it goes on", file, crm.ErrDiskFull, err)
	}
	return fmt.Errorf("%s: %w: %w", file, ErrUnknownOutcome, err)
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
