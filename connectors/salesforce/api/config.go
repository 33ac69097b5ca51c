package api

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/pipetidy/pipetidy/connectors/salesforce/login"
)

// Config says which org is called, by which user, and how often.
type Config struct {
	login.Config
	Version  string  // of the API; "" is DefaultVersion
	PageHint int     // rows a page should have, 200 to MaxPage; 0 is MaxPage
	Budget   float64 // share of the org's daily calls that may be spent; 0 is DefaultBudget
}

// The values that Config's zero fields stand for.
const (
	DefaultVersion = "v66.0" // not the newest, because orgs are upgraded on different week-ends
	DefaultBudget  = 0.2
	MaxPage        = 2000
	minPage        = 200
	minVersion     = 53
)

var versionForm = regexp.MustCompile(`^v([0-9]{2,3})\.0$`)

func (c Config) withDefaults() Config {
	c.Config = c.Config.WithDefaults()
	if c.Version == "" {
		c.Version = DefaultVersion
	}
	if c.PageHint == 0 {
		c.PageHint = MaxPage
	}
	if c.Budget == 0 {
		c.Budget = DefaultBudget
	}
	return c
}

// Validate reports every mistake under its key in the configuration of a source.
func (c Config) Validate(report func(key, message string)) {
	c = c.withDefaults()
	c.Config.Validate(report)
	if m := versionForm.FindStringSubmatch(c.Version); m == nil {
		report("api_version", fmt.Sprintf("%q is no API version; write it like %s", c.Version, DefaultVersion))
	} else if n, _ := strconv.Atoi(m[1]); n < minVersion {
		report("api_version", fmt.Sprintf("%s is too old; use v%d.0 or later", c.Version, minVersion))
	}
	if c.PageHint < minPage || c.PageHint > MaxPage {
		report("page", fmt.Sprintf("must lie between %d and %d", minPage, MaxPage))
	}
	if c.Budget < 0 || c.Budget > 1 {
		report("api_budget", "must lie between 0% and 100%")
	}
}
