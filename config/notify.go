package config

import (
	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/all"
	"github.com/pipetidy/pipetidy/delivery"
)

// notifyCommon are the keys of notify besides the channels.
type notifyCommon struct {
	OnUnknown doubt `yaml:"on_unknown" doc:"What happens to a message when nobody can say whether it arrived: hold keeps it back and says so in status, resend sends the same bytes once more, and then holds it." default:"hold"`
}

type notifyEntry struct {
	notifyCommon
	channels map[delivery.Channel]connectors.NotifierConfig
}

// Read gives each channel that the file names its own settings.
func (e *notifyEntry) Read(v form.Value) {
	named := map[string]any{}
	e.channels = map[delivery.Channel]connectors.NotifierConfig{}
	for _, t := range all.Notifiers() {
		e.channels[t.Channel] = t.New()
		named[string(t.Channel)] = e.channels[t.Channel]
	}
	v.Fill(named, &e.notifyCommon)
	for _, t := range all.Notifiers() {
		if !v.Has(string(t.Channel)) {
			delete(e.channels, t.Channel)
		}
	}
}

func (b *builder) notify() {
	e := &b.file.Notify
	b.out.Notify = Notify{Channels: map[delivery.Channel]connectors.NotifierConfig{}}
	switch {
	case !b.form.Has("notify.on_unknown"):
		e.OnUnknown = hold
	case !isOne(e.OnUnknown):
		b.report("notify.on_unknown", "%s", form.OneOf(string(e.OnUnknown), e.OnUnknown.Values()...))
	}
	b.out.Notify.Resend = e.OnUnknown == resend
	for _, t := range all.Notifiers() {
		c, ok := e.channels[t.Channel]
		if !ok {
			continue
		}
		path := "notify." + string(t.Channel)
		c.Validate(func(key, message string) { b.detail(form.Child(path, key), message) })
		b.out.Notify.Channels[t.Channel] = c
	}
}
