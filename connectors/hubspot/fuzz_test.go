package hubspot

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/crm"
)

// FuzzCursor reads any text as a cursor: the cursor is refused, or is written as it was
// read.
func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add(done)
	f.Add(`{"v":1,"portal":"1","since":1795449600,"binned":1,"bin":2,"keep":24,"run":{"full":true,"again":true,"bin":true,"keep":12,"began":5,"part":1,"after":"x","id":"7","done":3}}`)
	f.Fuzz(func(t *testing.T, at string) {
		c, err := readCursor(crm.Cursor(at))
		if err != nil {
			return
		}
		again, err := readCursor(crm.Cursor(c.String()))
		if err != nil || cmp.Diff(c.String(), again.String()) != "" {
			t.Fatalf("%s became %s, %v", c, again, err)
		}
	})
}
