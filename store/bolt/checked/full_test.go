package checked

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	"github.com/pipetidy/pipetidy/store"
)

// TestOnlyLackOfRoomIsADiskFull: a full disk is waited out, so nothing else may look like
// one: after an error of the disk nobody knows what was written.
func TestOnlyLackOfRoomIsADiskFull(t *testing.T) {
	for e, room := range map[syscall.Errno]bool{
		syscall.ENOSPC: true, syscall.EDQUOT: true, syscall.EFBIG: true,
		syscall.EIO: false, syscall.EROFS: false, syscall.ENOMEM: false, syscall.EBADF: false,
	} {
		for _, err := range []error{e, &fs.PathError{Op: "write", Path: "journal.db", Err: e}, fmt.Errorf("file resize error: %s", e)} { //nolint:errorlint // as bbolt writes it
			got := commitError("journal.db", err)
			if errors.Is(got, store.ErrDiskFull) != room || errors.Is(got, store.ErrUnknownOutcome) == room {
				t.Errorf("%v: got %v", err, got)
			}
		}
	}
}
