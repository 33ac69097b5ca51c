package digest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/attention"
	"github.com/pipetidy/pipetidy/hygiene"
)

// company is a few deals through time: what happens to each day after day, and the lives
// that come of it.
type company struct {
	t        *rapid.T
	now      time.Time
	deals    []*dealOf
	lives    map[hygiene.Key]hygiene.Life
	was      map[string]hygiene.Yardstick // by source, of the last evaluation
	versions map[string]int               // of the rules
	off      map[string]bool              // by source: withheld
	left     map[string]bool              // owners who have left
	gen      uint64
	days     int

	commits []string // forecast categories that count as commit
	field   int      // which field has the amounts
	rate    float64  // of the one currency
	folds   map[string]hygiene.Folds
	ledgers map[string][]hygiene.Commitment // by source
	changed map[string]map[Fact]time.Time   // by source: when an evaluation saw the change
	first   hygiene.RepFirst
	coming  bool // lists that are late are waited for
	readers []*readerOf
}

type dealOf struct {
	source, id, owner string
	state             hygiene.State // Open, Won, Lost, Gone
	outcomes          map[string]hygiene.Outcome
	severity          map[string]hygiene.Severity
	owners            []string // of each night
	forecast          string
	amount            float64
	closes            crm.Date
	merged            bool          // and never comes back
	park, rulePark    *hygiene.Park // nil is none; either may have ended
}

// parked are the parks of the deal.
func (d *dealOf) parked() (ks []*hygiene.Park) {
	for _, k := range []*hygiene.Park{d.park, d.rulePark} {
		if k != nil {
			ks = append(ks, k)
		}
	}
	return ks
}

func (d *dealOf) whole() bool { return d.park != nil && d.park.Holds() }

func (d *dealOf) quiet(rule string) bool {
	return d.whole() || d.rulePark != nil && d.rulePark.Holds() && d.rulePark.Rule == rule
}

var (
	teamsOf      = map[string]string{"ana@acme.example": "west", "ben@acme.example": "west", "cleo@acme.example": "east", "": ""}
	owners       = slices.Sorted(maps.Keys(teamsOf))
	rulesOf      = []string{"amount-missing", "no-activity", hygiene.CloseDatePast, hygiene.OwnerInactive}
	workOf       = rulesOf[:3] // all but the one that asks for another owner
	sourcesOf    = []string{"partners", "sales"}
	outcomesOf   = []hygiene.Outcome{hygiene.Passed, hygiene.Passed, hygiene.Fail, hygiene.Fail, hygiene.Unknown, hygiene.Exempt}
	categoriesOf = []string{"Commit", "Pipeline", "Safe"}
	severitiesOf = []hygiene.Severity{hygiene.Info, hygiene.Low, hygiene.Medium, hygiene.High}
)

func (c *company) facts(d *dealOf) hygiene.Facts {
	return hygiene.Facts{
		Name: d.id, OwnerEmail: d.owner, OwnerID: d.owner, OwnerName: d.owner, OwnerActive: !c.left[d.owner], Team: teamsOf[d.owner], CloseDate: d.closes,
		Forecast: d.forecast, Commit: slices.Contains(c.commits, d.forecast), Amount: crm.Num(d.amount * float64(1+c.field)), Currency: "CHF",
	}
}

// hides reports whether a fold hides the finding.
func (c *company) hides(l *hygiene.Life) bool { return c.folds[l.Source].Hide(l.Rule, &l.Deal) }

func pick[T any](t *rapid.T, from []T, what string) T { return rapid.SampledFrom(from).Draw(t, what) }

// often is true once in n times.
func (c *company) often(n int, what string) bool { return rapid.IntRange(1, n).Draw(c.t, what) == 1 }

