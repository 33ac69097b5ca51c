package rules_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/hygiene/rules"
)

// blanks are the fields that an answer leaves out when the login does not see them.
var blanks = map[string]func(*testCase){
	"activities":        func(c *testCase) { c.deal.Activities = nil },
	"history":           func(c *testCase) { c.deal.Changes = nil },
	"stage_since":       func(c *testCase) { c.deal.Opportunity.StageSince = time.Time{} },
	"last_activity_at":  func(c *testCase) { c.deal.Opportunity.LastActivityAt = time.Time{} },
	"next_activity_at":  func(c *testCase) { c.deal.Opportunity.NextActivityAt = time.Time{} },
	"next_step":         func(c *testCase) { c.deal.Opportunity.NextStep = "" },
	"close_date":        func(c *testCase) { c.deal.Opportunity.CloseDate = 0 },
	"forecast_category": func(c *testCase) { c.deal.Opportunity.ForecastCategory = "" },
	"amount":            func(c *testCase) { c.deal.Opportunity.Amount = crm.Number{} },
	"contacts":          func(c *testCase) { c.deal.Opportunity.Contacts, c.deal.Contacts = crm.Number{}, nil },
	"emails":            func(*testCase) {},
}

// TestRulesNameTheFieldsThatTheyRestOn: where the outcome of a case is another one as soon as
// the login does not see a field, the rule names the field, so what begins or ends when
// the field is hidden or seen again is nobody's work.
func TestRulesNameTheFieldsThatTheyRestOn(t *testing.T) {
	tried := 0
	for _, r := range rules.All() {
		files, err := filepath.Glob(filepath.Join("testdata", r.ID, "*.txtar"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			for field, blank := range blanks {
				c := readCase(t, r.ID, f)
				seen := said(c)
				named := r.Fields(c.pass)
				c.pass.Source.Info.Fields[field] = crm.Hidden
				blank(c)
				if err := c.pass.Prepare(); err != nil {
					t.Fatal(err)
				}
				if got := said(c)["outcome"]; got != seen["outcome"] && !slices.Contains(named, field) {
					t.Errorf("%s: %s becomes %s where %s is hidden; add the field to Reads, which are %s", f, seen["outcome"], got, field, strings.Join(named, ", "))
				}
				tried++
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d tried", tried)
	}
}
