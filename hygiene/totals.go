package hygiene

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// Tally counts one person's open deals in one source at one evaluation. The fractions
// of a digest are made of tallies, which are gathered while the deals stream by.
type Tally struct {
	Source     string
	OwnerID    string
	OwnerName  string
	OwnerEmail string // lower case; "" is unknown
	Active     bool
	Team       string
	Deals      int // open deals, without those that are paused
	// Paused are open deals that are parked as a whole, or whose findings are all kept back
	// by parks of single rules. They are in no other number but those of the commit.
	Paused int
	// NeedUpdate are, of Deals, those with an open finding of severity low or above that no
	// fold hides.
	NeedUpdate int
	// Commit sums the open deals in a commit forecast category that close by
	// Snapshot.Quarter, by currency ("" is the source's own). A deal
	// without an amount, or in a currency that could not be read, adds to CommitDeals only.
	Commit      map[string]float64
	CommitDoubt map[string]float64 // of Commit, the deals with an open finding of severity high, and those that are parked
	// CommitQuestion is of Commit the deals whose worst open finding is of severity medium.
	CommitQuestion map[string]float64
	CommitDeals    int
	// CommitUnread are, of CommitDeals, those whose amount could not be read.
	CommitUnread int
	// CommitUnsure are deals besides CommitDeals that may be in the commit: the forecast
	// category or the close date could not be read.
	CommitUnsure int
}

// Snapshot is the sums of one source at one evaluation. One snapshot is kept per day,
// so a digest can say "Mon 79 %".
type Snapshot struct {
	Source     string
	Day        crm.Date // in the company's time zone
	At         time.Time
	Generation uint64
	// Quarter is the last day of the company's quarter, to which Commit is summed; zero
	// in a snapshot of an earlier version, which knew calendar quarters only.
	Quarter crm.Date
	// Questions says that the tallies know CommitQuestion; those of an earlier version did
	// not.
	Questions bool
	// Basis is a hash of the yardstick that the deals were judged by; 0 is unknown. Where
	// two snapshots differ in it, what became of a share is nobody's work.
	Basis   uint32
	Tallies []Tally        // by owner id
	Unknown map[string]int // rule id → deals that the rule could not judge
	Skipped map[string]int // team, "" is none → open deals in skipped pipelines, which are in no tally
	Rates   []Rate         // by pipeline and rule, of deals that are not skipped; nil in a snapshot of an earlier version
	Urgent  []Urgent       // by team
	// Forecasts are the forecast categories of all open deals, sorted; nil is unknown.
	Forecasts []string
	// Imports are the deals that were created at once; see [Import].
	Imports []Import
	// Committed are the deals of the commit, and those that left it lately, by record (see
	// [Ledger]). The store keeps them of the latest snapshot alone.
	Committed []Commitment
}

// Tallies gathers the tallies and the unknowns of one evaluation while its deals
// stream by. Its size grows with owners and rules, not with deals.
type Tallies struct {
	source  string
	today   crm.Date // in the company's time zone
	quarter crm.Date // last day of the company's quarter of Now, in its time zone
	owners  map[who]*Tally
	unknown map[string]int
	skipped map[string]int
	folds   Folds
	// Told are the findings, by record and rule, that began before a brake on their rule.
	Told   map[[2]string]bool
	rates  rates
	urgent map[string]*Urgent // by team
	since  time.Time          // of what was created after it, imports are looked for
	made   creations
}

// who is the key of a tally. Deals without an owner may stand in several teams, so
// the team is set for these deals.
type who struct{ owner, team string }

// NewTallies returns an empty gatherer for the pass, which has been prepared. folds are
// those that hide findings of the source.
func NewTallies(p *Pass, folds Folds) *Tallies {
	today := crm.DateOf(p.Now, p.Company)
	return &Tallies{
		source: p.Source.Name, today: today, quarter: today.QuarterEnd(p.Fiscal),
		owners: make(map[who]*Tally), unknown: make(map[string]int), skipped: make(map[string]int),
		folds: folds, rates: rates{}, urgent: map[string]*Urgent{}, since: p.Now.Add(-FoldWindow * 24 * time.Hour), made: creations{},
	}
}

