package sim

import (
	"strconv"

	"github.com/pipetidy/pipetidy/crm"
)

// imported is how many deals the list of the trade fair holds.
const imported = 14

// fortnight plans what becomes of the named deals in the ten working days from today
// on, and the import of a list. What everybody else does is in shift.
func (c *Company) fortnight(today crm.Date, leavers []*deal) {
	named := map[string]*deal{}
	for _, d := range c.storied {
		named[d.name] = d
	}
	on := func(n, hour int, d *deal, f func()) { c.at(after(today, n), d.owner.zone, hour*60, f) }
	set := func(d *deal, field string, value any) { _ = c.setField(d.id, d.owner.id, field, value) }
	win := func(d *deal) {
		set(d, "StageName", ClosedWon)
		set(d, "CloseDate", crm.DateOf(c.clock.Present(), d.owner.zone))
	}

	globex, initech, hooli, vandelay := named[Globex], named[Initech], named[Hooli], named[Vandelay]
	on(1, 11, globex, func() { c.book(globex, after(today, 2)) })
	on(2, 16, globex, func() { win(globex) })
	on(3, 15, initech, func() { set(initech, "CloseDate", after(today, 12)) })
	on(2, 10, hooli, func() { set(hooli, "Economic_Buyer__c", "Gavin Belson") })
	on(5, 15, hooli, func() { win(hooli) })
	on(8, 15, initech, func() { win(initech) })
	on(7, 14, vandelay, func() {
		set(vandelay, "NextStep", "Art Kaplan signs the order form")
		set(vandelay, "StageName", Negotiation)
	})

	// Of the leaver's deals one stays in the team, and two go to the other.
	for i, to := range []*person{c.person("gus@acme.example"), c.person("nia@acme.example"), c.person("oli@acme.example")} {
		on(2+i, 10, leavers[i], func() { c.give(leavers[i], to) })
	}
	// A territory changes: a deal that nobody moved for weeks is East's now.
	if stark := named[Stark]; stark != nil {
		on(6, 10, stark, func() { c.give(stark, c.person("max@acme.example")) })
	}

	c.waiting(today)
	c.fair(after(today, 5))
	c.at(after(today, 8), c.clock.Zone(), 13*60, func() { c.pipelineDay(after(today, 12)) })
}

// waiting plans a deal of the commit that nobody has spoken about for weeks, because the
// buyer's board meets on the ninth morning. The rep reads of it in the first list, says so the
// same day with a task as that list explains, and is asked again on the tenth morning.
func (c *Company) waiting(today crm.Date) {
	rep := c.person("cleo@acme.example")
	on := func(day crm.Date, hour int, f func()) { c.at(day, rep.zone, hour*60, f) }
	ago := func(n int) crm.Date { return before(today, n) }
	board := after(today, 8)
	d := &deal{name: Soylent, account: "Soylent", owner: rep, story: true, contacts: 2,
		stages: []move[string]{{ago(45), Prospecting}}, closes: []move[crm.Date]{{ago(45), onBusinessDay(board + 12)}}, amount: move[float64]{ago(45), 64000}}
	set := func(day crm.Date, hour int, field string, value any) {
		on(day, hour, func() { _ = c.setField(d.id, rep.id, field, value) })
	}
	on(ago(45), 9, func() { c.open(d) })
	set(ago(40), 10, "Decision_Criteria__c", "One contract for all plants")
	set(ago(40), 15, "StageName", Discovery)
	set(ago(24), 10, "Economic_Buyer__c", "Ira Thorn")
	set(ago(24), 15, "StageName", Proposal)
	set(ago(9), 10, "NextStep", "Ira Thorn brings it before the board on "+board.Short())
	set(ago(9), 15, "StageName", Negotiation)
	for _, n := range []int{44, 37, 29, 20} {
		on(ago(n), 13, func() { c.contact(d, n%8) })
	}
	on(today, 11, func() { c.hold(d, "On hold: their board meets on "+board.Short(), board+1) })
}

// pipelineDay lets two reps call the buyers of all their open deals, and book the next
// meeting for a day soon.
func (c *Company) pipelineDay(soon crm.Date) {
	for _, d := range c.living() {
		if d.owner.email != "gus@acme.example" && d.owner.email != "eve@acme.example" || c.view(d)["IsClosed"] == true {
			continue
		}
		c.contact(d, 0)
		c.book(d, soon)
		_ = c.setField(d.id, d.owner.id, "NextStep", "Decision meeting on "+soon.Short())
	}
}

// fair imports the visitors of a trade fair as deals of one rep, at noon: nobody has linked
// the people to them. The rep calls all in the three days after, and on the last of these
// operations link the people of most.
func (c *Company) fair(day crm.Date) {
	west := c.reps("West")
	eve := west[4%len(west)]
	for i := range imported {
		d := &deal{owner: eve, story: true, stages: []move[string]{{day, Discovery}}, closes: []move[crm.Date]{{day, onBusinessDay(day + 90)}},
			amount: move[float64]{day, float64(6000 + i*500)}}
		d.account = companyFirst[(i*3+1)%len(companyFirst)] + " " + companySecond[(i*7+4)%len(companySecond)]
		d.name = d.account + " (trade fair)"
		c.at(day, eve.zone, 12*60, func() {
			c.open(d)
			_ = c.setField(d.id, eve.id, "NextStep", "Call after the fair")
		})
		if i%7 > 0 {
			c.at(after(day, 3), eve.zone, 12*60, func() { salesDesk{c.rec}.introduce(d, 0) })
		}
		called := after(day, 1+i/5)
		c.at(called, eve.zone, 14*60+10*i, func() {
			c.contact(d, i%8)
			c.book(d, after(called, 5))
		})
	}
}

// give makes somebody else the owner of a deal, in the CRM where it lives.
func (c *Company) give(d *deal, to *person) {
	if to == nil {
		return
	}
	d.owner = to
	if !d.hub {
		_ = c.rec.SetField(d.id, c.rec.UserID(opsMail), "OwnerId", to.id)
		return
	}
	if o := c.portal.OwnerOf(to.email); o != nil {
		c.portal.Set(c.portal.Find("deals", d.id), c.portal.By(o), "hubspot_owner_id", strconv.FormatInt(o.ID, 10))
	}
}

// after is the date n business days after d.
func after(d crm.Date, n int) crm.Date {
	for n > 0 {
		d++
		if business(d) {
			n--
		}
	}
	return d
}
