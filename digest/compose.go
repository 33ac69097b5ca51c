package digest

import (
	"time"

	"github.com/pipetidy/pipetidy/crm"
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

// trimmed drops sections that have nothing in them.
func trimmed(d Digest) Digest {
	kept := d.Sections[:0]
	for _, s := range d.Sections {
		if s.Title != "" || len(s.Lines) > 0 || s.Table != nil {
			kept = append(kept, s)
		}
	}
	d.Sections = kept
	return d
}

// composer is the input with what several lines need of it.
type composer struct {
	in    *Input
	loc   *time.Location
	cal   *hygiene.Calendar
	today crm.Date
	rep   bool   // the digest is a rep's, about the recipient's own deals
	first bool   // nothing was ever sent to this reader
	since string // the last digest, as a reader would name its day

	shown    []SourceStatus     // judged: complete enough and not withheld
	currency map[string]string  // own currency by source
	current  []hygiene.Snapshot // of the shown sources
	previous []hygiene.Snapshot // of the same sources, empty unless all are there
	quarter  crm.Date           // end of the quarter that the commit is for
	deals    []*deal            // with findings, open or ended
	needs    []*deal            // of them, those that need an update, by rank
	old      []*deal            // of them, those that are from before the start, by rank
	listed   []item             // the numbered ones
	number   map[*deal]int      // number under which a deal is listed
	people   *people
	tally    tally
}

// newComposer prepares the input for sections about the team, or, with own, about
// the recipient's own deals.
func newComposer(in *Input, own bool) *composer {
	c := &composer{in: in, rep: own, first: in.LastSent.IsZero(), cal: in.Team.Calendar}
	if c.cal == nil {
		c.cal = &hygiene.Calendar{Location: time.UTC}
	}
	c.loc = c.cal.Location
	if c.loc == nil {
		c.loc = time.UTC
		c.cal = &hygiene.Calendar{Location: c.loc, Holiday: c.cal.Holiday}
	}
	c.today = c.cal.Date(in.Now)
	if !c.first {
		c.since = moment(in.LastSent, in.Now, c.loc)
	}
	c.currency = make(map[string]string, len(in.Sources))
	judged := make(map[string]bool, len(in.Sources))
	for _, s := range in.Sources {
		c.currency[s.Name] = s.Currency
		if s.Withheld == "" {
			c.shown = append(c.shown, s)
			judged[s.Name] = true
		}
	}
	c.snapshots(judged)
	var lives []hygiene.Life
	for i := range in.Lives {
		if l := &in.Lives[i]; judged[l.Source] && c.about(l.Deal.OwnerEmail) {
			lives = append(lives, *l)
		}
	}
	c.deals = gather(lives, in.LastSent, in.BacklogPerWeek > 0)
	for _, d := range c.deals {
		if d.apart && c.urgent(d) {
			d.apart = false
			d.before = d.before || d.opened().Compare(in.LastSent) <= 0
		}
	}
	c.people = newPeople(in, c.deals)
	c.count()
	c.list()
	return c
}

// snapshots keeps those of the judged sources. The previous ones are compared
// with only where each current one has its counterpart: a fraction of other
// deals would be no comparison.
func (c *composer) snapshots(judged map[string]bool) {
	day := c.today
	for _, s := range c.in.Snapshots {
		if !judged[s.Source] {
			continue
		}
		if len(c.current) == 0 || s.Day > day {
			day = s.Day
		}
		c.current = append(c.current, c.own(s))
		for _, p := range c.in.Previous {
			if p.Source == s.Source {
				c.previous = append(c.previous, c.own(p))
				break
			}
		}
	}
	if day.IsZero() {
		day = c.today
	}
	c.quarter = quarterEnd(day)
	if c.first || len(c.previous) != len(c.current) {
		c.previous = nil
	}
}

// all reports whether every source was judged in full, so that "all" may be said.
func (c *composer) all() bool {
	for _, s := range c.in.Sources {
		if s.Withheld != "" || !s.Complete {
			return false
		}
	}
	return len(c.in.Sources) > 0 && len(c.current) == len(c.shown)
}

// compact drops empty lines.
func compact(lines ...Line) []Line {
	var out []Line
	for _, l := range lines {
		if len(l) > 0 {
			out = append(out, l)
		}
	}
	return out
}

// text makes a line of plain words.
func text(s string) Line { return Line{{Text: s}} }
