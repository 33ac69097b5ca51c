//go:build unix

package daemon

import (
	"os"
	"syscall"
)

// give gives what root made in the directory of a service to the owner of the directory,
// whose commands ask root's process as they ask their own.
func give(path, dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || st.Uid == 0 {
		return nil
	}
	return os.Lchown(path, int(st.Uid), int(st.Gid))
}
