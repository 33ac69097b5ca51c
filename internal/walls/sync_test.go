package walls

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestOnlyTestsLeaveOutTheDisk fails for code outside of store/bolt that names NoSync, but
// for tests: a store that does not wait for the disk may lose in a power cut what was
// sent, and send it twice.
func TestOnlyTestsLeaveOutTheDisk(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return enter(file, d.Name())
		}
		name := filepath.ToSlash(strings.TrimPrefix(file, root+string(filepath.Separator)))
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		names, err := namesNoSync(file, nil)
		switch {
		case err != nil:
			return err
		case !names:
		case strings.HasPrefix(name, "store/bolt/"), strings.HasSuffix(name, "_test.go"):
			seen++
		default:
			t.Errorf("%s names NoSync, which is for tests: leave it out", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen == 0 {
		t.Error("nothing names NoSync; take out this test, or name what it is called now")
	}
}

// namesNoSync reports whether a file has the identifier. src is the text, nil where the
// file is read.
func namesNoSync(file string, src any) (found bool, err error) {
	f, err := parser.ParseFile(token.NewFileSet(), file, src, parser.SkipObjectResolution)
	if err != nil {
		return false, err
	}
	ast.Inspect(f, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == "NoSync"
		return !found
	})
	return found, nil
}

// A field that is set in any way counts, a comment does not.
func TestNoSyncIsFound(t *testing.T) {
	for text, want := range map[string]bool{
		"var o = bolt.Options{NoSync: true}":          true,
		"func f(o *bolt.Options) { o.NoSync = on() }": true,
		"// NoSync is for tests.\nvar o bolt.Options": false,
		"var s = \"NoSync\"":                          false,
	} {
		if got, err := namesNoSync("x.go", "package x\n"+text); got != want || err != nil {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
}
