package form

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// maxProblems bounds what a person is told about one file.
const maxProblems = 200

// Report notes a mistake in the value at path. Where the key is missing, the mistake
// stands at the nearest key above.
func (f *Form) Report(path, format string, args ...any) {
	f.note(f.place(path).value, path, format, args...)
}

// Unreadable notes that the file which the value at path names cannot be read, which may be
// the machine's fault.
func (f *Form) Unreadable(path string, err error) {
	before := len(f.problems)
	f.note(f.place(path).value, path, "%s", err)
	if len(f.problems) > before {
		f.problems[before].Cause = err
	}
}

// ReportKey notes a mistake in the key at path.
func (f *Form) ReportKey(path, format string, args ...any) {
	f.note(f.place(path).key, path, format, args...)
}

func (f *Form) note(p point, path, format string, args ...any) {
	f.wrong[path] = true
	switch {
	case len(f.problems) < maxProblems:
		f.problems = append(f.problems, Problem{
			File: f.src.name, Line: p.line, Column: p.column, Path: path, Message: fmt.Sprintf(format, args...),
		})
	case len(f.problems) == maxProblems:
		f.problems = append(f.problems, Problem{File: f.src.name, Message: "there are more mistakes than these; correct these first"})
	}
}

// show lets excerpts show the value of an entry, whose key is known and takes no
// secret. All other values stay hidden: a secret may stand in the wrong place, or
// under a mistyped key.
func (f *Form) show(e *ast.MappingValueNode) {
	if name, ok := keyName(e); ok && !secretKey(name) && !secretValue(e.Value) {
		f.shown[e] = true
	}
}

// Problems are the mistakes in order, with their excerpts; nil is none.
func (f *Form) Problems() Problems {
	if len(f.problems) == 0 {
		return nil
	}
	f.seal()
	for i, p := range f.problems {
		f.problems[i].Excerpt = f.src.excerpt(point{p.Line, p.Column})
	}
	return f.problems.sorted()
}

// Problem is a mistake in the value at path that only shows once the file is in use, as
// a secret does that cannot be read. It is not among the mistakes of the file.
func (f *Form) Problem(path, message string) Problem {
	f.seal()
	return f.src.at(f.place(path).value, path, message)
}

// seal hides every value that no struct has vouched for; no key is read after it.
func (f *Form) seal() {
	if f.src.parsed {
		return
	}
	for _, e := range f.entered {
		if !f.shown[e] {
			f.src.hide(e)
		}
	}
	f.src.seal()
}

// place finds the key at path, or the nearest key above it.
func (f *Form) place(path string) place {
	for {
		if p, ok := f.places[path]; ok {
			return p
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
}

// Has reports whether the file says something at path.
func (f *Form) Has(path string) bool {
	_, ok := f.places[path]
	return ok
}

// Wrong reports whether a mistake has been found at path itself.
func (f *Form) Wrong(path string) bool { return f.wrong[path] }
