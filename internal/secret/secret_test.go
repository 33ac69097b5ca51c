package secret_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/pipetidy/pipetidy/internal/secret"
)

const value = "hunter2-correct-horse"

// write creates a secret file of the given content and mode.
func write(t *testing.T, dir, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(dir, "token")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // past the umask
		t.Fatal(err)
	}
	return path
}

func TestValueOfEnv(t *testing.T) {
	s := secret.Secret{Env: "PIPETIDY_TEST_SECRET"}
	if _, err := s.Value(); err == nil || !errors.Is(err, secret.ErrUnusable) || !strings.Contains(err.Error(), "PIPETIDY_TEST_SECRET is not set; set it") {
		t.Errorf("unset: got %v", err)
	}
	for in, want := range map[string]string{
		value:            value,
		value + "\n":     value,
		value + "\r\n":   value,
		value + "\n\n":   value + "\n", // only one: the rest may be meant
		" " + value + "": " " + value,
	} {
		t.Setenv("PIPETIDY_TEST_SECRET", in)
		if got, err := s.Value(); got != want || err != nil {
			t.Errorf("%q: got %q, %v, want %q", in, got, err, want)
		}
	}
	t.Setenv("PIPETIDY_TEST_SECRET", "\n")
	if _, err := s.Value(); err == nil || !strings.Contains(err.Error(), "is empty") {
		t.Errorf("empty: got %v", err)
	}
}

func TestValueIsReadAnew(t *testing.T) {
	path := write(t, t.TempDir(), "first\n", 0o600)
	read := secret.Secret{File: path}.Value
	if got, err := read(); got != "first" || err != nil {
		t.Fatalf("got %q, %v", got, err)
	}
	if err := os.WriteFile(path, []byte("second"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := read(); got != "second" || err != nil {
		t.Errorf("after rotation: got %q, %v", got, err)
	}
}

func TestValueRefusesUnsafeFiles(t *testing.T) {
	for _, mode := range []os.FileMode{0o604, 0o620, 0o644, 0o660, 0o606} {
		path := write(t, t.TempDir(), value, mode)
		_, err := secret.Secret{File: path}.Value()
		if err == nil || !strings.Contains(err.Error(), "run: chmod 600 "+path) {
			t.Errorf("mode %04o: got %v", mode, err)
		} else if strings.Contains(err.Error(), value) {
			t.Errorf("the error holds the secret: %v", err)
		}
	}
	for _, mode := range []os.FileMode{0o600, 0o400, 0o440} {
		path := write(t, t.TempDir(), value, mode)
		if got, err := (secret.Secret{File: path}).Value(); got != value || err != nil {
			t.Errorf("mode %04o: got %q, %v", mode, got, err)
		}
	}
}

func TestChmodCanBePasted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "it's; here")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := secret.Secret{File: write(t, dir, value, 0o644)}.Value()
	if err == nil || !strings.Contains(err.Error(), `it'\''s; here/token'`) {
		t.Errorf("got %v", err)
	}
}

func TestValueOfBadFiles(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		s    secret.Secret
		want string
	}{
		"missing":   {secret.Secret{File: filepath.Join(dir, "none")}, "does not exist; create it"},
		"directory": {secret.Secret{File: dir}, "is not a regular file"},
		"pipe":      {secret.Secret{File: pipe}, "is not a regular file"},
		"empty":     {secret.Secret{File: write(t, t.TempDir(), "\n", 0o600)}, "is empty"},
		"large":     {secret.Secret{File: write(t, t.TempDir(), strings.Repeat("x", 1<<17), 0o600)}, "is larger than 64 KiB"},
		"none":      {secret.Secret{}, "is not configured"},
		"both":      {secret.Secret{Env: "A", File: "b"}, "has both env and file"},
	} {
		_, err := c.s.Value()
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, secret.ErrUnusable) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestGuardedFiles(t *testing.T) {
	credentials := t.TempDir()
	path := write(t, credentials, value, 0o444)
	if _, err := (secret.Secret{File: path}).Value(); err == nil {
		t.Error("file for all to read accepted without $CREDENTIALS_DIRECTORY")
	}
	t.Setenv("CREDENTIALS_DIRECTORY", credentials)
	if got, err := (secret.Secret{File: path}).Value(); got != value || err != nil {
		t.Errorf("systemd credential: got %q, %v", got, err)
	}

	// A link that leads out of the directory is not guarded by it.
	outside := write(t, t.TempDir(), value, 0o644)
	link := filepath.Join(credentials, "link")
	if err := os.Symlink(outside, link); err != nil {
		t.Fatal(err)
	}
	if _, err := (secret.Secret{File: link}).Value(); err == nil {
		t.Error("link out of $CREDENTIALS_DIRECTORY accepted")
	}

	// What the kubelet makes: token → ..data/token, ..data → ..2026_11_23.
	volume := t.TempDir()
	if err := os.Mkdir(filepath.Join(volume, "..2026_11_23"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(volume, "..2026_11_23"), value, 0o644)
	for name, target := range map[string]string{"..data": "..2026_11_23", "token": "..data/token"} {
		if err := os.Symlink(target, filepath.Join(volume, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range []string{"token", "..data/token"} {
		if got, err := (secret.Secret{File: filepath.Join(volume, p)}).Value(); got != value || err != nil {
			t.Errorf("projected %s: got %q, %v", p, got, err)
		}
	}
}

func TestNothingPrintsASecret(t *testing.T) {
	type holder struct {
		Token secret.Secret
		Maybe *secret.Secret
	}
	h := holder{secret.Secret{Env: value}, &secret.Secret{File: value}}
	j, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	text, err := h.Token.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{
		string(j), string(text), h.Token.String(), h.Maybe.GoString(),
		fmt.Sprint(h), fmt.Sprintf("%+v %#v %q %d %x", h, h, h.Token, h.Token, h.Token),
	} {
		if strings.Contains(got, value) || strings.Contains(got, fmt.Sprintf("%x", value)) || !strings.Contains(got, "***") {
			t.Errorf("printed %s", got)
		}
	}
}

// TestValueReadsNoLargeFile: of a file that is not the right one no more is read than it
// takes to see that.
func TestValueReadsNoLargeFile(t *testing.T) {
	path := write(t, t.TempDir(), "", 0o600)
	if err := os.Truncate(path, 64<<20); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := secret.Secret{File: path}.Value()
	runtime.ReadMemStats(&after)
	if err == nil || after.TotalAlloc-before.TotalAlloc > 8<<20 {
		t.Errorf("%d bytes, %v", after.TotalAlloc-before.TotalAlloc, err)
	}
}
