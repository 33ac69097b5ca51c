package hubspot

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/pipetidy/pipetidy/crm"
)

// seed adds what the cases of recorded answers hold.
func seed(f *testing.F, pattern string) {
	f.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		f.Fatal("no cases", pattern, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(txtar.Parse(b).Files[0].Data)
	}
}

// FuzzErrors reads any bytes as the body of an error: what it says of scopes can be
// shown.
func FuzzErrors(f *testing.F) {
	seed(f, "testdata/answers/*.txtar")
	f.Fuzz(func(t *testing.T, data []byte) {
		e := readError(data)
		e.daily()
		e.secondly()
		e.never()
		for _, scope := range e.scopes() {
			if !scopeForm.MatchString(scope) {
				t.Fatalf("the scope %q", scope)
			}
		}
	})
}

// FuzzCursor reads any text as a cursor: it is refused, or says the same again.
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
