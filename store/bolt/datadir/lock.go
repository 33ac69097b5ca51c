package datadir

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pipetidy/pipetidy/store"
)

// LockName is the file whose lock holds the directory.
const LockName = "db.lock"

// Hold holds the whole directory for one process. bbolt locks each database file too, but
// only once the file is open. Before that, a file may be created or set aside, which two
// processes must not do at the same time.
type Hold struct{ f *os.File }

const lockPoll = 20 * time.Millisecond

// Take holds the directory, and creates it when there is none. A process that is ending
// may still hold the directory, so Take waits for it; after wait Take returns
// store.ErrInUse.
func Take(dir string, wait time.Duration) (*Hold, error) {
	if err := makeDir(dir); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	h, err := acquire(filepath.Join(dir, LockName), wait)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return h, nil
}

// acquire locks the lock file. The file is never removed; the system drops the lock when
// the process ends.
func acquire(path string, wait time.Duration) (*Hold, error) {
	f, err := OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	tick := time.NewTicker(lockPoll)
	defer tick.Stop()
	for {
		ok, err := tryLock(f)
		if err != nil {
			_ = f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		if ok {
			return &Hold{f}, nil
		}
		select {
		case <-timeout.C:
			_ = f.Close()
			return nil, fmt.Errorf("%w: another pipetidy holds the directory; stop that pipetidy, or use its control socket", store.ErrInUse)
		case <-tick.C:
		}
	}
}

// Dir is the directory.
func (h *Hold) Dir() string { return filepath.Dir(h.f.Name()) }

// Release lets go of the directory.
func (h *Hold) Release() error { return h.f.Close() }
