package digest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pipetidy/pipetidy/hygiene"
)

// TestKinds holds every listed kind to what the configuration, the documentation and
// the daemon require.
func TestKinds(t *testing.T) {
	names := map[string]bool{}
	among := Audience{Teams: []hygiene.Team{
		{Name: "West", Manager: "maria@acme.example", Members: []string{"ana@acme.example"}},
		{Name: "East", Manager: "tom@acme.example", Members: []string{"lee@acme.example"}},
	}, Above: map[string][]string{"West": {"otto@acme.example"}, "East": {"otto@acme.example"}}, Ops: []string{"revops@acme.example"}}
	for _, k := range Kinds() {
		if k.Name == "" || names[k.Name] || k.Doc == "" || k.Recipients == nil || k.Quiet == nil || k.Compose == nil {
			t.Fatalf("the kind %q is incomplete, or listed twice", k.Name)
		}
		names[k.Name] = true
		if found, ok := KindOf(k.Name); !ok || found.Doc != k.Doc {
			t.Errorf("%s is not found by its name", k.Name)
		}
		var teams []string
		for _, r := range k.Recipients(among) {
			if r.Email == "" || r.Why == "" || r.Place == "" {
				t.Errorf("%s: the recipient %+v is incomplete", k.Name, r)
			}
			teams = append(teams, r.Team)
		}
		want := []string{"West", "East"}
		if k.Program {
			want = []string{""}
		}
		if order := slices.Compact(teams); !cmp.Equal(order, want) {
			t.Errorf("%s lists its recipients by the teams %v, not team by team", k.Name, order)
		}
	}
	if _, ok := KindOf("nobody"); ok {
		t.Error("a kind that is not listed is found")
	}
}

// TestRecipients compares who reads a digest of each kind, why, and which key of the
// configuration names the address.
func TestRecipients(t *testing.T) {
	among := Audience{
		Teams: []hygiene.Team{
			{Name: "West", Manager: "maria@acme.example", Parent: "Sales US", Members: []string{"ana@acme.example", "ana@oldco.example", "ben@acme.example"}},
			{Name: "East", Manager: "tom@acme.example", Members: []string{"lee@acme.example"}},
			{Name: "Sales US", Manager: "otto@acme.example"},
		},
		Above:  map[string][]string{"West": {"otto@acme.example"}, "East": {"otto@acme.example", "eva@acme.example"}},
		People: hygiene.People{"ana@oldco.example": "ana@acme.example"},
		Ops:    []string{"revops@acme.example", "it@acme.example"},
	}
	for name, want := range map[string][]Recipient{
		"managers": {
			{Team: "West", Email: "maria@acme.example", Why: "manager of team West", Place: "teams[0].manager"},
			{Team: "East", Email: "tom@acme.example", Why: "manager of team East", Place: "teams[1].manager"},
		},
		"reps": {
			{Team: "West", Email: "ana@acme.example", Why: "in team West, for their own deals", Place: "teams[0].members[0]"},
			{Team: "West", Email: "ben@acme.example", Why: "in team West, for their own deals", Place: "teams[0].members[2]"},
			{Team: "East", Email: "lee@acme.example", Why: "in team East, for their own deals", Place: "teams[1].members[0]"},
		},
		"escalations": {
			{Team: "West", Email: "otto@acme.example", Why: "above the manager of team West", Place: "teams[0].parent"},
			{Team: "East", Email: "otto@acme.example", Why: "above the manager of team East", Place: "teams[1].parent"},
			{Team: "East", Email: "eva@acme.example", Why: "above the manager of team East", Place: "teams[1].parent"},
		},
		"ops": {
			{Email: "revops@acme.example", Why: "runs Pipetidy", Place: "ops.notify[0]"},
			{Email: "it@acme.example", Why: "runs Pipetidy", Place: "ops.notify[1]"},
		},
	} {
		k, _ := KindOf(name)
		if diff := cmp.Diff(want, k.Recipients(among)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
