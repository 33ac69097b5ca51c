package datadir_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pipetidy/pipetidy/store/bolt/datadir"
)

// TestReadIsBounded: a small file that has grown is not read into memory.
func TestReadIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), datadir.IdentityName)
	if err := os.WriteFile(path, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := datadir.Read(path); err != nil || len(b) != 64<<10 {
		t.Errorf("%d bytes were read, %v", len(b), err)
	}
}
