package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/config"
	"github.com/pipetidy/pipetidy/hygiene"
)

// TestPeople joins the people of people.file and of people.list. A team may name a
// person by any of the person's addresses.
func TestPeople(t *testing.T) {
	dir := t.TempDir()
	table, err := os.ReadFile("testdata/people/good.csv")
	if err != nil {
		t.Fatal(err)
	}
	yaml := minimal + `people:
  file: people.csv
  list: [{email: Zoe@acme.example, also: [zoe@oldco.example], slack: W0ZOE0001}]
teams: [{name: West, manager: zoe@oldco.example, members: [ana@newco.example, carl@acme.example]}]
`
	for name, data := range map[string][]byte{"people.csv": table, "pipetidy.yaml": []byte(yaml)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Load(filepath.Join(dir, "pipetidy.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	people := hygiene.People{
		"ana@oldco.example": "ana@acme.example", "ana@newco.example": "ana@acme.example",
		"ben@oldco.example": "ben@acme.example", "ben@newco.example": "ben@acme.example",
		"zoe@oldco.example": "zoe@acme.example",
	}
	if diff := cmp.Diff(people, c.People); diff != "" {
		t.Errorf("people, -want +got:\n%s", diff)
	}
	ids := map[string]string{
		"ana@acme.example": "U012AB3CD", "ana@oldco.example": "U012AB3CD", "ana@newco.example": "U012AB3CD",
		"zoe@acme.example": "W0ZOE0001", "zoe@oldco.example": "W0ZOE0001",
	}
	if diff := cmp.Diff(ids, c.SlackIDs); diff != "" {
		t.Errorf("member ids, -want +got:\n%s", diff)
	}
	team := c.Teams.List[0]
	if diff := cmp.Diff([]string{"ana@acme.example", "carl@acme.example"}, team.Members); diff != "" || team.Manager != "zoe@acme.example" {
		t.Errorf("manager %s, members -want +got:\n%s", team.Manager, diff)
	}
}

func TestFirstDays(t *testing.T) {
	for yaml, want := range map[string]struct {
		mode  config.Mode
		start config.Start
	}{
		"": {start: config.Start{ShadowDays: 1, BacklogPerWeek: 5}},
		"start: {shadow: 0d, backlog_per_rep_week: 0}\n":              {},
		"start: {backlog_per_rep_week: 2}\n":                          {start: config.Start{ShadowDays: 1, BacklogPerWeek: 2}},
		"mode: {deliver: redirect, to: RevOps@acme.example}\n":        {config.Mode{Redirect: "revops@acme.example"}, config.Start{ShadowDays: 1, BacklogPerWeek: 5}},
		"mode: {deliver: live, to: revops@acme.example}\nstart: {}\n": {start: config.Start{ShadowDays: 1, BacklogPerWeek: 5}},
	} {
		c, err := config.Parse([]byte(minimal + yaml))
		if err != nil {
			t.Errorf("%q: %v", yaml, err)
			continue
		}
		if c.Mode != want.mode || c.Start != want.start {
			t.Errorf("%q: got %+v, %+v", yaml, c.Mode, c.Start)
		}
	}
}
