package config

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// maxProblems bounds what a person is told about one file.
const maxProblems = 200

// report notes a mistake in the value at path, or where it is missing.
func (w *walk) report(path, format string, args ...any) {
	w.note(w.place(path).value, path, format, args...)
}

// reportKey notes a mistake in the key at path.
func (w *walk) reportKey(path, format string, args ...any) {
	w.note(w.place(path).key, path, format, args...)
}

func (w *walk) note(p point, path, format string, args ...any) {
	w.wrong[path] = true
	switch {
	case len(w.problems) < maxProblems:
		w.problems = append(w.problems, Problem{
			File: w.src.name, Line: p.line, Column: p.column, Path: path, Message: fmt.Sprintf(format, args...),
		})
	case len(w.problems) == maxProblems:
		w.problems = append(w.problems, Problem{File: w.src.name, Message: "there are more mistakes than these; correct these first"})
	}
}

// show lets excerpts show the value of an entry. What nobody has vouched for as
// a known key that is no secret stays hidden: it may be a secret in the wrong
// place, or under a mistyped key.
func (w *walk) show(e *ast.MappingValueNode) {
	if name, ok := keyName(e); ok && !secretKey(name) && !secretValue(e.Value) {
		w.shown[e] = true
	}
}

// mistakes are the problems in order, with their excerpts.
func (w *walk) mistakes() Problems {
	for _, e := range w.entered {
		if !w.shown[e] {
			w.src.hide(e)
		}
	}
	w.src.seal()
	for i, p := range w.problems {
		w.problems[i].Excerpt = w.src.excerpt(point{p.Line, p.Column})
	}
	return w.problems.sorted()
}

// place finds the key at path, or the nearest key above it.
func (w *walk) place(path string) place {
	for {
		if p, ok := w.places[path]; ok {
			return p
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
}

// has reports whether the file says something at path.
func (w *walk) has(path string) bool {
	_, ok := w.places[path]
	return ok
}
