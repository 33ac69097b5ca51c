package daemon

import (
	"sync"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Disk is how much room there is where the files are, in bytes.
type Disk struct{ Free, Size uint64 }

// A disk is nearly full with less than a twentieth of it free, and less than mostLow: a
// large one has room for years then. It is so no more with twice as much, so that a file
// that comes and goes is told once.
const (
	lowShare = 20
	mostLow  = 1 << 30
)

// low is below how many free bytes the disk is nearly full.
func (x Disk) low() uint64 { return min(x.Size/lowShare, mostLow) }

// lookFor bounds how long a look at the disk takes: one that is far away may not answer.
const lookFor = 5 * time.Second

// room is how much room there was when it was last looked.
type room struct {
	mu   sync.Mutex
	disk Disk // zero is not known
	busy bool // a look has no answer yet
}

// Look looks how much room there is, for a while at most. What was seen before stands where
// there is no answer.
func (r *room) Look(disk func() (Disk, error)) {
	r.mu.Lock()
	busy := r.busy
	r.busy = true
	r.mu.Unlock()
	if busy {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		x, err := disk()
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.busy = false; err == nil {
			r.disk = x
		}
	}()
	t := time.NewTimer(lookFor)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	}
}

// Seen is what was last seen.
func (r *room) Seen() Disk {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.disk
}

// Causes of the matters of the disk.
const (
	fullCause = "disk full"
	lowCause  = "disk low"
)

// ofDisk adds that nothing can be written, or soon cannot. What was full is told when there
// is room again, because nothing could be told before.
func (d *Daemon) ofDisk(ms *matters) {
	if why := d.health.Lacked(); why != "" {
		ms.add(fullCause, "there was no room on the disk of data_dir, so what was due then came late, or not: %s", why)
	}
	if x := d.room.Seen(); x.Free < x.low() {
		ms.add(lowCause, "the disk of data_dir is nearly full: %s of %s are free; make room, before nothing can be read or sent", size(x.Free), size(x.Size))
	}
}

// size writes bytes as people say them.
func size(n uint64) string {
	if n >= 1<<30 {
		return crm.Grouped(int64(n>>30)) + " GB"
	}
	return crm.Grouped(int64(n>>20)) + " MB"
}
