package datadir

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/store"
)

func TestOneHoldsADirectoryAtATime(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	hold, err := Take(dir, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Take(dir, time.Millisecond); !errors.Is(err, store.ErrInUse) {
		t.Errorf("a second one: got %v, want ErrInUse", err)
	}
	if err := hold.Release(); err != nil {
		t.Fatal(err)
	}
	hold, err = Take(dir, time.Second)
	if err != nil {
		t.Fatalf("after the release: %v", err)
	}
	if err := hold.Release(); err != nil {
		t.Error(err)
	}
}

func TestAFileIsNoDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Take(path, time.Millisecond); err == nil {
		t.Error("a file was held as a directory")
	}
}

func TestIdentity(t *testing.T) {
	dir := t.TempDir()
	if id, err := ReadIdentity(dir); id != nil || err != nil {
		t.Errorf("none: got %+v, %v", id, err)
	}
	want := Identity{UUID: NewUUID(), Schema: 1, Created: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	if err := want.Write(dir); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadIdentity(dir); err != nil || *got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	// A garbled identity still says that there was a journal.
	if err := os.WriteFile(filepath.Join(dir, IdentityName), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadIdentity(dir); err != nil || got == nil || got.UUID != "" {
		t.Errorf("garbled: got %+v, %v", got, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.new")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}
