package login

import (
	"net/url"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// Config says where sessions are opened, and for which user.
type Config struct {
	Name       string           // sources[].name
	URL        string           // https://x.my.salesforce.com: host of the token endpoint, whose answer names the host of the API
	AllowHosts []string         // besides Domains, of the token endpoint and of the API
	Auth       Auth             // a Flow of "" is ClientCredentials
	Vault      crm.Vault        // where the flow RefreshToken keeps the successors of its token
	Now        func() time.Time // for assertions; nil is time.Now
}

// Domains are Salesforce's own: of the public cloud, of the clouds of governments, and of
// the one in China.
func Domains() []string {
	return []string{"salesforce.com", "force.com", "salesforce.mil", "cloudforce.com", "sfcrmproducts.cn"}
}

// WithDefaults returns the configuration with the defaults of its zero fields.
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

// Validate reports every mistake under its key in the configuration of a source.
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
		report("url", "must be the host only: "+(&url.URL{Scheme: u.Scheme, Host: u.Host}).String())
	case isLoginHost(u.Host) && c.Auth.Flow == ClientCredentials:
		report("url", "client credentials do not work on "+u.Host+"; write the My Domain address, https://YOURS.my.salesforce.com")
	case strings.HasSuffix(u.Host, ".lightning.force.com"):
		report("url", "this is the address for people; the API is at https://"+strings.TrimSuffix(u.Host, ".lightning.force.com")+".my.salesforce.com")
	}
}
