package hubspot

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/connectors/rest"
)

// Validate reports every mistake under the key that it concerns.
func (c *Config) Validate(o connectors.SourceOptions, report func(key, message string)) {
	c.with(o).validate(report)
	if err := rest.CheckHost(c.URL, "HubSpot", []string{"hubapi.com"}, c.AllowHosts); err != nil {
		report("url", err.Error())
	}
}

func (c Config) validate(report func(key, message string)) {
	c = c.withDefaults()
	if c.Name == "" {
		report("name", "is missing")
	}
	c.validateURL(report)
	c.validateCredential(report)
	if c.Overlap < 0 || c.Overlap > 7*24*time.Hour {
		report("overlap", "must lie between 0 and 7 days")
	}
	if c.PageLimit < 1 || c.PageLimit > api.MaxPage {
		report("page", fmt.Sprintf("must lie between 1 and %d", api.MaxPage))
	}
	if c.SearchRate < 1 || c.CallRate < 1 {
		report("rate", "must be at least 1")
	}
	c.Keep.validate(report)
	if c.Budget < 0 || c.Budget > 1 {
		report("api_budget", "must lie between 0% and 100%")
	}
	c.validateFields(report)
}

func (k Keep) validate(report func(key, message string)) {
	if k.Closed < 0 {
		report("keep.closed", "must not be negative")
	}
	if k.Activities < 0 || k.Activities > 0 && k.Activities < leastActivities {
		report("keep.activities", fmt.Sprintf("must be at least %dmo: rules look that far back", leastActivities))
	}
}

func (c Config) validateFields(report func(key, message string)) {
	for _, name := range c.Mapped() {
		field := c.Fields[name]
		if !portal.IsProperty(field) {
			report("fields."+name, fmt.Sprintf("%q is no internal name of a property; internal names look like decision_criteria", field))
		}
		if portal.Reserved(name) && !slices.Contains(portal.Overridable(), name) {
			report("fields."+name, "this name is read from a standard property of HubSpot and cannot be pointed elsewhere; choose another name")
		}
	}
}

// validateCredential requires either a static token or a complete app.
func (c Config) validateCredential(report func(key, message string)) {
	switch {
	case c.Token.IsZero() && c.Auth == nil:
		report("token", "is missing; use {env: NAME} or {file: PATH}, or an OAuth app under auth")
	case !c.Token.IsZero() && c.Auth != nil:
		report("auth", "is for OAuth apps; leave out either auth or token")
	case c.Auth != nil:
		c.validateApp(report)
	}
	if c.Auth != nil && c.Auth.RefreshToken.Env != "" {
		report("auth.refresh_token", "HubSpot may replace the token, so the token must be in a file: {file: PATH}")
	}
}

func (c Config) validateApp(report func(key, message string)) {
	if c.Auth.ClientID == "" {
		report("auth.client_id", "is missing; it is on the app's page in HubSpot")
	}
	if c.Auth.ClientSecret.IsZero() {
		report("auth.client_secret", "is missing; use {env: NAME} or {file: PATH}")
	}
	if c.Auth.RefreshToken.IsZero() {
		report("auth.refresh_token", "is missing; use {file: PATH}")
	}
}

func (c Config) validateURL(report func(key, message string)) {
	u, err := rest.CheckURL(c.URL)
	switch {
	case err != nil:
		report("url", err.Error())
	case u.Path != "" || u.RawQuery != "":
		report("url", "must be the host only: "+(&url.URL{Scheme: u.Scheme, Host: u.Host}).String())
	case u.Host == "hubspot.com" || strings.HasSuffix(u.Host, ".hubspot.com"):
		report("url", "this is the address of HubSpot's pages; the API is at "+DefaultURL)
	}
}
