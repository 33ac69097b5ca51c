package hubspot

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/hubspot/portal"
	"github.com/pipetidy/pipetidy/connectors/rest"
)

// Config are the settings of one portal. Fields with a default may be left zero.
type Config struct {
	Name  string                 // sources[].name
	URL   string                 // "" is DefaultURL, which serves every portal
	Token func() (string, error) // asked for each call, so that a rotated token is taken up; nil with OAuth
	OAuth *api.OAuth             // instead of Token; nil with Token

	// Fields says where this portal keeps what a rule asks for: the name that
	// Pipetidy uses → the internal name of a deal property. The names in
	// Overridable replace a standard field, any other is a field of its own.
	Fields map[string]string

	// KeepClosed and KeepActivities are how many months back closed deals and
	// activities are read; 0 is all of them.
	KeepClosed, KeepActivities int

	Overlap       time.Duration // how far an increment reaches behind the last run; 0 is DefaultOverlap
	RereadEvery   time.Duration // how often each stream is read again from the beginning; 0 is a day
	DescribeEvery time.Duration // how long a description is believed that lacks nothing; 0 is a day
	PageLimit     int           // records of one call, 1 to 100; 0 is 100
	Budget        float64       // share of the portal's daily calls that this source may spend; 0 is DefaultBudget
	SearchRate    int           // searches per second; 0 is DefaultSearchRate
	CallRate      int           // other calls per ten seconds until HubSpot tells its limit; 0 is DefaultCallRate

	Now func() time.Time // for the call budget, the age of tokens and of what is remembered; nil is time.Now
}

// The values that Config's zero fields stand for.
const (
	DefaultURL        = api.DefaultURL
	DefaultOverlap    = 15 * time.Minute
	DefaultBudget     = 0.2
	DefaultSearchRate = 4  // of 5 that the whole account has
	DefaultCallRate   = 80 // of the 100 of the smallest subscription
)

func (c Config) withDefaults() Config {
	c.URL = strings.TrimRight(c.URL, "/")
	if c.URL == "" {
		c.URL = DefaultURL
	}
	if c.Overlap == 0 {
		c.Overlap = DefaultOverlap
	}
	if c.RereadEvery == 0 {
		c.RereadEvery = 24 * time.Hour
	}
	if c.DescribeEvery == 0 {
		c.DescribeEvery = 24 * time.Hour
	}
	if c.PageLimit == 0 {
		c.PageLimit = api.MaxPage
	}
	if c.Budget == 0 {
		c.Budget = DefaultBudget
	}
	if c.SearchRate == 0 {
		c.SearchRate = DefaultSearchRate
	}
	if c.CallRate == 0 {
		c.CallRate = DefaultCallRate
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
	if c.KeepClosed < 0 {
		report("keep.closed", "must not be negative")
	}
	if c.KeepActivities < 0 || c.KeepActivities > 0 && c.KeepActivities < leastActivities {
		report("keep.activities", fmt.Sprintf("at least %dmo is wanted: rules look that far back", leastActivities))
	}
	if c.Budget < 0 || c.Budget > 1 {
		report("api_budget", "must lie between 0% and 100%")
	}
	for _, name := range slices.Sorted(maps.Keys(c.Fields)) {
		field := c.Fields[name]
		if !portal.IsProperty(field) {
			report("fields."+name, fmt.Sprintf("%q is no internal name of a property; write it like decision_criteria", field))
		}
		if portal.Reserved(name) && !slices.Contains(portal.Overridable(), name) {
			report("fields."+name, "this name is read from a standard property of HubSpot and cannot be pointed elsewhere; choose another name")
		}
	}
}

// validateCredential wants a static token or an app, and all of it.
func (c Config) validateCredential(report func(key, message string)) {
	switch {
	case c.Token == nil && c.OAuth == nil:
		report("token", "is missing; use {env: NAME} or {file: PATH}, or an OAuth app under auth")
	case c.Token != nil && c.OAuth != nil:
		report("auth", "is for OAuth apps; leave it out, or token")
	case c.OAuth != nil:
		if c.OAuth.ClientID == "" {
			report("auth.client_id", "is missing; it is on the app's page in HubSpot")
		}
		if c.OAuth.ClientSecret == nil {
			report("auth.client_secret", "is missing; use {env: NAME} or {file: PATH}")
		}
		if c.OAuth.RefreshToken == nil {
			report("auth.refresh_token", "is missing; use {file: PATH}")
		}
	}
}

func (c Config) validateURL(report func(key, message string)) {
	u, err := rest.CheckURL(c.URL)
	switch {
	case err != nil:
		report("url", err.Error())
	case u.Path != "" || u.RawQuery != "":
		report("url", "wants the host only: "+(&url.URL{Scheme: u.Scheme, Host: u.Host}).String())
	case u.Host == "hubspot.com" || strings.HasSuffix(u.Host, ".hubspot.com"):
		report("url", "this is where people look; the API is at "+DefaultURL)
	}
}
