package daemon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
)

// TestNoClaimFromThePastOfAnotherField: where `fields` names another field for the close
// date, no finding tells how often the standard one was moved.
func TestNoClaimFromThePastOfAnotherField(t *testing.T) {
	for name, fields := range map[string]map[string]string{"standard": nil, "mapped": {"close_date": "LastActivityDate"}} {
		x := newOrgBench(t, 60, func(c *salesforce.Config) { c.Fields = fields })
		x.polled()
		moved := 0
		for _, f := range x.check().Findings {
			if strings.Contains(f.Message, "moved") {
				moved++
			}
		}
		if (moved > 0) != (fields == nil) {
			t.Errorf("%s: %d findings tell of a date that was moved", name, moved)
		}
	}
}

// TestAFieldThatIsMappedElsewhereLater: once `fields` names another field for the close
// date, or the amount, neither the past of the standard one nor the step from it to the
// other tells that a date was moved, or an amount changed. Back at the standard field, its
// history is there again.
func TestAFieldThatIsMappedElsewhereLater(t *testing.T) {
	for what, c := range map[string]struct {
		portal bool
		field  crm.Field
		from   string
	}{
		"the close date of an org":   {false, crm.FieldCloseDate, "LastActivityDate"},
		"the amount of an org":       {false, crm.FieldAmount, "Probability"},
		"the next step of an org":    {false, crm.FieldNextStep, "Name"},
		"the close date of a portal": {true, crm.FieldCloseDate, "createdate"},
		"the next step of a portal":  {true, crm.FieldNextStep, "dealname"},
	} {
		t.Run(what, func(t *testing.T) {
			var fields map[string]string
			var x *orgBench
			if c.portal {
				x = newPortalBench(t, 60, func(cfg *hubspot.Config) { cfg.Fields = fields }).orgBench
			} else {
				x = newOrgBench(t, 60, func(cfg *salesforce.Config) { cfg.Fields = fields })
			}
			x.polled()
			x.later(20 * time.Minute)
			if err := x.company.SetField(x.withFindings(1)[0], "NextStep", "Ana sends the redlines"); err != nil && !c.portal {
				t.Fatal(err)
			}
			x.later(20 * time.Minute)
			x.polled()
			before := x.past(c.field)
			if len(before) == 0 {
				t.Fatal("the scenario does not hold: nothing changed")
			}
			fields = map[string]string{string(c.field): c.from}
			x.reborn()
			for range 2 {
				x.later(20 * time.Minute)
				x.polled()
				for id, ch := range x.past(c.field) {
					if ch.Observed || !c.portal || ch == before[id] {
						t.Fatalf("the cache has %+v", ch)
					}
				}
			}
			fields = nil
			x.reborn()
			x.later(20 * time.Minute)
			x.polled()
			after := x.past(c.field)
			for id, ch := range before {
				if !ch.Observed && after[id] != ch {
					t.Fatalf("back at the standard field: %+v, before %+v", after[id], ch)
				}
			}
			for _, ch := range after {
				if ch.Observed {
					t.Fatalf("back at the standard field: observed %+v", ch)
				}
			}
		})
	}
}

// past are the changes of a field in the cache, by deal and id.
func (x *orgBench) past(f crm.Field) map[string]crm.Change {
	x.t.Helper()
	out := map[string]crm.Change{}
	for after, more := "", true; more; more = after != "" {
		p, next, err := x.store.Export(x.t.Context(), "sales", crm.History, after, 500)
		if err != nil {
			x.t.Fatal(err)
		}
		for _, ch := range p.Changes {
			if ch.Field == f {
				out[ch.OpportunityID+" "+ch.ID] = ch
			}
		}
		after = next
	}
	return out
}
