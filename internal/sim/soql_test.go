package sim

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/pipetidy/pipetidy/crm"
)

// tiny is an org of five accounts, so the result of each query fits on a line.
func tiny(t *testing.T) *Company {
	t.Helper()
	c := empty(Options{Seed: 3})
	c.seedOrg()
	c.seedPeople()
	ana, ben := c.rec.UserID("ana@acme.example"), c.rec.UserID("ben@acme.example")
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	c.clock.During(at)
	industry := []any{"Energy", "energy", nil, "Rail", "O'Neill \\ Sons"}
	for i, name := range []string{"Alpha", "beta", "Gamma", "Delta", "Epsilon"} {
		owner := ana
		if i%2 == 1 {
			owner = ben
		}
		a := c.rec.Tables["Account"].ByID[c.rec.Account(name, owner)]
		a.Values.Put("Type", nil)
		a.Values.Put("Industry", industry[i])
		d := &deal{name: name + " deal", account: name, owner: c.person("ana@acme.example"),
			stages: []move[string]{{today(c), openStages[i%4]}}, closes: []move[crm.Date]{{today(c), today(c) + crm.Date(10*i)}}}
		if i > 0 {
			d.amount = move[float64]{today(c), float64(i) * 1000}
		}
		c.open(d)
		at = at.Add(time.Second)
		c.clock.During(at)
	}
	c.clock.During(time.Time{})
	c.rec.Tables["Account"].Rows[4].Values["SystemModstamp"] = c.rec.Tables["Account"].Rows[3].Values["SystemModstamp"]
	return c
}

// Each file holds statements, each with its result: names, a count, or an error.
func TestSOQL(t *testing.T) {
	files, err := filepath.Glob("testdata/soql/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	o := read(t, tiny(t))
	ids := strings.NewReplacer("{ALPHA}", o.c.IDs("Account")[0], "{ALPHA15}", o.c.IDs("Account")[0][:15])
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(a.Files); i += 2 {
			q, want := a.Files[i], a.Files[i+1]
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+"/"+q.Name, func(t *testing.T) {
				o.t = t
				soql := ids.Replace(strings.TrimSpace(string(q.Data)))
				if got, want := o.outcome(soql), ids.Replace(strings.TrimSuffix(string(want.Data), "\n")); got != want {
					t.Errorf("%s\ngot:\n%s\nwant:\n%s", soql, got, want)
				}
			})
		}
	}
	o.t = t
}
