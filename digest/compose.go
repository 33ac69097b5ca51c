package digest

import (
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
)

// Input is all that Compose needs for one reader's digest. It is gathered from
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
	// For is the name of the [Kind]. Lives and Snapshots hold the whole team, whoever
	// it is for.
	For string
	// Redirected is a sentence that says who would have got this digest, "" when
	// its reader does.
	Redirected string
	// BacklogPerWeek is how many findings from before the start a rep is shown per
	// week; the others are counted apart. 0 shows them like any other.
	BacklogPerWeek int
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
	Cause    Cause  // what kind of reason that is
	Currency string // ISO code of the account's own currency, "" is unknown
}

// Cause is the kind of reason for which findings are withheld. What brings them back
// follows from it.
type Cause byte

// The causes.
const (
	Stale     Cause = iota + 1 // the data is too old: the next complete sync
	WarmingUp                  // not everything has been read once: the end of that
	HeldBack                   // the login no longer sees much of it: its permissions, and then a sync
)

// Compose writes one reader's digest, of the kind that the input is for. It is
// pure: the same input gives the same digest. What it says adds up: deals in order
// and deals that need an update make all the deals that were judged; those that
// need one are the listed, the counted and the ones in Overflow; what is from
// before the start makes up the rest where it is counted apart; and what was fixed,
// closed, lost from sight or not judged is said apart. Sources that are withheld or
// incomplete are named, and no number speaks for them.
func Compose(in Input) Digest { return kindOf(in.For).Compose(&in) }

// Quiet reports whether the digest would tell its reader nothing.
func Quiet(in Input) bool { return kindOf(in.For).Quiet(&in) }
