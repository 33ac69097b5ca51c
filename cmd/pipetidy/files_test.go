package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/internal/secret"
)

func TestSharedDirectoryIsTold(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "it's")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for mode, told := range map[os.FileMode]bool{0o755: true, 0o710: true, 0o700: false} {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(shared(dir), "\n"); strings.Contains(got, "run chmod 700 "+secret.Quote(dir)) != told {
			t.Errorf("mode %04o: got %q", mode, got)
		}
	}
}
