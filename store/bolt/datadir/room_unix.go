//go:build darwin || freebsd || linux

package datadir

import "golang.org/x/sys/unix"

// Room is how many bytes of the disk on which dir lies are free for us, and how many it has.
func Room(dir string) (free, size uint64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, 0, err
	}
	block := uint64(s.Bsize)                 // its type differs by system; it is positive
	avail := uint64(max(0, int64(s.Bavail))) // less than none where root has used its share
	return avail * block, s.Blocks * block, nil
}