// live lets a night pass: owners, outcomes and states change, and what is not withheld is
// judged again.
func (c *company) live() {
	for c.now = c.now.AddDate(0, 0, 1); c.now.Weekday() == time.Saturday || c.now.Weekday() == time.Sunday; {
		c.now = c.now.AddDate(0, 0, 1)
	}
	c.days++
	for _, who := range owners {
		if who != "" && c.often(10, "leaves, or is back") {
			c.left[who] = !c.left[who]
		}
	}
	for _, d := range c.deals {
		if c.often(6, "owner changes") || c.left[d.owner] && c.often(2, "is reassigned") {
			d.owner = pick(c.t, owners, "owner")
		}
		d.owners = append(d.owners, d.owner)
		if c.often(3, "outcome changes") {
			rule := pick(c.t, workOf, "rule")
			if d.outcomes[rule] = pick(c.t, outcomesOf, "outcome"); d.severity[rule] > hygiene.Info { // what is info is in no digest, and stays so
				d.severity[rule] = pick(c.t, severitiesOf[1:], "severity")
			}
		}
		if c.often(8, "date moves") {
			d.closes, d.forecast = crm.DateOf(c.now, time.UTC)+crm.Date(rapid.IntRange(-20, 20).Draw(c.t, "days")), pick(c.t, categoriesOf, "category")
		}
		if d.outcomes[hygiene.CloseDatePast] == hygiene.Fail && c.often(6, "re-dated") {
			d.closes, d.outcomes[hygiene.CloseDatePast] = d.closes+30, hygiene.Passed
		}
		if c.often(8, "amount grows") {
			d.amount *= 1.5
		}
		if c.often(25, "merged") {
			d.merged, d.state = true, hygiene.Gone
		}
		if c.often(6, "is parked") && d.state == hygiene.Open && !c.off[d.source] {
			today := crm.DateOf(c.now, time.UTC)
			k := &hygiene.Park{Source: d.source, Record: d.id, At: c.now, From: today, Until: today + crm.Date(rapid.IntRange(1, 6).Draw(c.t, "days")), How: hygiene.ByTask, Owner: d.owner, Deal: c.facts(d)}
			switch {
			case d.whole():
			case rapid.Bool().Draw(c.t, "one rule"):
				k.Rule, d.rulePark = pick(c.t, workOf, "rule"), k
			default:
				d.park = k
			}
		}
		if !d.merged && c.often(8, "state changes") {
			d.state = pick(c.t, []hygiene.State{hygiene.Open, hygiene.Open, hygiene.Won, hygiene.Lost, hygiene.Gone}, "state")
		}
	}
	c.settings()
	c.off = map[string]bool{}
	for _, s := range sourcesOf {
		c.off[s] = c.often(5, "withheld")
		if !c.off[s] {
			c.judge(s)
		}
	}
}

// settings changes what nobody who sells does: the list of the commit, the field of the
// amounts, the rate, and which rules are folded.
func (c *company) settings() {
	if c.often(10, "another list of the commit") {
		c.commits = pick(c.t, [][]string{{"Commit"}, {"Commit", "Safe"}, {"Safe"}, nil}, "list")
	}
	if c.often(15, "another field of the amount") {
		c.field++
	}
	if c.often(10, "another rate") {
		c.rate *= 3
	}
	for _, s := range sourcesOf {
		if !c.often(10, "a fold") {
			continue
		}
		rule := pick(c.t, rulesOf[:2], "folded rule")
		switch f := c.folds[s].Of("", rule); {
		case f == nil:
			c.folds[s] = append(c.folds[s], hygiene.Fold{Rule: rule, Since: c.now.Add(-time.Minute)})
		case f.Active():
			f.Until = c.now.Add(-time.Minute)
		default:
			f.Since, f.Until = c.now.Add(-time.Minute), time.Time{}
		}
	}
}

