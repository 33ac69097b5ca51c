package digest

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestTwoMornings composes the digests of two mornings, the second from what the first one
// told, and reads in the second what became of the one deal.
func TestTwoMornings(t *testing.T) {
	mon := time.Date(2026, 11, 23, 16, 30, 0, 0, time.UTC)
	tue, early := mon.AddDate(0, 0, 1), mon.AddDate(0, 0, -6)
	began := mon.Add(20 * time.Hour) // between the two
	life := func(rule string, s hygiene.Severity, change ...func(*hygiene.Life)) hygiene.Life {
		l := hygiene.Life{State: hygiene.Open, Opened: early, First: early, Finding: hygiene.Finding{
			Key: hygiene.Key{Source: "sales", Kind: crm.KindOpportunity, Record: "006A", Rule: rule}, Severity: s, Message: rule,
			Deal: hygiene.Facts{Name: "Globex", Team: "West", OwnerName: "Ana Silva", OwnerEmail: "ana@acme.example", OwnerID: "u1", OwnerActive: true, Amount: crm.Num(9000)},
		}}
		for _, f := range change {
			f(&l)
		}
		return l
	}
	old := func(l *hygiene.Life) { l.Backlog = true }
	urgent := func(l *hygiene.Life) { l.Deal.Commit, l.Deal.CloseDate = true, crm.NewDate(2026, 11, 27) }
	later := func(l *hygiene.Life) { l.Opened = began }
	ends := func(s hygiene.State) func(*hygiene.Life) {
		return func(l *hygiene.Life) { l.State, l.Ended = s, began }
	}
	held := func(l *hygiene.Life) { l.Held = true }
	is := func(ls ...hygiene.Life) []hygiene.Life { return ls }
	const withheld = "withheld"
	for _, c := range []struct {
		name      string
		mon, tue  []hygiene.Life
		on        string // the morning on which the source is withheld
		want, not string
	}{
		{"urgent, from before the start, fixed", is(life("no-activity", hygiene.High, old, urgent)), is(life("no-activity", hygiene.High, old, urgent, ends(hygiene.Fixed))), "",
			"All 10 deals are in order (Mon 90 %). 1 fixed.\nFIXED 1: Ana 1.", "from before"},
		{"urgent no longer, from before the start", is(life("no-activity", hygiene.High, old, urgent)), is(life("no-activity", hygiene.High, old)), "",
			"1 now counted apart.", "1 fixed"},
		{"from before the start, a second rule", is(life("no-activity", hygiene.Medium, old)), is(life("no-activity", hygiene.Medium, old), life("amount-missing", hygiene.Medium, later)), "",
			"From before the start: 1 deal, counted apart.", "1 new"},
		{"from before the start, and high since", is(life("no-activity", hygiene.Medium, old)), is(life("no-activity", hygiene.Medium, old), life("amount-missing", hygiene.High, later)), "",
			"1 needs an update: 0 new, 1 counted apart until now, 0 from before.", "1 new"},
		{"from before the start, fixed", is(life("no-activity", hygiene.Medium, old)), is(life("no-activity", hygiene.Medium, old, ends(hygiene.Fixed))), "",
			"From before the start: none any more; since Mon 1 fixed.", "1 new"},
		{"another rule", is(life("no-activity", hygiene.Medium)), is(life("no-activity", hygiene.Medium, ends(hygiene.Fixed)), life("amount-missing", hygiene.Medium, later)), "",
			"1 needs an update: 0 new, 1 from before. 0 fixed.", "1 new"},
		{"not judged", is(life("no-activity", hygiene.Medium)), is(life("no-activity", hygiene.Medium, held)), "",
			"0 fixed", "1 fixed"},
		{"judged again", is(life("no-activity", hygiene.Medium, held)), is(life("no-activity", hygiene.Medium)), "",
			"1 needs an update: 0 new, 1 in sight again, 0 from before.", "1 new"},
		{"could not be judged, and fixed", is(life("no-activity", hygiene.Medium, held)), is(life("no-activity", hygiene.Medium, ends(hygiene.Fixed))), "",
			"1 fixed of those that were not counted then", "1 new"},
		{"new", nil, is(life("no-activity", hygiene.Medium, later)), "",
			"1 needs an update: 1 new, 0 from before.", "again"},
		{"back", nil, is(life("no-activity", hygiene.Medium, later, func(l *hygiene.Life) { l.Back = true })), "",
			"1 needs an update: 0 new, 1 back again, 0 from before.", "1 new"},
		{"newly checked", nil, is(life("no-activity", hygiene.Medium, later, old, func(l *hygiene.Life) { l.Newly = true })), "",
			"From before the start, or newly checked: 1 deal, counted apart; since Mon 1 newly checked.", "1 new,"},
		{"of weight by a setting", is(life("no-activity", hygiene.Info)), is(life("no-activity", hygiene.Medium, func(l *hygiene.Life) { l.Rejudged = began })), "",
			"1 needs an update: 0 new, 1 newly checked, 0 from before.", "1 new,"},
		{"from before the start, that cannot be judged", is(life("no-activity", hygiene.Medium, old)), is(life("no-activity", hygiene.Medium, old, held), life("amount-missing", hygiene.Medium, later)), "",
			"From before the start: 1 deal, counted apart.", "1 new"},
		{"given to another team", is(life("no-activity", hygiene.Medium)), nil, "elsewhere",
			"1 moved to other teams.", "no longer checked"},
		{"from another team", nil, is(life("no-activity", hygiene.Medium, func(l *hygiene.Life) {
			l.Moved, l.From = began, hygiene.Holder{Team: "East", Owner: "ben@acme.example"}
		})), "",
			"1 needs an update: 0 new, 1 from other teams, 0 from before.", "1 new"},
		{"withheld now", is(life("no-activity", hygiene.Medium)), nil, "withheld now",
			"Findings on Salesforce deals are withheld", "no longer checked"},
		{"for today, and newly checked by a rule more", is(life("no-activity", hygiene.Medium)), is(life("no-activity", hygiene.Medium), life("amount-missing", hygiene.Medium, later, old, func(l *hygiene.Life) { l.Newly = true })), "",
			"1 needs an update: 0 new, 1 from before. 0 fixed.", "counted apart"},
		{"for today, and newly checked as high", is(life("no-activity", hygiene.Medium)), is(life("no-activity", hygiene.Medium), life("amount-missing", hygiene.High, later, old, func(l *hygiene.Life) { l.Newly = true })), "",
			"1 needs an update: 0 new, 1 from before. 0 fixed.", "From before the start."},
		{"from another team, from before the start", nil, is(life("no-activity", hygiene.High, old, func(l *hygiene.Life) {
			l.Moved, l.From = began, hygiene.Holder{Team: "East", Owner: "ben@acme.example"}
		})), "",
			"From elsewhere.", "From before the start.\n"},
		{"a date that has passed within the grace", is(life("no-activity", hygiene.High, urgent)), is(life("no-activity", hygiene.High, func(l *hygiene.Life) { l.Deal.Commit, l.Deal.CloseDate = true, crm.NewDate(2026, 11, 23) })), "",
			"Globex $9k, should have closed Mon 23 Nov, Ana: no-activity.", "1 new,"},
		{"out of the recycle bin", nil, is(life("no-activity", hygiene.Medium)), "",
			"1 needs an update: 0 new, 1 in sight again, 0 from before.", "1 new"},
		{"began while it was withheld", nil, is(life("no-activity", hygiene.Medium)), withheld,
			"1 needs an update: 1 new, 0 from before.", "again"},
		{"gone without a trace", is(life("no-activity", hygiene.Medium)), nil, "",
			"1 no longer checked", "1 fixed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := Input{
				Name: "manager-daily", For: "managers", Now: mon, Recipient: "maria@acme.example", BacklogPerWeek: 5,
				Team: hygiene.Team{Name: "West", Members: []string{"ana@acme.example"}, Calendar: &hygiene.Calendar{Location: time.UTC}}, Lives: c.mon,
				Sources: []SourceStatus{{Name: "sales", Label: "Salesforce", AsOf: mon, Complete: true, Currency: "USD"}},
				Snapshots: []hygiene.Snapshot{{Source: "sales", At: mon, Day: crm.NewDate(2026, 11, 23), Questions: true, Tallies: []hygiene.Tally{
					{Source: "sales", OwnerID: "u1", OwnerName: "Ana Silva", OwnerEmail: "ana@acme.example", Active: true, Team: "West", Deals: 10},
				}}},
			}
			if c.on == withheld {
				in.Lives, in.Sources[0].Withheld, in.Sources[0].Cause = nil, "28 hours old", HeldBack
			}
			first := Compose(in)
			told, err := first.Told.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			if in.Told, err = ParseTold(told); err != nil {
				t.Fatal(err)
			}
			in.Now, in.LastSent, in.Lives = tue, mon, c.tue
			in.Sources[0].AsOf, in.Sources[0].Withheld, in.Sources[0].Cause = tue, "", 0
			switch c.on {
			case "elsewhere":
				in.Elsewhere = is(life("no-activity", hygiene.Medium, func(l *hygiene.Life) { l.Deal.Team = "East" }))
			case "withheld now":
				in.Sources[0].Withheld, in.Sources[0].Cause = "28 hours old", HeldBack
			}
			d := Compose(in)
			CheckSums(t, in, &d)
			var text strings.Builder
			for _, s := range append(d.Sections, d.Overflow...) {
				for _, l := range s.Lines {
					for _, span := range l {
						text.WriteString(span.Text)
					}
					text.WriteByte('\n')
				}
			}
			if got := d.Subject + "\n" + text.String(); !strings.Contains(got, c.want) || strings.Contains(got, c.not) {
				t.Errorf("want %q, and not %q, in:\n%s", c.want, c.not, got)
			}
		})
	}
}

