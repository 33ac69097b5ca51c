package daemon_test

import (
	"slices"
	"testing"
	"time"

	"github.com/pipetidy/pipetidy/connectors/hubspot"
	"github.com/pipetidy/pipetidy/connectors/salesforce"
	"github.com/pipetidy/pipetidy/crm"
)

// TestWhatASettingMadeIsNobodysWork: from one morning to the next the configuration counts
// other categories as commit, has the amounts from another field, or lets the fiscal year
// begin in another month. No deal was moved into the commit, and no amount grew.
func TestWhatASettingMadeIsNobodysWork(t *testing.T) {
	for _, c := range []struct {
		name   string
		before func(*bench)
		change func(*bench)
		want   []string
		wrong  []string
	}{
		{"somebody moves a deal into the commit", func(*bench) {}, func(b *bench) { b.account.deals[0].ForecastCategory = "Commit" }, []string{"high since today"}, []string{"counted as commit"}},
		{
			"the list of the commit", func(*bench) {}, func(b *bench) { b.cfg.Commit = []string{"Commit", "Pipeline"} },
			[]string{"3 counted as commit since Tue: other forecast categories count as commit"},
			[]string{"in the commit since"},
		},
		{
			"the list of the commit, shorter", func(b *bench) { b.cfg.Commit = []string{"Commit", "Pipeline"} }, func(b *bench) { b.cfg.Commit = []string{"Commit"} },
			[]string{"3 no longer counted as commit: other forecast categories count as commit"},
			[]string{"in the commit since"},
		},
		{
			"the field of the amount", func(*bench) {}, func(b *bench) {
				b.account.mapped = map[string]string{"amount": "ARR__c"}
				for i := range b.account.deals {
					b.account.deals[i].Amount = crm.Num(80000)
				}
			},
			[]string{"3 deals have another amount: the amounts are another field's"},
			[]string{"the amount was"},
		},
		{"the fiscal year", func(*bench) {}, func(b *bench) { b.cfg.Fiscal = time.February }, []string{"3 need an update: 0 new, 3 from before."}, []string{"commit since", "amount was", "another amount"}},
		{"a pipeline that is skipped", func(b *bench) {
			b.account.pipelines = map[string]string{"p1": "Renewals"}
			for i := range b.account.deals {
				b.account.deals[i].Pipeline = "p1"
			}
		}, func(b *bench) { b.cfg.Sources[0].Skip = []string{"Renewals"} }, []string{"3 no longer checked"}, []string{"fixed.", "FIXED", "gone from view"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b *bench
			b = newBench(t, func(n *bench) {
				b = n
				quietDeals(b, 3)
				b.account.deals[2].CloseDate -= 60 // so no morning is quiet
				c.before(b)
			})
			b.sync()
			got := mornings(b, func() {}, func() { c.change(b) })
			expect(t, c.name, got[1], c.want, append([]string{"New.", "3 fixed", "1 fixed"}, c.wrong...)...)
		})
	}
}

// TestAnotherFieldOfTheAmountIsNoted: `fields` names another field for the amount, in both
// CRMs, and the evaluation notes that the amounts are others.
func TestAnotherFieldOfTheAmountIsNoted(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(map[string]string) *orgBench{
		"salesforce": func(fields map[string]string) *orgBench {
			return newOrgBench(t, 20, func(c *salesforce.Config) { c.Fields = fields })
		},
		"hubspot": func(fields map[string]string) *orgBench {
			return newPortalBench(t, 20, func(c *hubspot.Config) { c.Fields = fields }).orgBench
		},
	} {
		fields := map[string]string{}
		x := open(fields)
		x.polled()
		at := x.company.Now()
		fields["amount"] = map[string]string{"salesforce": "Probability", "hubspot": "hs_acv"}[name]
		x.reborn()
		x.quarters(1)
		cs, err := x.Changes(t.Context(), x.src, at)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, c := range cs {
			kinds = append(kinds, c.Kind)
		}
		if !slices.Contains(kinds, "amount") {
			t.Errorf("%s: what changed is %v", name, kinds)
		}
	}
}