func (c *company) judge(source string) {
	c.gen++
	var stored []hygiene.Life
	for _, l := range c.lives {
		if l.Source == source {
			stored = append(stored, l)
		}
	}
	slices.SortFunc(stored, func(a, b hygiene.Life) int { return a.Compare(b.Key) })
	var results []hygiene.Result
	absent := map[string]hygiene.State{}
	for _, d := range c.deals {
		for _, k := range d.parked() {
			if d.source != source || !k.Holds() {
				continue
			}
			switch today := crm.DateOf(c.now, time.UTC); {
			case d.state == hygiene.Won, d.state == hygiene.Lost:
				k.End = hygiene.EndClosed
			case today >= k.Until:
				k.End = hygiene.EndOver
			case d.owner != k.Owner && d.state == hygiene.Open:
				k.End = hygiene.EndOwner
			}
			if !k.Holds() {
				k.Ended = c.now.Add(-time.Hour)
			}
			if d.state == hygiene.Open {
				k.Deal, k.Away = c.facts(d), false
			}
		}
		switch {
		case d.source != source:
		case d.state == hygiene.Gone:
			absent[d.id] = hygiene.Gone
			for _, k := range d.parked() {
				k.Away = true
			}
		case d.state != hygiene.Open:
			results = append(results, hygiene.Result{Source: source, Record: d.id, Facts: c.facts(d), ClosedAs: d.state})
		default:
			r := hygiene.Result{Source: source, Record: d.id, Facts: c.facts(d), Outcomes: maps.Clone(d.outcomes)}
			r.Done, r.Parked = map[string]hygiene.Said{}, d.whole()
			d.severity[hygiene.OwnerInactive] = hygiene.High
			switch r.Outcomes[hygiene.OwnerInactive] = hygiene.Passed; {
			case d.owner == "":
				r.Outcomes[hygiene.OwnerInactive] = hygiene.Exempt
			case c.left[d.owner]:
				for _, rule := range workOf {
					if r.Outcomes[rule] == hygiene.Fail {
						r.Outcomes[rule] = hygiene.Exempt
					}
				}
				r.Outcomes[hygiene.OwnerInactive] = hygiene.Fail
			}
			for _, rule := range rulesOf {
				outcome := r.Outcomes[rule]
				if outcome == hygiene.Passed {
					r.Done[rule] = hygiene.Plain("has its " + rule)
				}
				if outcome == hygiene.Fail {
					found := &r.Failed
					if d.quiet(rule) {
						found, r.Outcomes[rule] = &r.Paused, hygiene.Paused
					}
					*found = append(*found, hygiene.Finding{Key: hygiene.Key{Source: source, Kind: crm.KindOpportunity, Record: d.id, Rule: rule}, Severity: d.severity[rule], Message: rule, Deal: r.Facts})
				}
			}
			results = append(results, r)
		}
	}
	ledger := hygiene.NewLedger(c.ledgers[source], quarterEnd, c.now.Add(-time.Hour))
	for i := range results {
		ledger.Add(&results[i])
	}
	c.ledgers[source] = ledger.Close(absent)
	is := hygiene.Yardstick{}
	for _, rule := range rulesOf {
		if c.often(20, "a rule changes") {
			c.versions[rule]++
		}
		is["rule "+rule] = strconv.Itoa(c.versions[rule])
	}
	is["commit"], is["amount"] = strings.Join(c.commits, " "), strconv.Itoa(c.field)
	for part, fact := range map[string]Fact{"commit": InCommit, "amount": Amount} {
		if was := c.was[source]; was != nil && was[part] != is[part] {
			c.changed[source][fact] = c.now.Add(-time.Hour)
		}
	}
	for _, l := range hygiene.Diff(stored, results, absent, &hygiene.Round{At: c.now.Add(-time.Hour), Generation: c.gen, Is: is, Was: c.was[source]}) {
		c.lives[l.Key] = l
	}
	c.was[source] = is
}

// readerOf is a reader with what the last digest told.
type readerOf struct {
	team, own string
	last      time.Time
	told      *Told
	need      int // that the last digest printed
	old       int
	commit    float64
	off       map[string]bool // sources that were withheld then
	day       int
	was       map[string]dealOf    // the deals, at the last digest
	kept      map[hygiene.Key]bool // from the digest that is being made
	before    map[hygiene.Key]bool // from the last one
}

