package digest

import (
	"time"

	"github.com/pipetidy/pipetidy/hygiene"
)

// Input is all that Compose needs for one reader's digest. Package internal/edition
// gathers it.
type Input struct {
	Name      string // digest name, e.g. manager-daily
	Now       time.Time
	Company   string
	Team      hygiene.Team
	Recipient string // email
	// LastSent is the time of the evaluation from which this reader's last sent digest
	// of the same name was composed; zero for the first digest. New, fixed and back are
	// relative to LastSent.
	LastSent time.Time
	// Told is what that digest told the reader, nil for the first and for one that an
	// earlier version sent.
	Told *Told
	// Elsewhere lists the deals of Told that are another team's now, each by the finding that
	// knows it latest.
	Elsewhere []hygiene.Life
	// Left lists the members of the team who are active in no CRM any more, by address.
	Left []string
	// Teams are the names of all teams, by key.
	Teams map[string]string
	// Lives are this team's findings: all that are open, and all that ended after
	// LastSent, in key order.
	Lives []hygiene.Life
	// Unseen are the team's open findings in the commit of sources that are withheld, as they
	// were last judged. They are in no number; what is due of them is named.
	Unseen []hygiene.Life
	// Parks are the parks of this team's deals: all that hold, and all that ended after
	// LastSent.
	Parks     []hygiene.Park
	Snapshots []hygiene.Snapshot // the current snapshot of each source
	Previous  []hygiene.Snapshot // the snapshots that were current when the last digest was sent; empty for the first
	Sources   []SourceStatus
	// Unchecked are sentences about what could not be checked, e.g.
	// "decision criteria on partners deals (field not mapped)".
	Unchecked []string
	// Checked says what could be checked, in the words of Unchecked before the brackets. What
	// is in neither is not looked at today: its source is withheld, or no rule asks for it.
	Checked []string
	// Changed is what changed since LastSent in what deals are judged by.
	Changed []Change
	Help    string // where to ask, e.g. "#crm-help"; "" is nowhere
	// InPlaceOf is who is away and in whose place the recipient gets the digest; zero is
	// nobody. What is new since the last digest is so since the last one that either got.
	InPlaceOf Absent
	// Newcomer says that the recipient was never sent the digest, though LastSent is not zero:
	// it was sent to whoever is away.
	Newcomer bool
	// Escalations say which deals go on to somebody above the manager, nil is none. Manager
	// is what the manager's last digest told, ManagerName who that is: where deals go on, and for the kinds about what
	// went on.
	Escalations []Escalation
	Manager     *Told
	ManagerName string
	// Away are the members of the team who are away today.
	Away []Absent
	// Covers are those for whom the reader covers, in a digest about the reader's own deals.
	Covers []Covered
	// RepFirst says that new findings may be their owners' alone at first, see
	// [hygiene.RepFirst]. Of what a digest about a team is not given then, Kept are the open
	// findings and Early those that were fixed; see [Input.Public].
	RepFirst bool
	Kept     []hygiene.Key
	Early    []hygiene.Life
	// Disclosed are those that the last digest was not given and this one is, with when they
	// began; they begin for its reader now.
	Disclosed map[hygiene.Key]time.Time
	// Only are, in a digest about the reader's own deals, the findings of which the manager
	// does not hear yet, with when the manager's first digest with them is due; zero is not
	// known. Both are those of which the manager hears at once, because of the commit.
	Only map[hygiene.Key]time.Time
	Both map[hygiene.Key]bool
	// Others says who else reads of the findings; nil is not known.
	Others *Others
	// Thawed says that the company rested since LastSent, in a freeze: what is not urgent
	// waits a day longer.
	Thawed bool
	// For is the name of the [Kind]. For every kind, Lives and Snapshots hold the whole
	// team.
	For string
	// Redirected is a sentence that says who would have got this digest, "" when its
	// reader gets it.
	Redirected string
	// BacklogPerWeek is how many deals from before the start are listed per rep and
	// week; the others are counted apart. 0 treats them like any other deal.
	BacklogPerWeek int
	// Settles lists the ids of the rules, the one first whose finding settles most once it is
	// dealt with: in this order a deal's reasons of one severity are given.
	Settles []string
	// Folded are the rules whose findings are a habit in a pipeline, and those that were
	// until lately. Lives hold their findings like any other.
	Folded   []Fold
	Exchange Exchange
	// Attention is how many numbered lines the reader gets, and what weighs most.
	Attention Attention
	// Upkeep is what a digest about the program is written from; the parks in such a digest
	// are those of all teams.
	Upkeep Upkeep
	// Missed is a sentence that says that the digest of the period before was not
	// delivered, "" otherwise.
	Missed string
}

// SourceStatus is what the data line says of one source.
type SourceStatus struct {
	Name     string    // configuration name
	Label    string    // "Salesforce"
	AsOf     time.Time // the oldest part of what deals are judged by
	Newest   time.Time // the newest part of it
	Failed   bool      // its last sync did not end well
	Complete bool      // every stream has completed once
	Withheld string    // why its findings are withheld, "" when they are shown
	Cause    Cause     // the kind of the reason in Withheld
	Currency string    // ISO code of amounts that name no currency, "" is unknown
	// Rates are what one unit of other currencies is worth in Currency, as the CRM converts.
	Rates map[string]float64
	// Park is how the owners of its deals park them.
	Park hygiene.OwnersWay
}

// Cause is the kind of reason for which findings are withheld. The digest says by the
// cause what brings the findings back.
type Cause byte

// The causes.
const (
	Stale     Cause = iota + 1 // the data is too old: findings come back after a complete sync
	WarmingUp                  // not everything has been read once: findings come when it has
	HeldBack                   // the login no longer sees many records: findings come back when its permissions are restored, after a sync
	Unjoined                   // its deals may be deals of another source that was not read once: findings come when it has
	Elsewhere                  // the credentials lead to another account: findings come back when they are correct, after a sync
)

// Compose writes one reader's digest, of the kind that in.For names. It is pure: the
// same input gives the same digest.
//
// The numbers of a digest add up. The deals that were judged are those in order, those
// that need an update, and those from before the start where they are counted apart.
// The deals that need an update are listed, in Overflow, or counted. Deals that were
// fixed, closed, lost from sight or not judged are counted apart. Sources that are
// withheld or incomplete are named, and no number includes a withheld source.
func Compose(in Input) Digest { return kindOf(in.For).Compose(&in) }

// Quiet reports whether the digest would tell its reader nothing.
func Quiet(in Input) bool { return kindOf(in.For).Quiet(&in) }
