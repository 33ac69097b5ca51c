package digest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/digest"
	"github.com/pipetidy/pipetidy/hygiene"
)

// What a withheld source could not check stays told, so that it is no news when the source
// is back; what is checked by now does not.
func TestUncheckedStaysTold(t *testing.T) {
	now := time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC)
	in := digest.Input{
		Name: "manager-daily", For: "managers", Now: now, LastSent: now.AddDate(0, 0, -1), Recipient: "maria@acme.example",
		Team: hygiene.Team{Name: "West", Calendar: &hygiene.Calendar{Location: time.UTC}},
		Sources: []digest.SourceStatus{
			{Name: "sales", Label: "Salesforce", AsOf: now, Complete: true},
			{Name: "partners", Label: "HubSpot", AsOf: now.AddDate(0, 0, -3), Complete: true, Withheld: "3 days old", Cause: digest.Stale},
		},
		Told:    &digest.Told{Unchecked: []string{"contacts on HubSpot deals (field not mapped)", "amount on Salesforce deals (field not mapped)"}},
		Checked: []string{"amount on Salesforce deals"},
	}
	want := []string{"contacts on HubSpot deals (field not mapped)"}
	if got := digest.Compose(in).Told.Unchecked; !slices.Equal(got, want) {
		t.Errorf("told as unchecked: %q, want %q", got, want)
	}
}