// input is what internal/edition would gather for the reader.
func (c *company) input(r *readerOf, backlog int) Input {
	in := Input{
		Name: "manager-daily", For: "managers", Now: c.now, LastSent: r.last, Told: r.told, Recipient: "maria@acme.example", BacklogPerWeek: backlog,
		Team:  hygiene.Team{Name: r.team, Manager: "maria@acme.example", Calendar: &hygiene.Calendar{Location: time.UTC}},
		Teams: map[string]string{"west": "West", "east": "East"},
	}
	if r.own != "" {
		in.Name, in.For, in.Recipient = "rep-daily", "reps", r.own
	}
	since := r.last
	if seen := r.told.Since(); !seen.IsZero() && seen.Before(since) {
		since = seen
	}
	where := map[[2]string]hygiene.Life{}
	for _, key := range slices.SortedFunc(maps.Keys(c.lives), hygiene.Key.Compare) {
		l := c.lives[key]
		k := [2]string{l.Source, l.Record}
		if was, ok := where[k]; l.State == hygiene.Open || !ok || was.State != hygiene.Open && !l.Ended.Before(was.Ended) {
			where[k] = l
		}
		if !c.off[l.Source] && l.Deal.Team == r.team && (l.State == hygiene.Open || l.Ended.After(since)) {
			in.Lives = append(in.Lives, l)
		}
	}
	if r.told != nil {
		for _, d := range r.told.Deals {
			if now, ok := where[[2]string{d.Source, d.Record}]; ok && now.Holder().Team != r.team {
				in.Elsewhere = append(in.Elsewhere, now)
			}
		}
	}
	in.Exchange = Exchange{Report: "USD", Rates: map[string]float64{"CHF": c.rate}}
	for _, s := range sourcesOf {
		st := SourceStatus{Name: s, Label: s, AsOf: c.now, Complete: true}
		for fact, at := range c.changed[s] {
			if !r.last.IsZero() && at.After(r.last) && !c.off[s] {
				in.Changed = append(in.Changed, Change{Source: s, Of: fact, Text: "a setting"})
			}
		}
		for _, f := range c.folds[s] {
			if !c.off[s] {
				in.Folded = append(in.Folded, Fold{Fold: f, Source: s, Title: f.Rule, Failed: 60, Judged: 100})
			}
		}
		if c.off[s] {
			st.Withheld, st.Cause = "26 hours old", HeldBack
		} else {
			n := 0
			for _, d := range c.deals {
				for _, k := range d.parked() {
					if d.source == s && k.Deal.Team == r.team && (k.Holds() || k.Ended.After(since)) {
						in.Parks = append(in.Parks, *k)
					}
				}
				if open, held, kept, _ := c.findings(d, nil); d.whole() || kept && !open || d.whole() && held {
					continue // is paused
				}
				if d.source == s && d.state == hygiene.Open && teamsOf[d.owner] == r.team && (r.own == "" || d.owner == r.own) {
					n++
				}
			}
			sum, deals := c.committed(r, s)
			in.Snapshots = append(in.Snapshots, hygiene.Snapshot{Source: s, At: c.now, Day: crm.DateOf(c.now, time.UTC), Quarter: quarterEnd, Questions: true, Committed: c.ledgers[s], Tallies: []hygiene.Tally{
				{Source: s, OwnerEmail: r.own, Team: r.team, Deals: n, Active: true, Commit: map[string]float64{"CHF": sum}, CommitDeals: deals},
			}})
		}
		in.Sources = append(in.Sources, st)
	}
	r.before, r.kept = r.kept, map[hygiene.Key]bool{}
	if in.RepFirst = c.first.On(); in.RepFirst && r.own == "" {
		in.Public(c.audience)
	}
	for _, k := range in.Kept {
		r.kept[k] = true
	}
	return in
}

