package daemon_test

import (
	"testing"

	"github.com/pipetidy/pipetidy/crm"
)

// TestExplainSaysWhereADealWasClosed: of an open deal whose copy was won or lost in the other
// CRM, explain says which deal that is, where, and how it ended; of one whose copy is open,
// where it is counted.
func TestExplainSaysWhereADealWasClosed(t *testing.T) {
	t.Parallel()
	const sf, hub = "006000000000001AAA", "42"
	for _, c := range []struct {
		name              string
		sfNames, hubNames string
		sfClosed          bool // the deal of Salesforce is closed, else that of HubSpot
		closed, won       bool
		want              string
	}{
		{"won in Salesforce, which names it", hub, "", true, true, true, "closed elsewhere: it is " + sf + " in sales, which was won"},
		{"lost in Salesforce, which names it", hub, "", true, true, false, "closed elsewhere: it is " + sf + " in sales, which was lost"},
		{"won in Salesforce, and only HubSpot names it", "", sf, true, true, true, "closed elsewhere: it is " + sf + " in sales, which was won"},
		{"lost in HubSpot, and only Salesforce names it", hub, "", false, true, false, "closed elsewhere: it is " + hub + " in partners, which was lost"},
		{"each names the other, won in HubSpot", hub, sf, false, true, true, "closed elsewhere: it is " + hub + " in partners, which was won"},
		{"open in both", hub, "", true, false, false, "counted as " + sf + " in sales"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, second := twoCRMs(t)
			b.account.deals = []crm.Opportunity{b.named(sf, "Wayne", c.sfNames)}
			second.deals = []crm.Opportunity{b.named(hub, "Wayne", c.hubNames)}
			o, copied := &b.account.deals[0], hub
			if !c.sfClosed {
				o, copied = &second.deals[0], sf
			}
			o.Closed, o.Won = c.closed, c.won
			b.judged()
			e, err := b.Explain(t.Context(), copied)
			if err != nil || len(e.Rules) == 0 {
				t.Fatalf("%+v, %v", e, err)
			}
			for _, v := range e.Rules {
				if v.Outcome != "off" && v.Reason != c.want {
					t.Errorf("%s: %q, want %q", v.Rule, v.Reason, c.want)
				}
			}
		})
	}
}
