package walls

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root   = "../.." // the module
	module = "github.com/pipetidy/pipetidy/"
)

// graph says what each folder with Go files imports outside its tests: folders
// of this module by their path below the root, everything else by import path.
type graph map[string][]string

// with is a copy of the graph with one more import.
func (g graph) with(from, to string) graph {
	more := maps.Clone(g)
	more[from] = append(slices.Clone(more[from]), to)
	if _, ours := g[to]; !ours && isOurs(to) {
		more[to] = nil
	}
	return more
}

// isOurs reports whether an import is a folder of this module. No package of others
// that we import begins with the name of a folder of ours.
func isOurs(to string) bool {
	first, _, _ := strings.Cut(to, "/")
	return slices.Contains([]string{"cmd", "config", "connectors", "crm", "hygiene", "delivery", "digest", "store", "internal", "judges"}, first)
}

// readTree reads the imports out of the files. `go list` would leave out files of
// other systems, and the test cache would not notice a changed file, because it
// follows only files that the test itself opens.
func readTree(t *testing.T) graph {
	t.Helper()
	g := graph{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return enter(file, d.Name())
		}
		if !strings.HasSuffix(file, ".go") {
			return nil
		}
		folder := filepath.ToSlash(strings.TrimPrefix(filepath.Dir(file), root+string(filepath.Separator)))
		if _, ok := g[folder]; !ok {
			g[folder] = nil
		}
		if strings.HasSuffix(file, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if imported = strings.TrimPrefix(imported, module); !slices.Contains(g[folder], imported) {
				g[folder] = append(g[folder], imported)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder := range g {
		if !isOurs(folder) {
			t.Errorf("%s is a new folder at the top: name it in isOurs, so that walls see it", folder)
		}
	}
	return g
}

// enter skips folders that hold no packages of the module.
func enter(folder, name string) error {
	if folder == root {
		return nil
	}
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "node_modules" {
		return fs.SkipDir
	}
	if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
		return fs.SkipDir // a module of its own: tools
	}
	return nil
}

// folders lists the folders of the graph in order.
func (g graph) folders() []string {
	var all []string
	for folder := range g {
		all = append(all, folder)
	}
	slices.Sort(all)
	return all
}

// way is the shortest chain of imports that leads from a folder to a folder of to,
// nil without any.
func (g graph) way(from string, to func(folder string) bool) []string {
	came := map[string]string{from: ""}
	queue := []string{from}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, next := range g[at] {
			if _, seen := came[next]; seen {
				continue
			}
			came[next] = at
			if to(next) {
				return chain(came, next)
			}
			queue = append(queue, next)
		}
	}
	return nil
}

func chain(came map[string]string, at string) (way []string) {
	for ; at != ""; at = came[at] {
		way = append([]string{at}, way...)
	}
	return way
}

// below reports whether a folder is the parent or lies in the parent.
func below(folder, parent string) bool {
	return folder == parent || strings.HasPrefix(folder, parent+"/")
}

// depth counts the folders in a path.
func depth(folder string) int { return strings.Count(path.Clean(folder), "/") + 1 }
