package config_test

import (
	"fmt"
	"reflect"
	"regexp"
	"testing"

	"github.com/pipetidy/pipetidy/config"
	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// looksLikePath matches the names, defaults and examples of keys that take a path.
var looksLikePath = regexp.MustCompile(`(?i)(^|_)(file|dir|directory|path|cert|certificate|ca|pem)(_|$)|^\.{0,2}/|\.(csv|pem|crt|json|yaml|db)$`)

// TestPathsAreRelativeToTheFile reads a relative path under every key that takes a
// path, and finds keys whose documentation speaks of a path and whose type does not.
func TestPathsAreRelativeToTheFile(t *testing.T) {
	const dir, name, want = "/etc/pipetidy", "beside/it", "/etc/pipetidy/beside/it"
	located := reflect.TypeFor[form.Located]()
	found := 0
	config.EachStruct(func(owner reflect.Type) {
		for _, f := range form.FieldsOf(owner) {
			typ := f.Type
			if typ.Kind() == reflect.Pointer {
				typ = typ.Elem()
			}
			key := fmt.Sprintf("%s: %s", owner, f.Name)
			if !reflect.PointerTo(typ).Implements(located) {
				text := typ.Kind() == reflect.String || typ.Kind() == reflect.Slice && typ.Elem().Kind() == reflect.String
				if text && (looksLikePath.MatchString(f.Name) || looksLikePath.MatchString(f.Default) || looksLikePath.MatchString(f.Example)) {
					t.Errorf("%s seems to take a path as a %s; make it a connectors.Path", key, f.Type)
				}
				continue
			}
			found++
			yaml := f.Name + ": " + name
			if form.IsSecret(typ) {
				yaml = f.Name + ": {file: " + name + "}"
			}
			into := reflect.New(owner)
			if _, ps := (form.File{Name: "pipetidy.yaml", Dir: dir, Data: []byte(yaml)}).Read(into.Interface()); ps != nil {
				t.Fatal(ps)
			}
			v := into.Elem().FieldByName(f.GoName)
			if v.Kind() == reflect.Pointer {
				v = v.Elem()
			}
			got := ""
			if s, ok := reflect.TypeAssert[secret.Secret](v); ok {
				got = s.File
			} else {
				got = v.String()
			}
			if got != want {
				t.Errorf("%s: %q became %q, want %q", key, name, got, want)
			}
		}
	})
	if found < 5 {
		t.Errorf("only %d keys take a path", found)
	}
}
