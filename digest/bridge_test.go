package digest

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/digest/words"
	"github.com/pipetidy/pipetidy/hygiene"
)

// quarterEnd is the last day of the random companies' quarter: their dates lie on both sides.
var quarterEnd = crm.NewDate(2026, 11, 20)

// committed is the commit of the reader's team, counted from the deals themselves.
func (c *company) committed(r *readerOf, source string) (sum float64, deals int) {
	for _, d := range c.deals {
		f := c.facts(d)
		if d.source == source && d.state == hygiene.Open && f.Team == r.team && (r.own == "" || d.owner == r.own) && f.Commit && !f.CloseDate.IsZero() && f.CloseDate <= quarterEnd {
			sum, deals = sum+f.Amount.Value, deals+1
		}
	}
	return sum, deals
}

// checkBridge holds what a digest says of the total of the commit against a count of the deals
// on both days, and each of its words against what happened to the deal.
func (c *company) checkBridge(r *readerOf, b *brief, total float64) {
	was, steps, known := b.steps()
	none := func(off map[string]bool) bool { return off["sales"] && off["partners"] } // then nobody knows the quarter
	if want := !r.last.IsZero() && none(c.off) == none(r.off); known != want {
		c.t.Fatalf("%s: what changed the commit is known: %t", r.team, known)
	}
	if !known {
		return
	}
	near := func(x, y float64) bool { return math.Abs(x-y) < 1e-6*max(1, math.Abs(x)) }
	sum := 0.0
	for _, v := range was {
		sum += v
	}
	if !near(sum, r.commit) {
		c.t.Fatalf("%s: the commit was %v, the digest says %v", r.team, r.commit, sum)
	}
	for _, s := range steps {
		sum += s.value
		of, then := c.deals[slices.IndexFunc(c.deals, func(x *dealOf) bool { return x.id == s.name })], r.was[s.name]
		held := r.off[of.source] != c.off[of.source]
		wrong := false
		switch s.way {
		case wonAway:
			wrong = of.state != hygiene.Won
		case lostAway:
			wrong = of.state != hygiene.Lost
		case vanished:
			wrong = of.state != hygiene.Gone
		case gaveAway:
			wrong = teamsOf[of.owner] == r.team
		case later:
			wrong = of.closes <= quarterEnd
		case recast:
			wrong = slices.Contains(c.commits, of.forecast)
		case withheld, resumed:
			wrong = !held
		case entered:
			in := then.state == hygiene.Open && teamsOf[then.owner] == r.team && then.closes > 0 && then.closes <= quarterEnd
			wrong = in && then.forecast == of.forecast
		case cameOver:
			wrong = teamsOf[then.owner] == r.team && then.state == hygiene.Open && then.closes > 0 && then.closes <= quarterEnd && then.forecast == of.forecast
		case larger:
			wrong = of.amount <= then.amount
		case smaller:
			wrong = true // amounts only grow here
		case converted, remeasured:
			wrong = then.state != hygiene.Open
		}
		if wrong {
			c.t.Fatalf("%s: %s %s by %v; it was %+v and is %+v", r.team, s.name, waysSaid[s.way].said, s.value, then, *of)
		}
	}
	if !near(sum, total) {
		c.t.Fatalf("%s: the commit is %v, the digest comes to %v by %+v", r.team, total, sum, steps)
	}
	var line strings.Builder
	for _, s := range b.bridge(newCommitment(b)) {
		line.WriteString(s.Text)
	}
	if (line.Len() > 0) != (len(steps) > 0) {
		c.t.Fatalf("%d steps: %q", len(steps), line.String())
	}
	if line.Len() > 0 && !addsUp(line.String()) {
		c.t.Fatalf("does not add up: %q", line.String())
	}
	now := newCommitment(b)
	var doubts strings.Builder
	for _, s := range b.doubtLine(now) {
		doubts.WriteString(s.Text)
	}
	if said := now.share(doubt); doubts.Len() > 0 && (!addsUp(doubts.String()) || said != "" && !strings.HasSuffix(doubts.String(), " = "+said+".")) {
		c.t.Fatalf("%q is in doubt, by %q", said, doubts.String())
	}
}

var amountIn = regexp.MustCompile(`(: |[+−=] )\$([0-9.,]+)([kMB]?)`)

// addsUp reports whether the amounts that a line prints make its last one.
func addsUp(line string) bool {
	sum := 0.0
	for _, m := range amountIn.FindAllStringSubmatch(line, -1) {
		v, err := strconv.ParseFloat(strings.ReplaceAll(m[2], ",", ""), 64)
		if err != nil {
			return false
		}
		v *= map[string]float64{"": 1, "k": 1e3, "M": 1e6, "B": 1e9}[m[3]]
		switch m[1] {
		case "− ", "= ":
			sum -= v
		default:
			sum += v
		}
	}
	return math.Abs(sum) < 1e-3
}

