// Package connectors lists everything that talks to the outside: the CRMs that
// can be read and the channels that digests go through. A member lives in a
// folder of its own and does not know this list; adding one is adding its line
// here, with the keys that the configuration spells its settings by, and nothing
// registers itself.
//
// What several members need (the HTTP client, the conformance suites) lies in
// the folders rest and connectortest.
package connectors

import (
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest"
)

// Sources lists the kinds of CRM, one line each.
func Sources() []SourceType {
	return []SourceType{
		{"salesforce", "Salesforce", func() SourceConfig { return newSalesforce() }},
		{"hubspot", "HubSpot", func() SourceConfig { return newHubSpot() }},
	}
}

// Notifiers lists the channels, one line each.
func Notifiers() []NotifierType {
	return []NotifierType{
		{digest.Slack, "Slack", func() NotifierConfig { return newSlack() }},
		{digest.Email, "e-mail", func() NotifierConfig { return newEmail() }},
	}
}

// SourceType is a kind of CRM.
type SourceType struct {
	Name  string // as sources[].type says it
	Label string // as people read it
	// New returns a pointer to the settings of one source with their defaults, to
	// be filled from the configuration by its yaml tags.
	New func() SourceConfig
}

// SourceConfig are the settings of one source that only its type knows.
type SourceConfig interface {
	// Validate reports each mistake under the key it concerns: "auth.flow".
	Validate(o SourceOptions, report func(key, message string))
	// Mapped lists the names of the fields that the configuration maps, sorted.
	Mapped() []string
	// Open returns the source. It makes no call and reads no secret yet.
	Open(o SourceOptions) (crm.Source, error)
}

// SourceOptions are the settings that every source has.
type SourceOptions struct {
	Name      string  // sources[].name
	Budget    float64 // share of the account's daily calls that may be spent, 0 to 1
	UserAgent string  // how we introduce ourselves; "" is pipetidy
	// Vault keeps what a source must not forget; nil where only the configuration
	// is checked.
	Vault crm.Vault
}

// NotifierType is a kind of channel.
type NotifierType struct {
	Channel digest.Channel
	Label   string // as people read it
	// New returns a pointer to the settings of the channel with their defaults.
	New func() NotifierConfig
}

// NotifierConfig are the settings of one channel.
type NotifierConfig interface {
	// Validate reports each mistake under the key it concerns: "url".
	Validate(report func(key, message string))
	// Open returns the notifier. It makes no call and reads no secret yet.
	Open(o NotifierOptions) (digest.Notifier, error)
}

// NotifierOptions are what every channel is told.
type NotifierOptions struct {
	Company   string
	UserAgent string // how we introduce ourselves; "" is pipetidy
	// SlackIDs are the member ids of people whom Slack knows by another address:
	// email in lower case → U….
	SlackIDs map[string]string
}
