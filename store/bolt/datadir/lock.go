package datadir

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pipetidy/pipetidy/store"
)

// LockName is the file whose lock keeps a data directory.
const LockName = "db.lock"

// Hold keeps the whole data directory for one process. bbolt locks each file as
// well, but only once it is open, and what happens before (looking whether a
// file is there, making it, setting it aside) must not happen twice at a time.
type Hold struct{ f *os.File }

const lockPoll = 20 * time.Millisecond

// Take makes the directory, if it is not there, and holds it, waiting a little: a
// process that is just ending may still hold it. Then it is store.ErrInUse.
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

// acquire takes the lock file. The file stays behind; what counts is the lock on
// it, which the system drops with the process.
func acquire(path string, wait time.Duration) (*Hold, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
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
			return nil, fmt.Errorf("%w: another pipetidy holds them; stop it, or use its control socket", store.ErrInUse)
		case <-tick.C:
		}
	}
}

// Release lets go of the directory.
func (h *Hold) Release() error { return h.f.Close() }
