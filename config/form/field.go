package form

import (
	"reflect"
	"strings"

	"github.com/pipetidy/pipetidy/internal/secret"
)

// Field is a key that a struct accepts. Its documentation is in the struct's
// tags, so that docs/config.md, the messages and the code cannot disagree:
//
//	yaml:"name"           the key; ",required" when it cannot be left out
//	doc:"…"               what the key means, one or two sentences
//	default:"…"           what holds without the key
//	example:"…"           a value as an operator writes it
//	values:"a|b"          the words that the key accepts, unless its type is [Enumerated]
//
// A field without a yaml tag is no key.
type Field struct {
	Name     string
	GoName   string // of the struct's field
	Type     reflect.Type
	Required bool
	Doc      string
	Default  string
	Example  string
	Values   []string // the words that the key takes; nil where it takes others
	index    []int
}

// Enumerated is a type that takes one of a few words.
type Enumerated interface {
	// Values are the words that the check of the type accepts, so that the
	// documentation cannot list others.
	Values() []string
}

// Meaningful is an Enumerated type that says what its words mean.
type Meaningful interface {
	Meaning() string // added to the documentation of each key of the type
}

// FieldsOf lists the keys of a struct type in their order.
func FieldsOf(t reflect.Type) []Field {
	var fs []Field
	for f := range t.Fields() {
		name, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" || name == "-" {
			continue
		}
		out := Field{
			Name: name, GoName: f.Name, Type: f.Type, Required: option == "required", index: f.Index,
			Doc: f.Tag.Get("doc"), Default: f.Tag.Get("default"), Example: f.Tag.Get("example"),
		}
		if v := f.Tag.Get("values"); v != "" {
			out.Values = strings.Split(v, "|")
		}
		if e, ok := reflect.TypeAssert[Enumerated](reflect.Zero(f.Type)); ok {
			out.Values = e.Values()
		}
		if m, ok := reflect.TypeAssert[Meaningful](reflect.Zero(f.Type)); ok {
			out.Doc += " " + m.Meaning()
		}
		fs = append(fs, out)
	}
	return fs
}

// isScalar reports whether a field takes one word or number, so that an empty field
// is a mistake. An empty list or group is none: it remains when its content is
// commented out.
func isScalar(v reflect.Value) bool {
	if v.Kind() == reflect.Pointer {
		v = reflect.New(v.Type().Elem()).Elem()
	}
	if _, ok := reflect.TypeAssert[Scalar](v.Addr()); ok {
		return true
	}
	switch v.Kind() {
	case reflect.Struct:
		return IsSecret(v.Type())
	case reflect.Slice, reflect.Map:
		return false
	}
	return true
}

// IsSecret reports whether a key of the type refers to a secret.
func IsSecret(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t == reflect.TypeFor[secret.Secret]()
}

// EachStruct calls fn once with every struct that documents keys: the given types
// and the structs in their fields.
func EachStruct(fn func(reflect.Type), types ...reflect.Type) {
	seen := map[reflect.Type]bool{}
	var visit func(reflect.Type)
	visit = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			visit(t.Elem())
		case reflect.Struct:
			fields := FieldsOf(t)
			if len(fields) == 0 || seen[t] {
				return
			}
			seen[t] = true
			fn(t)
			for _, f := range fields {
				visit(f.Type)
			}
		}
	}
	for _, t := range types {
		visit(t)
	}
}
