package salesforce

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/connectors/salesforce/login"
	"github.com/pipetidy/pipetidy/crm"
)

// Config are the settings of one org. The keys of a source are those with a tag;
// the others come from the program. Fields with a default may be left zero.
type Config struct {
	URL     string `yaml:"url,required" doc:"Address of the org's My Domain. Sign-in and API calls start here. With jwt_bearer and refresh_token, https://login.salesforce.com or https://test.salesforce.com will do." example:"https://acme.my.salesforce.com"`
	Auth    Auth   `yaml:"auth,required" doc:"How to sign in. docs/salesforce.md says how to set up each flow."`
	Keep    Keep   `yaml:"keep" doc:"How far back is read. A shorter time holds for what is read from then on: what is cached already stays until it changes in Salesforce. To drop it at once, stop pipetidy and move cache.db away."`
	Capture string `yaml:"activity_capture" doc:"Where e-mails become activities. With einstein (Einstein Activity Capture), Salesforce keeps them where they cannot be read, so that nobody is told that a deal had none." values:"crm|einstein" default:"crm"`

	// AutomatedSubjects nil is machine.Subjects.
	IntegrationUsers  []string `yaml:"integration_users" doc:"User names, e-mail addresses or ids of logins of tools: what they log is no sign that somebody spoke with the customer." example:"[outreach@acme.example]"`
	AutomatedSubjects []string `yaml:"automated_subjects" doc:"Subjects of activities that tools log by themselves, without regard to case; * stands for anything. A list of your own replaces the default, [] is none. What reps did through a tool is theirs: [Outreach]* would drop their emails." default:"those of Outreach, Salesloft, Apollo and Gong" example:"[\"[Outreach] [Email] [Opened]*\"]"`

	BulkAbove int `yaml:"bulk_above" doc:"Number of rows from which a first read uses Bulk API 2.0, at least 2000." default:"20000" example:"20000"`
	// Fields goes from the name that Pipetidy uses to the API name of a field of
	// Opportunity. The names in Overridable replace a standard field, any other is a
	// field of its own.
	Fields map[string]string `yaml:"fields" doc:"Where this org keeps what a rule or a stage definition asks for: a name of your choice, and the API name of the field. Standard fields need no entry." example:"{decision_criteria: Decision_Criteria__c}"`

	Name   string    // sources[].name
	Budget float64   // share of the org's daily calls that this source may spend; 0 is a fifth
	Vault  crm.Vault // where the flow RefreshToken keeps the successors of its token

	APIVersion    string        // "" is a version that all orgs have
	PageHint      int           // rows a page should have, 200 to 2000; 0 is 2000
	Overlap       time.Duration // how far an increment reaches behind the last run; 0 is DefaultOverlap
	DescribeEvery time.Duration // how long a describe is believed; 0 is DefaultDescribeEvery
	// SweepEvery is how often it is looked which open deals are still there; what
	// belongs to deals seven times less often. 0 is a day.
	SweepEvery time.Duration
	Now        func() time.Time // for the call budget and assertions; nil is time.Now
}

// Keep says how far back is read; 0 is everything.
type Keep struct {
	Closed     connectors.Months `yaml:"closed" doc:"Deals that closed longer ago are not read." default:"all are read" example:"24mo"`
	Activities connectors.Months `yaml:"activities" doc:"Activities longer ago are not read; at least 3mo." default:"all are read" example:"12mo"`
}

// Defaults are the settings without a word of the operator.
func Defaults() *Config { return &Config{Capture: CaptureCRM, BulkAbove: DefaultBulkAbove} }

// The values that Config's zero fields stand for.
const (
	DefaultOverlap    = 15 * time.Minute
	DefaultBulkAbove  = 20_000
	DefaultSweepEvery = 24 * time.Hour
	// A field or object that vanishes is noticed at once, by the query that fails.
	DefaultDescribeEvery = 24 * time.Hour
)

// Auth says how to sign in.
type Auth = login.Auth

// The flows of Auth.Flow.
const (
	ClientCredentials = login.ClientCredentials
	JWTBearer         = login.JWTBearer
	RefreshToken      = login.RefreshToken
)

// The values of Config.Capture.
const (
	CaptureCRM      = "crm"
	CaptureEinstein = "einstein" // Einstein Activity Capture keeps e-mails where no query reads them
)

// Mapped lists the names under fields, sorted.
func (c *Config) Mapped() []string { return slices.Sorted(maps.Keys(c.Fields)) }

// Validate reports mistakes under their keys.
func (c *Config) Validate(o connectors.SourceOptions, report func(key, message string)) {
	if c.Auth.RefreshToken.Env != "" {
		report("auth.refresh_token", "Salesforce may replace the token at each use, so it must live in a file: {file: PATH}")
	}
	c.with(o).check(func(key, message string) {
		if c.Auth.Flow == "" && key != "auth.client_id" && strings.HasPrefix(key, "auth.") {
			return // which keys belong is for the flow to say
		}
		report(key, message)
	})
	// Written out, these are no defaults.
	if c.Capture == "" {
		report("activity_capture", "want crm or einstein")
	}
	if c.BulkAbove == 0 {
		report("bulk_above", "want a number of rows")
	}
}

// CheckSecrets reports secrets that are there and cannot be used.
func (c *Config) CheckSecrets(report func(key, message string)) {
	if c.Auth.Key.IsZero() {
		return
	}
	if text, err := c.Auth.Key.Value(); err == nil {
		if err := login.CheckKey(text); err != nil {
			report("auth.key", err.Error())
		}
	}
}

// Open returns the source.
func (c *Config) Open(o connectors.SourceOptions) (crm.Source, error) {
	return New(c.with(o), rest.New(rest.Config{UserAgent: o.UserAgent}))
}

// with are the settings with those that every source has.
func (c *Config) with(o connectors.SourceOptions) Config {
	cfg := *c
	cfg.Name, cfg.Budget, cfg.Vault = o.Name, o.Budget, o.Vault
	return cfg
}

func (c Config) withDefaults() Config {
	if c.Overlap == 0 {
		c.Overlap = DefaultOverlap
	}
	if c.Capture == "" {
		c.Capture = CaptureCRM
	}
	if c.BulkAbove == 0 {
		c.BulkAbove = DefaultBulkAbove
	}
	if c.SweepEvery == 0 {
		c.SweepEvery = DefaultSweepEvery
	}
	if c.DescribeEvery == 0 {
		c.DescribeEvery = DefaultDescribeEvery
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// api are the settings of the API's client.
func (c Config) api() api.Config {
	return api.Config{
		Config:  login.Config{Name: c.Name, URL: c.URL, Auth: c.Auth, Vault: c.Vault, Now: c.Now},
		Version: c.APIVersion, PageHint: c.PageHint, Budget: c.Budget,
	}
}
