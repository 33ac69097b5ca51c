// Package hygiene judges opportunities: it holds the contract of a rule ([Rule]), the
// pass that evaluates rules over the deals of a source ([Pass.Evaluate]), and the life
// of a finding from one evaluation to the next ([Diff]).
//
// Everything here is pure: no clock, no I/O, no log. The time, the calendars and the
// readable fields come in with the [Pass]. The rules themselves are in package rules,
// one file each. Which deals are evaluated when, and where findings are kept, is the
// business of package internal/evaluation.
package hygiene

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Severity orders findings. The zero value means "not set".
type Severity byte

// The severities, ascending.
const (
	Info Severity = iota + 1
	Low
	Medium
	High
)

var severityNames = [...]string{"", "info", "low", "medium", "high"}

// String returns the word used in configuration and output.
func (s Severity) String() string {
	if int(s) < len(severityNames) {
		return severityNames[s]
	}
	return fmt.Sprintf("severity %d", byte(s))
}

// SeverityNames lists the words for severities, ascending.
func SeverityNames() []string { return slices.Clone(severityNames[1:]) }

// ParseSeverity reads the word that String writes.
func ParseSeverity(s string) (Severity, error) {
	for i, n := range severityNames {
		if i > 0 && n == s {
			return Severity(i), nil
		}
	}
	return 0, fmt.Errorf("severity %q is not known; write one of %s", s, strings.Join(severityNames[1:], ", "))
}

// MarshalText writes the word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word.
func (s *Severity) UnmarshalText(b []byte) error {
	v, err := ParseSeverity(string(b))
	if err == nil {
		*s = v
	}
	return err
}

// Outcome is what a rule says about one deal.
type Outcome byte

// The outcomes. Unknown is never a finding and never a fix.
const (
	Passed  Outcome = iota // the rule holds
	Fail                   // the rule is broken: a finding
	Unknown                // the rule cannot be judged: a field cannot be read, activities may be hidden
	Exempt                 // the rule does not apply: too young, first stage, off for this stage
	Paused                 // the rule is broken, and a park holds: see [Park]
)

var outcomeNames = [...]string{"pass", "fail", "unknown", "exempt", "paused"}

// String returns the word used in explain and in JSON.
func (o Outcome) String() string { return outcomeNames[o] }

// Verdict is the outcome of one rule on one deal, with the values used: explain shows
// the values whatever the outcome is.
type Verdict struct {
	Outcome Outcome
	// Reason is a clause. The digest prints the reason of a Fail ("no contact since 23 Oct,
	// no meeting booked"); the reason of Unknown and Exempt says why the deal is not judged.
	Reason Said
	// Waits is, of an Exempt verdict, the failed rule whose finding hides the failing of this
	// one (see Inhibited); "" is none.
	Waits string
	// Done is a clause about the deal that says of a pass what somebody did where the rule
	// failed before: "has an amount", "was contacted on Mon 23 Nov". It has to be true on
	// another day too. "" is that a pass may be nobody's doing, such as a grace.
	Done    Said
	Subject string // tells several findings of one rule on one deal apart; usually ""

	Severity      Severity // of a Fail; zero means the rule's severity
	Value         Said     // what was measured, with its unit: "19 business days"
	Threshold     Said     // the limit of the value: "14 business days"
	Since         crm.Date // from which the business days of Value are counted; zero where it counts something else
	Measured      float64  // the number of Value, 0 is none
	Limit         float64  // the number of Threshold, see [Finding.Over]; 0 is none
	ThresholdFrom string   // "default", "configuration", "stage definition", "your 143 won deals, p75"
	Fix           Said     // one suggestion for this deal; "" means the rule's Doc.Fix
}

// Deal is one opportunity with all that belongs to it. A scan lends it: the deal
// and its strings are valid until the callback returns.
type Deal struct {
	Source      string
	Opportunity crm.Opportunity
	Activities  []crm.Activity // by time, earliest first
	Changes     []crm.Change   // folded: by time, without restatements
	Contacts    []crm.Contact  // by id; Opportunity.Contacts says whether contacts were read at all
	Twin        *Twin          // the same deal in another source (fields.same_as); nil is none
	Untold      []crm.Stream   // streams of the source of which records are not read that may be the deal's
}

