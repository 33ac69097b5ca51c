package bolt

import (
	"fmt"
	"os"
	"time"

	"github.com/pipetidy/pipetidy/store"
)

// lock keeps the whole data directory for one process. bbolt locks each file as
// well, but only once it is open, and what happens before (looking whether a
// file is there, making it, setting it aside) must not happen twice at a time.
type lock struct{ f *os.File }

const lockPoll = 20 * time.Millisecond

// acquire takes the lock file, waiting a little: a process that is just ending
// may still hold it. The file stays behind; what counts is the lock on it, which
// the system drops with the process.
func acquire(path string, wait time.Duration) (*lock, error) {
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
			return &lock{f}, nil
		}
		select {
		case <-timeout.C:
			_ = f.Close()
			return nil, fmt.Errorf("%w: another pipetidy holds them; stop it, or use its control socket", store.ErrInUse)
		case <-tick.C:
		}
	}
}

func (l *lock) release() error { return l.f.Close() }
