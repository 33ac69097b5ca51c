package org_test

import (
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/clock"
	"github.com/pipetidy/pipetidy/internal/sim/salesforce/org"
	"github.com/pipetidy/pipetidy/internal/sim/soql"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// While changes are not committed, readers see the values of the last commit: of two
// changes within the delay neither, and afterwards the second.
func TestSeenWithinTheDelay(t *testing.T) {
	rec := org.NewRecords(clock.New(noon, time.UTC, false), 1, noon, "admin@acme.example", func(int) (string, string) { return "Maya", "Abara" })
	rec.Lock()
	user := rec.Create("User", "", soql.Values{"Email": "admin@acme.example", "IsActive": true})
	deal := rec.Create("Opportunity", user.ID, soql.Values{"Name": "Globex", "OwnerId": user.ID, "NextStep": "call"})
	rec.Unlock()
	org.New(rec).SetCommitDelay(10 * time.Second)
	rec.Lock()
	defer rec.Unlock()
	for _, change := range []struct {
		seconds time.Duration
		step    string
	}{{20, "write"}, {25, "meet"}} {
		rec.Set(noon.Add(change.seconds * time.Second))
		if err := rec.SetField(deal.ID, "", "NextStep", change.step); err != nil {
			t.Fatal(err)
		}
	}
	for seconds, want := range map[time.Duration]string{25: "call", 34: "call", 35: "meet"} {
		if got := deal.Seen(noon.Add(seconds * time.Second))["NextStep"]; got != want {
			t.Errorf("after %d seconds: got %v, want %s", seconds, got, want)
		}
	}
	late := rec.Create("Account", user.ID, soql.Values{"Name": "Globex"})
	if got := late.Seen(noon.Add(34 * time.Second)); got != nil {
		t.Errorf("a new record is seen before the commit: %v", got)
	}
}

func TestConvert(t *testing.T) {
	for _, tt := range []struct {
		name string
		typ  soql.Type
		in   any
		want any // nil is null
		ok   bool
	}{
		{"an empty text is null", soql.String, "", nil, true},
		{"blanks are a text", soql.String, "  ", "  ", true},
		{"a whole amount", soql.Currency, 5000, 5000.0, true},
		{"a count with a fraction", soql.Int, 3.7, 3, true},
		{"a day", soql.Date, "2026-02-28", crm.NewDate(2026, 2, 28), true},
		{"no such day", soql.Date, "2026-02-30", nil, false},
		{"a time with milliseconds", soql.DateTime, noon.Add(700 * time.Millisecond), noon, true},
		{"a text for a time", soql.DateTime, "2026-11-24T13:00:00+01:00", noon, true},
		{"a text for a number", soql.Double, "12", nil, false},
		{"a text for a truth value", soql.Bool, "true", nil, false},
	} {
		got, err := org.Convert(&soql.Field{Name: "X", Type: tt.typ}, tt.in)
		if (err == nil) != tt.ok || err == nil && got != tt.want {
			t.Errorf("%s: got %v, %v", tt.name, got, err)
		}
	}
}
