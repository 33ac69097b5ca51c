package secret_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/pipetidy/pipetidy/internal/secret"
)

// TestTrust: who may change a file is asked of the target of a link.
func TestTrust(t *testing.T) {
	path := write(t, t.TempDir(), "x", 0o644)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for mode, ok := range map[os.FileMode]bool{0o600: true, 0o644: true, 0o664: false, 0o646: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(link)
		if err != nil {
			t.Fatal(err)
		}
		if err := (secret.Keeper{}).Trust(link, info); (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "run: chmod go-w "+link) {
			t.Errorf("mode %04o: got %v", mode, err)
		}
	}
}

const service, stranger = 12345, 54321

// owners is a secret file, whose it is, and what root hears of it: "" is accepted.
type owners struct {
	uid, gid int
	mode     os.FileMode
	want     string
}

// try has root read the file of c for the keeper.
func (c owners) try(t *testing.T, k secret.Keeper) {
	t.Helper()
	path := write(t, t.TempDir(), value, c.mode)
	if err := os.Chown(path, c.uid, c.gid); err != nil {
		t.Fatal(err)
	}
	s := secret.Secret{File: path}
	s.Keep(k)
	_, err := s.Value()
	if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
		t.Errorf("uid %d, gid %d, mode %04o: got %v, want %q", c.uid, c.gid, c.mode, err, c.want)
	}
}

// keeper is the owner of a data directory.
func keeper(t *testing.T, uid, gid int) secret.Keeper {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	return secret.KeeperOf(dir)
}

func onlyRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
}

// TestOwnersOfSecrets has root's own files, and those of somebody of whom nothing is known.
func TestOwnersOfSecrets(t *testing.T) {
	onlyRoot(t)
	for _, k := range []secret.Keeper{{}, secret.KeeperOf(filepath.Join(t.TempDir(), "none")), keeper(t, 0, 0)} {
		for _, c := range []owners{
			{0, 0, 0o440, ""},
			{0, stranger, 0o400, ""},
			{0, stranger, 0o440, "run: chmod 600 "},
			{service, 0, 0o600, "run pipetidy as that user (sudo -u '#12345' pipetidy …), or give the file to the user that runs pipetidy"},
		} {
			c.try(t, k)
		}
	}
}

// TestRootActsForAService: the files of the owner of the data directory count as ours, and
// what is advised leaves every file readable for the service.
func TestRootActsForAService(t *testing.T) {
	onlyRoot(t)
	k := keeper(t, service, service)
	for _, c := range []owners{
		{service, service, 0o600, ""},
		{service, service, 0o440, ""},
		{0, service, 0o640, ""},
		{0, 0, 0o600, ""},
		{service, service, 0o644, "run: chmod 600 "},
		{0, service, 0o644, "run: chmod 640 "},
		{0, 0, 0o644, "run: chown 12345 "},
		{0, stranger, 0o640, "run: chown 12345 "},
		{stranger, stranger, 0o600, "run: chown 12345 "},
	} {
		c.try(t, k)
	}
}

// TestConfinedToTheKeeper: where the service wrote the configuration, root reads no secret
// that the service cannot read, however the path to it looks.
func TestConfinedToTheKeeper(t *testing.T) {
	onlyRoot(t)
	mine, err := os.Stat(write(t, t.TempDir(), "x", 0o600))
	if err != nil {
		t.Fatal(err)
	}
	theirs := write(t, t.TempDir(), "x", 0o600)
	if err := os.Chown(theirs, service, service); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(theirs)
	if err != nil {
		t.Fatal(err)
	}
	k := keeper(t, service, service)
	owners{0, 0, 0o600, ""}.try(t, k.Confined(mine))
	for _, c := range []owners{
		{service, service, 0o600, ""},
		{0, service, 0o640, ""},
		{0, service, 0o600, "cannot be read by uid 12345, whose the configuration is"},
		{0, 0, 0o640, "cannot be read by uid 12345, whose the configuration is"},
	} {
		c.try(t, k.Confined(info))
	}

	planted := filepath.Join(t.TempDir(), "..data")
	precious := write(t, t.TempDir(), value, 0o600)
	if err := errors.Join(os.Mkdir(planted, 0o700), os.Symlink(precious, filepath.Join(planted, "x"))); err != nil {
		t.Fatal(err)
	}
	s := secret.Secret{File: filepath.Join(planted, "x")}
	s.Keep(k.Confined(info))
	if _, err := s.Value(); err == nil || !strings.Contains(err.Error(), "cannot be read by uid 12345") {
		t.Errorf("a path that looks like a volume of Kubernetes: got %v", err)
	}
}

// TestVaultOfAService: root uses the tokens of a service, and leaves them to the service.
func TestVaultOfAService(t *testing.T) {
	onlyRoot(t)
	above := t.TempDir()
	if err := os.Chown(above, service, service); err != nil {
		t.Fatal(err)
	}
	v := secret.Vault{Dir: filepath.Join(above, "tokens")}
	if err := v.Save("sales", "token"); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{v.Dir, filepath.Join(v.Dir, "sales")} {
		if uid := uidOf(t, path); uid != service {
			t.Errorf("%s belongs to uid %d", path, uid)
		}
	}
	if got, err := v.Load("sales"); got != "token" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func uidOf(t *testing.T, path string) int {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		t.Fatal("no owner")
	}
	return int(st.Uid)
}
