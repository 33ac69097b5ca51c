package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/pipetidy/pipetidy/internal/secret"
)

// maxNodes bounds the values read from one file, aliases counted each time.
const maxNodes = 200_000

// walk fills Go structs from a YAML tree and collects every mistake on the way,
// where a decoder would stop at the first. It remembers where each key stands,
// so that the checks that follow can point there.
type walk struct {
	src      *source
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

// reader is a type with a way of its own to be written down.
type reader interface {
	read(w *walk, n ast.Node, path string)
}

func newWalk(src *source, root ast.Node) *walk {
	w := &walk{
		src: src, anchors: map[string]ast.Node{}, places: map[string]place{},
		wrong: map[string]bool{}, shown: map[*ast.MappingValueNode]bool{},
	}
	w.places[""] = place{position(root), position(root)}
	ast.Walk(visitor(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.AnchorNode:
			if n.Name != nil && n.Name.GetToken() != nil {
				w.anchors[n.Name.GetToken().Value] = n.Value
			}
		case *ast.MappingValueNode:
			w.entered = append(w.entered, n)
		}
	}), root)
	return w
}

// into fills v from n.
func (w *walk) into(v reflect.Value, n ast.Node, path string) {
	n = w.resolve(n, path)
	if n == nil {
		return
	}
	if r, ok := reflect.TypeAssert[reader](v.Addr()); ok {
		r.read(w, n, path)
		return
	}
	if s, ok := reflect.TypeAssert[*secret.Secret](v.Addr()); ok {
		w.secret(s, n, path)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		w.into(p.Elem(), n, path)
		v.Set(p)
	case reflect.Struct:
		w.mapping(n, path, v)
	case reflect.Slice:
		w.sequence(v, n, path)
	case reflect.Map:
		w.table(v, n, path)
	default:
		w.scalar(v, n, path)
	}
}

// resolve follows anchors and aliases. nil means that the value is to be left
// alone: it is null, or what is wrong with it has been said.
func (w *walk) resolve(n ast.Node, path string) ast.Node {
	const hops = 8 // an alias may name itself
	for range hops {
		if w.nodes++; w.nodes > maxNodes {
			if w.nodes == maxNodes+1 {
				w.report(path, "the file holds more than %d values, aliases counted; write less", maxNodes)
			}
			return nil
		}
		switch t := n.(type) {
		case nil, *ast.NullNode:
			return nil
		case *ast.AnchorNode:
			n = t.Value
		case *ast.AliasNode:
			target, ok := w.anchors[t.Value.GetToken().Value]
			if !ok {
				w.report(path, "no anchor of this name")
				return nil
			}
			n = target
		case *ast.TagNode:
			w.report(path, "YAML tags are not supported; write the value alone")
			return nil
		default:
			return n
		}
	}
	w.report(path, "an alias that leads to itself")
	return nil
}

// entries lists the entries of a mapping node; ok is false after a report.
func (w *walk) entries(n ast.Node, path string) (es []*ast.MappingValueNode, ok bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		es = n.Values
	case *ast.MappingValueNode:
		es = []*ast.MappingValueNode{n}
	default:
		w.src.hideNode(n) // a forgotten colon makes a key and its secret one text
		w.report(path, "want keys with values, got %s", kindOf(n))
		return nil, false
	}
	seen := map[string]point{}
	kept := make([]*ast.MappingValueNode, 0, len(es))
	for _, e := range es {
		name, ok := keyName(e)
		if !ok {
			if _, merge := ast.Node(e.Key).(*ast.MergeKeyNode); merge {
				w.note(position(e.Key), path, "merge keys are not supported; write the keys out")
			} else {
				w.note(position(e.Key), path, "a key must be a plain word")
			}
			continue
		}
		if first, twice := seen[name]; twice {
			w.note(position(e.Key), child(path, name), "the key is here twice; the first one is in line %d", first.line)
			continue
		}
		seen[name] = position(e.Key)
		kept = append(kept, e)
	}
	return kept, true
}

// enter notes where the entry stands and returns its path.
func (w *walk) enter(path string, e *ast.MappingValueNode) string {
	name, _ := keyName(e)
	path = child(path, name)
	p := place{key: position(e.Key), value: position(e.Value)}
	if _, null := e.Value.(*ast.NullNode); null || p.value.line == 0 {
		p.value = p.key
	}
	w.places[path] = p
	return path
}

// mapping fills the fields of several structs from one mapping.
func (w *walk) mapping(n ast.Node, path string, targets ...reflect.Value) {
	fields := map[string]reflect.Value{}
	for _, t := range targets {
		for _, f := range fieldsOf(t.Type()) {
			fields[f.name] = t.FieldByIndex(f.index)
		}
	}
	if !w.fill(n, path, fields) {
		return
	}
	for _, t := range targets {
		for _, f := range fieldsOf(t.Type()) {
			if f.required && !w.has(child(path, f.name)) {
				missing := fmt.Sprintf("%q is missing: %s", f.name, f.doc)
				if len(f.values) > 0 && !strings.Contains(f.doc, f.values[0]) {
					missing += " One of " + strings.Join(f.values, ", ") + "."
				}
				w.report(path, "%s", missing)
				w.wrong[child(path, f.name)] = true
			}
		}
	}
}

// fill reads a mapping whose keys are those of fields; false after a report
// that the node is no mapping.
func (w *walk) fill(n ast.Node, path string, fields map[string]reflect.Value) bool {
	es, ok := w.entries(n, path)
	if !ok {
		return false
	}
	for _, e := range es {
		name, _ := keyName(e)
		field, known := fields[name]
		if !known {
			if !word.MatchString(name) {
				name = mask
			}
			w.note(position(e.Key), child(path, name), "unknown key%s", oneKnown(name, slices.Sorted(maps.Keys(fields))))
			continue
		}
		at := w.enter(path, e)
		if !holdsSecret(field.Type()) {
			w.show(e)
		}
		if _, null := e.Value.(*ast.NullNode); null && isScalar(field) {
			w.reportKey(at, "has no value; write one or remove the key")
			continue
		}
		w.into(field, e.Value, at)
	}
	return true
}

func (w *walk) sequence(v reflect.Value, n ast.Node, path string) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		hint := ""
		if isScalar(reflect.New(v.Type().Elem()).Elem()) && isScalarNode(n) {
			hint = "; put it in [ ]"
		}
		w.report(path, "want a list, got %s%s", kindOf(n), hint)
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(s.Values), len(s.Values)))
	for i, item := range s.Values {
		at := path + "[" + strconv.Itoa(i) + "]"
		w.places[at] = place{position(item), position(item)}
		if _, null := item.(*ast.NullNode); null || item == nil {
			w.report(at, "an empty entry; write one or remove the dash")
			continue
		}
		w.into(v.Index(i), item, at)
	}
}

// table fills a map from words to scalars or structs.
func (w *walk) table(v reflect.Value, n ast.Node, path string) {
	es, ok := w.entries(n, path)
	if !ok {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for _, e := range es {
		name, _ := keyName(e)
		at := w.enter(path, e)
		w.show(e)
		value := reflect.New(v.Type().Elem()).Elem()
		w.into(value, e.Value, at)
		v.SetMapIndex(reflect.ValueOf(name), value)
	}
}
