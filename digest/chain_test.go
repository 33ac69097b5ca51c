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