// audience is for whom the finding is, by what the readers were told.
func (c *company) audience(l *hygiene.Life) hygiene.Audience {
	cal := &hygiene.Calendar{Location: time.UTC}
	h := hygiene.Hearing{Owner: l.Deal.OwnerEmail, Team: l.Deal.Team, Calendar: cal, Place: cal, Coming: c.coming && c.now.Sub(l.Opened) < 24*time.Hour, Quarter: crm.DateOf(c.now, time.UTC).QuarterEnd(0)}
	for _, r := range c.readers {
		at := r.told.Hearing()(l)
		switch {
		case at.IsZero() || r.team != l.Deal.Team:
		case r.own == l.Deal.OwnerEmail:
			h.Told = at
		case r.own == "":
			h.Seen = true
		}
	}
	return c.first.Audience(l, &h, c.now)
}

// findings says whether the deal has findings that are shown, that nobody can judge, that
// a park keeps back, and that are its owner's alone.
func (c *company) findings(d *dealOf, only map[hygiene.Key]bool) (open, held, kept, owners bool) {
	for _, rule := range rulesOf {
		l, ok := c.lives[hygiene.Key{Source: d.source, Kind: crm.KindOpportunity, Record: d.id, Rule: rule}]
		if !ok || l.State != hygiene.Open || l.Severity < hygiene.Low {
			continue
		}
		if only[l.Key] {
			owners = true
			continue
		}
		if c.hides(&l) {
			continue
		}
		open, held, kept = open || !l.Held && !l.Paused, held || l.Held && !l.Paused, kept || l.Paused
	}
	return open, held, kept, owners
}

// recount counts anew, from the deals themselves, those that have a finding of the
// reader's that is shown, those whose findings nobody can judge, and those that are paused.
func (c *company) recount(r *readerOf) (with, unclear, parked int) {
	for _, d := range c.deals {
		if c.off[d.source] || d.state != hygiene.Open || teamsOf[d.owner] != r.team || r.own != "" && d.owner != r.own {
			continue
		}
		open, held, kept, owners := c.findings(d, r.kept)
		switch {
		case open:
			with++
		case owners && !held:
		case d.whole(), kept:
			parked++
		case held:
			unclear++
		}
	}
	return with, unclear, parked
}

