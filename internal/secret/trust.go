package secret

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// Trust returns an error that holds the command that mends it, unless only root and our
// own user can change the file at path. info is of the open file, so of the target of a
// link: Kubernetes mounts files as links.
func Trust(path string, info fs.FileInfo) error { return trust(path, info, os.Geteuid()) }

// trust is Trust, where the file may be owner's too.
func trust(path string, info fs.FileInfo, owner int) error {
	if uid, _, ok := owned(info); ok && uid != 0 && uid != os.Geteuid() && uid != owner {
		return fmt.Errorf("belongs to another user (uid %d), who can change it; run: chown %d %s", uid, os.Geteuid(), quote(path))
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return fmt.Errorf("can be changed by others (mode %04o); run: chmod go-w %s", mode, quote(path))
	}
	return nil
}

// private is trust for what others must not read either: of the groups only ours may.
func private(path string, info fs.FileInfo, owner int) error {
	mode := info.Mode().Perm()
	_, gid, ok := owned(info)
	if mode&0o027 != 0 || mode&0o050 != 0 && !(ok && ourGroup(gid)) {
		return fmt.Errorf("can be read by others (mode %04o); run: chmod 600 %s", mode, quote(path))
	}
	return trust(path, info, owner)
}

func ourGroup(gid int) bool {
	groups, err := os.Getgroups()
	return gid == os.Getegid() || err == nil && slices.Contains(groups, gid)
}
