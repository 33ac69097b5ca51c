package connectors

import (
	"maps"
	"slices"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/secret"
)

// Salesforce is how the configuration spells a [salesforce.Config].
type Salesforce struct {
	URL    string            `yaml:"url,required" doc:"Address of the org's My Domain. Sign-in and API calls start here." example:"https://acme.my.salesforce.com"`
	Auth   SalesforceAuth    `yaml:"auth,required" doc:"How to sign in."`
	Fields map[string]string `yaml:"fields" doc:"Where this org keeps what a rule or a stage definition asks for: a name of your choice, and the API name of the field. Standard fields need no entry." example:"{decision_criteria: Decision_Criteria__c}"`
}

// SalesforceAuth says how to sign in.
type SalesforceAuth struct {
	Flow         string        `yaml:"flow,required" doc:"The OAuth flow of the app." values:"client_credentials"`
	ClientID     string        `yaml:"client_id,required" doc:"Consumer key of the app." example:"3MVG9example"`
	ClientSecret secret.Secret `yaml:"client_secret,required" doc:"Consumer secret of the app." example:"{env: SALESFORCE_CLIENT_SECRET}"`
}

// Mapped lists the names under fields, sorted.
func (s *Salesforce) Mapped() []string { return slices.Sorted(maps.Keys(s.Fields)) }

// Validate reports mistakes under their keys.
func (s *Salesforce) Validate(o SourceOptions, report func(key, message string)) {
	if s.Auth.Flow != "client_credentials" {
		report("auth.flow", "only client_credentials is available in this version")
	}
	s.config(o).Validate(report)
}

// Open returns the source.
func (s *Salesforce) Open(o SourceOptions) (crm.Source, error) {
	return salesforce.New(s.config(o), rest.New(rest.Config{UserAgent: o.UserAgent}))
}

func (s *Salesforce) config(o SourceOptions) salesforce.Config {
	c := salesforce.Config{Name: o.Name, URL: s.URL, ClientID: s.Auth.ClientID, Fields: s.Fields, Budget: o.Budget}
	if !s.Auth.ClientSecret.IsZero() {
		c.ClientSecret = s.Auth.ClientSecret.Func()
	}
	return c
}
