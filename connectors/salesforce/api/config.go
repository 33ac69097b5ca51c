package api

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// Config says which org is called, as whom, and how often.
type Config struct {
	Name     string  // sources[].name
	URL      string  // https://x.my.salesforce.com: the token endpoint; the API is where that says
	Auth     Auth    // a Flow of "" is ClientCredentials
	Version  string  // of the API; "" is DefaultVersion
	PageHint int     // rows a page should have, 200 to MaxPage; 0 is MaxPage
	Budget   float64 // share of the org's daily calls that may be spent; 0 is DefaultBudget
	// Vault is where the flow RefreshToken keeps the successors of its token.
	Vault crm.Vault
	Now   func() time.Time // for the call budget and assertions; nil is time.Now
}

// The values that Config's zero fields stand for.
const (
	DefaultVersion = "v66.0" // not the newest: orgs are upgraded on different week-ends
	DefaultBudget  = 0.2
	MaxPage        = 2000
	minPage        = 200
	minVersion     = 53
)

var versionForm = regexp.MustCompile(`^v([0-9]{2,3})\.0$`)

func (c Config) withDefaults() Config {
	c.URL = strings.TrimRight(c.URL, "/")
	if c.Auth.Flow == "" {
		c.Auth.Flow = ClientCredentials
	}
	if c.Version == "" {
		c.Version = DefaultVersion
	}
	if c.PageHint == 0 {
		c.PageHint = MaxPage
	}
	if c.Budget == 0 {
		c.Budget = DefaultBudget
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Validate reports every mistake under the key of the source's configuration
// that it concerns.
func (c Config) Validate(report func(key, message string)) {
	c = c.withDefaults()
	c.validateURL(report)
	c.Auth.validate(func(key, message string) { report("auth."+key, message) })
	if m := versionForm.FindStringSubmatch(c.Version); m == nil {
		report("api_version", fmt.Sprintf("%q is no API version; write it like %s", c.Version, DefaultVersion))
	} else if n, _ := strconv.Atoi(m[1]); n < minVersion {
		report("api_version", fmt.Sprintf("%s is too old; use v%d.0 or later", c.Version, minVersion))
	}
	if c.PageHint < minPage || c.PageHint > MaxPage {
		report("page", fmt.Sprintf("must lie between %d and %d", minPage, MaxPage))
	}
	if c.Budget < 0 || c.Budget > 1 {
		report("api_budget", "must lie between 0% and 100%")
	}
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
