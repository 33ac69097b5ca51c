package sim

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/pipetidy/pipetidy/crm"
)

// tiny is an org of five accounts, for questions whose answers fit on a line.
func tiny(t *testing.T) *Company {
	t.Helper()
	c := empty(Options{Seed: 3})
	c.seedOrg()
	c.seedPeople()
	ana, ben := c.userID("ana@acme.example"), c.userID("ben@acme.example")
	c.stamp = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	industry := []any{"Energy", "energy", nil, "Rail", "O'Neill \\ Sons"}
	for i, name := range []string{"Alpha", "beta", "Gamma", "Delta", "Epsilon"} {
		owner := ana
		if i%2 == 1 {
			owner = ben
		}
		v := values{"Name": name, "OwnerId": owner}
		put(v, "Industry", industry[i])
		a := c.create("Account", owner, v)
		d := &deal{name: name + " deal", account: name, owner: c.person("ana@acme.example"),
			stages: []move[string]{{c.today(), openStages[i%4]}}, closes: []move[crm.Date]{{c.today(), c.today() + crm.Date(10*i)}}}
		c.accounts[name] = a.id
		if i > 0 {
			d.amount = move[float64]{c.today(), float64(i) * 1000}
		}
		c.open(d)
		c.stamp = c.stamp.Add(time.Second)
	}
	c.stamp = time.Time{}
	c.tables["Account"].rows[4].v["SystemModstamp"] = c.tables["Account"].rows[3].v["SystemModstamp"]
	return c
}

// Each file is a statement with what it gives: names, a count, or an error.
func TestSOQL(t *testing.T) {
	files, err := filepath.Glob("testdata/soql/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	o := serveOrg(t, tiny(t))
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

// outcome says in text what a statement gives.
func (o *org) outcome(soql string) string {
	path := data + "/query?q=" + url.QueryEscape(soql)
	status, _, _ := o.get(path)
	if status != 200 {
		_, code, message := o.refused(path)
		return fmt.Sprintf("%d %s%s", status, code, message)
	}
	p := o.page(path)
	if strings.Contains(strings.ToUpper(soql), "COUNT()") {
		return fmt.Sprint(p.TotalSize)
	}
	return names(p)
}
