// Package connectors is the contract between the configuration and its members:
// the kinds of CRM and the channels. A member says how it is called, which
// settings it has and how it is opened. Its settings, with their defaults and
// their validation, live in the member's folder; the members are listed in
// connectors/all, which only config and cmd import. So a new member is a folder and
// a line in that list, and nothing registers itself.
//
// A newcomer opens [SourceType] or [NotifierType] first, then a member: hubspot or
// slack. How records are fetched is not said here but in [crm.Source], how a digest
// is sent in [digest.Notifier].
//
// Several members use rest, the HTTP client; allowance, which counts calls and sets
// their pace; and connectortest, the conformance suites.
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
	// New returns a pointer to the settings of one source with their defaults. The
	// configuration fills the fields that have a yaml tag.
	New func() SourceConfig
}

// SourceConfig holds the settings of one source that only its type has.
type SourceConfig interface {
	// Validate reports each mistake under its key: "auth.flow".
	Validate(o SourceOptions, report func(key, message string))
	// Mapped lists the names of the fields that the configuration maps, sorted.
	Mapped() []string
	// Open returns the source. Opening makes no call and reads no secret.
	Open(o SourceOptions) (crm.Source, error)
}

// SecretChecker is a SourceConfig that can tell before any login whether a secret
// has a usable form.
type SecretChecker interface {
	// CheckSecrets reports each unusable secret under its key. No message holds any
	// part of a secret's value. A secret that is missing is not reported.
	CheckSecrets(report func(key, message string))
}

// ToolUser is a SourceConfig that names users of the account which are tools.
type ToolUser interface {
	// ToolUsers are their ids, addresses or user names.
	ToolUsers() []string
}

// Noter is a SourceConfig with something to say at each start to those who run
// Pipetidy.
type Noter interface {
	// Notes are sentences about the settings, each with what to do.
	Notes() []string
}

// SourceOptions are the settings that every source has.
type SourceOptions struct {
	Name      string  // sources[].name
	Budget    float64 // share of the account's daily calls that may be spent, 0 to 1
	UserAgent string  // how Pipetidy introduces itself; "" is pipetidy
	Unpaced   bool    // calls wait for nothing: the other end is a simulation, without a rate limit
	// Vault keeps what a source must not forget. Nil means that the source is opened
	// only to check the configuration.
	Vault crm.Vault
}

// NotifierType is a kind of channel.
type NotifierType struct {
	Channel delivery.Channel
	Label   string // as people read it
	// New returns a pointer to the settings of the channel with their defaults.
	New func() NotifierConfig
}

// NotifierConfig holds the settings of one channel.
type NotifierConfig interface {
	// Validate reports each mistake under its key: "url".
	Validate(report func(key, message string))
	// Open returns the notifier. Opening makes no call and reads no secret.
	Open(o NotifierOptions) (digest.Notifier, error)
}

// Allower is a NotifierConfig of a channel that sends to some addresses only.
type Allower interface {
	// Allows reports whether the address may get messages.
	Allows(address string) bool
}

// NotifierOptions are the settings that every channel gets.
type NotifierOptions struct {
	UserAgent string // how Pipetidy introduces itself; "" is pipetidy
	Unpaced   bool   // messages wait for nothing: the other end is a simulation, without a rate limit
	// SlackIDs are the member ids of people whose address in Slack differs from the
	// one in the CRM: email in lower case → U….
	SlackIDs map[string]string
}
