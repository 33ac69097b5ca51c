package sim

import (
	"strconv"

	"github.com/pipetidy/pipetidy/crm"
	"github.com/pipetidy/pipetidy/internal/sim/hubspot/portal"
)

// Names of the deals with a fixed story in a company that uses HubSpot.
const (
	Stark = "Stark Industries"
	Wayne = "Wayne Enterprises security"
)

// hubStories plans the named deals of a company with two CRMs.
func (c *Company) hubStories(today crm.Date) {
	ago := func(n int) crm.Date { return before(today, n) }
	cleo := c.person("cleo@acme.example")
	if cleo == nil {
		cleo = c.reps("West")[0]
	}

	// $9k, 20 business days in Qualified; everything else is in order.
	c.story(&deal{name: Stark, account: "Stark Industries", owner: cleo, contacts: 1, hub: true,
		stages:   []move[string]{{ago(29), Prospecting}, {ago(20), Discovery}},
		closes:   []move[crm.Date]{{ago(29), onBusinessDay(today + 45)}},
		amount:   move[float64]{ago(20), 9000},
		nextStep: move[string]{ago(4), "Pepper Quist compares two offers"},
		buyer:    move[string]{ago(19), "Pepper Quist"},
		touches:  []crm.Date{ago(28), ago(21), ago(14), ago(9), ago(3)},
	})

	// One deal is in both CRMs: the Salesforce opportunity names the HubSpot deal. The
	// next step is equally old in both.
	twin := &deal{name: Wayne, account: "Wayne Enterprises", owner: cleo, contacts: 1, hub: true,
		stages:   []move[string]{{ago(40), Prospecting}, {ago(33), Discovery}, {ago(8), Proposal}},
		closes:   []move[crm.Date]{{ago(40), onBusinessDay(today + 30)}},
		amount:   move[float64]{ago(33), 22000},
		nextStep: move[string]{ago(17), "Lucius sends the requirements"},
		criteria: move[string]{ago(33), "Night shifts covered"},
		buyer:    move[string]{ago(10), "Lucius Castellan"},
		touches:  []crm.Date{ago(39), ago(32), ago(25), ago(18), ago(12), ago(5)},
	}
	c.story(twin)
	original := *twin
	original.hub = false
	c.story(&original)
	c.at(ago(39), original.owner.zone, 12*60, func() {
		_ = c.setField(original.id, "", "HubSpot_Deal_Id__c", twin.id)
	})
}

// partnersFirstDay plans what happens once in the portal: a duplicate is archived, and
// a call logged on the wrong deal is associated with the right deal.
func (c *Company) partnersFirstDay(d crm.Date) {
	var mine []*portal.Object
	for _, deal := range c.living() {
		if v := c.view(deal); deal.hub && !deal.story && deal.problem == inOrder && v["IsClosed"] != true && v["StageName"] == Prospecting {
			mine = append(mine, c.portal.Find("deals", deal.id))
		}
	}
	if len(mine) < 3 {
		return
	}
	c.at(d, c.clock.Zone(), 12*60, func() { c.portal.Archive(mine[0], true) })
	from, to := mine[1], mine[2]
	if calls := c.portal.Targets(from, "calls"); len(calls) > 0 {
		call := c.portal.Tables["calls"].ByID[calls[0].To]
		c.at(d, c.clock.Zone(), 12*60+30, func() {
			c.portal.Unlink(call, from)
			c.portal.Link(to, call)
		})
	}
}

// living are the deals in both CRMs that are not deleted, in order of creation.
func (c *Company) living() []*deal {
	var out []*deal
	for _, r := range c.rec.Tables["Opportunity"].Rows {
		if d := c.deals[r.ID]; d != nil && r.Values["IsDeleted"] != true {
			out = append(out, d)
		}
	}
	for _, o := range c.portal.Tables["deals"].Rows {
		if d := c.deals[strconv.FormatInt(o.ID, 10)]; d != nil && !o.Archived && !o.Gone {
			out = append(out, d)
		}
	}
	return out
}