// TestToldGoesOn proves what one digest hands to the next: since when it tells a deal, since
// when the deal is high, and how often it had a number. A day on which nobody could see the
// deal ends none of that, and a second edition of a day is no other day.
func TestToldGoesOn(t *testing.T) {
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 30, 0, 0, time.UTC) }
	severity := hygiene.Medium
	date := func(day int) crm.Date { return crm.NewDate(2026, 11, day) }
	in := Input{
		Name: "manager-daily", For: "managers", Recipient: "maria@acme.example",
		Team:    hygiene.Team{Name: "West", Members: []string{"ana@acme.example"}, Calendar: &hygiene.Calendar{Location: time.UTC}},
		Sources: []SourceStatus{{Name: "sales", Label: "Salesforce", Complete: true, Currency: "USD"}},
	}
	send := func(now time.Time, withheld bool) *Told {
		in.Now, in.Sources[0].AsOf, in.Sources[0].Withheld, in.Sources[0].Cause = now, now, "", 0
		in.Lives = []hygiene.Life{{State: hygiene.Open, Opened: at(2, 8), First: at(2, 8), Finding: hygiene.Finding{
			Key: hygiene.Key{Source: "sales", Kind: crm.KindOpportunity, Record: "006A", Rule: "no-activity"}, Severity: severity, Measured: 28, Limit: 14, Message: "no contact",
			Deal: hygiene.Facts{Name: "Globex", Team: "West", OwnerEmail: "ana@acme.example", OwnerActive: true, Amount: crm.Num(9000), Commit: true, CloseDate: date(21)}, // so it has a number each day
		}}}
		if withheld {
			in.Sources[0].Withheld, in.Sources[0].Cause, in.Lives = "28 hours old", HeldBack, nil
		}
		d := Compose(in)
		in.Told, in.LastSent = d.Told, now
		return d.Told
	}
	one := func(told *Told) ToldDeal {
		t.Helper()
		if len(told.Deals) != 1 {
			t.Fatalf("tells %+v", told.Deals)
		}
		return told.Deals[0]
	}
	want := ToldDeal{Source: "sales", Record: "006A", Class: Needs, Since: date(16), Severity: hygiene.Medium, Over: 2, Pushes: 1, Amount: 9000, Currency: "USD", Commit: true, Numbered: date(16), Times: 1, Events: Events{Was: 9000}}
	for _, c := range []struct {
		now      time.Time
		severity hygiene.Severity
		withheld bool
		change   func(*ToldDeal)
	}{
		{at(16, 8), hygiene.Medium, false, func(*ToldDeal) {}},
		{at(17, 8), hygiene.High, false, func(d *ToldDeal) {
			d.Severity, d.High, d.Numbered, d.Times, d.Events.High = hygiene.High, date(17), date(17), 2, date(17)
		}},
		{at(17, 12), hygiene.High, false, func(*ToldDeal) {}}, // another edition
		{at(18, 8), hygiene.High, true, func(d *ToldDeal) { d.Class = Unseen }},
		{at(19, 8), hygiene.High, false, func(d *ToldDeal) { d.Class, d.Numbered, d.Times, d.Events.High = Needs, date(19), 3, 0 }},
		{at(20, 8), hygiene.Medium, false, func(d *ToldDeal) {
			d.Severity, d.High, d.Numbered, d.Times = hygiene.Medium, 0, date(20), 4
		}},
	} {
		severity = c.severity
		c.change(&want)
		if got := one(send(c.now, c.withheld)); got != want {
			t.Errorf("%v:\n got %+v\nwant %+v", c.now, got, want)
		}
	}
}