// check holds each word that a digest has for a deal against what happened to the deal.
func (c *company) check(r *readerOf, ds []*deal) {
	for _, d := range ds {
		of := c.deals[slices.IndexFunc(c.deals, func(x *dealOf) bool { return x.id == d.record })]
		since := of.owners[len(of.owners)-min(c.days-r.day+1, len(of.owners)):]
		mine := func(owner string) bool { return teamsOf[owner] == r.team && (r.own == "" || r.own == owner) }
		began, ended, again := false, map[hygiene.State]bool{}, false
		for _, rule := range rulesOf {
			l, ok := c.lives[hygiene.Key{Source: d.source, Kind: crm.KindOpportunity, Record: d.record, Rule: rule}]
			began = began || ok && (l.Opened.After(r.last) && !l.Backlog || r.before[l.Key])
			again = again || ok && l.Back && (l.Opened.After(r.last) || r.before[l.Key])
			since := r.last
			if seen := r.told.Since(); d.told != nil && d.told.Class == Unseen && !seen.IsZero() {
				since = seen
			}
			if ok && l.Ended.After(since) {
				ended[l.State] = true
			}
		}
		wrong := false
		switch d.came {
		case fresh:
			wrong = d.told != nil || !mine(of.owner)
		case back:
			wrong = !again
		case arrived:
			wrong = !mine(of.owner) || !r.off[d.source] && r.was[d.record].state != hygiene.Gone && !slices.ContainsFunc(since, func(o string) bool { return !mine(o) })
		case started:
			wrong = d.told != nil
		case seen:
			wrong = d.told != nil && (d.told.Class == Needs || d.told.Class == Old)
			if d.told == nil {
				wrong = slices.ContainsFunc(d.open, func(l *hygiene.Life) bool { return r.before[l.Key] }) // it was its owner's alone, and is new
			}
		case joined:
			wrong = d.told == nil
		case woke:
			wrong = d.told == nil || d.told.Class != Paused || of.whole()
		}
		counted := d.told != nil && (d.told.Class == Needs || d.told.Class == Old)
		switch {
		case counted && c.off[d.source]:
			wrong = wrong || d.left != hidden
		case counted && of.state == hygiene.Open && !mine(of.owner) && len(ended) == 0:
			wrong = wrong || d.left != given
		case d.class != 0 && d.class != Unjudged && d.class != Paused && d.told == nil && r.told != nil && !mine(r.was[d.record].owner) && !began && !r.off[d.source]:
			wrong = wrong || d.came != arrived && d.came != started && d.came != seen
		}
		if d.came == fresh && r.told != nil && mine(r.was[d.record].owner) && !began && !r.off[d.source] {
			wrong = true // it was there, and seen, when the last digest was sent
		}
		switch d.left {
		case fixed: // and what somebody else has is fixed for nobody, or was before it went
			wrong = wrong || !ended[hygiene.Fixed] || of.state == hygiene.Open && !mine(of.owner) && !slices.ContainsFunc(d.ended, func(l *hygiene.Life) bool { return !l.Handed() })
		case redated:
			wrong = wrong || !ended[hygiene.Redated]
		case won, lost, gone:
			wrong = wrong || !ended[map[move]hygiene.State{won: hygiene.Won, lost: hygiene.Lost, gone: hygiene.Gone}[d.left]]
		case paused:
			wrong = wrong || len(d.open) > 0 || len(of.parked()) == 0
		case given:
			wrong = wrong || counted && !slices.ContainsFunc(since, func(o string) bool { return !mine(o) }) // it may be back, and in order
		case hidden:
			wrong = wrong || !c.off[d.source]
		}
		if wrong {
			c.t.Fatalf("%s %s, told %+v: came %d, left %d; ended %v, owner %q, was %q", r.team, d.record, d.told, d.came, d.left, ended, of.owner, r.was[d.record].owner)
		}
	}
}

// checkKept looks whether the digest names a deal that its reader does not hear of yet.
func (c *company) checkKept(r *readerOf, b *brief, d *Digest) {
	told := map[string]bool{}
	for _, x := range b.book.deals {
		told[x.record] = x.class != 0 || x.left != stays
	}
	for k := range r.kept {
		named := regexp.MustCompile(`\b` + k.Record + `\b`)
		for _, s := range slices.Concat(d.Sections, d.Overflow) {
			for _, l := range s.Lines {
				if strings.HasPrefix(l[0].Text, "Since ") || strings.HasPrefix(l[0].Text, "In doubt ") {
					continue // how the commit's total, or its doubt, came to be: that the deal was in it is no finding
				}
				for _, span := range l {
					if !told[k.Record] && named.MatchString(span.Text) {
						c.t.Fatalf("%s: %s is its owner's alone: %q in %v", r.team, k.Record, span.Text, l)
					}
				}
			}
		}
	}
}

// checkEvents holds what a digest calls news of a deal against what people did.
func (c *company) checkEvents(r *readerOf, b *brief) {
	for _, d := range b.book.needs {
		of, was := c.deals[slices.IndexFunc(c.deals, func(x *dealOf) bool { return x.id == d.record })], r.was[d.record]
		switch e := d.event(); {
		case e == attention.Moved && d.happened.Commit == b.wall.today:
			if was.forecast == of.forecast && !r.off[d.source] && was.state != hygiene.Gone || c.changed[d.source][InCommit].After(r.last) {
				c.t.Fatalf("%s: moved into the commit, from %s to %s", d.record, was.forecast, of.forecast)
			}
		case e == attention.Grown && d.happened.Grown == b.wall.today:
			if was.amount >= of.amount && !r.off[d.source] && was.state != hygiene.Gone || c.changed[d.source][Amount].After(r.last) {
				c.t.Fatalf("%s: has grown from %v to %v", d.record, was.amount, of.amount)
			}
		}
	}
}

