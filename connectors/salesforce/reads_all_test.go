package salesforce_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim"
)

var (
	queried  = regexp.MustCompile(`^SELECT (.*) FROM (\w+)(?: WHERE (.*?))?(?: ORDER BY (.*?))?(?: LIMIT \d+)?$`)
	compared = regexp.MustCompile(`([A-Za-z][\w.]*) (?:[=<>!]+|IN) `)
)

// TestNothingElseIsRead reads an org that has everything in every way, and compares the
// queries that the org received with the table.
func TestNothingElseIsRead(t *testing.T) {
	a, _, _ := synced(t, sim.Options{Deals: 60})
	a.company.Enable(sim.MultiCurrency)
	a.cfg.IntegrationUsers = []string{"robot@acme.example"}
	a.cfg.Keep.Closed, a.cfg.Keep.Activities = 12, 12
	src := a.Source(t)
	a.org.ResetCalls()
	if _, err := src.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	at := advance(runAll(t, src, map[crm.Stream]crm.Cursor{}, false))
	for _, later := range []time.Duration{time.Hour, 8 * 24 * time.Hour} {
		a.company.SetNow(a.company.Now().Add(later))
		disturb(t, a)
		at = advance(runAll(t, src, at, true))
	}
	if _, err := src.(crm.Recaller).Recall(t.Context(), a.company.IDs("Opportunity")[:3]); err != nil {
		t.Fatal(err)
	}

	table := map[string]string{}
	for _, r := range salesforce.Reads() {
		for _, f := range r.Fields {
			table[r.Object] += " " + f.Names + " "
		}
	}
	configured := " Decision_Criteria__c Economic_Buyer__c "
	seen := map[string]bool{}
	for _, c := range append(a.org.Calls(), a.org.Subrequests()...) {
		if c.Query == "" {
			continue
		}
		m := queried.FindStringSubmatch(c.Query)
		if m == nil {
			t.Fatalf("not understood: %s", c.Query)
		}
		object, known := m[2], table[""]+table[m[2]]
		if object == "Opportunity" {
			known += configured
		}
		seen[object] = true
		names := append(strings.Split(m[1], ", "), strings.Split(m[4], ", ")...)
		for _, found := range compared.FindAllStringSubmatch(m[3], -1) {
			names = append(names, found[1])
		}
		for _, name := range names {
			if name != "" && !strings.Contains(known, " "+name+" ") {
				t.Errorf("%s.%s is asked for and not explained: %s", object, name, c.Query)
			}
		}
	}
	for object := range table {
		if object != "" && !seen[object] {
			t.Errorf("the scenario does not hold: %s was not read", object)
		}
	}
}
