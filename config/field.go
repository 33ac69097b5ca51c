package config

import (
	"reflect"
	"strings"
	"sync"

	"github.com/pipetidy/pipetidy/connectors/all"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// field is a key that a struct accepts. Its documentation is in the struct's
// tags, so that docs/config.md, the messages and the code cannot disagree:
//
//	yaml:"name"           the key; ",required" when it cannot be left out
//	doc:"…"               what it means, one or two sentences
//	default:"…"           what holds without it
//	example:"…"           a value as an operator writes it
//	values:"a|b"          the words it accepts
type field struct {
	name     string
	index    []int
	required bool
	doc      string
	normal   string // the default
	example  string
	values   []string
	typ      reflect.Type
}

// fieldsOf lists the keys of a struct type in their order.
func fieldsOf(t reflect.Type) []field {
	var fs []field
	for f := range t.Fields() {
		name, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" || name == "-" {
			continue
		}
		out := field{
			name: name, index: f.Index, required: option == "required", typ: f.Type,
			doc: f.Tag.Get("doc"), normal: f.Tag.Get("default"), example: f.Tag.Get("example"),
		}
		if v := f.Tag.Get("values"); v != "" {
			out.values = strings.Split(v, "|")
		}
		fs = append(fs, out)
	}
	return fs
}

// isScalar reports whether a field takes one word or number, so that leaving it
// empty must be a mistake. Empty lists and groups are what remains when their
// content is commented out.
func isScalar(v reflect.Value) bool {
	if v.Kind() == reflect.Pointer {
		v = reflect.New(v.Type().Elem()).Elem()
	}
	if s, ok := reflect.TypeAssert[interface{ scalar() bool }](v.Addr()); ok {
		return s.scalar()
	}
	switch v.Kind() {
	case reflect.Struct:
		return holdsSecret(v.Type())
	case reflect.Slice, reflect.Map:
		return false
	}
	return true
}

func holdsSecret(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t == reflect.TypeFor[secret.Secret]()
}

// eachStruct calls fn with every struct that documents keys of the file.
func eachStruct(fn func(reflect.Type)) {
	seen := map[reflect.Type]bool{}
	var visit func(reflect.Type)
	visit = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			visit(t.Elem())
		case reflect.Struct:
			fields := fieldsOf(t)
			if len(fields) == 0 || seen[t] {
				return
			}
			seen[t] = true
			fn(t)
			for _, f := range fields {
				visit(f.typ)
			}
		}
	}
	for _, t := range []reflect.Type{reflect.TypeFor[file](), reflect.TypeFor[sourceCommon](), reflect.TypeFor[notifyCommon]()} {
		visit(t)
	}
	for _, s := range all.Sources() {
		visit(reflect.TypeOf(s.New()))
	}
	for _, n := range all.Notifiers() {
		visit(reflect.TypeOf(n.New()))
	}
}

// knownKeys are the names of all keys of the file, wherever they belong.
var knownKeys = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{"severity": true}
	for _, name := range channelNames() {
		known[name] = true
	}
	eachStruct(func(t reflect.Type) {
		for _, f := range fieldsOf(t) {
			known[f.name] = true
		}
	})
	return known
})
