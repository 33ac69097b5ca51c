package walls

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/all"
)

// TestMembersRunTheirSuite fails for a listed CRM or channel whose folder does not
// run its suite of connectors/connectortest: nothing else holds a member to its
// contract. The folder has the name of the member in the configuration.
func TestMembersRunTheirSuite(t *testing.T) {
	for _, s := range all.Sources() {
		if err := runs(filepath.Join(root, "connectors", s.Name), "TestSource"); err != nil {
			t.Errorf("source %s: %v", s.Name, err)
		}
	}
	for _, n := range all.Notifiers() {
		if err := runs(filepath.Join(root, "connectors", string(n.Channel)), "TestNotifier"); err != nil {
			t.Errorf("channel %s: %v", n.Channel, err)
		}
	}
}

// runs returns an error unless a test in the folder calls the suite of connectortest.
func runs(folder, suite string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, e.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") && calls(f, suite) {
				return nil
			}
		}
	}
	return fmt.Errorf("no test in %s calls connectortest.%s; add a test, as in the folders of other members", strings.TrimPrefix(folder, root+"/"), suite)
}

func calls(f *ast.FuncDecl, suite string) (found bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if fun, ok := call.Fun.(*ast.SelectorExpr); ok && fun.Sel.Name == suite {
			pkg, ok := fun.X.(*ast.Ident)
			found = found || ok && pkg.Name == "connectortest"
		}
		return true
	})
	return found
}

// The suite of the other contract, or a call outside of a test, does not count.
func TestMissingSuiteIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "no test in ",
		"func TestA() { TestSource() }":       "no test in ",
		"func TestA() { other.TestSource() }": "no test in ",
		"func helps() { connectortest.TestSource() }":                 "no test in ",
		"func TestA() { connectortest.TestNotifier() }":               "no test in ",
		"func TestA() { _ = connectortest.TestSource }":               "no test in ",
		"func TestA() { run(func() { connectortest.TestSource() }) }": "",
	} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "new_test.go"), []byte("package new\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := runs(folder, "TestSource")
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
	if err := runs(filepath.Join(t.TempDir(), "teams"), "TestNotifier"); err == nil {
		t.Error("a member without a folder is accepted")
	}
}