// Twin is what is known of the same deal in another source, which is judged and counted
// here: its activities are contact with the same buyer.
type Twin struct {
	Source, ID string
	Info       *crm.Info // of the other source
	Activities []crm.Activity
	// LastActivityAt and NextActivityAt are the other CRM's own fields.
	LastActivityAt, NextActivityAt time.Time
	// Unread says why its activities are not known: the other source is incomplete, was
	// refused or is too old. "" is that they are known.
	Unread string
	// Unseen says that the deals of the other source were never read to their end, so that
	// nobody knows whether the deal is closed there. Unread says why.
	Unseen bool
}

// Key names a finding: source | kind | record | rule | subject. Findings are
// kept in the order of the scan, which is the order of Source and Record.
type Key struct {
	Source  string
	Kind    crm.Kind
	Record  string
	Rule    string
	Subject string
}

// Facts are what the reader of a finding needs of its deal, copied at the last
// evaluation that saw the finding.
type Facts struct {
	Name        string
	URL         string
	OwnerID     string
	OwnerName   string
	OwnerEmail  string // lower case; "" is unknown
	OwnerActive bool
	Team        string // key of the team of the configuration, "" is none
	Pipeline    string
	Stage       string // native id
	StageLabel  string
	Amount      crm.Number
	Currency    string // of Amount, as [crm.Info.In] has it
	CloseDate   crm.Date
	Forecast    string    // forecast category in the CRM's words
	Commit      bool      // Forecast counts as commit
	Created     crm.Date  // in the company's time zone
	CreatedAt   time.Time // zero is unknown, or judged before this was kept
	// Unparked says why what the owner wrote in the CRM parks nothing, "" where nothing is
	// written or the deal is parked.
	Unparked string
	// Unclear names, with a space between, the fields above that could not be read on this
	// deal, as [crm.Opportunity] names them, and an amount or a close date that the login
	// cannot read on any deal: they are neither empty nor known. A forecast category is
	// unclear as well where the stage would say it and cannot be read. The currency has a
	// mark of its own, see [crm.NoCurrency].
	Unclear string
}

// IsUnclear reports whether the field could not be read.
func (f *Facts) IsUnclear(field string) bool {
	return f.Unclear != "" && slices.Contains(strings.Fields(f.Unclear), field)
}

// Committed reports whether the deal is in the commit and closes by the day. It is not sure
// of a deal whose forecast category or close date could not be read and that may be in it.
func (f *Facts) Committed(by crm.Date) (in, sure bool) {
	unclear := f.IsUnclear("forecast_category") || f.IsUnclear("close_date")
	maybe := (f.Commit || f.IsUnclear("forecast_category")) && (f.IsUnclear("close_date") || !f.CloseDate.IsZero() && f.CloseDate <= by)
	return maybe && !unclear, !maybe || !unclear
}

// Summed reports whether the amount can be part of a sum: it is known, and so is its
// currency, or it is the source's own.
func (f *Facts) Summed() bool { return f.Amount.Known && f.Currency != crm.NoCurrency }

// Finding is a rule that a deal breaks.
type Finding struct {
	Key
	Severity      Severity
	Says          Says
	ThresholdFrom string
	Limit         float64
	Deal          Facts

	// The words for a reader of a day, see [Voice.Tell]: they are made of Says when the
	// finding is shown, and kept nowhere.
	Message   string
	Fix       string
	Value     string
	Threshold string
	// Measured is what Value counts, as of that day where it counts business days.
	Measured float64
}

// Says is what a finding says, in a form that holds on every day and in every language.
type Says struct {
	Message   Said
	Fix       Said
	Value     Said
	Threshold Said
	Since     crm.Date // see [Verdict.Since]
	Count     float64  // what Value counts where that is no business days; 0 is none
}

// Over is how many times the limit what was measured is: 2.5 for 35 business days without
// contact where 14 are allowed. 0 is that the rule has no limit to compare with: it asks
// whether something is there, or what is allowed is a grace. A close date that passed a
// year ago is not 250 times as bad as one that passed yesterday.
func (f *Finding) Over() float64 {
	if f.Limit <= 0 || f.Measured <= 0 {
		return 0
	}
	return f.Measured / f.Limit
}

// State is where a finding stands.
type State byte

// The states of a finding's life. Only Fixed and Redated are somebody's doing;
// Gone and Off are never counted as fixed.
const (
	Open    State = iota + 1
	Fixed         // the rule passes again
	Redated       // close-date-past passes because the date was moved
	Won           // the deal was won
	Lost          // the deal was lost
	Gone          // the deal was deleted, or the login can no longer see it
	Off           // the rule was switched off, does not apply any more, or judges otherwise
)