// TestAColleagueGotTheDeal proves that a rep's list says of a deal that it is a colleague's
// now, and of one that it was a colleague's.
func TestAColleagueGotTheDeal(t *testing.T) {
	mon := time.Date(2026, 11, 23, 16, 30, 0, 0, time.UTC)
	life := func(record, owner string) hygiene.Life {
		return hygiene.Life{State: hygiene.Open, Opened: mon.AddDate(0, 0, -9), First: mon, Finding: hygiene.Finding{
			Key: hygiene.Key{Source: "sales", Kind: crm.KindOpportunity, Record: record, Rule: "no-activity"}, Severity: hygiene.High, Message: "no contact",
			Deal: hygiene.Facts{Name: record, Team: "West", OwnerEmail: owner + "@acme.example", OwnerName: owner, OwnerActive: true},
		}}
	}
	in := Input{
		Name: "rep-daily", For: "reps", Now: mon, Recipient: "ana@acme.example",
		Team:    hygiene.Team{Name: "West", Members: []string{"ana@acme.example", "ben@acme.example"}, Calendar: &hygiene.Calendar{Location: time.UTC}},
		Sources: []SourceStatus{{Name: "sales", Label: "Salesforce", AsOf: mon, Complete: true}},
		Lives:   []hygiene.Life{life("Globex", "ana"), life("Hooli", "ben"), life("Stark", "ana")},
	}
	in.Told, in.LastSent, in.Now = Compose(in).Told, mon, mon.AddDate(0, 0, 1)
	given := []hygiene.Life{life("Globex", "ben"), life("Hooli", "ana"), life("Stark", "ana")}
	for i, from := range []string{"ana", "ben"} {
		given[i].Moved, given[i].From = mon.Add(time.Hour), hygiene.Holder{Team: "West", Owner: from + "@acme.example"}
	}
	in.Lives = given
	b := newBrief(&in, true)
	if f := b.book.tally.today; !f.balances() || f.was != 2 || f.now != 2 || f.by[arrived] != 1 || f.by[given_] != 1 || f.in()+f.out() != 2 {
		t.Errorf("the books say %+v", f)
	}
}

