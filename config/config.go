// Package config says what pipetidy.yaml means: structs describe the file and
// document each key, and [Load] checks everything that can be checked without a
// network and reports all mistakes at once, each with its line. How YAML becomes
// structs is the business of package config/form.
//
// A [Config] is ready for use: times are parsed, names are resolved, paths are
// absolute. Secrets are references only (see package internal/secret); a command
// reads the secrets that it needs.
//
// The keys are in file.go; Load and the order of the checks are in load.go. Only
// commands import this package: the daemon and its rooms are handed settings.
package config

import (
	"time"

	"github.com/pipetidy/pipetidy/config/form"
	"github.com/pipetidy/pipetidy/connectors"
	"github.com/pipetidy/pipetidy/delivery"
	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
	"github.com/pipetidy/pipetidy/internal/almanac"
)

// Config is a configuration without mistakes.
type Config struct {
	Path      string // absolute, of the file
	Company   string // shown in digests
	Currency  digest.Exchange
	Location  *time.Location // time zone of everybody whose team has none of its own
	DataDir   string         // absolute
	Fiscal    time.Month     // with which the fiscal year starts; 0 is what the sources say
	Mode      Mode
	Start     Start
	Attention digest.Attention
	RepFirst  hygiene.RepFirst
	Parking   hygiene.Parking // what the owners of deals may park by themselves
	Ops       Ops
	Hours     hygiene.Hours // business hours of everybody
	People    hygiene.People
	Declared  []string          // first address of each person under people: the file vouches for them
	SlackIDs  map[string]string // any address of a person, in lower case → member id
	Sources   []Source
	Teams     hygiene.Teams
	Almanac   *almanac.Reader               // who works when
	Pipelines map[string][]hygiene.Pipeline // by source name; first match wins
	Rules     map[string]hygiene.Settings   // by rule ID, for the rules that the file names
	Digests   []Digest
	// Escalations say which deals go on to somebody above a manager.
	Escalations []Escalation
	Notify      Notify
	HTTP        HTTP

	form *form.Form // where each key stands
}

// Mode says who gets the messages.
type Mode struct {
	Redirect string // address that gets every message, marked; "" sends each message to its reader
}

// Start says how the first days differ.
type Start struct {
	ShadowDays     int // business days after the first evaluation in which only ops get messages
	BacklogPerWeek int // deals from before the start that are listed per rep and week; 0 is all
}

// Escalation says which deals go on to somebody above a manager: see digest.Escalation. To
// "" is the manager's manager.
type Escalation struct {
	When   hygiene.Severity
	Commit bool
	After  int // business days
	To     string
}

// Ops are those who run the program.
type Ops struct {
	Notify []string // addresses
	Help   string   // where readers ask, e.g. "#crm-help"; "" is nowhere
}

// Source is one CRM account.
type Source struct {
	Name      string
	Type      string
	Label     string        // of the type, for people: "Salesforce"
	Every     time.Duration // between two syncs; zero when Cron is set
	Cron      string        // five fields in the company's time zone; "" when Every is set
	Budget    float64       // share of the account's daily API calls, 0 to 1
	Skip      []string      // pipelines whose deals are neither judged nor counted
	Commit    []string      // forecast categories that count as commit; nil is the default
	Connector connectors.SourceConfig

	place string // in the file: sources[0]
}

// Digest is a message that goes out regularly.
type Digest struct {
	Name     string
	For      string // name of a digest.Kind
	Schedule digest.Schedule
	Via      delivery.Channel
	Else     delivery.Channel // "" is none
}

// Notify is how messages leave.
type Notify struct {
	Channels map[delivery.Channel]connectors.NotifierConfig // those configured
	Resend   bool                                           // a message in doubt is sent again, not held
}

// HTTP is the local status server.
type HTTP struct {
	Listen string   // host:port on loopback; "" is none
	Hosts  []string // names under which it is asked, besides those of this machine
}
