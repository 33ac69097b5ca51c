package secret

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"slices"
	"strconv"
)

// Keeper is the user whose files count as ours besides root's and those of the user of
// this process: the owner of the data directory, for whom root runs a command. Whatever a
// message advises leaves the files to the keeper, because a service that is shut out of
// its configuration does not start again. The zero value knows of no such user.
type Keeper struct {
	known    bool
	uid, gid int
	confined bool
}

// KeeperOf is the owner of the data directory. Where there is no such directory yet, or
// the system knows no owners, it is the zero value.
func KeeperOf(dataDir string) Keeper {
	info, err := os.Stat(dataDir)
	if err != nil {
		return Keeper{}
	}
	uid, gid, ok := owned(info)
	return Keeper{known: ok, uid: uid, gid: gid}
}

// Confined is the keeper when the keeper wrote what root follows, as the configuration
// with info: the keeper could name any file of the machine as a secret, and have root send
// it anywhere. So root reads only what the keeper can read.
func (k Keeper) Confined(info fs.FileInfo) Keeper {
	uid, _, ok := owned(info)
	k.confined = ok && k.serves(uid)
	return k
}

// serves reports whether root acts for the user.
func (k Keeper) serves(uid int) bool { return k.known && os.Geteuid() == 0 && uid != 0 && uid == k.uid }

// Trust returns an error that says what mends it, unless only root, our own user and the
// keeper can change the file at path. info is of the open file, so of the target of a
// link: Kubernetes mounts files as links.
func (k Keeper) Trust(path string, info fs.FileInfo) error {
	uid, _, ok := owned(info)
	if ok && uid != 0 && uid != os.Geteuid() && !k.serves(uid) {
		return fmt.Errorf("belongs to another user (uid %d), who can change it; %s", uid, k.settle(uid, path))
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return fmt.Errorf("can be changed by others (mode %04o); run: chmod go-w %s", mode, Quote(path))
	}
	return nil
}

// settle says what to do about a file of another user.
func (k Keeper) settle(uid int, path string) string {
	switch {
	case k.known && k.uid == uid:
		return fmt.Sprintf("data_dir is that user's too, so run pipetidy as that user: sudo -u '#%d' pipetidy …", uid)
	case k.known && k.uid != 0: // the file got into the hands of a third user
		return fmt.Sprintf("run: chown %d %s", k.uid, Quote(path))
	}
	return fmt.Sprintf("run pipetidy as that user (sudo -u '#%d' pipetidy …), or give the file to the user that runs pipetidy", uid)
}

// private is Trust for what others must not read either: of the groups only ours and the
// keeper's may.
func (k Keeper) private(path string, info fs.FileInfo) error {
	mode := info.Mode().Perm()
	uid, gid, ok := owned(info)
	if mode&0o027 != 0 || mode&0o050 != 0 && !(ok && (ourGroup(gid) || k.groupOf(gid))) {
		return fmt.Errorf("can be read by others (mode %04o); %s", mode, k.closed(info, path))
	}
	if err := k.Trust(path, info); err != nil {
		return err
	}
	if k.confined && uid != k.uid && (mode&0o040 == 0 || !k.groupOf(gid)) {
		return fmt.Errorf("cannot be read by uid %d, whose the configuration is; give the secret to that user, or the configuration to root", k.uid)
	}
	return nil
}

// closed says how others are kept from reading a file, and whoever runs pipetidy is not.
func (k Keeper) closed(info fs.FileInfo, path string) string {
	uid, gid, ok := owned(info)
	us, group := os.Geteuid(), ourGroup(gid)
	if k.serves(k.uid) {
		us, group = k.uid, k.groupOf(gid)
	}
	switch {
	case !ok || uid == us:
		return "run: chmod 600 " + Quote(path)
	case group && info.Mode().Perm()&0o040 != 0:
		return "run: chmod 640 " + Quote(path)
	case k.known && k.uid == us:
		return fmt.Sprintf("run: chown %d %s && chmod 600 %[2]s", us, Quote(path))
	}
	return "give the file, with mode 0600, to the user that runs pipetidy"
}

// groupOf reports whether root acts for a user of the group.
func (k Keeper) groupOf(gid int) bool {
	if !k.serves(k.uid) {
		return false
	}
	if gid == k.gid {
		return true
	}
	u, err := user.LookupId(strconv.Itoa(k.uid))
	if err != nil {
		return false
	}
	groups, err := u.GroupIds()
	return err == nil && slices.Contains(groups, strconv.Itoa(gid))
}

func ourGroup(gid int) bool {
	groups, err := os.Getgroups()
	return gid == os.Getegid() || err == nil && slices.Contains(groups, gid)
}
