//go:build unix

package secret

import (
	"io/fs"
	"os"
	"syscall"
)

// owned returns whose file it is.
func owned(info fs.FileInfo) (uid, gid int, ok bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return int(st.Uid), int(st.Gid), true
}

// give gives a file that root made to the owner of the directory it is in, so that root
// does not lock out the service whose directory it is.
func give(f *os.File, dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if uid, gid, ok := owned(info); ok && uid != 0 {
		return f.Chown(uid, gid)
	}
	return nil
}