var (
	needSentence = regexp.MustCompile(`(\d+) needs? an update: ([^.]*)\. ?([^.\n]*)`)
	uncounted    = regexp.MustCompile(`, \d+ fixed of those that were not counted then`)
	disclosed    = regexp.MustCompile(`\d+ of the new (?:was|were) in the owner's list alone until now[^.]*\. ?`)
	number       = regexp.MustCompile(`\d+`)
)

// sum adds the numbers in the sentence.
func sum(s string) (n int) {
	for _, w := range number.FindAllString(s, -1) {
		v, _ := strconv.Atoi(w)
		n += v
	}
	return n
}

// TestBooksBalance lets a company live for three weeks, and sends digests to two managers
// and three reps on most of its mornings. What a digest prints has to follow from what the
// one before it printed, and to agree with a count of the deals themselves.
func TestBooksBalance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &company{t: t, now: time.Date(2026, 11, 2, 8, 30, 0, 0, time.UTC), lives: map[hygiene.Key]hygiene.Life{}, was: map[string]hygiene.Yardstick{}, versions: map[string]int{}, left: map[string]bool{}, commits: []string{"Commit"}, rate: 1, folds: map[string]hygiene.Folds{}, ledgers: map[string][]hygiene.Commitment{}, changed: map[string]map[Fact]time.Time{"sales": {}, "partners": {}}}
		for i := range rapid.IntRange(1, 9).Draw(t, "deals") {
			d := &dealOf{source: pick(t, sourcesOf, "source"), id: fmt.Sprintf("d%d", i), owner: pick(t, owners, "owner"), state: hygiene.Open, amount: 1000, outcomes: map[string]hygiene.Outcome{}, severity: map[string]hygiene.Severity{}}
			for _, rule := range workOf {
				d.outcomes[rule], d.severity[rule] = pick(t, outcomesOf, "outcome"), pick(t, severitiesOf, "severity")
			}
			c.deals = append(c.deals, d)
		}
		backlog := pick(t, []int{0, 5}, "backlog")
		readers := []*readerOf{{team: "west"}, {team: "east"}, {team: "west", own: "ana@acme.example"}, {team: "west", own: "ben@acme.example"}, {team: "east", own: "cleo@acme.example"}}
		if rapid.Bool().Draw(t, "lists first") {
			slices.Reverse(readers)
		}
		c.readers = readers
		if rapid.Bool().Draw(t, "rep first") {
			c.first = hygiene.RepFirst{For: time.Duration(rapid.IntRange(1, 30).Draw(t, "hours")) * time.Hour, Severities: []hygiene.Severity{hygiene.Low, hygiene.Medium}, Day: hygiene.Hours{From: 9 * time.Hour, To: 17 * time.Hour}}
			c.coming = rapid.Bool().Draw(t, "waits for lists")
		}
		if rapid.Bool().Draw(t, "a change") {
			c.first.Changes = []hygiene.Change{{On: crm.NewDate(2026, 11, rapid.IntRange(1, 12).Draw(t, "on")), Teams: []string{pick(t, []string{"west", "east"}, "of team")}, Grace: rapid.IntRange(1, 10).Draw(t, "days of grace")}}
		}
		if rapid.Bool().Draw(t, "somebody is new") {
			c.first.Grace, c.first.Starts = rapid.IntRange(1, 10).Draw(t, "grace"), map[string]crm.Date{pick(t, owners, "who"): crm.NewDate(2026, 11, 5) - crm.Date(rapid.IntRange(0, 90).Draw(t, "since"))}
		}
		for range rapid.IntRange(2, 15).Draw(t, "days") {
			c.live()
			for _, r := range readers {
				if c.often(6, "no digest") {
					continue
				}
				in := c.input(r, backlog)
				b := newBrief(&in, r.own != "")
				k := b.book.tally
				with, unclear, parked := c.recount(r)
				if k.need+k.old != with || k.held != unclear || k.paused != parked {
					t.Fatalf("%s: %d need an update and %d from before the start, %d not judged, %d paused; there are %d, %d and %d", in.Recipient, k.need, k.old, k.held, k.paused, with, unclear, parked)
				}
				if !r.last.IsZero() && (k.today.was != r.need || k.apart.was != r.old || !k.today.balances() || !k.apart.balances()) {
					t.Fatalf("%s, after %d and %d: today %+v, from before the start %+v", in.Recipient, r.need, r.old, k.today, k.apart)
				}
				if !r.last.IsZero() {
					c.check(r, b.book.deals)
				}
				if !r.last.IsZero() {
					c.checkEvents(r, b)
				}
				for _, d := range b.book.better(b.wall) {
					if r.last.IsZero() || d.done() || !d.endedAs(hygiene.Fixed) || d.told == nil || d.left == redated {
						t.Fatalf("%s: %s is better, told %+v, ended %+v, left %d", in.Recipient, d.record, d.told, d.ended, d.left)
					}
				}
				commit := 0.0
				for _, s := range sourcesOf {
					if !c.off[s] {
						sum, _ := c.committed(r, s)
						commit += sum * c.rate
					}
				}
				if r.own == "" {
					c.checkBridge(r, b, commit)
				}
				r.commit = commit
				r.off, r.was, r.day = maps.Clone(c.off), map[string]dealOf{}, c.days
				for _, d := range c.deals {
					r.was[d.id] = *d
				}
				d := Compose(in)
				c.checkKept(r, b, &d)
				var text strings.Builder
				for _, s := range d.Sections {
					for _, l := range s.Lines {
						for _, span := range l {
							text.WriteString(span.Text)
						}
						text.WriteByte('\n')
					}
				}
				for head, m := range map[string]move{"CLOSED": lost, "NEW DATE": redated, "MOVED": given, "GONE FROM VIEW": gone} {
					n := k.today.by[m] + k.apart.by[m]
					if r.last.IsZero() {
						n = 0
					}
					if has := strings.Contains(text.String(), fmt.Sprintf("\n%s %d: ", head, n)); has != (n > 0) && len(in.Snapshots) > 0 {
						t.Fatalf("%s: %d deals left as %s:\n%s", in.Recipient, n, head, text.String())
					}
				}
				if m := needSentence.FindStringSubmatch(disclosed.ReplaceAllString(text.String(), "")); m != nil && !r.last.IsZero() && r.own == "" {
					_, from, _ := strings.Cut(m[2], " new")
					stayed := regexp.MustCompile(`(\d+) from before$`).FindStringSubmatch(m[2])
					held := 0
					if k.today.by[held_] == k.held {
						held = k.held // in a sentence of its own
					}
					if k.today.by[paused_] == k.paused {
						held += k.paused
					}
					if need, _ := strconv.Atoi(m[1]); sum(m[2]) != need || from == "" || stayed == nil || sum(stayed[1]) != r.need-sum(uncounted.ReplaceAllString(m[3], ""))-held {
						t.Fatalf("after %d: %q", r.need, m[0])
					}
				}
				told := d.Told
				again, err := ParseTold(must(t, told))
				if err != nil {
					t.Fatal(err)
				}
				again.Arrived(c.now)
				r.last, r.told, r.need, r.old = c.now, again, k.need, k.old
			}
		}
	})
}

// The moves, where a variable has its name.
const (
	held_   = held
	paused_ = paused
)

func must(t *rapid.T, told *Told) []byte {
	b, err := told.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
