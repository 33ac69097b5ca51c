package form

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// entries lists the entries of a mapping node; ok is false after a report.
func (f *Form) entries(n ast.Node, path string) (es []*ast.MappingValueNode, ok bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		es = n.Values
	case *ast.MappingValueNode:
		es = []*ast.MappingValueNode{n}
	default:
		f.src.hideNode(n) // a forgotten colon makes a key and its secret one text
		f.Report(path, "must be keys with values, not %s", kindOf(n))
		return nil, false
	}
	seen := map[string]point{}
	kept := make([]*ast.MappingValueNode, 0, len(es))
	for _, e := range es {
		name, ok := keyName(e)
		if !ok {
			if _, merge := ast.Node(e.Key).(*ast.MergeKeyNode); merge {
				f.note(position(e.Key), path, "merge keys are not supported; write the keys out")
			} else {
				f.note(position(e.Key), path, "a key must be a plain word")
			}
			continue
		}
		if first, twice := seen[name]; twice {
			f.note(position(e.Key), Child(path, name), "the key is here twice; the first one is in line %d", first.line)
			continue
		}
		seen[name] = position(e.Key)
		kept = append(kept, e)
	}
	return kept, true
}

// enter notes where the entry stands, and returns the entry's path.
func (f *Form) enter(path string, e *ast.MappingValueNode) string {
	name, _ := keyName(e)
	path = Child(path, name)
	p := place{key: position(e.Key), value: position(e.Value)}
	if _, null := e.Value.(*ast.NullNode); null || p.value.line == 0 {
		p.value = p.key
	}
	f.places[path] = p
	return path
}

// fill reads a mapping whose keys are those of named and the tagged fields of the
// structs.
func (f *Form) fill(n ast.Node, path string, named map[string]reflect.Value, structs ...reflect.Value) {
	targets := maps.Clone(named)
	if targets == nil {
		targets = map[string]reflect.Value{}
	}
	for _, s := range structs {
		for _, field := range FieldsOf(s.Type()) {
			targets[field.Name] = s.FieldByIndex(field.index)
		}
	}
	if !f.keys(n, path, targets) {
		return
	}
	for _, s := range structs {
		for _, field := range FieldsOf(s.Type()) {
			if !field.Required || f.Has(Child(path, field.Name)) {
				continue
			}
			missing := fmt.Sprintf("%q is missing: %s", field.Name, field.Doc)
			if len(field.Values) > 0 && !strings.Contains(field.Doc, field.Values[0]) {
				missing += " One of " + strings.Join(field.Values, ", ") + "."
			}
			f.Report(path, "%s", missing)
			f.wrong[Child(path, field.Name)] = true
		}
	}
}

// keys reads a mapping whose keys are those of targets; false after a report
// that the node is no mapping.
func (f *Form) keys(n ast.Node, path string, targets map[string]reflect.Value) bool {
	es, ok := f.entries(n, path)
	if !ok {
		return false
	}
	for _, e := range es {
		name, _ := keyName(e)
		target, known := targets[name]
		if !known {
			if !word.MatchString(name) {
				name = mask
			}
			f.note(position(e.Key), Child(path, name), "unknown key%s", OneKnown(name, slices.Sorted(maps.Keys(targets))))
			continue
		}
		at := f.enter(path, e)
		if !IsSecret(target.Type()) {
			f.show(e)
		}
		if _, null := e.Value.(*ast.NullNode); null && isScalar(target) {
			f.ReportKey(at, "has no value; write one or remove the key")
			continue
		}
		f.into(target, e.Value, at)
	}
	for _, target := range targets { // the paths of defaults, too, are relative to the file
		locate(target, f.dir)
	}
	return true
}

func (f *Form) sequence(v reflect.Value, n ast.Node, path string) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		hint := ""
		if isScalar(reflect.New(v.Type().Elem()).Elem()) && isScalarNode(n) {
			hint = "; put it in [ ]"
		}
		f.Report(path, "must be a list, not %s%s", kindOf(n), hint)
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(s.Values), len(s.Values)))
	for i, item := range s.Values {
		at := path + "[" + strconv.Itoa(i) + "]"
		f.places[at] = place{position(item), position(item)}
		if _, null := item.(*ast.NullNode); null || item == nil {
			f.Report(at, "an empty entry; write one or remove the dash")
			continue
		}
		f.into(v.Index(i), item, at)
	}
}

// table fills a map from words to scalars or structs.
func (f *Form) table(v reflect.Value, n ast.Node, path string) {
	es, ok := f.entries(n, path)
	if !ok {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for _, e := range es {
		name, _ := keyName(e)
		at := f.enter(path, e)
		f.show(e)
		value := reflect.New(v.Type().Elem()).Elem()
		f.into(value, e.Value, at)
		v.SetMapIndex(reflect.ValueOf(name), value)
	}
}
