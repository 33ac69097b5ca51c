package connectors

import (
	"maps"
	"slices"

	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// HubSpot is how the configuration spells a [hubspot.Config].
type HubSpot struct {
	URL    string            `yaml:"url" doc:"Address of the API. One host serves all portals." default:"https://api.hubapi.com"`
	Token  secret.Secret     `yaml:"token,required" doc:"Service key, or the token of a private app that is there already. It needs the scopes crm.objects.deals.read, crm.objects.owners.read, crm.objects.contacts.read and sales-email-read." example:"{env: HUBSPOT_TOKEN}"`
	Fields map[string]string `yaml:"fields" doc:"Where this portal keeps what a rule asks for: a name of your choice, and the internal name of the deal property. Standard properties need no entry." example:"{decision_criteria: decision_criteria}"`
}

func newHubSpot() *HubSpot { return &HubSpot{URL: hubspot.DefaultURL} }

// Mapped lists the names under fields, sorted.
func (h *HubSpot) Mapped() []string { return slices.Sorted(maps.Keys(h.Fields)) }

// Validate reports mistakes under their keys.
func (h *HubSpot) Validate(o SourceOptions, report func(key, message string)) {
	h.config(o).Validate(report)
}

// Open returns the source.
func (h *HubSpot) Open(o SourceOptions) (crm.Source, error) {
	return hubspot.New(h.config(o), rest.New(rest.Config{UserAgent: o.UserAgent}))
}

func (h *HubSpot) config(o SourceOptions) hubspot.Config {
	c := hubspot.Config{Name: o.Name, URL: h.URL, Fields: h.Fields, Budget: o.Budget}
	if !h.Token.IsZero() {
		c.Token = h.Token.Func()
	}
	return c
}
