package config

import (
	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// CheckSecrets reads every secret that the file refers to, and reports those
// that cannot be used. Commands need not call it: each asks for the secrets of
// what it talks to.
func (c *Config) CheckSecrets() Problems {
	var ps Problems
	check := func(v any, path string) {
		form.EachSecret(v, path, func(s *secret.Secret, path string) {
			if s.IsZero() {
				return
			}
			if _, err := s.Value(); err != nil {
				ps = append(ps, form.Problem{File: c.Path, Path: path, Message: err.Error()})
			}
		})
	}
	for _, s := range c.Sources {
		path := "source " + s.Name
		check(s.Connector, path)
		if with, ok := s.Connector.(connectors.SecretChecker); ok {
			with.CheckSecrets(func(key, message string) {
				ps = append(ps, form.Problem{File: c.Path, Path: path + "." + key, Message: message})
			})
		}
	}
	for _, name := range channelNames() {
		for ch, n := range c.Notify.Channels {
			if string(ch) == name {
				check(n, "notify."+name)
			}
		}
	}
	return ps
}
