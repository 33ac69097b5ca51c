// Package connectors is the contract between the configuration and everything
// that talks to the outside: what a kind of CRM and a channel say of themselves,
// and how one of them is opened. The settings of a member, with their defaults
// and their validation, live with the member; the members are listed in
// connectors/all, which nobody but config and cmd reads, so that adding a member
// is its folder and one line there, and nothing registers itself.
//
// What several members need lies beside: the HTTP client in rest, the count of calls
// and their pace in allowance, the conformance suites in connectortest.
package connectors

import (
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
)

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

// SecretChecker is a SourceConfig that can tell whether a secret that is there
// can be used, before anybody signs in with it.
type SecretChecker interface {
	// CheckSecrets reports each secret that cannot be used under its key, and
	// never any of its value.
	CheckSecrets(report func(key, message string))
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
	Channel delivery.Channel
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

// Allower is a NotifierConfig of a channel that goes to some addresses only.
type Allower interface {
	// Allows reports whether the address may get messages.
	Allows(address string) bool
}

// NotifierOptions are what every channel is told.
type NotifierOptions struct {
	UserAgent string // how we introduce ourselves; "" is pipetidy
	// SlackIDs are the member ids of people whom Slack knows by another address:
	// email in lower case → U….
	SlackIDs map[string]string
}
