package sim

import (
	"fmt"

	"github.com/pipetidy/pipetidy/crm"
)

// Names of the deals with a fixed story.
const (
	Globex   = "Globex renewal"
	Initech  = "Initech expansion"
	Hooli    = "Hooli pilot"
	Vandelay = "Vandelay Industries"
	Umbrella = "Umbrella rollout"
	Soylent  = "Soylent plants" // in the company's first ten working days
	// Hostile is the name of a deal that attacks whatever shows the name.
	Hostile = "\"\r\nBcc: x@y\" <b>& |> <!channel> =cmd() \U0001F480 \u202Egnp.exe"
)

// stories plans the named deals. All dates are relative to the company's beginning,
// so the stories hold for every beginning.
func (c *Company) stories(west []*person) {
	today := c.clock.Today()
	ago := func(n int) crm.Date { return before(today, n) }
	rep := func(i int) *person { return west[i%len(west)] }

	// $86k in commit, closes in three days, nobody has spoken to the buyer for 19
	// business days and no meeting is booked. Everything else is in order.
	c.story(&deal{name: Globex, account: "Globex", owner: rep(0), renewal: true, contacts: 2,
		stages:   []move[string]{{ago(48), Prospecting}, {ago(44), Discovery}, {ago(30), Proposal}, {ago(12), Negotiation}},
		closes:   []move[crm.Date]{{ago(48), today + 3}},
		amount:   move[float64]{ago(44), 86000},
		nextStep: move[string]{ago(20), "Maya Abara (CFO) signs the order form"},
		criteria: move[string]{ago(40), "Uptime record, price per seat"},
		buyer:    move[string]{ago(30), "Maya Abara"},
		touches:  []crm.Date{ago(47), ago(41), ago(36), ago(27), ago(19)},
	})

	// $40k in commit, its close date four business days ago, moved twice before.
	c.story(&deal{name: Initech, account: "Initech", owner: rep(1), contacts: 1,
		stages:   []move[string]{{ago(60), Prospecting}, {ago(55), Discovery}, {ago(28), Proposal}, {ago(9), Negotiation}},
		closes:   []move[crm.Date]{{ago(60), ago(39)}, {ago(40), ago(17)}, {ago(18), ago(4)}},
		amount:   move[float64]{ago(50), 40000},
		nextStep: move[string]{ago(9), "Peter walks procurement through the contract"},
		criteria: move[string]{ago(50), "Fewer reports to file, single sign-on"},
		buyer:    move[string]{ago(20), "Bill Lindgren"},
		touches:  []crm.Date{ago(59), ago(52), ago(45), ago(38), ago(30), ago(22), ago(12), ago(5)},
		meeting:  onBusinessDay(today + 3),
	})

	// Entered Negotiation yesterday although nobody knows the economic buyer.
	c.story(&deal{name: Hooli, account: "Hooli", owner: rep(2), contacts: 1,
		stages:   []move[string]{{ago(30), Prospecting}, {ago(26), Discovery}, {ago(10), Proposal}, {ago(1), Negotiation}},
		closes:   []move[crm.Date]{{ago(30), onBusinessDay(today + 6)}},
		amount:   move[float64]{ago(26), 18000},
		nextStep: move[string]{ago(1), "Send the pilot agreement"},
		criteria: move[string]{ago(20), "Runs on their own hardware"},
		touches:  []crm.Date{ago(29), ago(22), ago(15), ago(8), ago(2)},
		meeting:  onBusinessDay(today + 4),
	})

	// 28 business days in Proposal.
	c.story(&deal{name: Vandelay, account: "Vandelay Industries", owner: rep(5), contacts: 2,
		stages:   []move[string]{{ago(52), Prospecting}, {ago(46), Discovery}, {ago(28), Proposal}},
		closes:   []move[crm.Date]{{ago(52), onBusinessDay(today + 36)}},
		amount:   move[float64]{ago(46), 120000},
		nextStep: move[string]{ago(28), "Art compares the two latex suppliers"},
		criteria: move[string]{ago(40), "Import and export in one contract"},
		buyer:    move[string]{ago(25), "Art Kaplan"},
		touches:  []crm.Date{ago(51), ago(43), ago(35), ago(26), ago(17), ago(11), ago(6)},
		meeting:  onBusinessDay(today + 5),
	})

	// In order; the deal's meeting takes place today, and the deal moves on afterwards.
	umbrella := &deal{name: Umbrella, account: "Umbrella", owner: rep(2), contacts: 2,
		stages:   []move[string]{{ago(25), Prospecting}, {ago(20), Discovery}, {ago(6), Proposal}},
		closes:   []move[crm.Date]{{ago(25), onBusinessDay(today + 24)}},
		amount:   move[float64]{ago(20), 26000},
		nextStep: move[string]{ago(4), "Decision meeting with Alice Novak"},
		criteria: move[string]{ago(12), "Two sites live before spring"},
		touches:  []crm.Date{ago(24), ago(18), ago(11), ago(3)},
		meeting:  today,
	}
	c.story(umbrella)
	loc := umbrella.owner.zone
	c.at(today, loc, 14*60, func() {
		_ = c.setField(umbrella.id, "", "Economic_Buyer__c", "Alice Novak")
		_ = c.setField(umbrella.id, "", "StageName", Negotiation)
		_ = c.setField(umbrella.id, "", "NextStep", "Alice Novak signs after the legal check")
		c.book(umbrella, onBusinessDay(today+7))
	})

	leavers := c.leaver(today)
	if c.opt.HubSpot {
		c.hubStories(today)
	}
	if c.opt.Fortnight {
		c.fortnight(today, leavers)
	}
	if !c.opt.NoHostile {
		// Only the next step is missing, so the deal shows in digests.
		c.story(&deal{name: Hostile, account: "Bobby Tables Ltd", owner: rep(1), contacts: 1, problem: noStep,
			stages:  []move[string]{{ago(20), Prospecting}, {ago(12), Discovery}},
			closes:  []move[crm.Date]{{ago(20), onBusinessDay(today + 40)}},
			amount:  move[float64]{ago(12), 13000},
			touches: []crm.Date{ago(19), ago(11), ago(4)},
		})
	}
}

// leaver plans Dana Reyes' three deals, all in order, $61k together, and Dana's
// leaving this afternoon.
func (c *Company) leaver(today crm.Date) (deals []*deal) {
	dana := c.person(leaverMail)
	for i, amount := range []float64{31000, 18000, 12000} {
		in := before(today, 5+i)
		account := []string{"Soylent Farms", "Tyrell Optics", "Cyberdyne Tools"}[i]
		d := &deal{name: account + " seats", account: account, owner: dana, contacts: 1, hub: c.opt.HubSpot,
			stages:   []move[string]{{before(in, 9), Prospecting}, {in, Discovery}},
			closes:   []move[crm.Date]{{before(in, 9), onBusinessDay(today + 40 + crm.Date(7*i))}},
			amount:   move[float64]{in, amount},
			nextStep: move[string]{in, fmt.Sprintf(steps[i], "Rosa")},
			criteria: move[string]{in, criteria[i]},
			touches:  []crm.Date{before(in, 8), before(in, 1), before(today, 3)},
			meeting:  onBusinessDay(today + 2 + crm.Date(i)),
		}
		c.story(d)
		deals = append(deals, d)
	}
	c.at(today, dana.zone, 15*60, func() { _ = c.deactivate(leaverMail) })
	return deals
}

func (c *Company) story(d *deal) {
	d.story = true
	c.storied = append(c.storied, d)
	c.schedule(d)
}
