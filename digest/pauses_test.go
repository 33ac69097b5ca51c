package digest

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestWaysToPause: the first digest says in full, and a later list in a clause, how a deal is
// paused here: what can be done in the CRMs where the reader's deals are, and where to ask
// where nothing can.
func TestWaysToPause(t *testing.T) {
	field := hygiene.OwnersWay{How: hygiene.ByField, Name: "On_Hold_Until__c", Reason: "acme__Hold_Reason__c", Once: 30}
	task := hygiene.OwnersWay{How: hygiene.ByTask, Name: "On hold", Once: 30}
	none := hygiene.OwnersWay{Once: 30}
	const quiet = " The deal is then quiet until that day, for at most 30 days at a time."
	for name, c := range map[string]struct {
		first, second    hygiene.OwnersWay
		deals            string // the sources that have some
		help             string
		full, short, ask string
	}{
		"a field": {
			field, field, "12", "", "Set On Hold Until, and why in Hold Reason." + quiet, "Paused? Set On Hold Until.", "",
		},
		"a field without a reason": {
			hygiene.OwnersWay{How: hygiene.ByField, Name: "on_hold_until", Once: 1}, none, "1", "", "Set On hold until. The deal is then quiet until that day, for at most 1 day at a time.", "Paused? Set On hold until.", "",
		},
		"a task": {
			task, task, "12", "#crm-help", "Add an open task “On hold: why”, due on the day." + quiet, "Paused? Add a task “On hold: why”, due on the day.", "Wrong? Ask #crm-help.",
		},
		"two ways": {
			field, task, "12", "#crm-help", "In Salesforce, set On Hold Until, and why in Hold Reason; in HubSpot, add an open task “On hold: why”, due on the day." + quiet,
			"Paused? In Salesforce, set On Hold Until; in HubSpot, add a task “On hold: why”, due on the day.", "Wrong? Ask #crm-help.",
		},
		"two ways, deals in one": {
			field, task, "2", "", "Add an open task “On hold: why”, due on the day." + quiet, "Paused? Add a task “On hold: why”, due on the day.", "",
		},
		"one has none": {
			none, task, "12", "#crm-help", "In HubSpot, add an open task “On hold: why”, due on the day." + quiet + " In Salesforce ask #crm-help.",
			"Paused? In HubSpot, add a task “On hold: why”, due on the day.", "Wrong or paused? Ask #crm-help.",
		},
		"one has none, and nobody to ask": {
			none, task, "12", "", "In HubSpot, add an open task “On hold: why”, due on the day." + quiet, "Paused? In HubSpot, add a task “On hold: why”, due on the day.", "",
		},
		"none":                       {none, none, "12", "#crm-help", "It can be paused until a day: ask #crm-help.", "", "Wrong or paused? Ask #crm-help."},
		"none, and nobody to ask":    {none, none, "12", "", "", "", ""},
		"none where the deals are":   {none, task, "1", "", "", "", ""},
		"a subject with a colon":     {hygiene.OwnersWay{How: hygiene.ByTask, Name: "Parked: ", Once: 30}, none, "1", "", "Add an open task “Parked: why”, due on the day." + quiet, "Paused? Add a task “Parked: why”, due on the day.", ""},
		"a subject that would shout": {hygiene.OwnersWay{How: hygiene.ByTask, Name: "<!channel>\nhold", Once: 30}, none, "1", "", "Add an open task “<!channel> hold: why”, due on the day." + quiet, "Paused? Add a task “<!channel> hold: why”, due on the day.", ""},
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC) // Tuesday
			in := Input{For: "reps", Recipient: "ana@acme.example", Now: now, Help: c.help, Others: &Others{}, Sources: []SourceStatus{
				{Name: "1", Label: "Salesforce", Complete: true, AsOf: now, Park: c.first},
				{Name: "2", Label: "HubSpot", Complete: true, AsOf: now, Park: c.second},
			}}
			for source := range strings.SplitSeq(c.deals, "") {
				in.Lives = append(in.Lives, hygiene.Life{State: hygiene.Open, Opened: now.Add(-time.Hour), Finding: hygiene.Finding{
					Key: hygiene.Key{Source: source, Record: source, Rule: "no-activity"}, Severity: hygiene.Medium, Message: "no contact", Deal: hygiene.Facts{OwnerEmail: "ana@acme.example"},
				}})
			}
			first := newBrief(&in, true)
			if got, _ := strings.CutPrefix(first.pauseInFull(), "Waiting for a good reason? "); got != c.full {
				t.Errorf("the first digest says\n%s\nwant\n%s", got, c.full)
			}
			if got := first.pauseWords() + first.askWords(); strings.Contains(strings.ToLower(got), "paused") {
				t.Errorf("the first digest says twice how a deal is paused: %s", got)
			}
			in.LastSent = now.Add(-24 * time.Hour)
			later := newBrief(&in, true)
			if got := later.pauseWords(); got != c.short {
				t.Errorf("a later one says\n%s\nwant\n%s", got, c.short)
			}
			if got := later.askWords(); got != c.ask {
				t.Errorf("a later one says %q, want %q", got, c.ask)
			}
		})
	}
}

// TestManagerIsToldToPause: a manager reads how a deal is paused on the days on which the digest
// asks for a decision, and on no other.
func TestManagerIsToldToPause(t *testing.T) {
	m := newMornings(5)
	m.in.Sources[0].Park = hygiene.OwnersWay{How: hygiene.ByTask, Name: "On hold", Once: 30}
	l := m.add(hygiene.Life{Finding: hygiene.Finding{Severity: hygiene.Medium, Fix: "Ask."}})
	l.Deal.Amount = crm.Num(1e6)
	m.crowd(40, hygiene.Medium)
	var decided bool
	for day := 1; day <= 20; day++ {
		m.crowd(5, hygiene.Medium)
		_, d := m.send()
		text := spoken(&d)
		asks := strings.Contains(text, decision)
		decided = decided || asks
		if says := strings.Contains(text, "Paused? Add a task “On hold: why”, due on the day."); says != asks {
			t.Errorf("day %d: the digest asks for a decision: %v; it says how a deal is paused: %v", day, asks, says)
		}
		m.pass()
	}
	if !decided {
		t.Error("no digest asked for a decision")
	}
}
