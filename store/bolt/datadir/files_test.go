package datadir_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/store/bolt/datadir"
)

// TestPlantedLinks has a link in the place of each file that is written in the directory:
// what the link leads to stays as it is, and the message says what to do.
func TestPlantedLinks(t *testing.T) {
	for name, write := range map[string]func(dir string) error{
		"db.lock":   func(dir string) error { _, err := datadir.Take(dir, time.Second); return err },
		"db.id.new": func(dir string) error { return (&datadir.Identity{UUID: "x"}).Write(dir) },
		"pipetidy.pid": func(dir string) error {
			return datadir.Write(filepath.Join(dir, "pipetidy.pid"), []byte("1"))
		},
		"db.id":      func(dir string) error { _, err := datadir.ReadIdentity(dir); return err },
		"journal.db": func(dir string) error { return datadir.Check(filepath.Join(dir, "journal.db")) },
	} {
		dir := t.TempDir()
		victim := filepath.Join(t.TempDir(), "victim")
		if err := os.WriteFile(victim, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(victim, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if err := write(dir); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "run: rm '"+filepath.Join(dir, name)) {
			t.Errorf("%s: got %v", name, err)
		}
		if b, _ := os.ReadFile(victim); string(b) != "precious" {
			t.Errorf("%s: what the link leads to is now %q", name, b)
		}
	}
}

func TestFilesThatOthersCanChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for mode, ok := range map[os.FileMode]bool{0o600: true, 0o644: true, 0o666: false, 0o660: false, 0o602: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if err := datadir.Check(path); (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "run: chmod 600 ") {
			t.Errorf("mode %04o: got %v", mode, err)
		}
	}
}

// TestRootKeepsTheOwner has root write into the directory of a service.
func TestRootKeepsTheOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	const service = 12345
	dir := t.TempDir()
	if err := os.Chown(dir, service, service); err != nil {
		t.Fatal(err)
	}
	h, err := datadir.Take(dir, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Release() })
	if err := (&datadir.Identity{UUID: "x"}).Write(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"db.lock", "db.id"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if st, ok := info.Sys().(*syscall.Stat_t); !ok || st.Uid != service || st.Gid != service {
			t.Errorf("%s belongs to uid %d", name, st.Uid)
		}
	}
	other := filepath.Join(dir, "journal.db")
	if err := errors.Join(os.WriteFile(other, nil, 0o600), os.Chown(other, 54321, 54321)); err != nil {
		t.Fatal(err)
	}
	if err := datadir.Check(other); err == nil || !strings.Contains(err.Error(), "run: chown 12345:12345 ") {
		t.Errorf("a file of a third user: got %v", err)
	}
}
