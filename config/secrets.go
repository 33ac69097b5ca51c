package config

import (
	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/all"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// CheckSourceSecrets reads every secret of the sources, and reports the secrets that
// cannot be used. A command checks only the secrets that it needs.
func (c *Config) CheckSourceSecrets() Problems {
	var ps Problems
	for _, s := range c.Sources {
		ps = append(ps, c.readable(s.Connector, s.place)...)
		if with, ok := s.Connector.(connectors.SecretChecker); ok {
			with.CheckSecrets(func(key, message string) {
				ps = append(ps, c.form.Problem(form.Child(s.place, key), message))
			})
		}
	}
	return ps
}

// CheckChannelSecrets is CheckSourceSecrets for the secrets of channels.
func (c *Config) CheckChannelSecrets() Problems {
	var ps Problems
	for _, t := range all.Notifiers() {
		if n, ok := c.Notify.Channels[t.Channel]; ok {
			ps = append(ps, c.readable(n, "notify."+string(t.Channel))...)
		}
	}
	return ps
}

// keep tells every secret whose file it may be.
func (c *Config) keep(k secret.Keeper) {
	keep := func(s *secret.Secret, _ string) { s.Keep(k) }
	for i := range c.Sources {
		form.EachSecret(c.Sources[i].Connector, "", keep)
	}
	for _, n := range c.Notify.Channels {
		form.EachSecret(n, "", keep)
	}
}

// readable reports the secrets in the settings that cannot be read.
func (c *Config) readable(settings any, path string) (ps Problems) {
	form.EachSecret(settings, path, func(s *secret.Secret, path string) {
		if s.IsZero() {
			return
		}
		if _, err := s.Value(); err != nil {
			p := c.form.Problem(path, err.Error())
			p.Cause = err
			ps = append(ps, p)
		}
	})
	return ps
}
