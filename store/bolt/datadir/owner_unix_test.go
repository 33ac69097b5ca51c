//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package datadir

import (
	"strings"
	"testing"
)

// TestNobodyIsShutOut: whatever is advised leaves the files to the owner of the directory.
func TestNobodyIsShutOut(t *testing.T) {
	const root, service, person, stranger = 0, 1, 2, 3
	for _, c := range []struct {
		has, dir, me int
		want         string // "" is no refusal
	}{
		{service, service, service, ""},
		{service, service, root, ""},
		{root, root, root, ""},
		{root, service, service, "run: chown 1:1 'x'"},
		{root, service, person, "run: chown 1:1 'x'"},
		{stranger, service, person, "run: chown 1:1 'x'"},
		{stranger, service, root, "run: chown 1:1 'x'"},
		{service, service, person, "run it as that user: sudo -u '#1' pipetidy …"},
		{root, root, service, "run: chown 1 'x'"},
	} {
		err := mayUse("x", c.has, c.dir, c.dir, c.me)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.HasSuffix(err.Error(), c.want)) {
			t.Errorf("file of %d, directory of %d, as %d: got %v, want %q", c.has, c.dir, c.me, err, c.want)
		}
	}
}
