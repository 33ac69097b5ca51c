package hygiene

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Bounds of a [Ledger].
const (
	// MostCommitments is how many deals of one source a ledger holds. Beyond it there is no
	// ledger: what became of a sum is not told by half of its deals.
	MostCommitments = 2000
	// KeepLeft is how long a ledger knows what became of a deal that left the commit.
	KeepLeft = 14 * 24 * time.Hour
)

// Commitment is a deal that is in the commit of the quarter, or was in it lately.
type Commitment struct {
	Record    string
	Name      string
	URL       string
	Team      string // key
	Amount    crm.Number
	Currency  string // as in Facts
	CloseDate crm.Date
	Since     time.Time // from when on it has been in the commit without a break
	Moved     time.Time // when it came to the team; zero is before Since
	Left      time.Time // zero: it is in the commit
	How       Exit      // how it left
}

// Exit says what became of a deal that left the commit.
type Exit byte

// The exits. What it is today counts: a deal that was taken out of the commit on Monday and
// lost on Tuesday is lost.
const (
	ExitWon     Exit = iota + 1
	ExitLost         // closed without being won
	ExitGone         // deleted, merged, out of sight, or counted as a deal of another source
	ExitRecast       // open, in another forecast category
	ExitLater        // open, and closes after the quarter
	ExitUndated      // open, without a close date
	ExitUnread       // open, and nobody knows whether it is in the commit
)

// summed reports whether the amount is in the sums of the commit.
func (c *Commitment) summed() bool { return c.Amount.Known && c.Currency != crm.NoCurrency }

// Worth is the amount as the sums of the commit have it; 0 is none or unknown.
func (c *Commitment) Worth() float64 {
	if !c.summed() {
		return 0
	}
	return c.Amount.Value
}

// Ledger follows the deals of the commit from one evaluation to the next, so that a digest
// can say what made a sum another one.
type Ledger struct {
	at      time.Time
	quarter crm.Date
	before  map[string]Commitment
	now     []Commitment
	in      int
}

// NewLedger continues the one that the last evaluation left behind.
func NewLedger(before []Commitment, quarter crm.Date, at time.Time) *Ledger {
	l := &Ledger{at: at, quarter: quarter, before: make(map[string]Commitment, len(before))}
	for _, c := range before {
		l.before[c.Record] = c
	}
	return l
}

// Add notes whether one deal that was judged is in the commit.
func (l *Ledger) Add(r *Result) {
	was, known := l.before[r.Record]
	delete(l.before, r.Record)
	in, sure := r.Facts.Committed(l.quarter)
	in = in && r.ClosedAs == 0 && !r.Twin && !r.Skipped
	if !in && !known || l.in > MostCommitments {
		return
	}
	f := &r.Facts
	c := Commitment{
		Record: r.Record, Name: clip(f.Name, 120), URL: f.URL, Team: f.Team, Amount: f.Amount, Currency: f.Currency, CloseDate: f.CloseDate,
		Since: was.Since, Moved: was.Moved,
	}
	if known && was.Team != c.Team {
		c.Moved = l.at
	}
	if in {
		l.in++
		if !known || !was.Left.IsZero() {
			c.Since = l.at
		}
		l.now = append(l.now, c)
		return
	}
	how := ExitGone
	switch {
	case r.ClosedAs == Won:
		how = ExitWon
	case r.ClosedAs != 0:
		how = ExitLost
	case r.Twin || r.Skipped:
	case !sure:
		how = ExitUnread
	case !f.Commit:
		how = ExitRecast
	case f.CloseDate.IsZero():
		how = ExitUndated
	default:
		how = ExitLater
	}
	l.leave(&c, &was, how)
}

// leave keeps a deal that is not in the commit, for as long as its end may have to be told.
func (l *Ledger) leave(c, was *Commitment, how Exit) {
	if c.Left = was.Left; c.Left.IsZero() {
		c.Left = l.at
	}
	if c.How = how; l.at.Sub(c.Left) <= KeepLeft {
		l.now = append(l.now, *c)
	}
}

// Missing lists the deals that were in the ledger and were not judged this time.
func (l *Ledger) Missing() []string { return slices.Sorted(maps.Keys(l.before)) }

// Close says of the missing deals what became of them, and returns the ledger by record. A
// deal of which nothing is said stays as it was. It is nil where there are too many deals.
func (l *Ledger) Close(absent map[string]State) []Commitment {
	for record, was := range l.before {
		c := was
		how := was.How
		switch absent[record] {
		case Won:
			how = ExitWon
		case Lost:
			how = ExitLost
		case Gone:
			how = ExitGone
		default:
			if was.Left.IsZero() {
				l.now = append(l.now, c) // nobody knows yet: the sums do not have it, so no digest tells of either
				continue
			}
		}
		l.leave(&c, &was, how)
	}
	if l.in > MostCommitments {
		return nil
	}
	slices.SortFunc(l.now, func(a, b Commitment) int { return cmp.Compare(a.Record, b.Record) })
	return l.now
}

// clip bounds a name, which is kept twice a day and more for each deal of the commit.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}
