package salesforce

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/connectors/rest"
	"github.com/pipetidy/pipetidy/crm"
)

// Config are the settings of one org. Fields with a default may be left zero.
type Config struct {
	Name         string                 // sources[].name
	URL          string                 // https://x.my.salesforce.com: the token endpoint; the API is where that says
	Flow         string                 // how to sign in: one of the Flow constants, "" is ClientCredentials
	ClientID     string                 // consumer key of the External Client App
	ClientSecret func() (string, error) // asked at each login, so that a rotated secret is taken up

	// Of the flow JWTBearer: who signs in, with which key (PEM), and what the
	// token endpoint calls itself ("" is login.salesforce.com, or test.… for a
	// sandbox).
	Username string
	Key      func() (string, error)
	Audience string

	// Of the flow RefreshToken: the token that the administrator's approval gave,
	// and where its successors are kept.
	RefreshToken func() (string, error)
	Vault        crm.Vault

	// Fields says where this org keeps what a rule asks for: the name that
	// Pipetidy uses → the API name of a field of Opportunity. The names in
	// Overridable replace a standard field, any other is a field of its own.
	Fields map[string]string

	APIVersion    string        // "" is DefaultAPIVersion
	Overlap       time.Duration // how far an increment reaches behind the last run; 0 is DefaultOverlap
	PageHint      int           // rows a page should have, 200 to 2000; 0 is 2000
	Budget        float64       // share of the org's daily calls that this source may spend; 0 is DefaultBudget
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
	DefaultAPIVersion = "v66.0" // not the newest: orgs are upgraded on different week-ends
	DefaultOverlap    = 15 * time.Minute
	DefaultBudget     = 0.2
	maxPage           = 2000
	minPage           = 200
	minVersion        = 53
	DefaultBulkAbove  = 20_000
	DefaultSweepEvery = 24 * time.Hour
	leastActivities   = 3 // months
	// A field or object that vanishes is noticed at once, by the query that fails.
	DefaultDescribeEvery = 24 * time.Hour
)

// The flows of Config.Flow.
const (
	ClientCredentials = "client_credentials"
	JWTBearer         = "jwt_bearer"
	RefreshToken      = "refresh_token"
)

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
	c.URL = strings.TrimRight(c.URL, "/")
	if c.APIVersion == "" {
		c.APIVersion = DefaultAPIVersion
	}
	if c.Overlap == 0 {
		c.Overlap = DefaultOverlap
	}
	if c.PageHint == 0 {
		c.PageHint = maxPage
	}
	if c.Budget == 0 {
		c.Budget = DefaultBudget
	}
	if c.Flow == "" {
		c.Flow = ClientCredentials
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

var (
	versionForm = regexp.MustCompile(`^v([0-9]{2,3})\.0$`)
	fieldForm   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,79}$`)
)

// Validate reports every mistake under the key of the source's configuration
// that it concerns.
func (c Config) Validate(report func(key, message string)) {
	c = c.withDefaults()
	if c.Name == "" {
		report("name", "is missing")
	}
	c.validateURL(report)
	c.validateAuth(report)
	if m := versionForm.FindStringSubmatch(c.APIVersion); m == nil {
		report("api_version", fmt.Sprintf("%q is no API version; write it like %s", c.APIVersion, DefaultAPIVersion))
	} else if n, _ := strconv.Atoi(m[1]); n < minVersion {
		report("api_version", fmt.Sprintf("%s is too old; use v%d.0 or later", c.APIVersion, minVersion))
	}
	if c.Overlap < 0 || c.Overlap > 7*24*time.Hour {
		report("overlap", "must lie between 0 and 7 days")
	}
	if c.PageHint < minPage || c.PageHint > maxPage {
		report("page", fmt.Sprintf("must lie between %d and %d", minPage, maxPage))
	}
	if c.Budget < 0 || c.Budget > 1 {
		report("api_budget", "must lie between 0% and 100%")
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
	if c.BulkAbove < maxPage {
		report("bulk_above", fmt.Sprintf("at least %d is wanted, which is what one call reads", maxPage))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Fields)) {
		c.validateField(name, c.Fields[name], func(message string) { report("fields."+name, message) })
	}
}

// validateAuth checks that what a flow needs is there, and nothing else: a key
// of another flow would be believed to be in use.
func (c Config) validateAuth(report func(key, message string)) {
	if c.ClientID == "" {
		report("auth.client_id", "is missing; copy the consumer key of the External Client App")
	}
	if c.Flow != ClientCredentials && c.Flow != JWTBearer && c.Flow != RefreshToken {
		report("auth.flow", fmt.Sprintf("%.60q is no flow; want %s, %s or %s", c.Flow, ClientCredentials, JWTBearer, RefreshToken))
		return
	}
	for _, k := range []struct {
		name, flow string // the flow that it is for
		also       string // one that can do without it
		given      bool
		missing    string // what to write, "" where it can always be left out
	}{
		{"client_secret", ClientCredentials, RefreshToken, c.ClientSecret != nil, "use {env: NAME} or {file: PATH}"},
		{"username", JWTBearer, "", c.Username != "", "write the name, which looks like an e-mail address, of the user to sign in as"},
		{"key", JWTBearer, "", c.Key != nil, "write where the private key of the app's certificate is kept: {file: PATH}"},
		{"audience", JWTBearer, "", c.Audience != "", ""},
		{"refresh_token", RefreshToken, "", c.RefreshToken != nil, "write where the token that the app's approval gave is kept: {file: PATH}"},
	} {
		switch {
		case c.Flow == k.flow && !k.given && k.missing != "":
			report("auth."+k.name, "is missing; "+k.missing)
		case c.Flow != k.flow && c.Flow != k.also && k.given:
			report("auth."+k.name, fmt.Sprintf("does not belong to %s; remove it, or choose the flow %s", c.Flow, k.flow))
		}
	}
	if u, err := rest.CheckURL(c.Audience); c.Audience != "" && (err != nil || u.Path != "" || u.RawQuery != "") {
		report("auth.audience", "want a host alone, as in https://login.salesforce.com")
	}
}

func (c Config) validateURL(report func(key, message string)) {
	u, err := rest.CheckURL(c.URL)
	switch {
	case c.URL == "":
		report("url", "is missing; write the My Domain address, https://YOURS.my.salesforce.com")
	case err != nil:
		report("url", err.Error())
	case u.Path != "" || u.RawQuery != "":
		report("url", "wants the host only: "+(&url.URL{Scheme: u.Scheme, Host: u.Host}).String())
	case loginHost(u.Host) && c.Flow == ClientCredentials:
		report("url", "client credentials do not work on "+u.Host+"; write the My Domain address, https://YOURS.my.salesforce.com")
	case strings.HasSuffix(u.Host, ".lightning.force.com"):
		report("url", "this is where people look; the API is at https://"+strings.TrimSuffix(u.Host, ".lightning.force.com")+".my.salesforce.com")
	}
}

func (c Config) validateField(name, field string, report func(message string)) {
	if !fieldForm.MatchString(field) {
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
