package config

import (
	"reflect"

	"github.com/pipetidy/pipetidy/config/form"
)

// Parse loads a configuration from bytes, as if they stood in a file.
func Parse(data []byte) (*Config, error) {
	b, ps := parseConfig("pipetidy.yaml", "/etc/pipetidy/pipetidy.yaml", data, nil)
	if ps != nil {
		return nil, ps
	}
	return b.config()
}

// EachKey calls fn with every key of the file.
func EachKey(fn func(owner reflect.Type, key, doc string, required bool, fallback string)) {
	EachStruct(func(t reflect.Type) {
		for _, f := range form.FieldsOf(t) {
			fn(t, f.Name, f.Doc, f.Required, f.Default)
		}
	})
}

// EachStruct calls fn with every struct that documents keys of the file.
func EachStruct(fn func(reflect.Type)) { form.EachStruct(fn, documented()...) }

// CheckSecrets checks the secrets of sources and channels.
func (c *Config) CheckSecrets() Problems {
	return append(c.CheckSourceSecrets(), c.CheckChannelSecrets()...)
}
