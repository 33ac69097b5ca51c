package daemon_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipetidy/pipetidy/internal/daemon"
	"github.com/pipetidy/pipetidy/store"
)

// narrow is a journal whose disk is full, or fails, for the probe alone.
type narrow struct {
	daemon.Journal
	err error
}

func (n *narrow) Probe(ctx context.Context, f store.Fence) error {
	if n.err != nil {
		return n.err
	}
	return n.Journal.Probe(ctx, f)
}

// TestReadyAgainWhenThereIsRoom: the step that found no room may not come again for a day.
func TestReadyAgainWhenThereIsRoom(t *testing.T) {
	for _, step := range []string{"a command", "a poll of a source that waits"} {
		t.Run(step, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, func(b *bench) { b.cfg.Sources[0].Every, b.cfg.Sources[0].Cron = 0, "0 5 * * 0" })
				b.sync()
				b.clock.Flow()
				full := &fullDisk{Cache: b.store}
				journal := &narrow{Journal: b.store}
				d, err := daemon.New(b.cfg, full, journal, b.store.Fence(), nil)
				if err != nil {
					t.Fatal(err)
				}
				b.Daemon = d
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				ended := make(chan error, 1)
				go func() { ended <- b.Run(ctx) }()
				time.Sleep(time.Minute + time.Second)
				full.full, journal.err = true, fmt.Errorf("journal: %w", store.ErrDiskFull)
				if step == "a command" {
					d.Broken("command", &store.FileError{Err: store.ErrDiskFull})
				} else if !d.Turn(ctx, &b.cfg.Sources[0]) {
					t.Error("a full disk ends the loop")
				}
				time.Sleep(time.Hour)
				if code, body := b.probe("/readyz"); code != http.StatusServiceUnavailable {
					t.Errorf("while the disk is full: %d %s", code, body)
				}
				full.full, journal.err = false, nil
				time.Sleep(time.Minute)
				synctest.Wait()
				if code, body := b.probe("/readyz"); code != http.StatusOK {
					t.Errorf("a minute after there was room: %d %s", code, body)
				}
				time.Sleep(time.Second) // no look falls on the same moment
				journal.err = fmt.Errorf("journal: %w", store.ErrUnknownOutcome)
				d.Broken("command", &store.FileError{Err: store.ErrDiskFull})
				time.Sleep(time.Minute)
				synctest.Wait()
				select {
				case err := <-ended:
					if err == nil {
						t.Error("a disk that fails ends the daemon without an error")
					}
				default:
					t.Error("a disk that fails does not end the daemon")
					stop()
					t.Log(<-ended)
				}
			})
		})
	}
}