// given_ is the move, where a variable has its name.
const given_ = given

// TestWhoHasLeftAndHasNoDealHasNoRow: a member who is active in no CRM any more has a row
// in the table as long as deals of theirs are counted.
func TestWhoHasLeftAndHasNoDealHasNoRow(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC)
	in := Input{
		Name: "manager-daily", For: "managers", Now: now, Recipient: "maria@acme.example", Left: []string{"dana@acme.example"},
		Team:    hygiene.Team{Name: "West", Members: []string{"ana@acme.example", "dana@acme.example"}, Calendar: &hygiene.Calendar{Location: time.UTC}},
		Sources: []SourceStatus{{Name: "sales", Label: "Salesforce", AsOf: now, Complete: true}},
		Lives: []hygiene.Life{{State: hygiene.Open, Opened: now, Finding: hygiene.Finding{
			Key: hygiene.Key{Source: "sales", Record: "1", Rule: hygiene.OwnerInactive}, Severity: hygiene.High, Message: "owner Dana Reyes is deactivated",
			Deal: hygiene.Facts{Name: "Globex", Team: "West", OwnerName: "Dana Reyes", OwnerEmail: "dana@acme.example"},
		}}},
	}
	rows := func() (names []string) {
		b := newBrief(&in, false)
		for _, r := range b.rows() {
			names = append(names, b.wording.people.short(r.who))
		}
		return names
	}
	if got := strings.Join(rows(), " "); !strings.Contains(got, "Dana") {
		t.Errorf("no row for deals of Dana: %s", got)
	}
	in.Lives[0].Deal.OwnerName, in.Lives[0].Deal.OwnerEmail, in.Lives[0].Rule = "Ana Silva", "ana@acme.example", "no-activity"
	if got := strings.Join(rows(), " "); got != "Ana" {
		t.Errorf("rows %s, want Ana alone", got)
	}
}

