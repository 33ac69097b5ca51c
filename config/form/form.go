// Package form fills Go structs from a YAML file that a person wrote, and reports
// all mistakes in the file at once, each with its place and an excerpt. Package form
// does not know what the file means: a package with a file of its own (see package
// config) describes the keys by structs whose tags document them (see [Field]),
// reads the file with [File.Read], and reports the mistakes of its own checks
// through the [Form] that Read returns.
//
// An excerpt never shows a secret: the value of a key is shown only after its
// struct has vouched for the key, and never under a name that secrets go by. For
// YAML that a program wrote, a plain decoder is shorter.
package form

import (
	"bytes"
	"reflect"

	"github.com/goccy/go-yaml/ast"

	"github.com/pipetidy/pipetidy/internal/secret"
)

// maxNodes bounds the values read from one file, aliases counted each time.
const maxNodes = 200_000

// File is the text of a file, and what reading it requires.
type File struct {
	Name string // for messages
	Dir  string // directory that the paths in the file are relative to
	Data []byte
	// Keys are the names of all keys that the file may have, wherever they belong. Of
	// a line that is no YAML, excerpts show only values under these keys.
	Keys func() map[string]bool
}

// Form is a file that has been read. It remembers where each key stands, so that
// later checks can point to the key.
type Form struct {
	src      *source
	dir      string
	anchors  map[string]ast.Node
	places   map[string]place
	problems Problems
	wrong    map[string]bool // paths that problems name
	nodes    int
	entered  []*ast.MappingValueNode        // all entries of the file
	shown    map[*ast.MappingValueNode]bool // those whose values excerpts may show
}

// place is where a key and its value stand.
type place struct{ key, value point }

// Reader is a type that reads its value itself.
type Reader interface {
	// Read fills the receiver from a value that is not null.
	Read(v Value)
}

// Scalar is a Reader that takes one word or number, so that a key of the type
// without a value is a mistake.
type Scalar interface {
	Reader
	Scalar()
}

// Located is a value that names a file or directory. Every Located field of a
// struct that is read resolves against the directory of the file.
type Located interface {
	// Resolve makes a relative path a path in dir. It may be called again.
	Resolve(dir string)
}

// Read fills the struct that into points to and collects every mistake, where a
// decoder would stop at the first. Problems come back, and no Form, only where the
// text is not one YAML document; the Form has all other mistakes.
func (f File) Read(into any) (*Form, Problems) {
	const mark = "\uFEFF" // byte order mark, as editors on Windows write it
	data := bytes.TrimPrefix(f.Data, []byte(mark))
	src := newSource(f.Name, data, f.Keys)
	root, ps := parse(src, data)
	if ps != nil {
		return nil, ps
	}
	form := newForm(src, f.Dir, root)
	form.into(reflect.ValueOf(into).Elem(), root, "")
	return form, nil
}

func newForm(src *source, dir string, root ast.Node) *Form {
	f := &Form{
		src: src, dir: dir, anchors: map[string]ast.Node{}, places: map[string]place{},
		wrong: map[string]bool{}, shown: map[*ast.MappingValueNode]bool{},
	}
	f.places[""] = place{position(root), position(root)}
	ast.Walk(visitor(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.AnchorNode:
			if n.Name != nil && n.Name.GetToken() != nil {
				f.anchors[n.Name.GetToken().Value] = n.Value
			}
		case *ast.MappingValueNode:
			f.entered = append(f.entered, n)
		}
	}), root)
	return f
}

// into fills v from n.
func (f *Form) into(v reflect.Value, n ast.Node, path string) {
	n = f.resolve(n, path)
	if n == nil {
		return
	}
	if r, ok := reflect.TypeAssert[Reader](v.Addr()); ok {
		r.Read(Value{f, n, path})
		return
	}
	if s, ok := reflect.TypeAssert[*secret.Secret](v.Addr()); ok {
		f.secret(s, n, path)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		f.into(p.Elem(), n, path)
		v.Set(p)
	case reflect.Struct:
		f.fill(n, path, nil, v)
	case reflect.Slice:
		f.sequence(v, n, path)
	case reflect.Map:
		f.table(v, n, path)
	default:
		f.scalar(v, n, path)
	}
}

// resolve follows anchors and aliases. nil means that there is nothing to read: the
// value is null, or its mistake has been reported.
func (f *Form) resolve(n ast.Node, path string) ast.Node {
	const hops = 8 // an alias may name itself
	for range hops {
		if f.nodes++; f.nodes > maxNodes {
			if f.nodes == maxNodes+1 {
				f.Report(path, "the file holds more than %d values, aliases counted; write less", maxNodes)
			}
			return nil
		}
		switch t := n.(type) {
		case nil, *ast.NullNode:
			return nil
		case *ast.AnchorNode:
			n = t.Value
		case *ast.AliasNode:
			target, ok := f.anchors[t.Value.GetToken().Value]
			if !ok {
				f.Report(path, "no anchor has this name; write the value out")
				return nil
			}
			n = target
		case *ast.TagNode:
			f.Report(path, "YAML tags are not supported; write the value alone")
			return nil
		default:
			return n
		}
	}
	f.Report(path, "the alias leads to itself; write the value out")
	return nil
}
