package digest

import (
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
)

// Input is all that Compose needs for one manager's digest. It is gathered from
// the journal in one read; nothing in it is computed here.
type Input struct {
	Name      string // digest name, e.g. manager-daily
	Now       time.Time
	Company   string
	Team      hygiene.Team
	Recipient string // email
	// LastSent is the evaluation that this reader's last sent digest of the same
	// name was composed from; zero for the first one. New, fixed and back are
	// said relative to it.
	LastSent time.Time
	// Lives are this team's findings: all that are open, and all that ended after
	// LastSent, in key order.
	Lives     []hygiene.Life
	Snapshots []hygiene.Snapshot // the current one of each source
	Previous  []hygiene.Snapshot // those current when the last digest was sent; empty for the first
	Sources   []SourceStatus
	// Unchecked are sentences about what could not be checked, e.g.
	// "decision criteria on partners deals (field not mapped)".
	Unchecked []string
	Help      string // where to ask, e.g. "#crm-help"; "" is nowhere
	// Missed is set when the digest of the period before was not delivered: a
	// sentence that says so, "" otherwise.
	Missed string
}

// SourceStatus is what the data line says of one source.
type SourceStatus struct {
	Name     string // configuration name
	Label    string // "Salesforce"
	AsOf     time.Time
	Complete bool   // every stream has completed once
	Withheld string // why its findings are withheld, "" when they are shown
	Currency string // ISO code of the account's own currency, "" is unknown
}
