package hubspot

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// Config holds the settings of one portal. The fields with a tag are keys of a source;
// the other fields come from the program, and a field with a default may be left zero.
type Config struct {
	URL        string        `yaml:"url" doc:"Address of the API. One host serves all portals." default:"https://api.hubapi.com"`
	AllowHosts []string      `yaml:"allow_hosts" doc:"Hosts besides HubSpot's own (hubapi.com) that url may name, such as a proxy of yours; the credentials go there." example:"[crm-proxy.acme.example]"`
	Token      secret.Secret `yaml:"token" doc:"Service key, or the token of an older private app. docs/hubspot.md lists the scopes that the token requires." default:"none: auth is required" example:"{env: HUBSPOT_TOKEN}"`
	Auth       *Auth         `yaml:"auth" doc:"How to sign in as an OAuth app, instead of token."`
	Keep       Keep          `yaml:"keep" doc:"How far back is read."`
	// A name in portal.Overridable replaces a standard field; any other name is a new field.
	Fields map[string]string `yaml:"fields" doc:"Where this portal keeps what a rule requires: a name of your choice, and the internal name of the deal property. Standard properties need no entry." example:"{decision_criteria: decision_criteria}"`

	Name   string    // sources[].name
	Budget float64   // share of the portal's daily calls that this source may spend; 0 is DefaultBudget
	Vault  crm.Vault // keeps the successors of the refresh token; nil keeps them in memory only

	Overlap    time.Duration // how far an increment reaches behind the last run; 0 is DefaultOverlap
	PageLimit  int           // records of one call, 1 to 100; 0 is 100
	SearchRate int           // searches per second; 0 is DefaultSearchRate
	CallRate   int           // other calls per ten seconds until HubSpot tells its limit; 0 is DefaultCallRate

	Now func() time.Time // for the call budget, and the age of tokens, descriptions and memos; nil is time.Now
}

// Auth says how to sign in as an OAuth app.
type Auth = api.Auth

// Keep says how far back is read; zero is all.
type Keep struct {
	Closed     connectors.Months `yaml:"closed" doc:"Deals that closed longer ago are not kept, but for those that name the same deal in another source (same_as)." default:"all are kept" example:"24mo"`
	Activities connectors.Months `yaml:"activities" doc:"Activities longer ago are not kept; at least 3mo." default:"all are kept" example:"12mo"`
}

// The values that Config's zero fields stand for.
const (
	DefaultURL        = api.DefaultURL
	DefaultOverlap    = 15 * time.Minute
	DefaultBudget     = 0.2
	DefaultSearchRate = 4  // of 5 that the whole account has
	DefaultCallRate   = 80 // of the 100 of the smallest subscription
)

// Defaults are the settings without a word of the operator.
func Defaults() *Config { return &Config{URL: DefaultURL} }

// Mapped lists the names under fields, sorted.
func (c *Config) Mapped() []string { return slices.Sorted(maps.Keys(c.Fields)) }

// Open returns the source. It makes no call and reads no secret yet.
func (c *Config) Open(o connectors.SourceOptions) (crm.Source, error) {
	return New(c.with(o), rest.New(rest.Config{UserAgent: o.UserAgent}))
}

// with adds the options that every source gets.
func (c *Config) with(o connectors.SourceOptions) Config {
	cfg := *c
	cfg.Name, cfg.Budget, cfg.Vault = o.Name, o.Budget, o.Vault
	if o.Unpaced {
		cfg.SearchRate, cfg.CallRate = 1000, 10_000
	}
	return cfg
}

func (c Config) withDefaults() Config {
	c.URL = strings.TrimRight(c.URL, "/")
	if c.URL == "" {
		c.URL = DefaultURL
	}
	if c.Overlap == 0 {
		c.Overlap = DefaultOverlap
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
