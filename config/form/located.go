package form

import (
	"reflect"

	"github.com/pipetidy/pipetidy/internal/secret"
)

// locate resolves every Located value in v and in the fields below v.
func locate(v reflect.Value, dir string) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	if l, ok := reflect.TypeAssert[Located](v.Addr()); ok {
		l.Resolve(dir)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, f := range FieldsOf(v.Type()) {
			locate(v.FieldByIndex(f.index), dir)
		}
	case reflect.Slice:
		for i := range v.Len() {
			locate(v.Index(i), dir)
		}
	}
}

// EachSecret calls fn with every secret in the struct that p points to, and with
// the path of the secret's key.
func EachSecret(p any, path string, fn func(s *secret.Secret, path string)) {
	eachSecret(reflect.ValueOf(p), path, fn)
}

func eachSecret(v reflect.Value, path string, fn func(s *secret.Secret, path string)) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return
	}
	if s, ok := reflect.TypeAssert[*secret.Secret](v.Addr()); ok {
		fn(s, path)
		return
	}
	for _, f := range FieldsOf(v.Type()) {
		eachSecret(v.FieldByIndex(f.index), Child(path, f.Name), fn)
	}
}
