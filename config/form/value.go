package form

import (
	"reflect"

	"github.com/goccy/go-yaml/ast"
)

// Value is a value of the file, aliases followed, for a [Reader].
type Value struct {
	form *Form
	node ast.Node // nil is null, or a value whose mistake has been reported
	Path string   // of the key: sources[0].every
}

// IsNull reports whether there is nothing to read: the value is null, or its mistake
// has been reported.
func (v Value) IsNull() bool { return v.node == nil }

// IsScalar reports whether the value is one word or number.
func (v Value) IsScalar() bool { return isScalarNode(v.node) }

// IsList reports whether the value is a list.
func (v Value) IsList() bool { _, ok := v.node.(*ast.SequenceNode); return ok }

// Kind names the kind of the value, without repeating its text.
func (v Value) Kind() string { return kindOf(v.node) }

// Literal is a word or number as the file spells it, "" for anything else.
func (v Value) Literal() string {
	if !v.IsScalar() || v.node.GetToken() == nil {
		return ""
	}
	return v.node.GetToken().Value
}

// Word is the value where YAML reads it as text, not as a number or truth value.
func (v Value) Word() (string, bool) {
	if s, ok := v.node.(*ast.StringNode); ok {
		return s.Value, true
	}
	return "", false
}

// Text is a word or number as the file spells it; ok is false after a report.
func (v Value) Text() (s string, ok bool) { return v.form.text(v.node, v.Path) }

// Truth is what YAML 1.2 and 1.1 call true and false.
func (v Value) Truth() (value, ok bool) { return truth(v.node) }

// Number is the value where it is a number.
func (v Value) Number() (float64, bool) { return number(v.node) }

// Report notes a mistake in the value.
func (v Value) Report(format string, args ...any) { v.form.Report(v.Path, format, args...) }

// At is the same value with the path of one of its parts, for a report.
func (v Value) At(path string) Value { return Value{v.form, v.node, path} }

// Into fills what target points to.
func (v Value) Into(target any) { v.form.into(reflect.ValueOf(target).Elem(), v.node, v.Path) }

// Fill reads a mapping whose keys are the tagged fields of the structs, and those of
// named, which fill what each name points to.
func (v Value) Fill(named map[string]any, structs ...any) {
	targets := map[string]reflect.Value{}
	for name, p := range named {
		targets[name] = reflect.ValueOf(p).Elem()
	}
	values := make([]reflect.Value, len(structs))
	for i, p := range structs {
		values[i] = reflect.ValueOf(p).Elem()
	}
	v.form.fill(v.node, v.Path, targets, values...)
}

// Peek is the word under a key of a mapping, "" when there is none. It is for keys
// that decide how the mapping is read, and reports no mistake in the key.
func (v Value) Peek(key string) string {
	es, _ := mappingEntries(v.node)
	for _, e := range es {
		if name, _ := keyName(e); name == key {
			if s, ok := v.form.resolve(e.Value, key).(*ast.StringNode); ok {
				return s.Value
			}
		}
	}
	return ""
}

// Has reports whether the file says something under a key of the mapping.
func (v Value) Has(key string) bool { return v.form.Has(Child(v.Path, key)) }

// Entries lists the keys of a mapping; ok is false after a report.
func (v Value) Entries() (entries []Entry, ok bool) {
	es, ok := v.form.entries(v.node, v.Path)
	for _, e := range es {
		name, _ := keyName(e)
		entries = append(entries, Entry{Name: name, Path: v.form.enter(v.Path, e), form: v.form, node: e})
	}
	return entries, ok
}

// Entry is a key of a mapping and its value.
type Entry struct {
	Name string
	Path string
	form *Form
	node *ast.MappingValueNode
}

// Show vouches for the entry: the key is known and takes no secret, so excerpts may
// show the value.
func (e Entry) Show() { e.form.show(e.node) }

// Value is the value under the key.
func (e Entry) Value() Value { return Value{e.form, e.form.resolve(e.node.Value, e.Path), e.Path} }

// Into fills what target points to from the value under the key.
func (e Entry) Into(target any) { e.form.into(reflect.ValueOf(target).Elem(), e.node.Value, e.Path) }

// ReportKey notes a mistake in the key.
func (e Entry) ReportKey(format string, args ...any) { e.form.ReportKey(e.Path, format, args...) }
