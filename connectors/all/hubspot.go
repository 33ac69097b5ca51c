package all

import (
	"maps"
	"slices"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/hubspot/api"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// HubSpot is how the configuration spells a [hubspot.Config].
type HubSpot struct {
	URL    string            `yaml:"url" doc:"Address of the API. One host serves all portals." default:"https://api.hubapi.com"`
	Token  secret.Secret     `yaml:"token" doc:"Service key, or the token of a private app that is there already. docs/hubspot.md lists the scopes that it needs." default:"none: auth is wanted" example:"{env: HUBSPOT_TOKEN}"`
	Auth   *HubSpotAuth      `yaml:"auth" doc:"How to sign in as an OAuth app, instead of token."`
	Keep   HubSpotKeep       `yaml:"keep" doc:"How far back is read."`
	Fields map[string]string `yaml:"fields" doc:"Where this portal keeps what a rule asks for: a name of your choice, and the internal name of the deal property. Standard properties need no entry." example:"{decision_criteria: decision_criteria}"`
}

// HubSpotAuth says how to sign in as an OAuth app that is installed in the portal.
type HubSpotAuth struct {
	ClientID     string        `yaml:"client_id,required" doc:"Client id of the app." example:"7fff1e36-2d40-4ae1-bbb1-5266d59564fb"`
	ClientSecret secret.Secret `yaml:"client_secret,required" doc:"Client secret of the app." example:"{env: HUBSPOT_CLIENT_SECRET}"`
	RefreshToken secret.Secret `yaml:"refresh_token,required" doc:"The token that installing the app gave, in a file. Should HubSpot give another, it is kept in the directory tokens of data_dir; a new token in the file replaces it." example:"{file: /run/secrets/hubspot-refresh}"`
}

// HubSpotKeep says how far back is read.
type HubSpotKeep struct {
	Closed     connectors.Months `yaml:"closed" doc:"Deals that closed longer ago are not kept." default:"all are kept" example:"24mo"`
	Activities connectors.Months `yaml:"activities" doc:"Activities longer ago are not kept; at least 3mo." default:"all are kept" example:"12mo"`
}

func newHubSpot() *HubSpot { return &HubSpot{URL: hubspot.DefaultURL} }

// Mapped lists the names under fields, sorted.
func (h *HubSpot) Mapped() []string { return slices.Sorted(maps.Keys(h.Fields)) }

// Validate reports mistakes under their keys.
func (h *HubSpot) Validate(o connectors.SourceOptions, report func(key, message string)) {
	if h.Auth != nil && h.Auth.RefreshToken.Env != "" {
		report("auth.refresh_token", "HubSpot may replace the token, so it must live in a file: {file: PATH}")
	}
	h.config(o).Validate(report)
}

// Open returns the source.
func (h *HubSpot) Open(o connectors.SourceOptions) (crm.Source, error) {
	return hubspot.New(h.config(o), rest.New(rest.Config{UserAgent: o.UserAgent}))
}

func (h *HubSpot) config(o connectors.SourceOptions) hubspot.Config {
	c := hubspot.Config{
		Name: o.Name, URL: h.URL, Token: h.Token.Func(), Fields: h.Fields, Budget: o.Budget,
		KeepClosed: int(h.Keep.Closed), KeepActivities: int(h.Keep.Activities),
	}
	if h.Auth != nil {
		c.OAuth = &api.OAuth{
			ClientID: h.Auth.ClientID, ClientSecret: h.Auth.ClientSecret.Func(),
			RefreshToken: h.Auth.RefreshToken.Func(), Vault: o.Vault,
		}
	}
	return c
}