// TestBridgeSaysWhatChangedTheCommit: what no list has had is named, with its money.
func TestBridgeSaysWhatChangedTheCommit(t *testing.T) {
	now := time.Date(2026, 12, 8, 8, 30, 0, 0, time.UTC)
	last := now.AddDate(0, 0, -1)
	at := func(name string, amount float64, closes crm.Date) hygiene.Commitment {
		return hygiene.Commitment{Record: name, Name: name, Team: "west", Amount: crm.Num(amount), CloseDate: closes, Since: last.AddDate(0, 0, -9)}
	}
	december, january := crm.NewDate(2026, 12, 18), crm.NewDate(2027, 1, 15)
	left := func(c hygiene.Commitment, how hygiene.Exit) hygiene.Commitment {
		c.Left, c.How = now.Add(-time.Hour), how
		return c
	}
	fresh := at("Vandelay", 120e3, december)
	fresh.Since = now.Add(-time.Hour)
	told := &ToldCommit{Until: crm.NewDate(2026, 12, 31)}
	for name, v := range map[string]float64{"Globex": 200e3, "Hooli": 40e3, "Initech": 90e3, "Umbrella": 60e3, "Slipped": 10e3} {
		told.Deals = append(told.Deals, ToldCommitment{Source: "sales", Record: name, Name: name, Value: v, Code: "USD", Amount: v, Currency: "USD", Closes: december})
	}
	ledger := []hygiene.Commitment{at("Globex", 200e3, december), left(at("Hooli", 40e3, december), hygiene.ExitWon), left(at("Initech", 90e3, december), hygiene.ExitLost), at("Slipped", 10e3, december+9), left(at("Umbrella", 60e3, january), hygiene.ExitLater), fresh}
	in := Input{
		Name: "manager-daily", For: "managers", Now: now, LastSent: last, Recipient: "maria@acme.example", Told: &Told{At: last, Commit: told},
		Team:    hygiene.Team{Name: "west", Manager: "maria@acme.example", Calendar: &hygiene.Calendar{Location: time.UTC}},
		Sources: []SourceStatus{{Name: "sales", Label: "Salesforce", AsOf: now, Complete: true, Currency: "USD"}},
		Snapshots: []hygiene.Snapshot{{Source: "sales", At: now, Day: crm.NewDate(2026, 12, 8), Quarter: told.Until, Questions: true, Committed: ledger, Tallies: []hygiene.Tally{
			{Source: "sales", Team: "west", Deals: 5, Active: true, Commit: map[string]float64{"": 330e3}, CommitDeals: 3},
		}}},
	}
	text := func(in Input) string {
		var out strings.Builder
		for _, s := range Compose(in).Sections {
			for _, l := range s.Lines {
				for _, span := range l {
					out.WriteString(span.Text)
				}
				out.WriteByte('\n')
			}
		}
		return out.String()
	}
	got := text(in)
	for _, want := range []string{
		"Since Mon: $400k + $120k new in commit (Vandelay) − $40k closed won (1 deal) − $90k lost (Initech) − $60k moved to January (Umbrella) = $330k.\n",
		"LATER DATE IN THE COMMIT 2: Umbrella $60k was to close on 18 Dec and has the close date 15 Jan 2027; Slipped $10k was to close on 18 Dec and has the close date 27 Dec.\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	if c := Compose(in).Told.Commit; c == nil || len(c.Deals) != 3 || c.Deals[2].Code != "USD" || c.Deals[2].Value != 120e3 {
		t.Errorf("told %+v", c)
	}
	for name, change := range map[string]func(*Input){
		"a first digest":                 func(in *Input) { in.LastSent, in.Told = time.Time{}, nil },
		"what an earlier version told":   func(in *Input) { in.Told = &Told{At: last} },
		"another quarter":                func(in *Input) { in.Told = &Told{At: last, Commit: &ToldCommit{Until: crm.NewDate(2026, 9, 30)}} },
		"a ledger that is not the total": func(in *Input) { in.Snapshots = slices.Clone(in.Snapshots); in.Snapshots[0].Committed = ledger[1:] },
		"a ledger of other amounts": func(in *Input) {
			in.Snapshots = slices.Clone(in.Snapshots)
			in.Snapshots[0].Committed = slices.Clone(ledger)
			in.Snapshots[0].Committed[0].Amount = crm.Num(1)
		},
		"a rep": func(in *Input) { in.For, in.Recipient = "reps", "ana@acme.example" },
	} {
		other := in
		if change(&other); strings.Contains(text(other), "Since Mon: $") {
			t.Errorf("%s has a sum of what changed:\n%s", name, text(other))
		}
	}
	held := in
	held.Sources = []SourceStatus{{Name: "sales", Label: "Salesforce", AsOf: now, Complete: true, Currency: "USD", Withheld: "26 hours old", Cause: Stale}, {Name: "partners", Label: "HubSpot", AsOf: now, Complete: true, Currency: "USD"}}
	held.Snapshots = []hygiene.Snapshot{{Source: "partners", At: now, Day: crm.NewDate(2026, 12, 8), Quarter: told.Until, Questions: true}}
	b := newBrief(&held, false)
	if was, steps, known := b.steps(); !known || was["USD"] != 400e3 || len(steps) != 5 || steps[0].way != withheld {
		t.Errorf("a source is withheld: %v %+v %t", was, steps, known)
	}
	if got := unsigned(words.Locale("de-CH").Money(-194e3, "CHF")); strings.ContainsAny(got, "-−") || !strings.Contains(got, "194k") {
		t.Errorf("%q", got)
	}
}

