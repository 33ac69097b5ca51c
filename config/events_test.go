package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/config"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestEvents reads the days of a change, and since when people work: of the list and of the
// table, by the first address of each, of days to come as well.
func TestEvents(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{"people.csv": "email,Start\nBen@acme.example,2026-10-05\ncarl@acme.example,\n", "pipetidy.yaml": minimal + `
people: {file: people.csv, list: [{email: Ana@acme.example, also: [ana@oldco.example], start: 2049-09-01}], grace: 5bd}
teams:
  - {name: West, manager: maria@acme.example, members: [ana@acme.example]}
  - {name: East, manager: maria@acme.example, members: [ben@acme.example]}
events:
  - {kind: territory-change, on: 2026-12-01, teams: [West, East], grace: 60bd}
  - {kind: territory-change, on: 2027-02-01, teams: [East]}
`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Load(filepath.Join(dir, "pipetidy.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want := hygiene.RepFirst{
		Grace:   5,
		Starts:  map[string]crm.Date{"ana@acme.example": crm.NewDate(2049, 9, 1), "ben@acme.example": crm.NewDate(2026, 10, 5)},
		Changes: []hygiene.Change{{On: crm.NewDate(2026, 12, 1), Teams: []string{"West", "East"}, Grace: 60}, {On: crm.NewDate(2027, 2, 1), Teams: []string{"East"}, Grace: 10}},
	}
	if diff := cmp.Diff(want, c.RepFirst); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