// Add counts one deal with its findings. Closed deals do not count, nor do deals that
// are counted as a deal of another source; skipped deals count apart.
func (t *Tallies) Add(r *Result) {
	if r.ClosedAs != 0 || r.Twin {
		return
	}
	if r.Skipped {
		t.skipped[r.Facts.Team]++
		return
	}
	for rule, o := range r.Outcomes {
		if o == Unknown {
			t.unknown[rule]++
		}
	}
	f := &r.Facts
	t.rates.add(r, !f.Created.IsZero() && f.Created > t.today-FoldWindow)
	key := who{owner: f.OwnerID}
	if f.OwnerID == "" {
		key.team = f.Team
	}
	o := t.owners[key]
	if o == nil {
		o = &Tally{
			Source: t.source, OwnerID: f.OwnerID, OwnerName: f.OwnerName, OwnerEmail: f.OwnerEmail,
			Active: f.OwnerActive, Team: f.Team,
			Commit: make(map[string]float64), CommitDoubt: make(map[string]float64), CommitQuestion: make(map[string]float64),
		}
		t.owners[key] = o
	}
	worst, kept := t.worst(r.Failed, f), t.worst(r.Paused, f)
	if worst == High {
		t.press(r)
	}
	switch {
	case r.Parked, worst < Low && kept >= Low:
		o.Paused++
	default:
		o.Deals++
		if f.CreatedAt.After(t.since) {
			t.made.add(f.Team, f.CreatedAt, f.OwnerID)
		}
	}
	if worst >= Low {
		o.NeedUpdate++
	}
	// A park silences advice, never money.
	if worst = max(worst, kept); r.Parked {
		worst = High
	}
	// A deal whose date has passed is still in the commit: nobody has taken it out.
	in, sure := f.Committed(t.quarter)
	if !sure {
		o.CommitUnsure++
	}
	if !in {
		return
	}
	o.CommitDeals++
	if f.IsUnclear("amount") {
		o.CommitUnread++
	}
	if !f.Summed() {
		return
	}
	o.Commit[f.Currency] += f.Amount.Value
	switch worst {
	case High:
		o.CommitDoubt[f.Currency] += f.Amount.Value
	case Medium:
		o.CommitQuestion[f.Currency] += f.Amount.Value
	}
}

// worst is the worst severity of the findings that no fold hides.
func (t *Tallies) worst(found []Finding, deal *Facts) (worst Severity) {
	for i := range found {
		if !t.hides(&found[i], deal) {
			worst = max(worst, found[i].Severity)
		}
	}
	return worst
}

// hides reports whether a fold hides the finding, or a brake that it did not begin before.
func (t *Tallies) hides(f *Finding, deal *Facts) bool {
	fold := t.folds.Of(deal.Pipeline, f.Rule)
	return fold != nil && fold.Hides(deal) && !(fold.Brake && t.Told[[2]string{f.Record, f.Rule}])
}

// press counts a deal that has a finding of severity high.
func (t *Tallies) press(r *Result) {
	u := t.urgent[r.Facts.Team]
	if u == nil {
		u = &Urgent{Team: r.Facts.Team, Rules: map[string]int{}}
		t.urgent[u.Team] = u
	}
	u.Deals++
	for i := range r.Failed {
		if f := &r.Failed[i]; f.Severity == High && !t.hides(f, &r.Facts) {
			u.Rules[f.Rule]++
		}
	}
}

// Rates returns how often each rule failed, by pipeline and rule.
func (t *Tallies) Rates() []Rate { return t.rates.list() }

// Urgent returns how many deals of each team have a finding of severity high, by team.
func (t *Tallies) Urgent() []Urgent {
	out := make([]Urgent, 0, len(t.urgent))
	for _, team := range slices.Sorted(maps.Keys(t.urgent)) {
		out = append(out, *t.urgent[team])
	}
	return out
}

// Imports returns the deals that were created at once, by team and time.
func (t *Tallies) Imports() []Import { return t.made.imports() }

// List returns the tallies by owner id and team.
func (t *Tallies) List() []Tally {
	out := make([]Tally, 0, len(t.owners))
	for _, o := range t.owners {
		out = append(out, *o)
	}
	slices.SortFunc(out, func(a, b Tally) int { return cmp.Or(cmp.Compare(a.OwnerID, b.OwnerID), cmp.Compare(a.Team, b.Team)) })
	return out
}

// Quarter is the last day of the quarter to which the commit is summed.
func (t *Tallies) Quarter() crm.Date { return t.quarter }

// Unknown returns how many deals each rule could not judge; rules that judged every
// deal are left out.
func (t *Tallies) Unknown() map[string]int { return maps.Clone(t.unknown) }

// Skipped returns how many open deals of each team are in skipped pipelines; teams
// without such deals are left out.
func (t *Tallies) Skipped() map[string]int { return maps.Clone(t.skipped) }