// TestDoubtSaysHowItCameToBe: what is in doubt of the commit follows from what was, deal by deal.
func TestDoubtSaysHowItCameToBe(t *testing.T) {
	now := time.Date(2026, 12, 8, 8, 30, 0, 0, time.UTC)
	last, december := now.AddDate(0, 0, -1), crm.NewDate(2026, 12, 18)
	names := []string{"Globex", "Hooli", "Initech", "Umbrella", "Vandelay"}
	compose := func(change func(*hygiene.Commitment, *hygiene.Life), earlier func(*Told)) string {
		in := Input{
			Name: "manager-daily", For: "managers", Now: last, LastSent: last.AddDate(0, 0, -3), Recipient: "maria@acme.example",
			Team:    hygiene.Team{Name: "west", Manager: "maria@acme.example", Calendar: &hygiene.Calendar{Location: time.UTC}},
			Sources: []SourceStatus{{Name: "sales", Label: "Salesforce", AsOf: now, Complete: true, Currency: "USD"}},
		}
		morning := func(change func(*hygiene.Commitment, *hygiene.Life)) {
			s := hygiene.Snapshot{Source: "sales", At: in.Now, Quarter: crm.NewDate(2026, 12, 31), Questions: true}
			sum, n := 0.0, 0
			in.Lives = nil
			for i, name := range names {
				amount := float64(20+10*i) * 1e3
				c := hygiene.Commitment{Record: name, Name: name, Team: "west", Amount: crm.Num(amount), CloseDate: december, Since: last.AddDate(0, 0, -9)}
				l := hygiene.Life{Finding: hygiene.Finding{Key: hygiene.Key{Rule: "no-activity", Source: "sales", Kind: crm.KindOpportunity, Record: name}, Severity: hygiene.High, Message: "no contact"}, State: hygiene.Open, Opened: last.AddDate(0, 0, -9)}
				if i >= 3 {
					l.Severity = hygiene.Medium
				}
				change(&c, &l)
				l.Deal = hygiene.Facts{Name: name, Team: "west", Amount: c.Amount, Commit: c.Left.IsZero(), CloseDate: c.CloseDate, OwnerActive: true}
				s.Committed, in.Lives = append(s.Committed, c), append(in.Lives, l)
				if c.Left.IsZero() {
					sum, n = sum+c.Amount.Value, n+1
				}
			}
			s.Tallies = []hygiene.Tally{{Source: "sales", Team: "west", Deals: 5, Active: true, Commit: map[string]float64{"": sum}, CommitDeals: n}}
			in.Snapshots = []hygiene.Snapshot{s}
		}
		morning(func(*hygiene.Commitment, *hygiene.Life) {})
		d := Compose(in)
		earlier(d.Told)
		in.Told, in.LastSent, in.Now = d.Told, in.Now, now
		morning(change)
		d = Compose(in)
		return spoken(&d)
	}
	same := func(*Told) {}
	on := func(name string, so func(*hygiene.Commitment, *hygiene.Life)) func(*hygiene.Commitment, *hygiene.Life) {
		return func(c *hygiene.Commitment, l *hygiene.Life) {
			if c.Record == name {
				so(c, l)
			}
		}
	}
	leaves := func(how hygiene.Exit, as hygiene.State) func(*hygiene.Commitment, *hygiene.Life) {
		return func(c *hygiene.Commitment, l *hygiene.Life) {
			c.Left, c.How, l.State, l.Ended = now.Add(-time.Hour), how, as, now.Add(-time.Hour)
		}
	}
	for name, c := range map[string]struct {
		change func(*hygiene.Commitment, *hygiene.Life)
		want   string // "" is no line
	}{
		"nothing":               {func(*hygiene.Commitment, *hygiene.Life) {}, ""},
		"one more":              {on("Vandelay", func(_ *hygiene.Commitment, l *hygiene.Life) { l.Severity = hygiene.High }), "In doubt Mon: $90k + $60k newly in doubt (Vandelay) = $150k."},
		"one less":              {on("Initech", func(_ *hygiene.Commitment, l *hygiene.Life) { l.State, l.Ended = hygiene.Fixed, now.Add(-time.Hour) }), "In doubt Mon: $90k − $40k no longer in doubt (Initech) = $50k."},
		"one as bad and larger": {on("Initech", func(c *hygiene.Commitment, _ *hygiene.Life) { c.Amount = crm.Num(45e3) }), "In doubt Mon: $90k + $5k by larger amounts (Initech) = $95k."},
		"one won":               {on("Hooli", leaves(hygiene.ExitWon, hygiene.Won)), "In doubt Mon: $90k − $30k closed won (Hooli) = $60k."},
		"one lost":              {on("Hooli", leaves(hygiene.ExitLost, hygiene.Lost)), "In doubt Mon: $90k − $30k lost (Hooli) = $60k."},
		"one later": {on("Hooli", func(c *hygiene.Commitment, _ *hygiene.Life) {
			c.CloseDate, c.Left, c.How = crm.NewDate(2027, 1, 15), now.Add(-time.Hour), hygiene.ExitLater
		}), "In doubt Mon: $90k − $30k moved to January (Hooli) = $60k."},
		"not judged":                {on("Globex", func(_ *hygiene.Commitment, l *hygiene.Life) { l.Held = true }), "In doubt Mon: $90k − $20k not judged (Globex) = $70k."},
		"all of it":                 {func(_ *hygiene.Commitment, l *hygiene.Life) { l.Severity = hygiene.Medium }, "In doubt Mon: $90k − $90k no longer in doubt (Initech, Hooli, Globex) = $0."},
		"a medium one more or less": {on("Vandelay", func(_ *hygiene.Commitment, l *hygiene.Life) { l.State, l.Ended = hygiene.Fixed, now.Add(-time.Hour) }), ""},
	} {
		got := compose(c.change, same)
		if c.want == "" && strings.Contains(got, "In doubt Mon") || !strings.Contains(got, c.want) {
			t.Errorf("%s: no %q in:\n%s", name, c.want, got)
		}
	}
	more := on("Vandelay", func(_ *hygiene.Commitment, l *hygiene.Life) { l.Severity = hygiene.High })
	for name, earlier := range map[string]func(*Told){
		"what an earlier version told":  func(t *Told) { t.Commit.Doubt = nil },
		"another quarter":               func(t *Told) { t.Commit.Until = crm.NewDate(2026, 9, 30) },
		"a sum that was said otherwise": func(t *Told) { t.Commit.Doubt.Said = "$91k" },
	} {
		if got := compose(more, earlier); strings.Contains(got, "In doubt Mon") {
			t.Errorf("%s: it is said how the doubt came to be:\n%s", name, got)
		}
	}
}

