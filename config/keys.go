package config

import (
	"reflect"
	"sync"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/connectors/all"
)

// documented are the structs whose tags document the keys of the file.
func documented() []reflect.Type {
	types := []reflect.Type{reflect.TypeFor[file](), reflect.TypeFor[sourceCommon](), reflect.TypeFor[notifyCommon]()}
	for _, s := range all.Sources() {
		types = append(types, reflect.TypeOf(s.New()))
	}
	for _, n := range all.Notifiers() {
		types = append(types, reflect.TypeOf(n.New()))
	}
	return types
}

// keys are the names of all keys of the file, wherever they belong.
var keys = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{"severity": true}
	for _, name := range channelNames() {
		known[name] = true
	}
	form.EachStruct(func(t reflect.Type) {
		for _, f := range form.FieldsOf(t) {
			known[f.Name] = true
		}
	}, documented()...)
	return known
})