var stateNames = [...]string{"", "open", "fixed", "re-dated", "won", "lost", "gone", "off"}

// String returns the word used in output.
func (s State) String() string { return stateNames[s] }

// Life is a finding through time.
type Life struct {
	Finding
	State  State
	Opened time.Time // when the present life began: "day 3" counts from here
	First  time.Time // when the finding was first seen, in any life
	Ended  time.Time // when the state left Open; zero while open
	// Back is set when the finding came back within 14 days of being fixed.
	Back bool
	// Held is set while the rule's outcome is unknown: the finding is neither
	// shown nor counted as fixed.
	Held bool
	// Paused is set while a park holds: the finding is neither shown nor counted, and goes
	// on with its dates when the park ends. Of a finding that ended it says that a park held
	// then.
	Paused bool
	// Backlog is set for a finding that nobody's work began: it was there at the very
	// first evaluation of its source ("from before the start"), or is Newly.
	Backlog bool
	// Newly is set for a finding that began because something else was judged than
	// before, or by other rules: a limit, a definition, a calendar, what the login can
	// see. It is neither new nor back: "newly checked".
	Newly bool
	// Rejudged is when a change of what the finding is judged by last changed its severity
	// or its limit while it was open, or ended it (then it equals Ended); zero is never.
	Rejudged time.Time
	Basis    Basis // what the finding was last judged by
	// Moved is when the deal was last given to somebody else while the finding was open, or
	// as it began, and From whose it was until then; zero is never. Leaver is the name of that
	// owner where the deal was given away because the owner had left.
	Moved  time.Time
	From   Holder
	Leaver string
	// To is whose the deal is now where the finding ended as the deal was given to somebody
	// else (see [Life.Handed]): Deal still says who had the finding.
	To Holder
	// SaysDone says what somebody did that ended the finding as Fixed or Redated, see
	// [Verdict.Done]; of a Gone one, into which deal its own was merged. "" is not known.
	SaysDone Said
	// Done is SaysDone in words for a reader of a day.
	Done       string
	Generation uint64 // the evaluation that wrote this
}

// Holder is whose a deal is: the team's key and the owner's email, "" where it has none.
type Holder struct{ Team, Owner string }

func (f *Facts) holder() Holder { return Holder{f.Team, f.OwnerEmail} }

// Handed reports whether the finding ended as its deal was given to somebody else: what it
// asked for may be nobody's work.
func (l *Life) Handed() bool {
	return l.State != Open && !l.Moved.IsZero() && l.Moved.Equal(l.Ended)
}

// Holder is whose the deal is, as the finding knows it.
func (l *Life) Holder() Holder {
	if l.Handed() {
		return l.To
	}
	return l.Deal.holder()
}

// Day is the number shown as "Day n" in a digest: business days in cal since Opened,
// whose day is day 1.
func (l *Life) Day(now time.Time, cal *Calendar) int {
	return cal.Days(l.Opened, now) + 1
}

// Result is what an evaluation found on one deal: the outcome of each rule, the
// findings, and the facts about the deal. A Result owns its strings.
type Result struct {
	Source string
	Record string
	Facts  Facts
	Failed []Finding
	// Paused are findings that a park keeps back; no rule is in both.
	Paused []Finding
	// Parks are the parks of the deal as they are now, stored or not; nil is none. Refused
	// says why what the CRM asks for parks nothing, see [Pass.Parks].
	Parks   []Park
	Refused string
	// Parked says that the whole deal is parked.
	Parked bool
	// Waiting lists the rules that the deal breaks as well and whose findings wait for one
	// of Failed.
	Waiting []string
	// Twin says that the deal is the same as a deal of another source (fields.same_as), and
	// is judged and counted there. Here it has no findings, and all its outcomes are Exempt.
	Twin bool
	// Skipped says that the deal is in a pipeline of Pass.Skip: it has no findings, and
	// is not counted.
	Skipped bool
	// Outcomes has one entry, by rule ID, for each rule of the pass that is not switched
	// off. Diff reads in it why a stored finding did not fail again.
	Outcomes map[string]Outcome
	// Done has the [Verdict.Done] of each rule that passed and has one; nil is none.
	Done map[string]Said
	// ClosedAs is Won or Lost when the deal is closed, zero when it is open. A closed
	// deal has no outcomes.
	ClosedAs State
	// Voice is how the findings are said on the day of the evaluation.
	Voice Voice
}
