package login

import (
	"net/url"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// Config says where the sessions are asked for, and as whom.
type Config struct {
	Name  string           // sources[].name
	URL   string           // https://x.my.salesforce.com: the token endpoint; the API is where that says
	Auth  Auth             // a Flow of "" is ClientCredentials
	Vault crm.Vault        // where the flow RefreshToken keeps the successors of its token
	Now   func() time.Time // for assertions; nil is time.Now
}

// WithDefaults is the configuration with what its zero fields stand for.
func (c Config) WithDefaults() Config {
	c.URL = strings.TrimRight(c.URL, "/")
	if c.Auth.Flow == "" {
		c.Auth.Flow = ClientCredentials
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Validate reports every mistake under the key of the source's configuration
// that it concerns.
func (c Config) Validate(report func(key, message string)) {
	c = c.WithDefaults()
	c.validateURL(report)
	c.Auth.validate(func(key, message string) { report("auth."+key, message) })
}

func (c Config) validateURL(report func(key, message string)) {
	u, err := rest.CheckURL(c.URL)
	switch {
	case c.URL == "":
		report("url", "is missing; write the My Domain address, https://YOURS.my.salesforce.com")
	case err != nil:
		report("url", err.Error())
	case u.Path != "" || u.RawQuery != "":
		report("url", "wants the host only: "+(&url.URL{Scheme: u.Scheme, Host: u.Host}).String())
	case isLoginHost(u.Host) && c.Auth.Flow == ClientCredentials:
		report("url", "client credentials do not work on "+u.Host+"; write the My Domain address, https://YOURS.my.salesforce.com")
	case strings.HasSuffix(u.Host, ".lightning.force.com"):
		report("url", "this is where people look; the API is at https://"+strings.TrimSuffix(u.Host, ".lightning.force.com")+".my.salesforce.com")
	}
}
