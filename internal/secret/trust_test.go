package secret_test

import (
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
		if err := secret.Trust(link, info); (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "run: chmod go-w "+link) {
			t.Errorf("mode %04o: got %v", mode, err)
		}
	}
}

// TestOwnersOfSecrets gives the file to others, which only root can.
func TestOwnersOfSecrets(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	for _, c := range []struct {
		uid, gid int
		mode     os.FileMode
		want     string // "" is accepted
	}{
		{0, 0, 0o440, ""},
		{0, 54321, 0o400, ""},
		{0, 54321, 0o440, "run: chmod 600 "},
		{12345, 0, 0o600, "run: chown 0 "},
	} {
		path := write(t, t.TempDir(), value, c.mode)
		if err := os.Chown(path, c.uid, c.gid); err != nil {
			t.Fatal(err)
		}
		_, err := secret.Secret{File: path}.Value()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("uid %d, gid %d, mode %04o: got %v", c.uid, c.gid, c.mode, err)
		}
	}
}

// TestVaultOfAService: root uses the tokens of a service, and leaves them to the service.
func TestVaultOfAService(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	above := t.TempDir()
	if err := os.Chown(above, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	v := secret.Vault{Dir: filepath.Join(above, "tokens")}
	if err := v.Save("sales", "token"); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{v.Dir, filepath.Join(v.Dir, "sales")} {
		if uid := uidOf(t, path); uid != 12345 {
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
