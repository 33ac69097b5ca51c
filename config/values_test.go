package config_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/config"
	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/all"
)

// TestDocumentedValuesAreTheAcceptedOnes takes each key of a member that takes one
// of a few words, and writes every documented word under it, and one other.
func TestDocumentedValuesAreTheAcceptedOnes(t *testing.T) {
	found := 0
	check := func(member string, made func() any, validate func(settings any, report func(key, message string))) {
		eachEnumerated(reflect.ValueOf(made()), "", func(f form.Field, key string, index []int) {
			found++
			said := func(word string) (messages []string) {
				settings := made()
				reach(reflect.ValueOf(settings), index).SetString(word)
				validate(settings, func(at, message string) {
					if at == key {
						messages = append(messages, strings.ReplaceAll(message, word, ""))
					}
				})
				return messages
			}
			refused := said("undocumented")
			if len(refused) == 0 {
				t.Errorf("%s: %s: a word that is not documented is accepted", member, key)
			}
			for _, word := range f.Values {
				for _, message := range said(word) {
					if slices.Contains(refused, message) {
						t.Errorf("%s: %s: the documented %q is refused: %s", member, key, word, message)
					}
				}
			}
		})
	}
	for _, typ := range all.Sources() {
		check(typ.Name, func() any { return typ.New() }, func(settings any, report func(key, message string)) {
			settings.(connectors.SourceConfig).Validate(connectors.SourceOptions{Name: "s", Budget: 0.2}, report)
		})
	}
	for _, typ := range all.Notifiers() {
		check(string(typ.Channel), func() any { return typ.New() }, func(settings any, report func(key, message string)) {
			settings.(connectors.NotifierConfig).Validate(report)
		})
	}
	if found < 3 {
		t.Errorf("only %d keys take one of a few words", found)
	}
}

// eachEnumerated calls fn with every key of a struct that takes one of a few words:
// the key's path, and the index of its field.
func eachEnumerated(v reflect.Value, path string, fn func(f form.Field, key string, index []int)) {
	for _, f := range form.FieldsOf(reflect.Indirect(v).Type()) {
		key := form.Child(path, f.Name)
		field, _ := reflect.Indirect(v).Type().FieldByName(f.GoName)
		if f.Values != nil {
			fn(f, key, field.Index)
			continue
		}
		typ := field.Type
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if typ.Kind() == reflect.Struct {
			eachEnumerated(reflect.New(typ), key, func(f form.Field, key string, index []int) {
				fn(f, key, append(slices.Clone(field.Index), index...))
			})
		}
	}
}

// reach is the field at index below p. It fills nil pointers on the way.
func reach(p reflect.Value, index []int) reflect.Value {
	v := p
	for _, i := range index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v
}

// TestTheFileListsNoWordsTwice proves that the words of each key of package config
// come from the key's type, as in its check, and not from a tag.
func TestTheFileListsNoWordsTwice(t *testing.T) {
	config.EachStruct(func(owner reflect.Type) {
		for f := range owner.Fields() {
			if f.Tag.Get("values") != "" && strings.HasSuffix(owner.PkgPath(), "/config") {
				t.Errorf("%s.%s: the tag values lists words that a check lists again; give the type of the field Values", owner, f.Name)
			}
		}
	})
}
