//go:build unix

package daemon_test

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestTheSocketIsTheServices: where root runs the daemon on the files of a service, the
// service's commands reach it, and nobody else's; where the directory is root's, only root's.
func TestTheSocketIsTheServices(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	for _, owner := range []int{12345, 0} {
		dir := t.TempDir()
		if err := os.Chown(dir, owner, owner); err != nil {
			t.Fatal(err)
		}
		b := newBench(t, func(b *bench) { b.cfg.Socket = filepath.Join(dir, "s") })
		ctx, stop := context.WithCancel(t.Context())
		ready := make(chan struct{})
		ended := b.run(ctx, ready)
		<-ready
		info, err := os.Lstat(b.cfg.Socket)
		stop()
		if rerr := <-ended; err != nil || rerr != nil {
			t.Fatal(err, rerr)
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		if !ok || int(st.Uid) != owner || int(st.Gid) != owner || info.Mode().Perm() != 0o600 {
			t.Errorf("of %d: the socket is %v, %+v", owner, info.Mode(), st)
		}
	}
}
