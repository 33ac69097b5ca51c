package bolt_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/store/bolt"
)

// TestRootOnTheFilesOfAService opens, as root, the directory of a service: everything in it
// belongs to the service afterwards.
func TestRootOnTheFilesOfAService(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	dir := t.TempDir()
	if err := os.Chown(dir, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s, err := bolt.Open(dir, bolt.Options{Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if st, ok := info.Sys().(*syscall.Stat_t); !ok || st.Uid != 12345 {
			t.Errorf("%s belongs to uid %d", path, st.Uid)
		}
	}
}
