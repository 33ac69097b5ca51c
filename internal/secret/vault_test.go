package secret_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/secret"
)

var _ crm.Vault = secret.Vault{}

func newVault(t *testing.T) secret.Vault {
	t.Helper()
	return secret.Vault{Dir: filepath.Join(t.TempDir(), "tokens")}
}

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func save(t *testing.T, v secret.Vault, name, value string) {
	t.Helper()
	if err := v.Save(name, value); err != nil {
		t.Fatal(err)
	}
}

func wantKept(t *testing.T, v secret.Vault, name, want string) {
	t.Helper()
	if got, err := v.Load(name); got != want || err != nil {
		t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
	}
}

func TestVaultKeeps(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0)) // as the most careless of systems
	v := newVault(t)
	wantKept(t, v, "sales", "") // not even the directory is there
	save(t, v, "sales", "first")
	save(t, v, "partners", "other")
	wantKept(t, v, "sales", "first")
	save(t, v, "sales", "second")
	wantKept(t, secret.Vault{Dir: v.Dir}, "sales", "second")
	wantKept(t, v, "partners", "other")
	wantKept(t, v, "unknown", "")
	if m := mode(t, v.Dir); m != 0o700 {
		t.Errorf("directory has mode %04o", m)
	}
	for _, name := range []string{"sales", "partners"} {
		if m := mode(t, filepath.Join(v.Dir, name)); m != 0o600 {
			t.Errorf("%s has mode %04o", name, m)
		}
	}
	if files, err := os.ReadDir(v.Dir); err != nil || len(files) != 2 {
		t.Errorf("left behind: %v, %v", files, err)
	}
}

// TestVaultAfterACrash: a process ended between writing and renaming, and left a
// temporary file.
func TestVaultAfterACrash(t *testing.T) {
	v := newVault(t)
	save(t, v, "sales", "first")
	half := filepath.Join(v.Dir, "sales.tmp")
	if err := os.WriteFile(half, []byte("seco"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(half, 0o666); err != nil {
		t.Fatal(err)
	}
	wantKept(t, v, "sales", "first")
	save(t, v, "sales", "third")
	wantKept(t, v, "sales", "third")
	if m := mode(t, filepath.Join(v.Dir, "sales")); m != 0o600 {
		t.Errorf("took over mode %04o", m)
	}
	if _, err := os.Lstat(half); !os.IsNotExist(err) {
		t.Errorf("the temporary file is still there: %v", err)
	}
	// A temporary file that is a link is not written through.
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.Symlink(elsewhere, half); err != nil {
		t.Fatal(err)
	}
	save(t, v, "sales", "fourth")
	wantKept(t, v, "sales", "fourth")
	if _, err := os.Lstat(elsewhere); !os.IsNotExist(err) {
		t.Error("written through a link")
	}
}

func TestVaultRefuses(t *testing.T) {
	v := newVault(t)
	save(t, v, "sales", value)
	path := filepath.Join(v.Dir, "sales")
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := v.Load("sales")
	wantRefused(t, err, "run: chmod 600 "+path)
	if err := os.Chmod(v.Dir, 0o750); err != nil {
		t.Fatal(err)
	}
	_, err = v.Load("sales")
	wantRefused(t, err, "run: chmod 700 "+v.Dir)
	wantRefused(t, v.Save("sales", value), "run: chmod 700 "+v.Dir)

	for _, name := range []string{"", ".", "..", "../sales", "a/b", "a.tmp", "a\x00", strings.Repeat("a", 65)} {
		_, err := v.Load(name)
		wantRefused(t, err, "cannot name a secret")
		wantRefused(t, v.Save(name, value), "cannot name a secret")
	}
	v = newVault(t)
	wantRefused(t, v.Save("sales", ""), "is empty")
	if err := os.WriteFile(v.Dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, v.Save("sales", value), "is no directory")
}

func wantRefused(t *testing.T, err error, want string) {
	t.Helper()
	if !errors.Is(err, secret.ErrUnusable) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), value) {
		t.Errorf("got %v, want %q", err, want)
	}
}

// TestVaultThatCannotWrite keeps what was there, and names the place once.
func TestVaultThatCannotWrite(t *testing.T) {
	v := secret.Vault{Dir: filepath.Join(t.TempDir(), "none", "tokens")}
	err := v.Save("sales", value)
	if !errors.Is(err, os.ErrNotExist) || strings.Count(err.Error(), v.Dir) != 1 || strings.Contains(err.Error(), value) {
		t.Errorf("got %v", err)
	}
	v = newVault(t)
	save(t, v, "sales", "first")
	if err := os.Mkdir(filepath.Join(v.Dir, "sales.tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(v.Dir, "sales.tmp", "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := v.Save("sales", value); err == nil || strings.Contains(err.Error(), value) {
		t.Errorf("got %v", err)
	}
	wantKept(t, v, "sales", "first")
}
