package config

import (
	"reflect"

	"github.com/goccy/go-yaml/ast"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/all"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// notifyCommon are the keys of notify besides the channels.
type notifyCommon struct {
	OnUnknown string `yaml:"on_unknown" doc:"What happens to a message when nobody can say whether it arrived: hold keeps it back and says so in status, resend sends the same bytes again." values:"hold|resend" default:"hold"`
}

type notifyEntry struct {
	notifyCommon
	channels map[digest.Channel]connectors.NotifierConfig
}

func channelNames() []string {
	var names []string
	for _, t := range all.Notifiers() {
		names = append(names, string(t.Channel))
	}
	return names
}

// read gives each channel that the file names its own settings.
func (e *notifyEntry) read(w *walk, n ast.Node, path string) {
	fields := map[string]reflect.Value{}
	for _, f := range fieldsOf(reflect.TypeFor[notifyCommon]()) {
		fields[f.name] = reflect.ValueOf(&e.notifyCommon).Elem().FieldByIndex(f.index)
	}
	e.channels = map[digest.Channel]connectors.NotifierConfig{}
	for _, t := range all.Notifiers() {
		e.channels[t.Channel] = t.New()
		fields[string(t.Channel)] = reflect.ValueOf(e.channels[t.Channel]).Elem()
	}
	w.fill(n, path, fields)
	for _, t := range all.Notifiers() {
		if !w.has(child(path, string(t.Channel))) {
			delete(e.channels, t.Channel)
		}
	}
}

func (b *builder) notify() {
	e := &b.file.Notify
	b.out.Notify = Notify{Channels: map[digest.Channel]connectors.NotifierConfig{}, OnUnknown: "hold"}
	switch e.OnUnknown {
	case "hold", "resend":
		b.out.Notify.OnUnknown = e.OnUnknown
	default:
		if b.has("notify.on_unknown") {
			b.report("notify.on_unknown", "%s", oneOf(e.OnUnknown, "hold", "resend"))
		}
	}
	for _, t := range all.Notifiers() {
		c, ok := e.channels[t.Channel]
		if !ok {
			continue
		}
		b.locate(reflect.ValueOf(c).Elem())
		path := "notify." + string(t.Channel)
		c.Validate(func(key, message string) { b.detail(child(path, key), message) })
		b.out.Notify.Channels[t.Channel] = c
	}
}

// locate makes the paths of all secrets below v absolute.
func (b *builder) locate(v reflect.Value) {
	eachSecret(v, "", func(s *secret.Secret, _ string) {
		if s.File != "" {
			s.File = b.absolute(s.File)
		}
	})
}
