//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package datadir

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

const noFollow = unix.O_NOFOLLOW

// give gives a file that root opened to the owner of dir.
func give(f *os.File, dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	uid, gid, err := owner(dir)
	if err != nil || uid == 0 {
		return err
	}
	return f.Chown(uid, gid)
}

func owner(path string) (uid, gid int, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, 0, err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, nil
	}
	return int(st.Uid), int(st.Gid), nil
}

// ownedWell refuses the file of another user. Root may use the files of a service, and a
// file of root's in the directory of a service is one that root left there.
func ownedWell(path string, info fs.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	uid, gid, err := owner(filepath.Dir(path))
	if err != nil {
		return err
	}
	return mayUse(path, int(st.Uid), uid, gid, os.Geteuid())
}

// mayUse refuses the file of has, in the directory of uid and gid, to the user me. No
// advice takes a file away from the owner of the directory.
func mayUse(path string, has, uid, gid, me int) error {
	switch {
	case has == me, me == 0 && has == uid:
		return nil
	case has == uid && uid != 0:
		return denied(path, fmt.Sprintf("belongs to uid %d, as its directory does, and pipetidy runs as uid %d; run it as that user: sudo -u '#%[1]d' pipetidy …", has, me))
	case uid != 0 || me == 0:
		return refused(path, fmt.Sprintf("belongs to uid %d, and its directory to uid %d", has, uid), fmt.Sprintf("chown %d:%d %s", uid, gid, quote(path)))
	}
	return refused(path, fmt.Sprintf("belongs to uid %d, and pipetidy runs as uid %d", has, me), fmt.Sprintf("chown %d %s", me, quote(path)))
}
