package daemon_test

import (
	"net"
	"strings"
	"testing"
)

// TestWhatMendsAnAddress: a port is to be freed where it is taken only.
func TestWhatMendsAnAddress(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for addr, want := range map[string]string{
		taken.Addr().String(): "address already in use; free the port, or choose another one in the configuration",
		"192.0.2.1:9090":      "cannot assign requested address; it is no address of this machine: choose one that is, in the configuration",
		"127.0.0.1:99999":     "invalid port", // as good as "too many open files"
	} {
		b := newBench(t, func(b *bench) { b.cfg.Listen = addr })
		l, err := b.ListenHTTP(t.Context())
		if err == nil {
			_ = l.Close()
		}
		if err == nil || !strings.HasPrefix(err.Error(), "http.listen "+addr+": ") || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: got %v, want it to end with %q", addr, err, want)
		}
	}
}