// TestTheCommitIsNamed: a line that names a few deals and counts the others names what is of the
// commit, however small, and counts no more than a line holds.
func TestTheCommitIsNamed(t *testing.T) {
	of := func(commit ...bool) (ds []*deal) {
		for _, c := range commit {
			ds = append(ds, &deal{facts: hygiene.Facts{Commit: c}})
		}
		return ds
	}
	for name, c := range map[string]struct {
		ds          []*deal
		named, rest int
	}{
		"none":                 {of(false, false, false, false), 2, 2},
		"the last":             {of(false, false, false, true), 3, 1},
		"the first":            {of(true, false, false, false), 2, 2},
		"all":                  {of(true, true, true, true), 4, 0},
		"more than a line":     {of(slices.Repeat([]bool{true}, 30)...), maxNamed, 30 - maxNamed},
		"fewer than are named": {of(true), 1, 0},
	} {
		named, rest := foremost(c.ds, 2)
		if len(named) != c.named || len(rest) != c.rest {
			t.Errorf("%s: %d named, %d counted", name, len(named), len(rest))
		}
	}
}

// What was lost is named before what was won, which another line names.
func TestLossesAreNamedFirst(t *testing.T) {
	steps := []step{
		{way: wonAway, name: "Won 59", value: -59}, {way: wonAway, name: "Won 46", value: -46}, {way: lostAway, name: "Lost 12", value: -12},
		{way: wonAway, name: "Won 35", value: -35}, {way: lostAway, name: "Lost 24", value: -24},
	}
	var named []string
	for s, loud := range loudest(steps) {
		if loud {
			named = append(named, s.name)
		}
	}
	slices.Sort(named)
	if want := []string{"Lost 12", "Lost 24", "Won 59"}; !slices.Equal(named, want) {
		t.Errorf("named are %v, want %v", named, want)
	}
}
