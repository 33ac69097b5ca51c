package salesforce

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce/api"
	"github.com/pipetidy/pipetidy/connectors/salesforce/schema"
	"github.com/pipetidy/pipetidy/crm"
)

// Config are the settings of one org. Fields with a default may be left zero.
type Config struct {
	Name string // sources[].name
	URL  string // https://x.my.salesforce.com: the token endpoint; the API is where that says
	Auth Auth   // how to sign in; a Flow of "" is ClientCredentials
	// Vault is where the flow RefreshToken keeps the successors of its token.
	Vault crm.Vault

	// Fields says where this org keeps what a rule asks for: the name that
	// Pipetidy uses → the API name of a field of Opportunity. The names in
	// Overridable replace a standard field, any other is a field of its own.
	Fields map[string]string

	APIVersion    string        // "" is a version that all orgs have
	Overlap       time.Duration // how far an increment reaches behind the last run; 0 is DefaultOverlap
	PageHint      int           // rows a page should have, 200 to 2000; 0 is 2000
	Budget        float64       // share of the org's daily calls that this source may spend; 0 is a fifth
	DescribeEvery time.Duration // how long a describe is believed; 0 is DefaultDescribeEvery

	// IntegrationUsers are user names, emails or ids of logins whose activities
	// are made by a machine.
	IntegrationUsers []string
	// AutomatedSubjects are the subjects of activities that a tool makes by itself,
	// compared without case; * stands for anything. nil is DefaultAutomatedSubjects.
	AutomatedSubjects []string
	// Capture says where e-mails become activities: CaptureCRM or CaptureEinstein,
	// "" is CaptureCRM.
	Capture string

	// How many months back closed deals and activities are read; 0 is everything.
	KeepClosed, KeepActivities int
	// BulkAbove is the number of rows from which a backfill uses Bulk API 2.0; 0 is
	// DefaultBulkAbove.
	BulkAbove int

	// SweepEvery is how often it is looked which open deals are still there; what
	// belongs to deals seven times less often. 0 is a day.
	SweepEvery time.Duration

	Now func() time.Time // for the call budget and assertions; nil is time.Now
}

// The values that Config's zero fields stand for.
const (
	DefaultOverlap    = 15 * time.Minute
	DefaultBulkAbove  = 20_000
	DefaultSweepEvery = 24 * time.Hour
	leastActivities   = 3 // months
	// A field or object that vanishes is noticed at once, by the query that fails.
	DefaultDescribeEvery = 24 * time.Hour
)

// Auth says how to sign in.
type Auth = api.Auth

// The flows of Auth.Flow.
const (
	ClientCredentials = api.ClientCredentials
	JWTBearer         = api.JWTBearer
	RefreshToken      = api.RefreshToken
)

// CheckKey reports why a private key in PEM cannot be used for [JWTBearer]. The
// error tells nothing of it.
func CheckKey(text string) error { return api.CheckKey(text) }

// The values of Config.Capture.
const (
	CaptureCRM      = "crm"
	CaptureEinstein = "einstein" // Einstein Activity Capture keeps e-mails where no query reads them
)

// Overridable lists the standard names that Config.Fields may point elsewhere.
func Overridable() []string {
	var names []string
	for _, f := range standard {
		if f.overridable {
			names = append(names, f.name)
		}
	}
	return append(names, "next_activity_at")
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
	return api.Config{Name: c.Name, URL: c.URL, Auth: c.Auth, Vault: c.Vault, Version: c.APIVersion, PageHint: c.PageHint, Budget: c.Budget, Now: c.Now}
}

// Validate reports every mistake under the key of the source's configuration
// that it concerns.
func (c Config) Validate(report func(key, message string)) {
	c = c.withDefaults()
	if c.Name == "" {
		report("name", "is missing")
	}
	c.api().Validate(report)
	if c.Overlap < 0 || c.Overlap > 7*24*time.Hour {
		report("overlap", "must lie between 0 and 7 days")
	}
	if c.Capture != CaptureCRM && c.Capture != CaptureEinstein {
		report("activity_capture", fmt.Sprintf("%q is no place where e-mails become activities; want %s or %s", c.Capture, CaptureCRM, CaptureEinstein))
	}
	if c.KeepClosed < 0 {
		report("keep.closed", "must not be negative")
	}
	if c.KeepActivities < 0 || c.KeepActivities > 0 && c.KeepActivities < leastActivities {
		report("keep.activities", fmt.Sprintf("at least %dmo is wanted: rules look that far back", leastActivities))
	}
	if c.BulkAbove < api.MaxPage {
		report("bulk_above", fmt.Sprintf("at least %d is wanted, which is what one call reads", api.MaxPage))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Fields)) {
		c.validateField(name, c.Fields[name], func(message string) { report("fields."+name, message) })
	}
}

func (c Config) validateField(name, field string, report func(message string)) {
	if !schema.IsFieldName(field) {
		report(fmt.Sprintf("%q is no API name of a field; write it like Decision_Criteria__c", field))
	}
	if reserved(name) && !slices.Contains(Overridable(), name) {
		report("this name is read from a standard field of Salesforce and cannot be pointed elsewhere; choose another name")
	}
}

// reserved reports whether name has a meaning of its own.
func reserved(name string) bool {
	for _, f := range standard {
		if f.name == name {
			return true
		}
	}
	switch name {
	case "activities", "emails", "history", "contacts", "id", "next_activity_at", "url", "source", "custom", "owner_email", "stage_label":
		return true
	}
	return false
}
