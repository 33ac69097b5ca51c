package all

import (
	"maps"
	"slices"
	"strings"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
)

// Salesforce is how the configuration spells a [salesforce.Config].
type Salesforce struct {
	URL     string         `yaml:"url,required" doc:"Address of the org's My Domain. Sign-in and API calls start here. With jwt_bearer and refresh_token, https://login.salesforce.com or https://test.salesforce.com will do." example:"https://acme.my.salesforce.com"`
	Auth    SalesforceAuth `yaml:"auth,required" doc:"How to sign in. docs/salesforce.md says how to set up each flow."`
	Keep    SalesforceKeep `yaml:"keep" doc:"How far back is read. A shorter time holds for what is read from then on: what is cached already stays until it changes in Salesforce. To drop it at once, stop pipetidy and move cache.db away."`
	Capture string         `yaml:"activity_capture" doc:"Where e-mails become activities. With einstein (Einstein Activity Capture), Salesforce keeps them where they cannot be read, so that nobody is told that a deal had none." values:"crm|einstein" default:"crm"`

	IntegrationUsers  []string `yaml:"integration_users" doc:"User names, e-mail addresses or ids of logins of tools: what they log is no sign that somebody spoke with the customer." example:"[outreach@acme.example]"`
	AutomatedSubjects []string `yaml:"automated_subjects" doc:"Subjects of activities that tools log by themselves, without regard to case; * stands for anything. A list of your own replaces the default, [] is none. What reps did through a tool is theirs: [Outreach]* would drop their emails." default:"those of Outreach, Salesloft, Apollo and Gong" example:"[\"[Outreach] [Email] [Opened]*\"]"`

	BulkAbove int               `yaml:"bulk_above" doc:"Number of rows from which a first read uses Bulk API 2.0, at least 2000." default:"20000" example:"20000"`
	Fields    map[string]string `yaml:"fields" doc:"Where this org keeps what a rule or a stage definition asks for: a name of your choice, and the API name of the field. Standard fields need no entry." example:"{decision_criteria: Decision_Criteria__c}"`
}

// SalesforceAuth says how to sign in.
type SalesforceAuth = salesforce.Auth

// SalesforceKeep says how far back is read.
type SalesforceKeep struct {
	Closed     connectors.Months `yaml:"closed" doc:"Deals that closed longer ago are not read." default:"all are read" example:"24mo"`
	Activities connectors.Months `yaml:"activities" doc:"Activities longer ago are not read; at least 3mo." default:"all are read" example:"12mo"`
}

func newSalesforce() *Salesforce {
	return &Salesforce{Capture: salesforce.CaptureCRM, BulkAbove: salesforce.DefaultBulkAbove}
}

// Mapped lists the names under fields, sorted.
func (s *Salesforce) Mapped() []string { return slices.Sorted(maps.Keys(s.Fields)) }

// Validate reports mistakes under their keys.
func (s *Salesforce) Validate(o connectors.SourceOptions, report func(key, message string)) {
	if s.Auth.RefreshToken.Env != "" {
		report("auth.refresh_token", "Salesforce may replace the token at each use, so it must live in a file: {file: PATH}")
	}
	c := s.config(o)
	c.Validate(func(key, message string) {
		if s.Auth.Flow == "" && key != "auth.client_id" && strings.HasPrefix(key, "auth.") {
			return // which keys belong is for the flow to say
		}
		report(key, message)
	})
	// Written out, these are no defaults.
	if s.Capture == "" {
		report("activity_capture", "want crm or einstein")
	}
	if s.BulkAbove == 0 {
		report("bulk_above", "want a number of rows")
	}
}

// CheckSecrets reports secrets that are there and cannot be used.
func (s *Salesforce) CheckSecrets(report func(key, message string)) {
	if s.Auth.Key.IsZero() {
		return
	}
	if text, err := s.Auth.Key.Value(); err == nil {
		if err := salesforce.CheckKey(text); err != nil {
			report("auth.key", err.Error())
		}
	}
}

// Open returns the source.
func (s *Salesforce) Open(o connectors.SourceOptions) (crm.Source, error) {
	return salesforce.New(s.config(o), rest.New(rest.Config{UserAgent: o.UserAgent}))
}

func (s *Salesforce) config(o connectors.SourceOptions) salesforce.Config {
	return salesforce.Config{
		Name: o.Name, URL: s.URL, Fields: s.Fields, Budget: o.Budget, Vault: o.Vault,
		Auth:             s.Auth,
		IntegrationUsers: s.IntegrationUsers, AutomatedSubjects: s.AutomatedSubjects, Capture: s.Capture,
		KeepClosed: int(s.Keep.Closed), KeepActivities: int(s.Keep.Activities), BulkAbove: s.BulkAbove,
	}
}