// TestALeaversLineNamesWhatIsDue: the line of somebody who has left names the deals of the
// commit that close this week or should have closed.
func TestALeaversLineNamesWhatIsDue(t *testing.T) {
	now := time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC)
	in := Input{
		Name: "manager-daily", For: "managers", Now: now, Recipient: "maria@acme.example",
		Team:    hygiene.Team{Name: "West", Members: []string{"ana@acme.example"}, Calendar: &hygiene.Calendar{Location: time.UTC}},
		Sources: []SourceStatus{{Name: "sales", Label: "Salesforce", AsOf: now, Complete: true, Currency: "USD"}},
	}
	for i, name := range []string{"Globex", "Hooli", "Stark"} {
		l := hygiene.Life{State: hygiene.Open, Opened: now, Finding: hygiene.Finding{
			Key: hygiene.Key{Source: "sales", Kind: crm.KindOpportunity, Record: name, Rule: hygiene.OwnerInactive}, Severity: hygiene.High, Message: "owner Dana Reyes is deactivated",
			Deal: hygiene.Facts{Name: name, Team: "West", OwnerName: "Dana Reyes", OwnerEmail: "dana@acme.example", Amount: crm.Num(100000)},
		}}
		if i < 2 {
			l.Deal.Commit, l.Deal.Forecast, l.Deal.CloseDate = true, "Commit", crm.NewDate(2026, 11, 26)
		}
		in.Lives = append(in.Lives, l)
	}
	d := Compose(in)
	var page strings.Builder
	for _, s := range d.Sections {
		for _, l := range s.Lines {
			for _, span := range l {
				page.WriteString(span.Text)
			}
		}
	}
	for _, want := range []string{"3 deals, $300k, owner Dana Reyes deactivated; due in the commit: Globex $100k, Commit, closes Thu 26 Nov; Hooli $100k, Commit, closes Thu 26 Nov."} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("no %q in:\n%s", want, page.String())
		}
	}
}

// TestFixedBeforeAWithheldMorning: what was fixed between a digest that showed the source and
// one that withheld it is thanked for by the next that shows the source again.
func TestFixedBeforeAWithheldMorning(t *testing.T) {
	fri := time.Date(2026, 11, 20, 16, 30, 0, 0, time.UTC)
	life := hygiene.Life{State: hygiene.Open, Opened: fri.AddDate(0, 0, -9), Finding: hygiene.Finding{
		Key: hygiene.Key{Source: "sales", Kind: crm.KindOpportunity, Record: "006B", Rule: "no-activity"}, Severity: hygiene.High, Message: "no contact",
		Deal: hygiene.Facts{Name: "Globex", Team: "West", OwnerName: "Ana Silva", OwnerEmail: "ana@acme.example", OwnerActive: true, Amount: crm.Num(190000)},
	}}
	in := Input{
		Name: "manager-daily", For: "managers", Now: fri, Recipient: "maria@acme.example", Lives: []hygiene.Life{life},
		Team:    hygiene.Team{Name: "West", Members: []string{"ana@acme.example"}, Calendar: &hygiene.Calendar{Location: time.UTC}},
		Sources: []SourceStatus{{Name: "sales", Label: "Salesforce", AsOf: fri, Complete: true}},
	}
	for i, day := range []int{3, 4} { // Monday and Tuesday
		in.Told, in.LastSent = Compose(in).Told, in.Now
		in.Now = fri.AddDate(0, 0, day)
		in.Sources[0] = SourceStatus{Name: "sales", Label: "Salesforce", AsOf: fri, Complete: true, Withheld: "64 hours old", Cause: Stale}
		in.Lives = nil
		if want := fri; i == 1 && !in.Told.Since().Equal(want) {
			t.Fatalf("findings are read since %v, want %v", in.Told.Since(), want)
		}
	}
	in.Sources[0] = SourceStatus{Name: "sales", Label: "Salesforce", AsOf: in.Now, Complete: true}
	life.State, life.Ended = hygiene.Fixed, fri.AddDate(0, 0, 1)
	in.Lives = []hygiene.Life{life}
	d := Compose(in)
	if !strings.Contains(d.Subject, "1 fixed") {
		t.Errorf("the fix is not told: %s", d.Subject)
	}
}

