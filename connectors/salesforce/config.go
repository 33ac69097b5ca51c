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

// Config holds the settings of one org. An operator sets the fields that have a yaml
// tag; the program sets the others. A field with a default may be zero.
type Config struct {
	URL        string   `yaml:"url,required" doc:"Address of the org's My Domain. Sign-in and API calls start here. With jwt_bearer, refresh_token and password, https://login.salesforce.com or https://test.salesforce.com will do." example:"https://acme.my.salesforce.com"`
	AllowHosts []string `yaml:"allow_hosts" doc:"Hosts besides Salesforce's own that url may name, such as a proxy of yours; the credentials go there." example:"[crm-proxy.acme.example]"`
	Auth       Auth     `yaml:"auth,required" doc:"How to sign in. docs/salesforce.md says how to set up each flow."`
	Keep       Keep     `yaml:"keep" doc:"How far back is read. A shorter time holds for later reads: a record that is cached already stays until the record changes in Salesforce. To drop old records at once, stop pipetidy and move cache.db away."`
	Capture    string   `yaml:"activity_capture" doc:"Where e-mails become activities. With einstein (Einstein Activity Capture), Salesforce keeps e-mails where no query reads them, so Pipetidy never says that a deal had none." values:"crm|einstein" default:"crm"`

	// AutomatedSubjects of nil means the patterns of machine.Subjects.
	IntegrationUsers  []string `yaml:"integration_users" doc:"User names, e-mail addresses or ids of logins of tools: an activity that such a login creates is no sign that somebody spoke with the customer." example:"[outreach@acme.example]"`
	AutomatedSubjects []string `yaml:"automated_subjects" doc:"Subjects of activities that tools log by themselves, without regard to case; * stands for anything. A list of your own replaces the default; [] is none. Keep the patterns narrow: [Outreach]* would also drop the emails that reps send through Outreach." default:"those of Outreach, Salesloft, Apollo and Gong" example:"[\"[Outreach] [Email] [Opened]*\"]"`

	BulkAbove int `yaml:"bulk_above" doc:"Number of rows from which a first read uses Bulk API 2.0, at least 2000." default:"20000" example:"20000"`
	// Fields maps a name that Pipetidy uses to the API name of a field of Opportunity.
	// A name in Overridable replaces a standard field; any other name is a field of
	// its own.
	Fields map[string]string `yaml:"fields" doc:"Where this org keeps a value that a rule or a stage definition needs: a name of your choice, and the API name of the field. Standard fields need no entry." example:"{decision_criteria: Decision_Criteria__c}"`

	Name   string    // sources[].name
	Budget float64   // share of the org's daily calls that this source may spend; 0 is a fifth
	Vault  crm.Vault // where the flow RefreshToken keeps the successors of its token

	APIVersion    string        // "" is a version that all orgs have
	PageHint      int           // rows that a page should have, 200 to 2000; 0 is 2000
	Overlap       time.Duration // how far an increment reaches behind the last run; 0 is DefaultOverlap
	DescribeEvery time.Duration // how long the answer of describe is kept; 0 is DefaultDescribeEvery
	// SweepEvery is the time between two sweeps of the open deals. Activities and
	// contact roles are swept seven times less often. 0 is DefaultSweepEvery.
	SweepEvery time.Duration
	Now        func() time.Time // for the call budget and assertions; nil is time.Now
}

// Keep says how far back the streams are read; 0 is everything.
type Keep struct {
	Closed     connectors.Months `yaml:"closed" doc:"Deals that closed longer ago are not read, but for those that name the same deal in another source (same_as)." default:"all are read" example:"24mo"`
	Activities connectors.Months `yaml:"activities" doc:"Activities from longer ago are not read; at least 3mo." default:"all are read" example:"12mo"`
}

// ToolUsers are the logins of tools, as the operator wrote them.
func (c *Config) ToolUsers() []string { return c.IntegrationUsers }

// Defaults are the settings of a source for which the operator sets no key.
func Defaults() *Config { return &Config{Capture: CaptureCRM, BulkAbove: DefaultBulkAbove} }

// The values that Config's zero fields stand for.
const (
	DefaultOverlap    = 15 * time.Minute
	DefaultBulkAbove  = 20_000
	DefaultSweepEvery = 24 * time.Hour
	// A day is short enough: the query that fails notices a vanished field at once.
	DefaultDescribeEvery = 24 * time.Hour
)

// Auth says how to sign in.
type Auth = login.Auth

// The values of Auth.Flow.
const (
	ClientCredentials = login.ClientCredentials
	JWTBearer         = login.JWTBearer
	RefreshToken      = login.RefreshToken
	Password          = login.Password
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
			return // which keys are allowed depends on the missing flow
		}
		report(key, message)
	})
	if err := rest.CheckHost(c.URL, "Salesforce", login.Domains(), c.AllowHosts); err != nil {
		report("url", err.Error())
	}
	// The configuration begins with Defaults, so the operator has written these values.
	if c.Capture == "" {
		report("activity_capture", "must be crm or einstein")
	}
	if c.BulkAbove == 0 {
		report("bulk_above", "must be a number of rows")
	}
}

// CheckSecrets reports a private key that cannot be used.
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

// Notes says that the flow password ends.
func (c *Config) Notes() []string {
	if c.Auth.Flow != Password {
		return nil
	}
	return []string{login.PasswordEnds}
}

// Open returns the source.
func (c *Config) Open(o connectors.SourceOptions) (crm.Source, error) {
	return New(c.with(o), rest.New(rest.Config{UserAgent: o.UserAgent}))
}

// with returns the settings together with the options that every source has.
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

// api returns the settings of the API's client.
func (c Config) api() api.Config {
	return api.Config{
		Config:  login.Config{Name: c.Name, URL: c.URL, AllowHosts: c.AllowHosts, Auth: c.Auth, Vault: c.Vault, Now: c.Now},
		Version: c.APIVersion, PageHint: c.PageHint, Budget: c.Budget,
	}
}
