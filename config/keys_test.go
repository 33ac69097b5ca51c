package config_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/pipetidy/pipetidy/connectors/all"
)

// Each key that a source knows is used in the file of its type, so that reading it is
// tried with a value.
func TestFilesUseAllKeysOfASource(t *testing.T) {
	for _, st := range all.Sources() {
		file := "testdata/" + st.Name + ".yaml"
		b, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("each type of source has a file that uses all its keys: %v", err)
			continue
		}
		keys := keysOf(reflect.TypeOf(st.New()).Elem())
		if len(keys) == 0 {
			t.Errorf("%s has no keys: the test shows nothing", st.Name)
		}
		for _, key := range keys {
			if !regexp.MustCompile(`(^|[\s{,])` + regexp.QuoteMeta(key) + `:`).Match(b) {
				t.Errorf("%s does not use the key %s; use it there, and say in load_test.go what it becomes", file, key)
			}
		}
	}
}

// keysOf lists the keys of a settings struct and of the structs in it.
func keysOf(t reflect.Type) (keys []string) {
	for f := range t.Fields() {
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if key == "" || key == "-" {
			continue
		}
		keys = append(keys, key)
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && strings.HasPrefix(inner.PkgPath(), "github.com/pipetidy/pipetidy/connectors") {
			keys = append(keys, keysOf(inner)...)
		}
	}
	return keys
}
