package config

import "reflect"

// Parse is Load without the file.
func Parse(data []byte) (*Config, error) {
	return parseConfig("pipetidy.yaml", "/etc/pipetidy/pipetidy.yaml", data)
}

// Nearest is nearest.
var Nearest = nearest

// EachKey calls fn with every key of the file.
func EachKey(fn func(owner reflect.Type, key, doc string, required bool, fallback string)) {
	eachStruct(func(t reflect.Type) {
		for _, f := range fieldsOf(t) {
			fn(t, f.name, f.doc, f.required, f.normal)
		}
	})
}
