package sim

import (
	"maps"
	"sort"
	"time"

	"github.com/pipetidy/pipetidy/crm"
)

// event is something that happens at a time.
type event struct {
	at time.Time
	do func()
}

// at plans do for minute (of the day) on d, on the wall of loc.
func (c *Company) at(d crm.Date, loc *time.Location, minute int, do func()) {
	y, m, day := d.Civil()
	c.plan = append(c.plan, event{time.Date(y, m, day, minute/60, minute%60, 0, 0, loc).UTC(), do})
}

// runPlan lets everything up to and including until happen, in order.
func (c *Company) runPlan(until time.Time) {
	for {
		sort.SliceStable(c.plan, func(i, j int) bool { return c.plan[i].at.Before(c.plan[j].at) })
		n := sort.Search(len(c.plan), func(i int) bool { return c.plan[i].at.After(until) })
		if n == 0 {
			c.stamp = time.Time{}
			return
		}
		due := c.plan[:n:n]
		c.plan = c.plan[n:]
		for _, e := range due {
			c.stamp = e.at
			e.do()
		}
	}
}

// move is a value that a field takes on a date.
type move[T any] struct {
	on crm.Date
	to T
}

// deal is the whole course of an opportunity as it is planned, and afterwards
// what the sim remembers of it.
type deal struct {
	id      string
	name    string
	account string
	owner   *person
	renewal bool
	hub     bool // lives in HubSpot

	stages   []move[string]   // the first one is the creation
	closes   []move[crm.Date] // the first one belongs to the creation
	amount   move[float64]    // zero: never
	nextStep move[string]
	criteria move[string]
	buyer    move[string]
	forecast move[string]
	reason   string // of the loss
	contacts int
	touches  []crm.Date // calls, e-mails, meetings
	meeting  crm.Date   // booked for then
	robot    crm.Date   // an automatic list e-mail went out

	problem problem
	story   bool // a named deal: nobody touches it but its plan
}

// problem is what is not in order with a deal.
type problem string

const (
	inOrder       problem = ""
	pastClose     problem = "past-close"
	noStep        problem = "no-step"
	silent        problem = "silent"
	stuck         problem = "stuck"
	exitMissing   problem = "exit-missing"
	amountMissing problem = "amount-missing"
)

// schedule plans the course of d.
func (c *Company) schedule(d *deal) {
	loc := d.owner.zone
	c.at(d.stages[0].on, loc, 9*60+c.rng.IntN(30), func() { c.open(d) })
	set := func(on crm.Date, minute int, field string, value any) {
		c.at(on, loc, minute, func() { _ = c.setField(d.id, d.owner.id, field, value) })
	}
	for _, m := range d.closes[1:] {
		set(m.on, 11*60+c.rng.IntN(40), "CloseDate", m.to)
	}
	if d.amount.on > d.stages[0].on {
		set(d.amount.on, 10*60+c.rng.IntN(20), "Amount", d.amount.to)
	}
	if d.nextStep.to != "" {
		set(d.nextStep.on, 10*60+20+c.rng.IntN(10), "NextStep", d.nextStep.to)
	}
	if d.criteria.to != "" {
		set(d.criteria.on, 10*60+30+c.rng.IntN(10), "Decision_Criteria__c", d.criteria.to)
	}
	if d.buyer.to != "" {
		set(d.buyer.on, 10*60+40+c.rng.IntN(10), "Economic_Buyer__c", d.buyer.to)
	}
	for _, m := range d.stages[1:] {
		set(m.on, 15*60+c.rng.IntN(50), "StageName", m.to)
	}
	if d.reason != "" {
		set(d.stages[len(d.stages)-1].on, 16*60, "Loss_Reason__c", d.reason)
	}
	if d.forecast.to != "" {
		set(d.forecast.on, 16*60+20, "ForecastCategoryName", d.forecast.to)
	}
	for i, on := range d.touches {
		c.scheduleTouch(d, i, on)
	}
	if d.robot != 0 && !d.hub { // HubSpot keeps marketing e-mail elsewhere
		c.at(d.robot, loc, 7*60, func() {
			c.addTask(Task{WhatID: d.id, Subject: "List email: product news", Subtype: "ListEmail", Closed: true, Due: c.today(), By: c.userID(integrationMail)})
		})
	}
	if d.meeting != 0 {
		c.at(before(c.today(), 1), loc, 16*60+30, func() { c.book(d, d.meeting) })
	}
}

func (c *Company) scheduleTouch(d *deal, i int, on crm.Date) {
	kind := c.rng.IntN(10)
	if i == 0 {
		kind = 0 // the first contact is a call
	}
	c.at(on, d.owner.zone, 13*60+c.rng.IntN(100), func() { c.contact(d, kind) })
}

