package daemon

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/pipetidy/pipetidy/store"
)

// TestWhatALoopSurvives: a full disk and an error of the CRM are waited out; after any
// other failure of the files the loop ends, and so does the process.
func TestWhatALoopSurvives(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		ends bool
	}{
		"nothing":            {nil, false},
		"another error":      {errors.New("the CRM is down"), false},
		"a full disk":        {&store.FileError{Err: store.ErrDiskFull}, false},
		"an unknown outcome": {&store.FileError{Err: store.ErrUnknownOutcome}, true},
		"another process":    {&store.FileError{Err: store.ErrFenced}, true},
		"a damaged file":     {&store.FileError{Err: store.ErrCorrupt}, true},
	} {
		h := newHealth(zap.NewNop(), time.Now, nil, nil)
		h.running.Store(true)
		if goesOn := h.Survive(t.Context(), "outbox", c.err); goesOn == c.ends || len(h.fatal) > 0 != c.ends {
			t.Errorf("%s: the loop goes on: %v, the process ends: %v", name, goesOn, len(h.fatal) > 0)
		}
	}
}

// TestNobodyElseOpensTheControlSocket, whatever the umask.
func TestNobodyElseOpensTheControlSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := listenPrivately(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
}
