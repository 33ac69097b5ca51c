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

// exits are the files that read the findings of the journal, and to whom what they make of
// them goes. A finding may be its deal's owner's alone at first ([hygiene.RepFirst]), so
// whatever goes to anybody but those who run the program has to ask
// [hygiene.RepFirst.Audience], as internal/edition does for all digests.
var exits = map[string]string{
	"internal/evaluation/ahead.go":  "nobody: when a finding of a deal that was read once more ended",
	"internal/edition/run.go":       "digests, previews and the place of a deal: by Run.input, which asks",
	"internal/control/check.go":     "those who run the program: marked",
	"internal/control/export.go":    "those who run the program: marked",
	"internal/control/explain.go":   "those who run the program: when a finding began, and marked",
	"internal/control/status.go":    "those who run the program: numbers",
	"internal/evaluation/folds.go":  "nobody: what the folds hide",
	"internal/evaluation/effect.go": "those who run the program: what another configuration would find",
	"internal/daemon/recheck.go":    "nobody: ids of deals that a CRM is asked for",
}

// TestFindingsLeaveByKnownExits fails for code that reads the findings of the journal and is
// not in the list: say there to whom they go, and ask for whom they are.
func TestFindingsLeaveByKnownExits(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return enter(file, d.Name())
		}
		name := filepath.ToSlash(strings.TrimPrefix(file, root+string(filepath.Separator)))
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "store/") {
			return nil
		}
		reads, err := readsLives(file, nil)
		if err != nil {
			return err
		}
		if reads && exits[name] == "" {
			t.Errorf("%s reads the findings of the journal; some of them may be their deals' owners' alone: ask hygiene.RepFirst.Audience, and name the file in exits", name)
		}
		seen[name] = seen[name] || reads
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range exits {
		if !seen[name] {
			t.Errorf("%s does not read the findings any more: take it out of exits", name)
		}
	}
}

// TestDigestsAskForWhomFindingsAre: a digest is composed from what Run.input gathers, and
// that takes out what is their owners' alone.
func TestDigestsAskForWhomFindingsAre(t *testing.T) {
	for file, want := range map[string][2]string{
		"internal/edition/compose.go":  {"input", "address"},
		"internal/edition/audience.go": {"address", "Public"},
	} {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		asks := false
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == want[0] {
				asks = invokes(fn, want[1])
			}
		}
		if !asks {
			t.Errorf("%s: %s does not call %s, so a digest would tell what is its deal's owner's alone", file, want[0], want[1])
		}
	}
	for _, file := range []string{"compose.go", "preview.go", "place.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, "internal/edition", file), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if !invokes(f, "input") {
			t.Errorf("internal/edition/%s composes from something else than Run.input", file)
		}
	}
}

// readsLives reports whether a file calls a method Lives. src is the text, nil where the
// file is read.
func readsLives(file string, src any) (bool, error) {
	f, err := parser.ParseFile(token.NewFileSet(), file, src, parser.SkipObjectResolution)
	if err != nil {
		return false, err
	}
	return invokes(f, "Lives"), nil
}

// invokes reports whether a method of that name is called.
func invokes(n ast.Node, method string) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			s, ok := call.Fun.(*ast.SelectorExpr)
			found = found || ok && s.Sel.Name == method
		}
		return !found
	})
	return found
}

func TestReadingLivesIsFound(t *testing.T) {
	for text, want := range map[string]bool{
		"func f() { j.Lives(ctx, t, fn) }":             true,
		"func f() error { return s.journal.Lives() }":  true,
		"// j.Lives() is elsewhere.\nvar x = in.Lives": false,
	} {
		if got, err := readsLives("x.go", "package x\n"+text); got != want || err != nil {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
}
