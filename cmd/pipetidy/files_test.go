package main

import (
	"os"
	"strings"
	"testing"
)

func TestSharedDirectoryIsTold(t *testing.T) {
	dir := t.TempDir()
	for mode, told := range map[os.FileMode]bool{0o755: true, 0o710: true, 0o700: false} {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(shared(dir), "\n"); strings.Contains(got, "chmod 700 "+dir) != told {
			t.Errorf("mode %04o: got %q", mode, got)
		}
	}
}
