package secret

import (
	"strings"
	"testing"
)

// TestNobodyIsShutOut: whatever is advised leaves the file to the owner of the data
// directory.
func TestNobodyIsShutOut(t *testing.T) {
	const service, person, stranger = 1, 2, 3
	for _, c := range []struct {
		keeper Keeper
		has    int
		want   string
	}{
		{Keeper{known: true, uid: service}, service, "run pipetidy as that user: sudo -u '#1' pipetidy …"}, // a person asks
		{Keeper{known: true, uid: service}, stranger, "run: chown 1 'it'\\''s'"},
		{Keeper{known: true, uid: 0}, service, "or give the file to the user that runs pipetidy"}, // root made the directory
		{Keeper{}, person, "or give the file to the user that runs pipetidy"},
	} {
		if got := c.keeper.settle(c.has, "it's"); !strings.HasSuffix(got, c.want) {
			t.Errorf("%+v, file of %d: got %q, want %q", c.keeper, c.has, got, c.want)
		}
	}
}
