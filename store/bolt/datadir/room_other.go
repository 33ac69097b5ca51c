//go:build !(darwin || freebsd || linux)

package datadir

import "errors"

// Room says on these systems that it does not know.
func Room(string) (free, size uint64, err error) {
	return 0, 0, errors.ErrUnsupported
}