// TestWhatCanBeReadAgainIsNoNews: a forecast and an amount that could not be read for a day
// are compared with what the digest before that day told.
func TestWhatCanBeReadAgainIsNoNews(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, 11, day, 16, 30, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		unclear      string // on Tuesday
		before, then hygiene.Facts
		want         string // on Wednesday
	}{
		"forecast":                    {"forecast_category", hygiene.Facts{Commit: true, Forecast: "Commit"}, hygiene.Facts{Commit: true, Forecast: "Commit"}, ""},
		"forecast, which rose":        {"forecast_category", hygiene.Facts{}, hygiene.Facts{Commit: true, Forecast: "Commit"}, movedWord},
		"amount":                      {"amount", hygiene.Facts{Amount: crm.Num(20000)}, hygiene.Facts{Amount: crm.Num(20000)}, ""},
		"amount, which grew":          {"amount", hygiene.Facts{Amount: crm.Num(20000)}, hygiene.Facts{Amount: crm.Num(90000)}, grownWord + "$20k"},
		"forecast, from the start on": {"both", hygiene.Facts{}, hygiene.Facts{Commit: true, Forecast: "Commit"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			in := Input{
				Name: "manager-daily", For: "managers", Recipient: "maria@acme.example", Now: at(23),
				Team:    hygiene.Team{Name: "West", Members: []string{"ana@acme.example"}, Calendar: &hygiene.Calendar{Location: time.UTC}},
				Sources: []SourceStatus{{Name: "sales", Label: "Salesforce", AsOf: at(23), Complete: true, Currency: "USD"}},
				Lives: []hygiene.Life{{State: hygiene.Open, Opened: at(20), First: at(20), Finding: hygiene.Finding{
					Key: hygiene.Key{Source: "sales", Kind: crm.KindOpportunity, Record: "006A", Rule: "no-activity"}, Severity: hygiene.Medium, Message: "no contact",
				}}},
			}
			said := ""
			for day := 23; day <= 25; day++ {
				f := &in.Lives[0].Deal
				switch {
				case day == 24 && c.unclear != "both":
					*f = hygiene.Facts{Unclear: c.unclear}
				case day == 25:
					*f = c.then
				case c.unclear == "both":
					*f = hygiene.Facts{Unclear: "forecast_category"}
				default:
					*f = c.before
				}
				f.Name, f.Team, f.OwnerEmail, f.OwnerID, f.OwnerActive = "Globex", "West", "ana@acme.example", "ana", true
				in.Now, in.Sources[0].AsOf = at(day), at(day)
				d := Compose(in)
				in.Told, in.LastSent, said = d.Told, in.Now, ""
				for _, s := range d.Sections {
					for _, l := range s.Lines {
						for _, span := range l {
							said += span.Text
						}
					}
				}
			}
			for _, w := range []string{movedWord, grownWord} {
				if got := strings.Contains(said, w); got != strings.HasPrefix(c.want, w) || !strings.Contains(said, c.want) {
					t.Errorf("says %q: %v, want %q, in\n%s", w, got, c.want, said)
				}
			}
		})
	}
}