// open creates the opportunity, or the deal where it lives in HubSpot.
func (c *Company) open(d *deal) {
	if d.hub {
		c.hub.openHub(d)
		return
	}
	first := d.stages[0]
	account := c.account(d.account, d.owner.id)
	recordType := "New_Business"
	if d.renewal {
		recordType = "Renewal"
	}
	v := values{"Name": d.name, "AccountId": account, "OwnerId": d.owner.id, "StageName": first.to, "CloseDate": d.closes[0].to,
		"RecordTypeId": c.recordType(recordType), "PushCount": 0, "Type": "New Customer", "LeadSource": "Web"}
	if d.renewal {
		v["Type"], v["LeadSource"] = "Existing Customer", "Renewal"
	}
	if d.amount.on != 0 && d.amount.on <= first.on {
		v["Amount"] = d.amount.to
	}
	s, _ := c.stageValues(first.to)
	maps.Copy(v, s)
	r := c.create("Opportunity", d.owner.id, v)
	d.id = r.id
	c.deals[d.id] = d
	c.history(r, d.owner.id, "", nil)
	for i := range d.contacts {
		who := c.contactAt(account, d.owner.id, i)
		c.create("OpportunityContactRole", d.owner.id, values{"OpportunityId": d.id, "ContactId": who,
			"Role": []string{"Decision Maker", "Evaluator", "Executive Sponsor"}[i%3], "IsPrimary": i == 0})
		if i == 0 {
			r.v["ContactId"] = who
		}
	}
}

// contact logs a call, an e-mail or a meeting that has just happened.
func (c *Company) contact(d *deal, kind int) {
	if d.id == "" || c.view(d)["IsDeleted"] == true {
		return // planned for a deal that never opened, or is no more
	}
	if d.hub {
		c.hub.contact(d, kind)
		return
	}
	today := crm.DateOf(c.now(), d.owner.zone)
	who := c.primaryContact(d)
	switch {
	case kind < 5:
		dir := "Outbound"
		if kind == 4 {
			dir = "Inbound"
		}
		c.addTask(Task{WhatID: d.id, WhoID: who, Subject: "Call", Subtype: "Call", CallType: dir, Disposition: "Connected", Minutes: 5 + kind*4, Closed: true, Due: today})
	case kind < 8:
		c.addTask(Task{WhatID: d.id, WhoID: who, Subject: "Email: following up", Subtype: "Email", Closed: true, Due: today})
	default:
		begin := c.now().Add(-45 * time.Minute)
		id := c.addEvent(Event{WhatID: d.id, WhoID: who, Subject: "Working session", Begin: begin, Minutes: 45})
		if kind == 9 { // a group meeting: an extra row for the invited manager
			_, r, _ := c.record(id)
			r.v["IsGroupEvent"] = true
			if boss := c.userID(d.owner.manager()); boss != "" {
				child := c.addEvent(Event{WhatID: d.id, WhoID: who, Subject: "Working session", Begin: begin, Minutes: 45, OwnerID: boss, By: d.owner.id, Child: true})
				_, r, _ = c.record(child)
				r.v["IsGroupEvent"] = true
			}
		}
	}
}

// book puts a meeting on a later date into the calendar.
func (c *Company) book(d *deal, on crm.Date) {
	if d.id == "" || c.view(d)["IsDeleted"] == true {
		return
	}
	if d.hub {
		c.hub.book(d, on)
		return
	}
	y, m, day := on.Civil()
	c.addEvent(Event{WhatID: d.id, WhoID: c.primaryContact(d), Subject: "Meeting", Begin: time.Date(y, m, day, 13, 0, 0, 0, d.owner.zone)})
}

func (c *Company) primaryContact(d *deal) string {
	if r := c.tables["Opportunity"].byID[d.id]; r != nil {
		s, _ := r.v["ContactId"].(string)
		return s
	}
	return ""
}

func (c *Company) recordType(developerName string) string {
	for _, r := range c.tables["RecordType"].rows {
		if r.v["DeveloperName"] == developerName {
			return r.id
		}
	}
	return ""
}

// account finds or opens an account.
func (c *Company) account(name, owner string) string {
	id := c.accounts[name]
	if id == "" {
		id = c.create("Account", owner, values{"Name": name, "OwnerId": owner, "Type": "Prospect"}).id
		c.accounts[name] = id
	}
	return id
}

// contactAt finds or makes the i-th person to talk to at an account.
func (c *Company) contactAt(account, owner string, i int) string {
	for len(c.contacts[account]) <= i {
		first, last := buyerName(c.serials["Contact"])
		r := c.create("Contact", owner, values{"AccountId": account, "OwnerId": owner, "FirstName": first, "LastName": last, "Title": "Head of Operations"})
		c.contacts[account] = append(c.contacts[account], r.id)
	}
	return c.contacts[account][i]
}
